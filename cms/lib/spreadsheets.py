"""Tables for spreadsheets, CSV (RFC 4180) and XLSX (ECMA-376), in which no cell computes (OWASP, CSV injection).

What a stranger wrote is opened by somebody who trusts the table: a cell that begins like a formula could fetch
addresses or start programs. Numbers stay numbers, moments are in UTC, and everything else is text.
"""

from __future__ import annotations

import csv
import io
import re
import tempfile
import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, datetime
from typing import IO

import xlsxwriter

Cell = str | int | float | datetime | None
CSV_TYPE = "text/csv; charset=utf-8"
XLSX_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
#: Spreadsheets take no more characters in a cell.
LONGEST_CELL = 32_767
#: So many rows of CSV are handed on at a time; a table in memory until then stays small.
_AT_ONCE = 200
#: An XLSX file is made in memory up to this size, then on the disk.
_IN_MEMORY = 4 * 1024 * 1024
_BEGINS = frozenset("=+-@|%\t\r\n")
_STEERING = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x84\x86-\x9f\ud800-\udfff\ufffe\uffff]")
# A semicolon or an end of line begins a cell where a spreadsheet expects another separator than ours.
_INNER = re.compile(r"([;\t\r\n][\s\u200b-\u200f\ufeff]{0,50})(?=[=+\-@＝＋－＠﹢﹣﹦﹫⁼⁺⁻₌₊₋])")


def looks_like_formula(text: str) -> bool:
    """Tell whether a spreadsheet might compute a text, also behind blanks and in full-width or small letters."""
    for letter in text[:1000]:
        if letter in "\t\r\n":
            return True
        if letter.isspace() or unicodedata.category(letter) in ("Cf", "Cc"):
            continue
        return unicodedata.normalize("NFKC", letter)[:1] in _BEGINS
    return False


def plain_cell(value: Cell) -> str | int | float:
    """Return a value as a cell of CSV: a text that looks like a formula begins with an apostrophe."""
    if value is None:
        return ""
    if isinstance(value, datetime):
        return f"{value.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}"
    if isinstance(value, int | float):
        return int(value) if isinstance(value, bool) else value
    text = _INNER.sub(r"\1'", _tidy(value))
    return f"'{text}" if looks_like_formula(text) else text


def _tidy(text: str) -> str:
    text = _STEERING.sub("", text)
    return text if len(text) < LONGEST_CELL else text[: LONGEST_CELL - 1] + "…"


def write_csv(rows: Iterable[Sequence[Cell]], *, mark: bool = True) -> Iterator[bytes]:
    """Give a table as CSV in UTF-8, piece by piece; `mark` puts the byte order mark first that Excel looks for."""
    buffer = io.StringIO(newline="")
    # Every text is quoted: a separator inside begins no new cell.
    writer = csv.writer(buffer, quoting=csv.QUOTE_NONNUMERIC, lineterminator="\r\n")
    if mark:
        yield b"\xef\xbb\xbf"
    for number, row in enumerate(rows, 1):
        writer.writerow([plain_cell(value) for value in row])
        if number % _AT_ONCE == 0:
            yield buffer.getvalue().encode()
            buffer.seek(0)
            buffer.truncate()
    yield buffer.getvalue().encode()


def write_xlsx(rows: Iterable[Sequence[Cell]], *, sheet: str = "Table") -> IO[bytes]:
    """Return a table as an XLSX file to read from its beginning; the first row is its head.

    Texts stay texts, whatever they look like, also when somebody edits them. Whoever asked closes the file.
    """
    file = tempfile.SpooledTemporaryFile(max_size=_IN_MEMORY)  # noqa: SIM115 -- handed on open
    options = {
        "constant_memory": True,
        "strings_to_formulas": False,
        "strings_to_urls": False,
        "strings_to_numbers": False,
        "default_date_format": "yyyy-mm-dd hh:mm",
        "remove_timezone": True,
    }
    book = xlsxwriter.Workbook(file, options)
    page = book.add_worksheet(re.sub(r"[\[\]:*?/\\']", " ", sheet)[:31] or "Table")
    head, kept = book.add_format({"bold": True}), book.add_format({"quote_prefix": True})
    page.freeze_panes(1, 0)
    for number, row in enumerate(rows):
        for column, value in enumerate(row):
            if isinstance(value, str):
                text = _tidy(value)
                style = head if number == 0 else kept if looks_like_formula(text) else None
                page.write_string(number, column, text, style)
            elif isinstance(value, datetime):
                page.write_datetime(number, column, value.astimezone(UTC).replace(tzinfo=None))
            elif value is not None:
                page.write_number(number, column, value)
    book.close()
    file.seek(0)
    return file
