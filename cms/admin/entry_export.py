"""A list of posts or pages as a table to take along: the rows that the list has, and columns named here."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from flask import Response, stream_with_context
from werkzeug.wsgi import FileWrapper

from cms.accounts.models import User
from cms.admin.access import person
from cms.admin.entry_list import NAMES, read_filter
from cms.admin.entry_marks import VISIBILITY_LABELS, state_mark, title_of
from cms.admin.lists import Address
from cms.content.lists import EntryFilter, list_entries
from cms.content.models import Entry
from cms.core.i18n import Text, _, gettext
from cms.lib.clock import utcnow
from cms.lib.spreadsheets import CSV_TYPE, XLSX_TYPE, Cell, write_csv, write_xlsx

#: Rows of one table; a list of more is narrowed first.
MOST_ROWS = 10_000
_BATCH = 200
#: What leaves the house, and nothing else: no text, no password, no mail address.
_COLUMNS: tuple[Text, ...] = (
    _("Title"),
    _("Address"),
    _("State"),
    _("Who may read it"),
    _("Authors"),
    _("Terms"),
    _("Words"),
    _("Published (UTC)"),
    _("Changed (UTC)"),
    _("Begun (UTC)"),
)


def export_answer(kind: str, form: str) -> Response:
    """Return the list of entries that this request names, as `csv` or `xlsx`."""
    me, wanted = person(), read_filter(kind, Address.read(NAMES))
    rows = _rows(wanted, me)
    if form == "csv":
        response = Response(stream_with_context(write_csv(rows)), content_type=CSV_TYPE)
    else:
        file = write_xlsx(rows, sheet=f"{kind}s")
        response = Response(FileWrapper(file), content_type=XLSX_TYPE, direct_passthrough=True)
        response.call_on_close(file.close)
    response.headers["Content-Disposition"] = f'attachment; filename="{kind}s-{utcnow():%Y-%m-%d}.{form}"'
    return response


def _rows(wanted: EntryFilter, me: User) -> Iterator[Sequence[Cell]]:
    """Give the head and the rows, batch by batch; what is too much is told in the last row."""
    yield [str(label) for label in _COLUMNS]
    labels = {name: str(text) for name, text in VISIBILITY_LABELS.items()}
    cursor: str | None = None
    for _batch in range(MOST_ROWS // _BATCH):
        batch = list_entries(wanted, user=me, cursor=cursor, limit=_BATCH)
        for entry in batch:
            yield _row(entry, labels)
        cursor = batch.cursor_next
        if cursor is None:
            return
    yield [gettext("There are more. Narrow the list, and export it again.")]


def _row(entry: Entry, labels: dict[str, str]) -> Sequence[Cell]:
    return (
        title_of(entry),
        entry.address or "",
        str(state_mark(entry).word),
        labels[entry.visibility],
        ", ".join(author.name for author in entry.authors),
        ", ".join(term.name for term in entry.terms),
        entry.word_count,
        entry.published_at,
        entry.updated_at,
        entry.created_at,
    )
