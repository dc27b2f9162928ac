"""The record in the back office: who did what, its single entries, taking it along, and taking acts back."""

from __future__ import annotations

from flask import Response, redirect, request, stream_with_context
from flask_admin import expose

from cms.admin.access import person
from cms.admin.audit_page import NAMES, read_filter, record_entry, record_list
from cms.admin.base import Answer, Closed, record_id
from cms.admin.lists import Address
from cms.admin.messages import tell
from cms.audit.actions.export_record import FORMS, export_record
from cms.audit.actions.undo_entry import undo_batch, undo_one
from cms.audit.exporting import csv_table, json_lines
from cms.audit.policies import EXPORT, LIST, UNDO, may_list_record
from cms.audit.queries import get_entry
from cms.core.db import current_session, transaction
from cms.core.errors import Conflict, Invalid, NotFound
from cms.core.i18n import Text, _, _n
from cms.core.permissions import permission

_TYPES = {"csv": "text/csv; charset=utf-8", "jsonl": "application/x-ndjson"}


class AuditView(Closed):
    """The list of the record, and the page of an entry."""

    fresh = frozenset({"undo", "export"})

    def __init__(self) -> None:
        super().__init__(name="Record", endpoint="admin_audit", url="audit")

    @expose("/")
    @permission(LIST)
    def index(self) -> Answer:
        """Show a part of the record."""
        page, record = record_list(person())
        return self.render("admin/audit.html", page=page, record=record)

    @expose("/<key>/")
    @permission(LIST)
    def entry(self, key: str) -> Answer:
        """Show one entry with everything that is known of it."""
        return self.render("admin/audit_entry.html", entry=record_entry(get_entry(record_id(key)), person()))

    @expose("/<key>/undo/", methods=("GET", "POST"))
    @permission(UNDO)
    def undo(self, key: str) -> Answer:
        """Show what taking an act back would change, or do it; where it cannot be done, say why."""
        number = record_id(key)
        if not may_list_record(person()):
            # The page tells all that the entry does.
            raise NotFound
        if request.method != "POST":
            return self._undo_page(number, "")
        every = request.form.get("every") == "1"
        try:
            with transaction():
                done, left = undo_batch(number, by=person()) if every else undo_one(number, by=person())
        except (NotFound, Invalid, Conflict) as error:
            # The thing has moved on, or is gone: the page of the act says so.
            current_session().rollback()
            get_entry(number)
            return self._undo_page(number, error.message), 409
        tell(_("Taken back.") if not every else _n("%(num)s act taken back.", "%(num)s acts taken back.", done))
        if left:
            tell(_n("One could not be: %(why)s", "%(num)s could not be; the first: %(why)s", len(left), why=left[0][1]))
        return redirect(self.get_url(".entry", key=number), 303)

    def _undo_page(self, number: int, problem: Text) -> str:
        entry = record_entry(get_entry(number), person())
        return str(self.render("admin/audit_undo.html", entry=entry, problem=problem))

    @expose("/export/", methods=("POST",))
    @permission(EXPORT)
    def export(self) -> Answer:
        """Send what the filters name as a file, line by line; an entry of its own says who took it along."""
        form = request.form.get("form", "")
        if form not in FORMS:
            raise Invalid(_("Choose CSV or JSON lines."))
        sent = {name: request.form[name].strip() for name in NAMES if request.form.get(name, "").strip()}
        asked = read_filter(Address(request.path, sent))
        with transaction():
            export_record(asked, form=form, by=person())
        lines = (csv_table if form == "csv" else json_lines)(asked)
        return Response(
            stream_with_context(lines),
            content_type=_TYPES[form],
            headers={"Content-Disposition": f'attachment; filename="record.{form}"'},
        )
