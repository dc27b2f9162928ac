"""Going somewhere by its name: entries, people, and the parts of the back office."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypedDict

from flask import url_for

from cms.accounts.lists import PersonFilter, list_people
from cms.accounts.models import User
from cms.accounts.policies import may_list_people
from cms.admin.entry_marks import state_mark, title_of
from cms.admin.frame import places
from cms.content import policies
from cms.content.lists import EntryFilter, list_entries
from cms.core.i18n import Text, _
from cms.core.permissions import may_some

_SHOWN = 8


@dataclass(frozen=True)
class Hit:
    """Something found."""

    title: Text
    address: str
    text: Text


@dataclass(frozen=True)
class Found:
    """What was found of one sort."""

    label: Text
    hits: Sequence[Hit]


class LinkTarget(TypedDict):
    """An entry as a script that makes links is told of it."""

    id: int
    title: str
    address: str
    kind: str


def find(me: User, words: str) -> list[Found]:
    """Return what `me` may see whose name holds the words."""
    groups = [Found(_("Parts of the back office"), _places(words))]
    for kind, label in (("post", _("Posts")), ("page", _("Pages"))):
        if may_some(me, f"content:{kind}:edit"):
            groups.append(Found(label, _entries(me, kind, words)))
    if may_list_people(me):
        people = list_people(PersonFilter(search=words), user=me, limit=_SHOWN)
        hits = [Hit(user.name, url_for("admin_users.edit_view", key=user.id), user.email) for user in people]
        groups.append(Found(_("People"), hits))
    return [group for group in groups if group.hits]


def _places(words: str) -> list[Hit]:
    folded = words.casefold()
    return [Hit(place.label, place.address, "") for place in places() if folded in str(place.label).casefold()]


def _entries(me: User, kind: str, words: str) -> list[Hit]:
    found = list_entries(EntryFilter(kind, search=words), user=me, limit=_SHOWN)
    return [
        Hit(title_of(entry), url_for(f"admin_{kind}s.edit_view", key=entry.id), state_mark(entry).word)
        for entry in found
        if policies.may_edit(me, entry)
    ]


def find_entries(me: User, words: str) -> list[LinkTarget]:
    """Return the entries `me` sees whose title or address holds the words, for a link to them."""
    kinds = [kind for kind in ("post", "page") if may_some(me, f"content:{kind}:edit")]
    return [
        {"id": entry.id, "title": title_of(entry), "address": entry.address or "", "kind": entry.kind}
        for kind in kinds
        for entry in list_entries(EntryFilter(kind, search=words), user=me, limit=_SHOWN)
    ]
