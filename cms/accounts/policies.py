"""Who may do what with people and roles."""

from __future__ import annotations

from collections.abc import Iterable

from cms.accounts.models import Role, User
from cms.core.i18n import _
from cms.core.permissions import ALL, OWN, Actor, Grant, Permission, may, may_some, registry

ENTER = "accounts:office:enter"
LIST_PEOPLE = "accounts:user:list"
INVITE = "accounts:user:invite"
EDIT = "accounts:user:edit"
DEACTIVATE = "accounts:user:deactivate"
DELETE = "accounts:user:delete"
VIEW_ROLES = "accounts:role:view"
ASSIGN = "accounts:role:assign"

registry.register(
    Permission(ENTER, _("Enter the back office.")),
    Permission(LIST_PEOPLE, _("See who has an account.")),
    Permission(INVITE, _("Invite people, and make accounts for them.")),
    Permission(EDIT, _("Change the profile: name, biography, picture, links, time zone, language."), (ALL, OWN)),
    Permission(DEACTIVATE, _("Deactivate and reactivate accounts, end sign-ins, send invitations and resets.")),
    Permission(DELETE, _("Delete accounts and hand over what they made.")),
    Permission(VIEW_ROLES, _("Read what each role allows.")),
    Permission(ASSIGN, _("Give roles to people and take them away, never more than one holds oneself.")),
)


def holds_all(actor: Actor, rights: Iterable[Grant]) -> bool:
    """Tell whether `actor` holds each of `rights`, in the same extent or in full."""
    held = actor.grants
    return all(right in held or Grant(right.permission, ALL) in held for right in rights)


def may_enter_office(user: Actor | None) -> bool:
    """Tell whether the person has a place in the back office."""
    return may(user, ENTER)


def may_list_people(user: Actor | None) -> bool:
    """Tell whether the person sees who has an account."""
    return may(user, LIST_PEOPLE)


def may_see_user(user: Actor | None, person: User) -> bool:
    """Tell whether the person sees the account of `person` in the back office."""
    return may_list_people(user) or (user is not None and user.id == person.id)


def may_invite(user: Actor | None, roles: Iterable[Role] = ()) -> bool:
    """Tell whether the person may invite somebody, to hold `roles` from the start."""
    chosen = tuple(roles)
    return may(user, INVITE) and (not chosen or may_assign_roles(user, chosen))


def may_edit_user(user: Actor | None, person: User) -> bool:
    """Tell whether the person may change the profile of `person`: their own, or that of nobody above them."""
    return _may_touch(user, EDIT, person)


def may_change_email(user: Actor | None, person: User) -> bool:
    """Tell whether the person may change what `person` signs in with: as an admin, never in the own profile.

    Whoever changes an address can have the password reset, so it takes all that a deactivation takes.
    """
    return may_deactivate(user, person)


def may_deactivate(user: Actor | None, person: User) -> bool:
    """Tell whether the person may deactivate, reactivate, invite again or sign out `person`."""
    return _may_touch(user, DEACTIVATE, person)


def may_delete_user(user: Actor | None, person: User) -> bool:
    """Tell whether the person may delete the account of `person`."""
    return _may_touch(user, DELETE, person)


def may_view_roles(user: Actor | None) -> bool:
    """Tell whether the person may read what roles allow."""
    return may(user, VIEW_ROLES)


def may_assign_roles(user: Actor | None, roles: Iterable[Role]) -> bool:
    """Tell whether the person may give or take each of `roles`: nobody deals in rights they lack."""
    return user is not None and may(user, ASSIGN) and all(holds_all(user, role.rights) for role in roles)


def may_change_roles(user: Actor | None, person: User, roles: Iterable[Role] = ()) -> bool:
    """Tell whether the person may change which roles `person` holds, by giving or taking `roles`."""
    return _may_touch(user, ASSIGN, person) and may_assign_roles(user, roles)


def _may_touch(user: Actor | None, permission: str, person: User) -> bool:
    """Tell whether `user` holds `permission` on `person`, who does not hold more than they do."""
    if user is None or not may_some(user, permission):
        return False
    if not may(user, permission, owner_ids=(person.id,)):
        return False
    return user.id == person.id or holds_all(user, person.grants)
