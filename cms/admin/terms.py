"""Categories and tags in the back office: what both have in common."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

from flask import jsonify, request, url_for
from flask_admin import expose
from flask_wtf import FlaskForm
from wtforms import HiddenField, SelectField, StringField, TextAreaField
from wtforms.validators import DataRequired, Length

from cms.admin.access import person
from cms.admin.base import Answer, ServiceModelView, around_form
from cms.admin.choices import offer
from cms.admin.confirming import Confirm, Line
from cms.admin.entry_form import optional_id, read_version
from cms.admin.lists import Address, Column, Empty, Link, ListPage, Pager, Search
from cms.admin.messages import tell
from cms.content import policies
from cms.content.actions.create_term import create_term
from cms.content.actions.delete_term import delete_term
from cms.content.actions.edit_term import edit_term
from cms.content.addresses import term_path, to_url
from cms.content.lists import count_entries_by_term
from cms.content.models import Term
from cms.content.queries import list_terms
from cms.core.db import after_commit, current_session
from cms.core.errors import Forbidden, NotFound
from cms.core.i18n import Text, _, _n
from cms.core.permissions import permission

MOST_SUGGESTED = 20


class TermForm(FlaskForm):
    """What can be said about a term."""

    version = HiddenField()
    name = StringField(_("Name"), [DataRequired(_("A term needs a name.")), Length(max=200)])
    slug = StringField(
        _("Address"),
        [Length(max=200)],
        description=_("Empty: made from the name. The old address leads to the new one."),
    )
    parent_id = SelectField(_("Lies below"), coerce=optional_id, validate_choice=False)
    description = TextAreaField(_("Description"), [Length(max=5000)], description=_("Shown at the top of its page."))


@dataclass(frozen=True)
class TermRow:
    """A term as its row shows it."""

    term: Term
    path: str
    indent: int
    entries: int
    address: str | None
    delete_address: str
    entries_address: str


@dataclass(frozen=True)
class Words:
    """What a kind of term is called on its pages."""

    title: Text
    new: Text
    edit: Text
    search: Text
    empty_title: Text
    empty_text: Text


class TermView(ServiceModelView):
    """Terms of one kind; a subclass says which."""

    kind: ClassVar[str]
    words: ClassVar[Words]
    form = TermForm
    column_list = ("name", "path", "description")
    list_template = "admin/terms.html"
    edit_template = "admin/term.html"
    create_template = "admin/term.html"
    permissions: ClassVar[Mapping[str, str]] = {
        "index_view": "content:term:edit",
        "create_view": "content:term:create",
        "edit_view": "content:term:edit",
        "delete_view": "content:term:edit",
        "action_view": "content:term:edit",
    }

    @expose("/suggest.json")
    @permission("content:post:edit")
    def suggest(self) -> Answer:
        """Tell a script the names of terms that begin with, or hold, what is typed."""
        typed = request.args.get("q", "").strip().casefold()[:200]
        names = [term.name for term in list_terms(self.kind) if typed in term.name.casefold()]
        names.sort(key=lambda name: not name.casefold().startswith(typed))
        return jsonify(items=names[:MOST_SUGGESTED])

    def list_page(self) -> Answer:
        """Render all terms as a tree, or those whose name or address holds the words searched for."""
        return self.render(self.list_template, page=self._page(person()))

    def _page(self, me: Any) -> ListPage:
        address, counts = Address.read(("q",)), count_entries_by_term(self.kind)
        words = address.get("q").casefold()
        terms = [term for term in list_terms(self.kind) if words in term.name.casefold() or words in term.path]
        may_edit = policies.may_edit_term(me)
        new = Link(self.words.new, self.get_url(".create_view"), "plus")
        return ListPage(
            title=self.words.title,
            rows=[self._row(term, counts.get(term.id, 0), may_edit=may_edit, flat=bool(words)) for term in terms],
            columns=[
                Column(_("Name")),
                Column(_("Description"), "mh-col-plain"),
                Column(_("Posts"), "mh-col-num"),
            ],
            search=Search(self.words.search, _("Name or address"), address.get("q")),
            pager=Pager(_n("One in all", "%(num)s in all", len(terms))),
            empty=Empty(self.words.empty_title, self.words.empty_text, [new]),
            caption=self.words.title,
            primary=new,
            narrowed=bool(words),
            cleared=address.path,
            total=len(terms),
        )

    def _row(self, term: Term, entries: int, *, may_edit: bool, flat: bool) -> TermRow:
        depth = 0 if flat else min(term.path.count("/"), 3)
        return TermRow(
            term,
            to_url(term_path(term)),
            (0, 4, 5, 5)[depth],
            entries,
            self.get_url(".edit_view", key=term.id) if may_edit else None,
            self.get_url(".delete_view", key=term.id),
            url_for("admin_posts.index_view", term=term.id),
        )

    def create_form(self, obj: Any = None) -> TermForm:
        """Return the form of a new term."""
        return self._form(None)

    def edit_form(self, obj: Any = None) -> TermForm:
        """Return the form of a term; Forbidden for who may see but not change it."""
        if not policies.may_edit_term(person()):
            raise Forbidden(_("You may not change terms. An editor can."))
        return self._form(obj)

    def _form(self, term: Term | None) -> TermForm:
        form = TermForm(obj=term)
        if self.kind != "category":
            del form.parent_id
        else:
            own = f"{term.path}/" if term is not None else None
            others = [item for item in list_terms("category") if not own or not f"{item.path}/".startswith(own)]
            choices = [(item.id, "\u2003" * min(item.path.count("/"), 6) + item.name) for item in others]
            offer(form.parent_id, [("", _("Nothing: at the top")), *choices])
        if not form.is_submitted():
            form.version.data = str(term.version) if term is not None else ""
        return form

    def form_context(self, form: Any, model: Any) -> dict[str, Any]:
        """Return the words around the form."""
        back, new = self.get_url(".index_view"), model is None
        words = around_form(
            self.words.new if new else _("Edit: %(title)s", title=model.name),
            self.words.new if new else _("Save"),
            back,
            trail=[(self.words.title, back)],
            crumb=self.words.new if new else model.name,
        )
        return {
            **words,
            "view_address": None if new else to_url(term_path(model)),
            "delete_address": None if new else self.get_url(".delete_view", key=model.id),
        }

    def _typed(self, form: Any) -> dict[str, Any]:
        parent_id = form.parent_id.data if "parent_id" in form else None
        parent = current_session().get(Term, parent_id) if parent_id else None
        return {
            "name": form.name.data,
            "slug": form.slug.data or "",
            "parent": parent,
            "description": (form.description.data or "").replace("\r\n", "\n"),
        }

    def create_model(self, form: Any) -> Term:
        """Make a term."""
        term = create_term(self.kind, **self._typed(form), by=person())
        after_commit(lambda: tell(_("“%(name)s” is there.", name=form.name.data)))
        return term

    def update_model(self, form: Any, model: Any) -> bool:
        """Change a term."""
        edit_term(model, **self._typed(form), version=read_version(form), by=person())
        after_commit(lambda: tell(_("Saved.")))
        return True

    def after_create(self, model: Any) -> Answer:
        """Go back to the list, where the new term stands."""
        return self.after_delete()

    def after_update(self, key: int) -> Answer:
        """Go back to the list."""
        return self.after_delete()

    def delete_model(self, model: Any) -> bool:
        """Delete a term."""
        name = model.name
        delete_term(model, by=person())
        after_commit(lambda: tell(_("“%(name)s” is deleted.", name=name)))
        return True

    def confirm_delete(self, model: Any) -> Answer:
        """Say what goes with a term."""
        entries = count_entries_by_term(self.kind).get(model.id, 0)
        below = sum(term.parent_id == model.id for term in list_terms(self.kind))
        page = Confirm(
            title=_("Delete “%(name)s”?", name=model.name),
            trail=[(self.words.title, self.get_url(".index_view"))],
            verb=_("Delete"),
            lines=_lines(model, entries, below),
            address=self.get_url(".delete_view", key=model.id),
            back=self.get_url(".index_view"),
            keep=_("Keep it"),
        )
        return self.render("admin/confirm.html", confirm=page)

    def get_one(self, id: Any) -> Term:  # noqa: A002 -- the name Flask-Admin calls it by
        """Return the term of this kind; NotFound otherwise."""
        term = super().get_one(id)
        if not isinstance(term, Term) or term.kind != self.kind:
            raise NotFound
        return term


def _lines(term: Term, entries: int, below: int) -> Sequence[Line]:
    lines = [
        Line(_("Its page leaves the site"), _("%(path)s answers “not found” from then on", path=term_path(term))),
        Line(_("Posts lose it and stay as they are"), amount=_n("%(num)s post", "%(num)s posts", entries), kept=True),
    ]
    if below:
        amount = _n("%(num)s category", "%(num)s categories", below)
        lines.append(Line(_("What lies below it moves up one level"), amount=amount, kept=True))
    return lines
