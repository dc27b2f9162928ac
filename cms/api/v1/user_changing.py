"""Changing people: what may be sent about one, checked against what was read, and kept as a whole."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from cms.accounts import policies
from cms.accounts.actions.assign_roles import assign_roles
from cms.accounts.actions.change_email import change_email
from cms.accounts.actions.edit_profile import edit_profile
from cms.accounts.locks import hold_person
from cms.accounts.models import Role, User
from cms.accounts.queries import find_role, get_user
from cms.api.access import blame_token, person
from cms.api.conditions import require_version, version_in
from cms.api.v1.user_showing import show_account, version_of
from cms.core.db import transaction
from cms.core.errors import Forbidden, Invalid, NotFound, OldVersion
from cms.core.i18n import _
from cms.core.permissions import require

_PROFILE = ("name", "slug", "biography", "links", "picture_id", "time_zone", "language")


def needs_fresh(sent: Mapping[str, Any]) -> bool:
    """Tell whether a change matters so much that whoever makes it shows first that it is them."""
    return "email" in sent or "roles" in sent


def get_account(user_id: int) -> User:
    """Return a person whose account is seen by whoever asks; raises NotFound, whatever the reason."""
    user = get_user(user_id)
    if not policies.may_see_user(person(), user):
        raise NotFound(_("There is no such person."))
    return user


def hold_account(user_id: int, require: Callable[[str], None] = require_version) -> User:
    """Return a person who nobody else changes meanwhile, and who is as `require` has it; within a transaction.

    `require` is told the version of the person as they are now, and raises OldVersion. Raises NotFound, too.
    """
    user = get_account(user_id)
    hold_person(user, by=person())
    require(version_of(show_account(user)))
    return user


def change_user(
    user_id: int, sent: Mapping[str, Any], *, require: Callable[[str], None] = require_version
) -> Mapping[str, Any]:
    """Change all that was sent about a person, or nothing, and return them as they are shown then.

    Raises what the actions raise, and OldVersion.
    """
    with transaction():
        user = hold_account(user_id, require)
        _change(user, sent)
        return show_account(user)


def _change(user: User, sent: Mapping[str, Any]) -> None:
    me = person()
    _blame_token(user, sent)
    may = (policies.may_edit_user, policies.may_change_email, policies.may_change_roles)
    require(any(may_change(me, user) for may_change in may), _("You may not change this person. An admin can."))
    profile = {name: sent[name] for name in _PROFILE if name in sent}
    if profile:
        edit_profile(user, profile, by=me)
    if "email" in sent:
        if user.id == me.id:
            raise Forbidden(_("You change your own mail address on the page of your account: both addresses say yes."))
        change_email(user, email=sent["email"], by=me)
    if "roles" in sent:
        assign_roles(user, read_roles(sent["roles"]), by=me)


def _blame_token(user: User, sent: Mapping[str, Any]) -> None:
    """Raise InsufficientScope where a change is refused for want of its permission in the token in hand alone."""
    if any(name in sent for name in _PROFILE):
        blame_token(lambda actor: policies.may_edit_user(actor, user), policies.EDIT)
    if "email" in sent:
        blame_token(lambda actor: policies.may_change_email(actor, user), policies.DEACTIVATE)
    if "roles" in sent:
        blame_token(lambda actor: policies.may_change_roles(actor, user), policies.ASSIGN)


def change_one_of_several(user_id: int, sent: Mapping[str, Any], _version: int | None) -> Mapping[str, Any]:
    """Change a person as one of several, each in a transaction of their own; as `change_user`.

    People count no versions: `etag` among what was sent says which state of the person is to be changed.
    """
    etag = sent.get("etag")

    def require_etag(version: str) -> None:
        if etag is not None and version != version_in(etag.removeprefix("W/").strip('"')):
            raise OldVersion

    changes = {name: value for name, value in sent.items() if name != "etag"}
    return change_user(user_id, changes, require=require_etag)


def read_roles(names: Iterable[str]) -> list[Role]:
    """Return the roles of these names; raises Invalid for one that there is not."""
    found = {name: find_role(name) for name in names}
    unknown = next((name for name, role in found.items() if role is None), None)
    if unknown is not None:
        raise Invalid(fields={"roles": _("There is no role called %(name)s.", name=unknown)})
    return [role for role in found.values() if role is not None]
