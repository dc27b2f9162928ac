"""The five roles that come with the product, and keeping them in step with the permissions there are."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache

from flask_babel import force_locale
from sqlalchemy import select
from sqlalchemy.orm import selectinload

from cms.accounts.models import Role, RoleGrant
from cms.core.db import current_session
from cms.core.i18n import LazyString, _
from cms.core.permissions import Grant, registry
from cms.lib.clock import utcnow

ADMIN = "admin"
EDITOR = "editor"
AUTHOR = "author"
CONTRIBUTOR = "contributor"
SUBSCRIBER = "subscriber"


@dataclass(frozen=True)
class DefaultRole:
    """A role of the product; `rights` are written `area:thing:verb`, or `area:thing:verb/own`."""

    name: str
    label: LazyString
    description: LazyString
    rights: tuple[str, ...]


_OWN_PROFILE = ("accounts:user:edit/own", "content:members:read")
_WRITING = (
    *_OWN_PROFILE,
    "accounts:office:enter",
    "accounts:role:view",
    "content:post:create",
    "content:post:edit/own",
    "content:post:delete/own",
    "content:slug:edit/own",
    "content:visibility:edit/own",
    "content:sticky:edit/own",
    "content:terms:assign/own",
    "content:picture:choose/own",
    "content:seo:edit/own",
    "content:comments:edit/own",
)
_AUTHOR = (
    *_WRITING,
    "content:post:publish/own",
    "content:dates:edit/own",
    "content:term:create",
    "media:file:list",
    "media:file:upload",
    "media:file:edit/own",
    "media:file:delete/own",
)

#: The most powerful first.
DEFAULT_ROLES: tuple[DefaultRole, ...] = (
    DefaultRole(
        ADMIN,
        _("Admin"),
        _("May do everything: content, people, roles and settings."),
        (),
    ),
    DefaultRole(
        EDITOR,
        _("Editor"),
        _("Edits and publishes everything, also what others wrote. Leaves people and settings to admins."),
        (
            *_OWN_PROFILE,
            "accounts:office:enter",
            "accounts:user:list",
            "accounts:role:view",
            "content:*",
            "media:*",
            "comments:*",
        ),
    ),
    DefaultRole(
        AUTHOR,
        _("Author"),
        _("Writes and publishes their own posts. Cannot touch what others wrote, nor who may do what."),
        _AUTHOR,
    ),
    DefaultRole(
        CONTRIBUTOR,
        _("Contributor"),
        _("Writes drafts and submits them; an editor publishes them."),
        (*_WRITING, "media:file:list"),
    ),
    DefaultRole(
        SUBSCRIBER,
        _("Subscriber"),
        _("Reads what is for members and keeps a profile."),
        _OWN_PROFILE,
    ),
)


def default_rights(role: DefaultRole) -> frozenset[Grant]:
    """Return what a default role allows among the permissions that are registered now.

    A permission of a feature that is not there (a plugin, say) is left out.
    """
    if role.name == ADMIN:
        return registry.every_grant()
    return frozenset(grant for right in role.rights for grant in _meant(right))


def _meant(right: str) -> Iterable[Grant]:
    name, _slash, extent = right.partition("/")
    names = registry.names()
    if name.endswith("*"):
        return [Grant(known, extent or "all") for known in names if known.startswith(name[:-1])]
    return [Grant(name, extent or "all")] if name in names else []


def sync_roles() -> list[Role]:
    """Make the default roles and give them the rights that are new since the last time; within a transaction.

    What was offered once and taken away by hand stays away, except that an admin may always do everything.
    Running it again changes nothing. Returns the default roles, the most powerful first.
    """
    session = current_session()
    known = {role.name: role for role in session.scalars(select(Role).options(selectinload(Role.grants)))}
    roles = []
    for position, default in enumerate(DEFAULT_ROLES):
        role = known.get(default.name)
        if role is None:
            # Rows hold English, which pages translate (`role_label`) unless somebody changed it.
            label, description = _english(default)
            role = Role(
                name=default.name,
                label=label,
                description=description,
                position=position * 10,
                offered=[],
                grants=[],
                requires_second_factor=False,
            )
            session.add(role)
        _offer(role, default_rights(default))
        roles.append(role)
    session.flush()
    return roles


def _offer(role: Role, rights: frozenset[Grant]) -> None:
    before = set(role.offered)
    words = {f"{right.permission}:{right.extent}": right for right in rights}
    held = role.rights
    for word in sorted(words):
        right = words[word]
        if right not in held and (word not in before or role.name == ADMIN):
            role.grants.append(RoleGrant(permission=right.permission, extent=right.extent))
    if not set(words) <= before:
        role.offered = sorted(before | set(words))


@lru_cache(maxsize=len(DEFAULT_ROLES))
def _english(default: DefaultRole) -> tuple[str, str]:
    with force_locale("en"):
        return str(default.label), str(default.description)


def find_default(role: Role) -> DefaultRole | None:
    """Return the default role that `role` is; None for one that somebody made."""
    return next((default for default in DEFAULT_ROLES if default.name == role.name), None)


def role_label(role: Role) -> str:
    """Return what a role is called, in the reader's language as long as nobody gave it another name."""
    default = find_default(role)
    return str(default.label) if default is not None and role.label == _english(default)[0] else role.label


def role_description(role: Role) -> str:
    """Return what a role is for, in the reader's language as long as nobody wrote something else."""
    default = find_default(role)
    kept = role.description
    return str(default.description) if default is not None and kept == _english(default)[1] else kept


def set_rights(role: Role, rights: Iterable[Grant]) -> None:
    """Have `role` allow exactly `rights`, and raise its version; the next flush writes it."""
    wanted = frozenset(rights)
    for row in list(role.grants):
        if Grant(row.permission, row.extent) not in wanted:
            role.grants.remove(row)
    held = role.rights
    role.grants.extend(
        RoleGrant(permission=right.permission, extent=right.extent) for right in sorted(wanted) if right not in held
    )
    role.updated_at = utcnow()
