"""Why somebody may not do something: the rule in one sentence, and who could change it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import selectinload

from cms.accounts.models import RoleGrant, User
from cms.accounts.policies import ASSIGN, DEACTIVATE, may_change_roles, may_deactivate
from cms.accounts.roles import role_label
from cms.core.db import current_session
from cms.core.i18n import Text, _
from cms.core.permissions import OWN, Places, extents_of, may, registry

_NAMED = 3


@dataclass(frozen=True)
class Reason:
    """A rule that stands in the way, and the names of those who could change that; none when nobody can."""

    sentence: Text
    remedy: Text = ""
    who: tuple[str, ...] = ()


def why_not_signed_in(person: User) -> Reason | None:
    """Return why `person` may do nothing at all, or None."""
    if person.active:
        return None
    return Reason(
        _("The account of %(name)s is deactivated.", name=person.name),
        _("Somebody who may reactivate accounts can open it again."),
        _who(DEACTIVATE, person),
    )


def why_not_granted(
    person: User, permission: str, *, owner_ids: Sequence[int | None] = (), places: Places = (), thing: Text = ""
) -> Reason | None:
    """Return why no role of `person` grants `permission` (on `thing`, of `owner_ids`, in `places`); None if one does.

    An unknown permission raises KeyError.
    """
    found = why_not_signed_in(person)
    if found is not None or may(person, permission, owner_ids=owner_ids, places=places):
        return found
    right = registry.get(permission).sentence
    held = extents_of(person, permission)
    if not held:
        sentence = _missing(person, right)
    elif held == {OWN}:
        sentence = _(
            "The roles of %(name)s (%(roles)s) allow this for what they made themselves, and %(thing)s is not theirs: "
            "“%(right)s”",
            name=person.name, roles=_roles(person), thing=thing or _("this"), right=right,
        )  # fmt: skip
    else:
        sentence = _(
            "The roles of %(name)s (%(roles)s) allow this only in places where %(thing)s does not lie: “%(right)s”",
            name=person.name, roles=_roles(person), thing=thing or _("this"), right=right,
        )  # fmt: skip
    remedy = _("Somebody who may give roles can give %(name)s one that allows it.", name=person.name)
    return Reason(sentence, remedy, _who(ASSIGN, person))


def _missing(person: User, right: Text) -> Text:
    if not person.roles and not person.held:
        return _("%(name)s holds no role, and it takes one that says: “%(right)s”", name=person.name, right=right)
    return _("No role of %(name)s (%(roles)s) says: “%(right)s”", name=person.name, roles=_roles(person), right=right)


def _roles(person: User) -> str:
    return ", ".join(role_label(role) for role in person.roles) or str(_("by groups alone"))


def _who(permission: str, person: User) -> tuple[str, ...]:
    """Return the names of some who hold `permission` and may use it on `person`, in order of name."""
    able = may_change_roles if permission == ASSIGN else may_deactivate
    return tuple(user.name for user in holders_of(permission) if able(user, person))[:_NAMED]


def holders_of(permission: str) -> list[User]:
    """Return the active people who hold `permission` in some extent, with their rights, in order of name."""
    return list(
        current_session().scalars(
            select(User)
            .where(User.active.is_(True), User.held.any(RoleGrant.permission == permission))
            .order_by(User.name, User.id)
            .limit(50)
            .options(selectinload(User.held))
        )
    )
