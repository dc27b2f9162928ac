"""The list of people as a table to take along: the rows that the list has, and columns named here."""

from __future__ import annotations

from collections.abc import Sequence

from flask import Response
from werkzeug.wsgi import FileWrapper

from cms.accounts.actions.export_people import COLUMNS, Cell, export_people
from cms.admin.access import person
from cms.admin.lists import Address
from cms.admin.user_list import NAMES, read_filter
from cms.core.db import transaction
from cms.core.errors import Invalid
from cms.core.i18n import Text, _
from cms.lib.clock import utcnow
from cms.lib.spreadsheets import CSV_TYPE, XLSX_TYPE, write_csv, write_xlsx

_LABELS: dict[str, Text] = {
    "name": _("Name"),
    "email": _("Mail address"),
    "roles": _("Roles"),
    "groups": _("Groups"),
    "state": _("Account"),
    "since": _("Since (UTC)"),
    "last_seen": _("Last seen (UTC)"),
}
_STATES: dict[str, Text] = {
    "active": _("Active"),
    "invited": _("Invited"),
    "inactive": _("Inactive"),
    "no password": _("Has no password yet"),
}
FORMS = ("csv", "xlsx")


def export_answer(form: str) -> Response:
    """Return the people that the address of this request names, as `csv` or `xlsx`; the record keeps that they left."""
    if form not in FORMS:
        raise Invalid(_("Choose CSV or XLSX."))
    wanted = read_filter(Address.read(NAMES)).wanted
    with transaction():
        people = export_people(wanted, form=form, by=person())
    table: list[Sequence[Cell]] = [[str(_LABELS[name]) for name in COLUMNS], *(_told(row) for row in people)]
    if form == "csv":
        response = Response(write_csv(table), content_type=CSV_TYPE)
    else:
        file = write_xlsx(table, sheet="people")
        response = Response(FileWrapper(file), content_type=XLSX_TYPE, direct_passthrough=True)
        response.call_on_close(file.close)
    response.headers["Content-Disposition"] = f'attachment; filename="people-{utcnow():%Y-%m-%d}.{form}"'
    return response


def _told(row: tuple[Cell, ...]) -> Sequence[Cell]:
    state = COLUMNS.index("state")
    return [*row[:state], str(_STATES[str(row[state])]), *row[state + 1 :]]
