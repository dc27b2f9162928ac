"""Tables in which nothing computes: written, and read back by csv and openpyxl."""

from __future__ import annotations

import csv
import io
import zipfile
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import openpyxl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cms.lib.spreadsheets import LONGEST_CELL, Cell, looks_like_formula, plain_cell, write_csv, write_xlsx
from tests.attacks.payloads import FORMULAS

MORE = (
    "%1", "|calc", "\u00a0=1+1", "\u200b=1+1", "\ufeff=1+1", "\x00=1+1", "﹢1", "⁺1", "₌1", "   \u2003@SUM(1)", "=",
    "-", "\u202e=1",
)  # fmt: skip
PLAIN = (
    "Loaf",
    "a=b",
    "2+2",
    "50 %",
    "me@example.com",
    "Bread – a history",
    "'tis",
    "",
    " ",
    "(1)",
    "1-2",
)


def read_csv(rows: Sequence[Sequence[Cell]]) -> list[list[Any]]:
    text = b"".join(write_csv(rows)).decode("utf-8-sig")
    return list(csv.reader(io.StringIO(text, newline=""), quoting=csv.QUOTE_NONNUMERIC))


def read_xlsx(rows: Sequence[Sequence[Cell]]) -> list[list[Any]]:
    with write_xlsx(rows) as file:
        sheet = openpyxl.load_workbook(io.BytesIO(file.read())).active
    assert sheet is not None
    return [list(row) for row in sheet.iter_rows()]


@pytest.mark.parametrize("text", [*FORMULAS, *MORE])
def test_no_text_becomes_a_formula(text: str) -> None:
    assert looks_like_formula(text)
    (cell,) = read_csv([[text]])[0]
    assert cell.startswith("'")
    head, body = read_xlsx([["Title"], [text]])
    assert head[0].value == "Title"
    assert (body[0].data_type, body[0].quotePrefix) in (("s", True), ("inlineStr", True))
    with write_xlsx([["Title"], [text]]) as file, zipfile.ZipFile(file) as archive:
        assert b"<f>" not in archive.read("xl/worksheets/sheet1.xml")


@pytest.mark.parametrize("text", PLAIN)
def test_plain_text_stays_as_it_is(text: str) -> None:
    assert read_csv([[text]]) == [[text]] if text else True
    assert (read_xlsx([["Title"], [text]])[1][0].value or "") == text


@pytest.mark.parametrize("trigger", ["=1+1", "+1", "-1", "@A1", "＝1"])
def test_no_cell_begins_where_another_separator_is_expected(trigger: str) -> None:
    """Excel in many languages splits at semicolons; a tab or an end of line begins a cell, too."""
    for separator in (";", "\t", "\n", "\r\n", ";  "):
        (row,) = read_csv([["Title", f"harmless{separator}{trigger}"]])
        assert row[1] == f"harmless{separator}'{trigger}"


def test_numbers_stay_numbers() -> None:
    rows: list[list[Cell]] = [["a", "b", "c"], [-5, 2.5, None]]
    assert b"".join(write_csv(rows, mark=False)) == b'"a","b","c"\r\n-5,2.5,""\r\n'
    assert [cell.value for cell in read_xlsx(rows)[1]] == [-5, 2.5, None]


def test_moments_are_in_utc() -> None:
    noon = datetime(2026, 7, 1, 12, 0, 30, tzinfo=timezone(timedelta(hours=2)))
    assert read_csv([[noon]]) == [["2026-07-01T10:00:30Z"]]
    assert read_xlsx([["At"], [noon]])[1][0].value == datetime(2026, 7, 1, 10, 0, 30, tzinfo=UTC).replace(tzinfo=None)


def test_addresses_are_no_links() -> None:
    rows = [["Address"], ["https://evil.example/"], ["mailto:ada@example.com"], ["internal:Sheet2!A1"], ["12"]]
    cells = read_xlsx(rows)
    assert [row[0].value for row in cells] == [row[0] for row in rows]
    assert not any(row[0].hyperlink for row in cells)
    assert cells[4][0].data_type == "s"


@given(st.lists(st.lists(st.text(), min_size=1, max_size=4), min_size=1, max_size=6))
def test_any_text_keeps_its_place(rows: list[list[str]]) -> None:
    found = read_csv(rows)
    assert [len(row) for row in found] == [len(row) for row in rows]
    for row in found:
        assert not any(looks_like_formula(cell) for cell in row)


@settings(deadline=None, max_examples=40)
@given(st.text(max_size=60))
def test_any_text_is_a_text_in_xlsx(text: str) -> None:
    cell = read_xlsx([["Title"], [text]])[1:]
    assert not cell or cell[0][0].data_type in ("s", "n", "inlineStr")
    assert not cell or not isinstance(cell[0][0].value, int | float)


def test_a_cell_has_an_end() -> None:
    text = "x" * 100_000
    assert len(str(plain_cell(text))) == LONGEST_CELL
    value = read_xlsx([["Title"], [text]])[1][0].value
    assert (len(value), value[-1]) == (LONGEST_CELL, "…")


def test_csv_is_written_piece_by_piece() -> None:
    given = list[int]()

    def rows() -> Iterator[Sequence[Cell]]:
        for number in range(1000):
            given.append(number)
            yield (number,)

    pieces = write_csv(rows())
    assert next(pieces) == b"\xef\xbb\xbf"
    next(pieces)
    assert len(given) == 200
    assert sum(len(piece.splitlines()) for piece in pieces) == 800


def test_the_name_of_a_sheet_is_one() -> None:
    with write_xlsx([["a"]], sheet="[posts]: a/very?long*name\\ of more than thirty-one letters") as file:
        (name,) = openpyxl.load_workbook(io.BytesIO(file.read())).sheetnames
    assert len(name) <= 31
