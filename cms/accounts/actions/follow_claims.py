"""Keeping roles in step with what a provider says of a person."""

from __future__ import annotations

import logging

from cms.accounts.actions.admit_account import role_named
from cms.accounts.actions.assign_roles import assign_roles
from cms.accounts.locks import keep_an_admin, lock_people
from cms.accounts.models import Role, User
from cms.accounts.providers.account import Account
from cms.accounts.providers.configuration import Provider
from cms.accounts.roles import ADMIN
from cms.core.errors import Conflict
from cms.core.permissions import Actor

_log = logging.getLogger("cms.accounts.providers")


def follow_claims(user: User, account: Account, provider: Provider, *, by: Actor) -> None:
    """Give and take the roles that the provider's settings name, as its claim says; others are left alone.

    `by` is the system: what is mapped to what is the operator's word. The last active admin stays one. Nothing is
    changed where the provider did not tell the claim's values.
    """
    if not provider.sync_roles or not provider.roles or account.roles is None:
        return
    lock_people(user, by=by)
    named = set(provider.roles.values())
    meant = {provider.roles[value] for value in account.roles if value in provider.roles}
    if ADMIN in named - meant and _is_last_admin(user):
        _log.warning("%s says that user %s is no admin; the last one stays", provider.name, user.id)
        meant.add(ADMIN)
    wanted: list[Role] = [role for role in user.roles if role.name not in named]
    wanted += [role for role in map(role_named, sorted(meant)) if role is not None]
    assign_roles(user, wanted, by=by)


def _is_last_admin(user: User) -> bool:
    try:
        keep_an_admin(user)
    except Conflict:
        return True
    return False
