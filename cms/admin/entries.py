"""Posts and pages in the back office: what both have in common. Lists are in `entry_list`, the page in `entry_page`."""

from __future__ import annotations

from typing import Any, ClassVar

from flask import redirect, request
from flask_admin import expose
from flask_security.utils import hash_password

from cms.admin.access import person
from cms.admin.base import Answer, ServiceModelView, record_id
from cms.admin.entry_acts import act_on, dated, told
from cms.admin.entry_bulk import bulk_answer, confirm_removal, tell_removed
from cms.admin.entry_conflict import conflicting
from cms.admin.entry_export import export_answer
from cms.admin.entry_form import EntryForm, fill_form, kept_fields, read_fields, read_version
from cms.admin.entry_list import list_page
from cms.admin.entry_page import entry_page, limit_form, set_choices
from cms.admin.entry_terms import read_terms, show_terms
from cms.admin.messages import tell
from cms.admin.typed_copy import saved_anchor
from cms.content import policies
from cms.content.actions.bin_entry import bin_entry
from cms.content.actions.create_entry import create_entry
from cms.content.actions.edit_entry import edit_entry
from cms.content.actions.erase_entry import erase_entry
from cms.content.field_rules import locked
from cms.content.fields import EntryFields
from cms.content.lists import get_entry
from cms.content.models import Entry
from cms.content.moving import begin_fields
from cms.content.saving import working_fields
from cms.core.db import after_commit
from cms.core.errors import Forbidden, Invalid
from cms.core.i18n import _
from cms.core.permissions import may_some


class EntryView(ServiceModelView):
    """Entries of one kind; a subclass says which."""

    kind: ClassVar[str]
    entry_form: ClassVar[type[EntryForm]]
    column_list = ("title", "state", "authors", "updated_at")
    list_template = "admin/entries.html"
    edit_template = "admin/entry.html"
    create_template = "admin/entry.html"

    def get_one(self, id: Any) -> Entry:  # noqa: A002 -- the name Flask-Admin calls it by
        """Return the entry if the person may know of it; NotFound otherwise."""
        return get_entry(self.kind, record_id(id), user=person())

    def list_page(self) -> Answer:
        """Render the list of entries."""
        return self.render(self.list_template, page=list_page(self.kind))

    @expose("/export.csv")
    def export_csv(self) -> Answer:
        """Hand over the list, as it is narrowed, as CSV."""
        return export_answer(self.kind, "csv")

    @expose("/export.xlsx")
    def export_xlsx(self) -> Answer:
        """Hand over the list, as it is narrowed, as a spreadsheet."""
        return export_answer(self.kind, "xlsx")

    def bulk(self) -> Answer:
        """Do one thing with the ticked entries, asking first where something goes away."""
        return bulk_answer(self, self.kind)

    # -- the page --------------------------------------------------------------------------------------------

    def create_form(self, obj: Any = None) -> EntryForm:
        """Return the form of a new entry."""
        if not policies.may_create(person(), self.kind):
            raise Forbidden(_("You may not begin this. An admin can change what your role allows."))
        form = self.entry_form()
        limit_form(form)
        if not form.is_submitted():
            fields = begin_fields(self.kind, by=person())
            fill_form(form, fields.changed(author_ids=(person().id,)), None, 0)
            if "categories" in form:
                show_terms(form, fields.term_ids)
        return form

    def get_for_form(self, key: str) -> Entry | None:
        """Return the entry whose newest save fills the form; None for a form that arrives filled in."""
        return None if request.method == "POST" else self.get_one(key)

    def edit_form(self, obj: Any = None) -> EntryForm:
        """Return the form of an entry, filled with its newest save until something is typed."""
        form = self.entry_form()
        limit_form(form)
        if obj is None:
            return form
        if not policies.may_edit(person(), obj):
            raise Forbidden(
                _("This is in the bin. Restore it first, then it can be edited.")
                if obj.binned_at is not None
                else _("Readers see this already, so only an editor can change it. Ask one to make it a draft.")
            )
        fields = working_fields(obj)
        fill_form(form, fields, obj.published_at, obj.version)
        if "categories" in form:
            show_terms(form, fields.term_ids)
        return form

    def form_context(self, form: Any, model: Any | None) -> dict[str, Any]:
        """Return what stands around the text."""
        set_choices(form, model)
        return {"edit": entry_page(self.kind, form, model, self.get_url(".index_view"))}

    def conflict_context(self, form: Any, model: Any) -> dict[str, Any]:
        """Return the same with who saved meanwhile, and what differs."""
        set_choices(form, model)
        conflict = conflicting(form, model)
        page = entry_page(self.kind, form, model, self.get_url(".index_view"), conflict)
        return {"edit": page, "explains_conflict": True}

    # -- writing ---------------------------------------------------------------------------------------------

    def prepare(self, form: Any) -> None:
        """Hash a typed password before the transaction, which must not wait for it."""
        form.password_hash = hash_password(form.password.data) if form.password.data else None

    def create_model(self, form: Any) -> Entry:
        """Begin an entry, then do what the button says."""
        entry = create_entry(self.kind, self._fields(form, begin_fields(self.kind, by=person()), None), by=person())
        self._then(entry, form)
        return entry

    def update_model(self, form: Any, model: Any) -> bool:
        """Save an entry, then do what the button says."""
        fields = self._fields(form, working_fields(model), model)
        self._then(edit_entry(model, fields, version=read_version(form), by=person()), form)
        return True

    def _fields(self, form: Any, before: EntryFields, entry: Entry | None) -> EntryFields:
        closed = locked(person(), self.kind, entry)
        fields, kept = read_fields(form, before, closed), kept_fields(form, closed)
        if policies.may_assign(person()) and form.authors.data:
            fields = fields.changed(author_ids=tuple(form.authors.data))
        if fields.visibility != "password":
            fields = fields.changed(password_hash=None)
        elif form.password_hash:
            fields = fields.changed(password_hash=form.password_hash)
        if "categories" in form and "term_ids" not in kept:
            fields = fields.changed(term_ids=read_terms(form, by=person()))
        return fields

    def after_create(self, model: Any) -> Answer:
        """Go to the new entry, and tell which copy of the typed text is saved."""
        return self.after_update(model.id)

    def after_update(self, key: int) -> Answer:
        """Stay at the entry, and tell which copy of the typed text is saved."""
        return redirect(self.get_url(".edit_view", key=key, _anchor=saved_anchor()), 303)

    def _then(self, entry: Entry, form: Any) -> None:
        act = request.form.get("act", "save")
        try:
            act_on(entry, act, at=dated(form, entry), by=person())
        except Forbidden as error:
            if not may_some(person(), f"content:{self.kind}:publish"):
                raise
            # What may be published elsewhere may lie in the wrong place: the text stays on the screen to be moved.
            raise Invalid(error.message) from error
        words = told(act, entry)
        after_commit(lambda: tell(words))

    def delete_model(self, model: Any) -> bool:
        """Put an entry into the bin; from there, delete it for good."""
        binned = model.binned_at is None
        if binned:
            bin_entry(model, by=person())
        else:
            erase_entry(model, by=person())
        after_commit(lambda: tell_removed(self.kind, [model.id], binned=binned))
        return True

    def confirm_delete(self, model: Any) -> Answer:
        """Say what goes and what stays."""
        return self.render("admin/confirm.html", confirm=confirm_removal([model], self.kind))
