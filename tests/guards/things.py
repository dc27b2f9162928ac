"""Things that routes may name: entries of everybody in every state, terms, files, people, roles."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from cms.accounts.actions.create_user import create_user
from cms.accounts.models import Role, RoleGrant
from cms.accounts.passwords import hash_new_password
from cms.content.field_rules import RULES
from cms.content.models import Entry, Term
from cms.content.saving import working_fields
from cms.core.db import current_session, transaction
from cms.core.permissions import system_user
from cms.media.models import MediaFile
from tests.factories import make_entry, user
from tests.factories.media import make_media, picture
from tests.people import PASSWORD, Person

IN_CATEGORY, IN_SECTION = Person("Category-editor", "category-editor"), Person("Section-editor", "section-editor")
#: Whose the other things are.
SOMEBODY = Person("Somebody", "author")
STATES: dict[str, dict[str, str]] = {
    "draft": {"state": "draft"},
    "in review": {"state": "in_review"},
    "scheduled": {"state": "scheduled"},
    "published": {},
    "archived": {"state": "archived"},
    "binned": {"state": "binned"},
    "private": {"visibility": "private"},
    "for members": {"visibility": "members"},
}


@dataclass(frozen=True)
class Thing:
    """Something a route may name: its arguments, what a form of it holds, and what it is called in lists."""

    arguments: Mapping[str, str]
    title: str = ""
    form: Mapping[str, str | list[str]] = field(default_factory=dict)
    binned: bool = False


VERBS = ("create", "edit", "publish", "delete")


def make_role(person: Person, permissions: Sequence[str], extent: str) -> None:
    """Make a role whose rights on entries end at a place, and an account that holds it alone."""
    everywhere = [
        "accounts:office:enter",
        "media:file:list",
        "content:entry:erase",
        *[rule.permission for rule in RULES],
    ]
    with transaction() as session:
        role = Role(name=str(person.role), label=person.name, offered=[], grants=[])
        role.grants = [RoleGrant(permission=name, extent=extent) for name in permissions]
        role.grants += [RoleGrant(permission=name, extent="all") for name in everywhere]
        role.grants.append(RoleGrant(permission="accounts:user:edit", extent="own"))
        session.add(role)
    make_person(person)


def make_person(person: Person) -> None:
    """Make an account for somebody with a role that is there."""
    hashed = hash_new_password(PASSWORD)
    with transaction() as session:
        role = session.query(Role).filter_by(name=person.role).one()
        create_user(email=person.email, name=person.name, password_hash=hashed, roles=[role], by=system_user())


def make_entry_thing(kind: str, state: str, owner: Person, fields: Mapping[str, Any], **inside: int) -> Thing:
    """Make an entry in a state, and return it as a thing; `inside` are the page above, or the category."""
    # A word that no other title holds, and none of them begins with.
    mark = f"{'ins' if inside else 'out'}-{owner.name[:4].lower()}-{state.replace(' ', '-')}-{kind}"
    parent_id, term_id = inside.get("parent_id"), inside.get("term_id")
    terms = [current_session().get_one(Term, term_id)] if term_id is not None else []
    made = make_entry(kind, f"{mark} title", author=owner, terms=terms, parent_id=parent_id, slug=mark, **fields)
    found = current_session().get_one(Entry, made.id)
    written = working_fields(found)
    form: dict[str, str | list[str]] = {
        "title": f"{mark} changed", "visibility": written.visibility, "slug": written.slug, "comments_open": "y",
        "categories": [str(key) for key in written.term_ids], "parent_id": str(written.parent_id or ""),
        "menu_order": str(written.menu_order),
    }  # fmt: skip
    path = (found.address or f"/{found.slug}/").strip("/")
    arguments = {
        "key": str(found.id),
        "entry_id": str(found.id),
        "slug": found.slug,
        "path": path,
        "mark": f"{mark} title",
    }
    return Thing(arguments, mark, form, binned=found.binned_at is not None)


def make_term_thing(key: int) -> Thing:
    """Return a term as a thing."""
    term = current_session().get_one(Term, key)
    arguments = {"key": str(key), "term_id": str(key), "path": term.path}
    return Thing(arguments, term.name, {"name": f"{term.name} too"})


def make_media_thing(owner: Person, number: int) -> Thing:
    """Make a media file of somebody, and return it as a thing."""
    key = make_media(f"file-{number:02d}.jpg", picture(40 + number), alt="A harbour").id
    with transaction() as session:
        # Also those who may not upload any more may have done so.
        session.get_one(MediaFile, key).uploaded_by_id = user(owner).id
    media = current_session().get_one(MediaFile, key)
    arguments = {"key": str(media.id), "media_id": str(media.id), "filename": media.filename}
    return Thing(arguments | {"secret": media.key}, media.filename, {"alt": "Another", "caption": "", "filename": ""})


def make_person_thing(person: Person) -> Thing:
    """Return somebody as a thing."""
    found = user(person)
    key = str(found.id)
    arguments = {"key": key, "user_id": key, "slug": found.slug, "mark": f'"/admin/users/{key}/"'}
    return Thing(arguments, found.email, {"name": "Another"})


def make_role_thing(name: str) -> Thing:
    """Return a role as a thing."""
    return Thing({"key": name, "name": name}, name, {"label": "Another"})
