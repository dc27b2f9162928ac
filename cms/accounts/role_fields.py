"""Reading what somebody entered about a role or a group: the value to keep, or a sentence for the field."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from sqlalchemy import select

from cms.accounts.models import Group, Role
from cms.accounts.roles import DEFAULT_ROLES, role_label
from cms.core.db import current_session
from cms.core.errors import Invalid
from cms.core.i18n import Text, _
from cms.lib.confusables import skeleton
from cms.lib.slugs import slugify
from cms.settings import values

LONGEST_LABEL = 60
LONGEST_DESCRIPTION = 500
#: What would pass for everybody, nobody or the site itself, and words of our own addresses.
_RESERVED_WORDS = (
    "admin admins administrator administrators superadmin superuser root owner system site masthead staff team "
    "everybody everyone anybody nobody anonymous public guest none null undefined all role roles group groups new "
    "compare bulk edit delete clone security support"
)
_RESERVED = frozenset(skeleton(word) for word in _RESERVED_WORDS.split())


def read_label(value: object, *, of: Role | None = None) -> str:
    """Return what a role is called; taken, reserved and look-alike names are refused (Invalid)."""
    label = _read_name(value)
    looks = skeleton(label)
    if of is not None and looks == skeleton(of.label):
        return label
    taken = {skeleton(default.name) for default in DEFAULT_ROLES if of is None or default.name != of.name}
    for role in current_session().scalars(select(Role)):
        if of is None or role.id != of.id:
            taken |= {skeleton(role.label), skeleton(role.name), skeleton(role_label(role))}
    if looks in _RESERVED or looks in taken:
        raise Invalid(_("A role with this name, or one that looks like it, is there already. Choose another name."))
    return label


def make_name(label: str) -> str:
    """Return a free name for the address of a role called `label` (`section-editor`, `section-editor-2`)."""
    stem = slugify(label, max_length=LONGEST_LABEL) or "role"
    taken = set(current_session().scalars(select(Role.name)))
    name, number = stem, 1
    while name in taken or skeleton(name) in _RESERVED:
        number += 1
        name = f"{stem}-{number}"
    return name


def read_group_name(value: object, *, of: Group | None = None) -> str:
    """Return what a group is called; taken, reserved and look-alike names are refused (Invalid)."""
    name = _read_name(value)
    looks = skeleton(name)
    if of is not None and looks == skeleton(of.name):
        return name
    groups = current_session().execute(select(Group.id, Group.name))
    taken = {skeleton(known) for key, known in groups if of is None or key != of.id}
    if looks in _RESERVED or looks in taken:
        raise Invalid(_("A group with this name, or one that looks like it, is there already. Choose another name."))
    return name


def _read_name(value: object) -> str:
    name = values.clean_line(value)
    if not name:
        raise Invalid(_("Give it a name."))
    if len(name) > LONGEST_LABEL:
        raise Invalid(_("A name has at most %(most)s characters.", most=LONGEST_LABEL))
    if not any(letter.isalnum() for letter in name) or not skeleton(name):
        raise Invalid(_("A name has at least one letter."))
    return name


def read_description(value: object) -> str:
    """Return what a role or a group is for: one line of plain text; Invalid when it is too long."""
    text = values.clean_line(value)
    if len(text) > LONGEST_DESCRIPTION:
        raise Invalid(_("A description has at most %(most)s characters.", most=LONGEST_DESCRIPTION))
    return text


def read_each(**readers: Callable[[], Any]) -> dict[str, Any]:
    """Return what each reader gives, by its name; raises Invalid with the sentences of all that refuse."""
    read: dict[str, Any] = {}
    wrong: dict[str, Text] = {}
    for name, reader in readers.items():
        try:
            read[name] = reader()
        except Invalid as error:
            wrong[name] = error.args[0]
    if wrong:
        raise Invalid(fields=wrong)
    return read
