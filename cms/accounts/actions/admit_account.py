"""Deciding whom an account elsewhere lets in."""

from __future__ import annotations

import logging

from cms.accounts import fields
from cms.accounts.actions.connect_identity import connect_identity
from cms.accounts.actions.create_user import create_user
from cms.accounts.identities import find_identity
from cms.accounts.models import Role, User
from cms.accounts.policies import may_enter_office
from cms.accounts.providers.account import Account
from cms.accounts.providers.configuration import Provider
from cms.accounts.queries import find_role, find_user, find_user_by_email
from cms.core.errors import Forbidden, Invalid
from cms.core.i18n import _, gettext
from cms.core.permissions import Actor
from cms.lib.clock import utcnow

_log = logging.getLogger("cms.accounts.providers")


def admit_account(account: Account, provider: Provider, *, by: Actor) -> User:
    """Return whom an account elsewhere, which has just been proven, stands for; `by` is the system.

    Known by issuer and subject: that person. Else, where the provider's settings say so, the person with the same
    verified mail address, or a new one. Raises Forbidden with what to do otherwise; whether an address has an account
    is told to nobody who has not proven that it is theirs.
    """
    identity = find_identity(account.issuer, account.subject)
    if identity is not None:
        user = find_user(identity.user_id)
        if user is None or not user.active:
            raise _unknown(provider)
        identity.label, identity.last_used_at = account.label, utcnow()
        return user
    if not _is_welcome(account, provider):
        raise _unknown(provider)
    user = find_user_by_email(account.verified_email)
    if user is None and provider.create_accounts:
        user = _make_account(account, provider, by=by)
    elif user is None or not _may_stand_for(user, provider):
        raise _unknown(provider)
    else:
        connect_identity(user, account, provider, by=by).last_used_at = utcnow()
    return user


def _unknown(provider: Provider) -> Forbidden:
    words = _(
        "This %(provider)s account is not connected here. Sign in as you usually do, then connect it on the page "
        "about signing in.",
        provider=provider.label,
    )
    return Forbidden(words)


def _is_welcome(account: Account, provider: Provider) -> bool:
    """Tell whether the address is proven, and of a domain that may come in by itself."""
    domain = account.verified_email.rpartition("@")[2].lower()
    return bool(domain) and (not provider.allowed_domains or domain in provider.allowed_domains)


def _may_stand_for(user: User, provider: Provider) -> bool:
    """Tell whether a verified address is enough for this account: for one that works here only if that is said."""
    if not provider.trust_email or not user.active:
        return False
    return provider.trust_email_for_office or not may_enter_office(user)


def _make_account(account: Account, provider: Provider, *, by: Actor) -> User:
    try:
        user = create_user(
            email=account.verified_email, name=_name_of(account), roles=first_roles(account, provider), by=by
        )
    except Invalid:
        # An address that we do not take.
        raise _unknown(provider) from None
    user.confirmed_at = utcnow()
    connect_identity(user, account, provider, by=by, tell=False).last_used_at = utcnow()
    return user


def _name_of(account: Account) -> str:
    """Return what readers call the new person: what the provider says, unless it is a mail address."""
    try:
        return fields.read_name(account.name[: fields.LONGEST_NAME])
    except Invalid:
        return gettext("New reader")


def first_roles(account: Account, provider: Provider) -> list[Role]:
    """Return the roles a new person holds: those that the provider's claim stands for, else the default one."""
    mapped = [provider.roles[value] for value in sorted(account.roles or ()) if value in provider.roles]
    names = list(dict.fromkeys(mapped)) or [provider.default_role]
    return [role for role in map(role_named, names) if role is not None]


def role_named(name: str) -> Role | None:
    """Return a role that the settings name; one that is not there is told in the log."""
    role = find_role(name)
    if role is None:
        _log.error("providers.toml names the role %s, which does not exist", name)
    return role
