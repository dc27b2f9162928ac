"""What posts and pages have in common as resources; `posts` and `pages` say which and open the addresses."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

from flask import request
from flask.views import MethodView
from werkzeug.exceptions import NotAcceptable
from werkzeug.wrappers import Response

from cms.api.access import blame_token, caller, person
from cms.api.bulk import change_each, check_version
from cms.api.conditions import require_version
from cms.api.keeping import kept_for_strangers
from cms.api.lists import Found, answer_list, count_up_to, following, read_slice
from cms.api.routes import answer, below_here, empty, finish, takes_json
from cms.api.v1.bodies import MEDIA_TYPES, TYPES_OF_FORMS
from cms.api.v1.entry_showing import Showing, show_entries, show_entry
from cms.api.v1.entry_writing import hash_sent, read_fields
from cms.content import policies
from cms.content.actions.bin_entry import bin_entry
from cms.content.actions.create_entry import create_entry
from cms.content.actions.edit_entry import edit_entry
from cms.content.actions.erase_entry import erase_entry
from cms.content.fields import EntryFields
from cms.content.models import Entry
from cms.content.moving import begin_fields
from cms.content.queries import find_entry
from cms.content.reading import ReadFilter, count_visible, get_for_change, get_visible, list_visible
from cms.content.saving import working_fields
from cms.core.db import transaction
from cms.core.errors import Invalid, NotFound, WrongState
from cms.core.i18n import _

_FILTERS = (
    "search", "slug", "author_id", "parent_id", "visibility", "published_after", "published_before", "updated_after",
    "sort",
)  # fmt: skip
_BODY = {"body", "body_format"}
#: Texts may be long: so many come at once.
_MOST_WITH_BODIES = 25


class EntriesView(MethodView):
    """All entries of a kind."""

    kind: ClassVar[str]

    def list_them(self, arguments: Mapping[str, Any]) -> Response:
        """Answer with a page of what the caller finds; raises Invalid for more texts than may come at once."""
        if arguments["per_page"] > _MOST_WITH_BODIES and not _BODY.isdisjoint(arguments["fields_"]):
            sentence = _("With their texts, at most %(most)s come at once. Ask for fewer.", most=_MOST_WITH_BODIES)
            raise Invalid(fields={"per_page": sentence})
        return kept_for_strangers(lambda: self._list(arguments))

    def _list(self, arguments: Mapping[str, Any]) -> Response:
        user, cut = caller(), read_slice(arguments)
        wanted = ReadFilter(
            kind=self.kind,
            view=arguments.get("state", ""),
            live=arguments.get("view") == "live",
            term_id=arguments.get("category_id") or arguments.get("tag_id"),
            **{name: arguments[name] for name in _FILTERS if name in arguments},
        )
        include, fields = arguments["include"], arguments["fields_"]
        form = None if _BODY.isdisjoint(fields) else arguments["format"]
        parts = include if form is None else (*include, "body")
        with following(cut):
            found = list_visible(wanted, user=user, cursor=cut.cursor, offset=cut.offset, limit=cut.limit, parts=parts)
        total = count_up_to(lambda most: count_visible(wanted, user=user, most=most), asked=cut.count)
        shown = show_entries(found.items, Showing(user, form, include, fields, live=wanted.live))
        return answer_list(Found(shown, found.cursor_next, found.cursor_previous, total), cut)

    def begin_one(self, sent: Mapping[str, Any]) -> Response:
        """Begin a draft and answer with it, and with where it is."""
        hashed = hash_sent(sent)
        with transaction():
            before = begin_fields(self.kind, by=person())
            entry = create_entry(self.kind, read_fields(sent, before, kind=self.kind, hashed=hashed), by=person())
            entry_id = entry.id
        made = _made(self.kind, entry_id)
        shown = show_entry(made, Showing(person(), form="json"))
        return answer(shown, status=201, version=made.version, headers={"Location": below_here(entry_id)})

    def change_some(self, sent: Mapping[str, Any]) -> Response:
        """Change several entries, each by itself: one that cannot be changed holds none of the others up."""
        return change_each(sent["items"], self._change)

    def _change(self, entry_id: int, sent: Mapping[str, Any], version: int | None) -> Mapping[str, Any]:
        return show_entry(change_entry(self.kind, entry_id, sent, version=version), Showing(person(), form="json"))


def _made(kind: str, entry_id: int) -> Entry:
    """Return what was begun just now: who may begin entries and not see drafts hears of it this once."""
    try:
        return get_visible(kind, entry_id, user=person())
    except NotFound:
        made = find_entry(entry_id)
        if made is None:
            raise
        return made


class EntryView(MethodView):
    """One entry."""

    kind: ClassVar[str]

    def show_one(self, arguments: Mapping[str, Any], entry_id: int) -> Response:
        """Answer with an entry, or with its text alone where only a form of text is accepted."""
        return kept_for_strangers(lambda: self._show(arguments, entry_id))

    def _show(self, arguments: Mapping[str, Any], entry_id: int) -> Response:
        user = caller()
        entry = get_visible(self.kind, entry_id, user=user, parts=arguments["include"])
        alone = _accepted()
        sees_all = policies.may_see(user, entry)
        live = arguments.get("view") == "live"
        if live and not policies.may_read(user, entry):
            raise NotFound
        version = entry.version if sees_all else None
        if alone is None:
            how = Showing(user, arguments["format"], arguments["include"], arguments["fields_"], live=live)
            return answer(show_entry(entry, how), version=version)
        body = show_entry(entry, Showing(user, alone, live=live))["body"]
        if body is None:
            raise NotFound
        text = Response(body, content_type=f"{TYPES_OF_FORMS[alone]}; charset=utf-8")
        return finish(text, version=version, headers={"Content-Disposition": "attachment"})

    def save_one(self, sent: Mapping[str, Any], entry_id: int, *, whole: bool) -> Response:
        """Save what was sent about an entry and answer with it."""
        entry = change_entry(self.kind, entry_id, sent, whole=whole)
        return answer(show_entry(entry, Showing(person(), form="json")), version=entry.version)

    def remove_one(self, arguments: Mapping[str, Any], entry_id: int) -> Response:
        """Put an entry into the bin, or delete for good what lies there."""
        with transaction():
            entry = get_for_change(self.kind, entry_id, user=person())
            require_version(entry.version)
            publish = f"content:{self.kind}:publish"
            if arguments["permanently"]:
                blame_token(lambda user: policies.may_erase(user, entry), "content:entry:erase", publish)
                erase_entry(entry, by=person())
                return empty()
            blame_token(lambda user: policies.may_delete(user, entry), publish)
            try:
                bin_entry(entry, by=person())
            except WrongState:
                # It lies there already, as who sends this again would have it.
                if entry.binned_at is None:
                    raise
        return empty()


def change_entry(
    kind: str, entry_id: int, sent: Mapping[str, Any], *, whole: bool = False, version: int | None = None
) -> Entry:
    """Save what was sent about an entry, in a transaction of its own, and return it as it is then.

    Raises OldVersion where the request (or `version`) names another state than it is in.
    """
    if "password" in sent:
        # A hash costs much: not for what is not there, or not theirs.
        get_for_change(kind, entry_id, user=person())
    hashed = hash_sent(sent)
    with transaction():
        entry = get_for_change(kind, entry_id, user=person())
        check_version(version, entry.version)
        require_version(entry.version)
        before: EntryFields = working_fields(entry)
        blame_token(lambda user: policies.may_edit_outside_bin(user, entry), f"content:{kind}:publish")
        edit_entry(entry, read_fields(sent, before, kind=kind, hashed=hashed, whole=whole), by=person())
    return get_visible(kind, entry_id, user=person())


def _accepted() -> str | None:
    """Return the form of text that is accepted rather than JSON (`Accept`), else None; raises NotAcceptable.

    A form that the address names is more than one that happens to be accepted.
    """
    if takes_json():
        return None
    best = request.accept_mimetypes.best_match(["text/markdown", "text/html"])
    if best is None:
        raise NotAcceptable
    form = request.args.get("format")
    if form is None:
        return MEDIA_TYPES[best]
    return form if form in TYPES_OF_FORMS else None
