"""What categories and tags have in common as resources; `categories` and `tags` say which and open the addresses."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

from flask.views import MethodView
from werkzeug.wrappers import Response

from cms.api.access import caller, person
from cms.api.bulk import change_each, check_version
from cms.api.conditions import require_version
from cms.api.lists import Found, answer_list, count_up_to, only, read_slice
from cms.api.routes import answer, below_here, empty
from cms.api.v1.presenting import term_link
from cms.content.actions.create_term import create_term
from cms.content.actions.delete_term import delete_term
from cms.content.actions.edit_term import edit_term
from cms.content.models import Category, Term
from cms.content.policies import may_edit_term
from cms.content.term_lists import TermFilter, count_public_posts, count_terms, find_term, get_term, list_terms_in_parts
from cms.core.db import transaction
from cms.core.errors import Invalid
from cms.core.i18n import _


class TermsView(MethodView):
    """All terms of a kind."""

    kind: ClassVar[str]

    def list_them(self, arguments: Mapping[str, Any]) -> Response:
        """Answer with a page of the terms; all of them are for everybody."""
        cut = read_slice(arguments)
        narrowed = {name: arguments[name] for name in ("search", "parent_id") if name in arguments}
        wanted = TermFilter(self.kind, sort=arguments["sort"], **narrowed)
        found = list_terms_in_parts(wanted, cursor=cut.cursor, offset=cut.offset, limit=cut.limit)
        total = count_up_to(lambda most: count_terms(wanted, most), asked=cut.count)
        posts = count_public_posts(term.id for term in found)
        shown = [only(show_term(term, posts.get(term.id, 0)), arguments["fields_"]) for term in found]
        return answer_list(Found(shown, found.cursor_next, found.cursor_previous, total), cut)

    def make_one(self, sent: Mapping[str, Any]) -> Response:
        """Make a term and answer with it, and with where it is."""
        with transaction():
            made = create_term(self.kind, **_meant(sent), by=person())
            headers = {"Location": below_here(made.id)}
            return answer(show_term(made, 0), status=201, version=made.version, headers=headers)

    def change_some(self, sent: Mapping[str, Any]) -> Response:
        """Change several terms, each by itself."""
        return change_each(sent["items"], self._change)

    def _change(self, term_id: int, sent: Mapping[str, Any], version: int | None) -> Mapping[str, Any]:
        with transaction():
            return _told(change_term(self.kind, term_id, sent, version=version))


class TermView(MethodView):
    """One term."""

    kind: ClassVar[str]

    def show_one(self, arguments: Mapping[str, Any], term_id: int) -> Response:
        """Answer with a term."""
        return _answer(get_term(self.kind, term_id), arguments["fields_"])

    def save_one(self, sent: Mapping[str, Any], term_id: int) -> Response:
        """Change what was sent about a term, leave the rest, and answer with it."""
        with transaction():
            return _answer(change_term(self.kind, term_id, sent))

    def delete_one(self, term_id: int) -> Response:
        """Delete a term."""
        with transaction():
            term = get_term(self.kind, term_id, for_change=True)
            require_version(term.version)
            delete_term(term, by=person())
        return empty()


def change_term(kind: str, term_id: int, sent: Mapping[str, Any], *, version: int | None = None) -> Term:
    """Change what was sent about a term and return it; within a transaction. Raises OldVersion, too."""
    term = get_term(kind, term_id, for_change=True)
    require_version(term.version)
    check_version(version, term.version)
    kept = {"name": term.name, "parent": term.parent, "description": term.description}
    return edit_term(term, **{**kept, **_meant(sent)}, by=person())


def show_term(term: Term, posts: int) -> dict[str, Any]:
    """Return a term as everybody is told of it; `posts` is how many of them everybody finds.

    Its version is for who may change it.
    """
    shown = {**term_link(term), "description": term.description, "posts": posts}
    if isinstance(term, Category):
        shown["parent_id"] = term.parent_id
    return shown | {"version": term.version} if may_edit_term(caller()) else shown


def _told(term: Term) -> dict[str, Any]:
    return show_term(term, count_public_posts([term.id]).get(term.id, 0))


def _answer(term: Term, wanted: tuple[str, ...] = ()) -> Response:
    return answer(only(_told(term), wanted), version=term.version)


def _meant(sent: Mapping[str, Any]) -> dict[str, Any]:
    """Return what was sent as the actions take it; raises Invalid for a category that is not there."""
    meant = {name: sent[name] for name in ("name", "slug") if name in sent}
    if "description" in sent:
        meant["description"] = sent["description"].replace("\r\n", "\n")
    if "parent_id" in sent:
        above = find_term("category", sent["parent_id"]) if sent["parent_id"] is not None else None
        if above is None and sent["parent_id"] is not None:
            raise Invalid(fields={"parent_id": _("There is no such category.")})
        meant["parent"] = above
    return meant
