"""Who may do what with people and roles."""

from __future__ import annotations

from collections.abc import Iterable

from cms.accounts.models import Group, Role, User
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
RESET_FACTORS = "accounts:factor:reset"
EDIT_ROLES = "accounts:role:edit"
EXPORT = "accounts:user:export"
SEE_AS = "accounts:user:see-as"
EXPORT_DATA = "accounts:personal-data:export"
ERASE_DATA = "accounts:personal-data:erase"

registry.register(
    Permission(ENTER, _("Enter the back office.")),
    Permission(LIST_PEOPLE, _("See who has an account.")),
    Permission(INVITE, _("Invite people, and make accounts for them.")),
    Permission(EDIT, _("Change the profile: name, biography, picture, links, time zone, language."), (ALL, OWN)),
    Permission(DEACTIVATE, _("Deactivate and reactivate accounts, end sign-ins, send invitations and resets.")),
    Permission(DELETE, _("Delete accounts and hand over what they made.")),
    Permission(RESET_FACTORS, _("Reset the second factors of people who have lost theirs.")),
    Permission(VIEW_ROLES, _("Read what each role allows.")),
    Permission(EXPORT_DATA, _("Export what is held about other people, to give it to them.")),
    Permission(ERASE_DATA, _("Erase the personal data of other people for ever.")),
    Permission(SEE_AS, _("See the back office and the site as somebody else would, changing nothing.")),
    Permission(ASSIGN, _("Give roles to people and groups and take them away, never more than one holds oneself.")),
    Permission(EDIT_ROLES, _("Make, change and delete roles, never with more than one holds oneself.")),
    Permission(EXPORT, _("Take the list of people along as a file.")),
)


def holds_all(actor: Actor, rights: Iterable[Grant]) -> bool:
    """Tell whether `actor` holds each of `rights`, in the same extent or in full.

    A right of a feature that is not there now (a plugin, say) is held only by whoever holds everything there is.
    """
    held = actor.grants
    missing = [right for right in rights if right not in held and Grant(right.permission, ALL) not in held]
    return not missing or (
        all(right.permission not in registry for right in missing) and held >= registry.every_grant()
    )


def is_narrowed(user: Actor | None) -> bool:
    """Tell whether this is a program that came with some of a person's rights (`User.narrowed_to`)."""
    return getattr(user, "narrowed_to", None) is not None


def is_oneself(user: Actor | None, user_id: int | None) -> bool:
    """Tell whether `user` is the person of this id themselves, who decides how they sign in and what becomes of them.

    A program is not, even if it came with all their rights: no right stands for that.
    """
    return user is not None and user.id is not None and user.id == user_id and not is_narrowed(user)


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
    """Tell whether the person may change what `person`, who is somebody else, signs in with.

    Whoever changes an address can have the password reset, so it takes all that a deactivation takes. For the own one
    both ends are asked (`actions.move_email`), an admin's too: whoever sits at their browser must not take it over.
    """
    return user is not None and user.id != person.id and may_deactivate(user, person)


def may_deactivate(user: Actor | None, person: User) -> bool:
    """Tell whether the person may deactivate, reactivate, invite again or sign out `person`."""
    return _may_touch(user, DEACTIVATE, person)


def may_reset_factors(user: Actor | None, person: User) -> bool:
    """Tell whether the person may take the second factors of `person` away, who is somebody else."""
    return user is not None and user.id != person.id and _may_touch(user, RESET_FACTORS, person)


def may_delete_user(user: Actor | None, person: User) -> bool:
    """Tell whether the person may delete the account of `person`."""
    return _may_touch(user, DELETE, person)


def may_view_roles(user: Actor | None) -> bool:
    """Tell whether the person may read what roles allow."""
    return may(user, VIEW_ROLES)


def may_assign_roles(user: Actor | None, roles: Iterable[Role]) -> bool:
    """Tell whether the person may give or take each of `roles`: nobody deals in rights they lack."""
    return user is not None and may(user, ASSIGN) and all(holds_all(user, role.rights) for role in roles)


def may_edit_roles(user: Actor | None) -> bool:
    """Tell whether the person may make and change roles, as far as their own rights reach."""
    return may(user, EDIT_ROLES)


def may_edit_role(user: Actor | None, role: Role) -> bool:
    """Tell whether the person may change or delete `role`: one that allows nothing they lack."""
    return user is not None and may_edit_roles(user) and holds_all(user, role.rights)


def may_grant(user: Actor | None, rights: Iterable[Grant]) -> bool:
    """Tell whether the person may have a role allow `rights`: nobody deals in rights they lack."""
    return user is not None and may_edit_roles(user) and holds_all(user, rights)


def may_list_groups(user: Actor | None) -> bool:
    """Tell whether the person sees which groups there are, and who is in them."""
    return may_list_people(user)


def may_edit_groups(user: Actor | None) -> bool:
    """Tell whether the person may make groups and change them, as far as their own rights reach."""
    return may_list_people(user) and may(user, ASSIGN)


def may_edit_group(user: Actor | None, group: Group) -> bool:
    """Tell whether the person may change or delete `group`, whose roles allow nothing they lack."""
    return may_edit_groups(user) and may_assign_roles(user, group.roles)


def may_change_member(user: Actor | None, group: Group, person: User) -> bool:
    """Tell whether the person may take `person` into `group` or out of it."""
    return may_edit_group(user, group) and may_change_roles(user, person)


def may_withdraw(user: Actor | None, person: User) -> bool:
    """Tell whether the person may take back the invitation of `person`."""
    return _may_touch(user, INVITE, person) or may_deactivate(user, person)


def may_merge(user: Actor | None, person: User, into: User) -> bool:
    """Tell whether the person may make one account of two: neither holds anything they lack."""
    return user is not None and may_delete_user(user, person) and holds_all(user, into.grants)


def may_export_people(user: Actor | None) -> bool:
    """Tell whether the person may take the list of people along."""
    return may_list_people(user) and may(user, EXPORT)


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


def may_see_as_user(user: Actor | None, person: User) -> bool:
    """Tell whether `user` may see everything as `person` would: somebody else, active, who holds nothing they lack."""
    if user is None or not may(user, SEE_AS) or not person.active:
        return False
    return user.id != person.id and holds_all(user, person.grants)


def may_see_as_role(user: Actor | None, role: Role) -> bool:
    """Tell whether `user` may see everything as somebody with `role` alone would: one that holds nothing they lack."""
    return user is not None and may(user, SEE_AS) and holds_all(user, role.rights)


def may_export_data(user: Actor | None, person: User | None) -> bool:
    """Tell whether `user` may have what is held about `person`: themselves, or who holds nothing they lack.

    None stands for a mail address without an account.
    """
    return _may_deal_with_data(user, EXPORT_DATA, person)


def may_erase_data(user: Actor | None, person: User | None) -> bool:
    """Tell whether `user` may erase what is held about `person`; see `may_export_data`."""
    return _may_deal_with_data(user, ERASE_DATA, person)


def _may_deal_with_data(user: Actor | None, permission: str, person: User | None) -> bool:
    if user is None or not user.is_active:
        return False
    if person is None:
        return may(user, permission)
    return is_oneself(user, person.id) or (may(user, permission) and holds_all(user, person.grants))


def may_make_token(user: Actor | None, person: User) -> bool:
    """Tell whether `user` may make a personal token of `person`: the person themselves alone."""
    return is_oneself(user, person.id)


def may_revoke_tokens(user: Actor | None, person: User) -> bool:
    """Tell whether `user` may end personal tokens of `person`: the person themselves, and who may close the account."""
    return is_oneself(user, person.id) or may_deactivate(user, person)
