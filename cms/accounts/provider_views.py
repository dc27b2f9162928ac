"""Signing in with an account elsewhere, and connecting one with the own account."""

from __future__ import annotations

import logging
from dataclasses import dataclass
from datetime import datetime

from flask import Flask, Response, flash, make_response, redirect, render_template, request, url_for
from werkzeug.wrappers import Response as AnyResponse

import cms.accounts.identity_records  # noqa: F401 -- how acts on accounts elsewhere are kept
from cms.accounts import limits
from cms.accounts.account_page import CONNECTED, Section, register_section
from cms.accounts.account_views import signed_in_person
from cms.accounts.actions.admit_account import admit_account
from cms.accounts.actions.connect_identity import connect_identity
from cms.accounts.actions.disconnect_identity import disconnect_identity
from cms.accounts.actions.follow_claims import follow_claims
from cms.accounts.freshness import fresh
from cms.accounts.identities import find_identity, get_identity, has_another_way_in, list_identities
from cms.accounts.models import Identity, User
from cms.accounts.people import current_person
from cms.accounts.provider_trips import Arrival, begin_trip, end_trip
from cms.accounts.providers.account import Account
from cms.accounts.providers.configuration import Provider
from cms.accounts.providers.errors import NotProven, ProviderError
from cms.accounts.providers.known import account_of, check_issuer, get_provider, init_providers, known_providers
from cms.accounts.redirects import is_safe_target
from cms.accounts.signing_in import complete_first_factor
from cms.accounts.views import blueprint
from cms.core.db import transaction
from cms.core.errors import CmsError, Conflict
from cms.core.i18n import _, gettext
from cms.core.permissions import public_route, signed_in, system_user
from cms.lib.clock import utcnow

#: What is counted: answers of providers that prove nobody.
ANSWER = "provider"
_LONGEST_CODE = 4096
_log = logging.getLogger("cms.accounts.providers")


@dataclass(frozen=True)
class Choice:
    """A provider that people can choose."""

    name: str
    label: str


@dataclass(frozen=True)
class Connected:
    """An account elsewhere that is connected."""

    id: int
    provider: str
    label: str
    last_used_at: datetime | None
    #: Whether the person would get in without it.
    may_go: bool


@dataclass(frozen=True)
class AccountsElsewhere:
    """What the section of the account page shows."""

    connected: tuple[Connected, ...]
    choices: tuple[Choice, ...]


def init_provider_sign_in(app: Flask) -> None:
    """Read who the providers are, and let the sign-in page offer them."""
    init_providers(app)
    app.jinja_env.globals["sign_in_providers"] = choices


def choices() -> tuple[Choice, ...]:
    """Return the providers that people can choose, in the order of the file."""
    return tuple(Choice(provider.name, provider.label) for provider in known_providers().values())


def _build_section(user: User) -> AccountsElsewhere | None:
    providers = known_providers()
    connected = tuple(
        Connected(row.id, _label_of(row), row.label, row.last_used_at, has_another_way_in(user, row, providers.keys()))
        for row in list_identities(user)
    )
    return AccountsElsewhere(connected, choices()) if connected or providers else None


def _label_of(identity: Identity) -> str:
    provider = known_providers().get(identity.provider)
    return provider.label if provider is not None else identity.provider.capitalize()


register_section(CONNECTED, Section("connected", "account/_connected.html", _build_section))


@blueprint.post("/login/with/<name>")
@public_route
def sign_in_with_provider(name: str) -> AnyResponse:
    """Send a stranger to a provider; by a form of ours alone, so that no other site begins a sign-in."""
    provider = get_provider(name)
    if current_person() is not None:
        return redirect(url_for("accounts.after_sign_in"), 303)
    target = request.form.get("next", "")
    return _depart(provider, None, target if is_safe_target(target, request.host) else "")


@blueprint.post("/account/connect/<name>")
@signed_in
@fresh
def connect_provider(name: str) -> AnyResponse:
    """Send somebody to a provider to connect their account there; they have just shown that it is them."""
    return _depart(get_provider(name), signed_in_person(), "")


def _depart(provider: Provider, user: User | None, target: str) -> AnyResponse:
    """Answer with a page that leads to the provider.

    No redirect: a browser applies `form-action` to wherever the answer to a form leads, and providers lead on to
    hosts that nobody can list. A page that refreshes itself is a navigation of its own, and needs no script.
    """
    try:
        address = begin_trip(provider, user=user, target=target)
    except ProviderError as error:
        return _sent_back(provider, error)
    page: Response = make_response(render_template("security/departure.html", label=provider.label, address=address))
    page.headers["Refresh"] = f"0; url={address}"
    return page


@blueprint.get("/login/with/<name>/answer")
@public_route
def provider_answer(name: str) -> AnyResponse:
    """Take what a provider answers: sign the person in, connect the account, or say in one sentence why not."""
    provider = get_provider(name)
    try:
        arrival = end_trip(provider, _single("state"))
        attempt = limits.begin(ANSWER)
        account = _prove(provider, arrival)
        if arrival.user_id is not None:
            return _connect(provider, arrival, account, attempt)
        return _sign_in(provider, arrival, account, attempt)
    except CmsError as error:
        return _sent_back(provider, error)


def _single(name: str) -> str | None:
    """Return a parameter that stands in the address once; one that stands there twice is none."""
    found = request.args.getlist(name)
    return found[0] if len(found) == 1 else None


def _prove(provider: Provider, arrival: Arrival) -> Account:
    check_issuer(provider, request.args.get("iss"))
    if "error" in request.args:
        words = _("%(provider)s did not let you in. Try again, or sign in another way.", provider=provider.label)
        raise ProviderError(words, f"the provider says {request.args['error'][:80]}")
    code = _single("code")
    if not code or len(code) > _LONGEST_CODE:
        raise NotProven(provider.label, "there is no code")
    return account_of(provider, arrival.trip, code)


def _connect(provider: Provider, arrival: Arrival, account: Account, attempt: limits.Attempt) -> AnyResponse:
    person = current_person()
    if person is None or person.id != arrival.user_id:
        raise Conflict(_("Somebody else is signed in here by now, so nothing was connected."))
    with transaction():
        connect_identity(person, account, provider, by=person).last_used_at = utcnow()
        attempt.succeeded()
    flash(gettext("You can sign in with %(provider)s from now on.", provider=provider.label), "success")
    return redirect(_section(), 303)


def _sign_in(provider: Provider, arrival: Arrival, account: Account, attempt: limits.Attempt) -> AnyResponse:
    person = current_person()
    with transaction():
        known = find_identity(account.issuer, account.subject)
        if person is not None and (known is None or known.user_id != person.id):
            raise Conflict(_("Somebody is signed in here already. Sign out first, then choose again."))
        user = admit_account(account, provider, by=system_user())
        follow_claims(user, account, provider, by=system_user())
        attempt.succeeded()
    if person is not None:
        return redirect(arrival.target or url_for("accounts.after_sign_in"), 303)
    return complete_first_factor(user, method="provider", next_address=arrival.target)


def _sent_back(provider: Provider, error: CmsError) -> AnyResponse:
    """Lead back to where somebody chose the provider, with the sentence; the cause is for the log."""
    if isinstance(error, ProviderError):
        _log.warning("signing in with %s failed: %s", provider.name, error.cause)
    flash(error.message, "error")
    return redirect(_section() if current_person() is not None else url_for("security.login"), 303)


def _section() -> str:
    return url_for("accounts.account", _anchor="connected")


@blueprint.post("/account/connected/<int:identity_id>/disconnect")
@signed_in
@fresh
def disconnect_provider(identity_id: int) -> AnyResponse:
    """Let an account elsewhere open nothing here any more."""
    person = signed_in_person()
    label = _label_of(get_identity(identity_id, of=person))
    try:
        with transaction():
            disconnect_identity(person, identity_id, label=label, providers=known_providers().keys(), by=person)
    except Conflict as error:
        flash(error.message, "error")
    else:
        flash(gettext("%(provider)s does not sign you in any more.", provider=label), "success")
    return redirect(_section(), 303)
