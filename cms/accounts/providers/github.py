"""Signing in with GitHub: OAuth 2 without an ID token, so who somebody is comes from its programming interface."""

from __future__ import annotations

from typing import Any

from authlib.oauth2 import OAuth2Client

from cms.accounts.providers.account import Account, text_of
from cms.accounts.providers.asking import ask
from cms.accounts.providers.configuration import Provider
from cms.accounts.providers.errors import NotAnswering
from cms.accounts.providers.openid import exchange
from cms.accounts.providers.trip import Trip

_HEADERS = {"Accept": "application/vnd.github+json", "X-GitHub-Api-Version": "2022-11-28"}


def address_of(provider: Provider, trip: Trip) -> str:
    """Return where the browser is sent."""
    client = OAuth2Client(
        None,
        provider.client_id,
        scope=" ".join(provider.scopes),
        redirect_uri=trip.redirect_uri,
        code_challenge_method="S256",
    )
    url, _state = client.create_authorization_url(
        f"{provider.issuer.rstrip('/')}/login/oauth/authorize",
        state=trip.state,
        code_verifier=trip.verifier,
        prompt="select_account",
    )
    return url


def account_of(provider: Provider, trip: Trip, code: str) -> Account:
    """Return whose account stands behind a code; raises NotAnswering and NotProven.

    GitHub's number names the account: its name can be given up, and taken by somebody else.
    """
    url = f"{provider.issuer.rstrip('/')}/login/oauth/access_token"
    token = exchange(provider, url, "client_secret_post", trip, code)["access_token"]
    person = _ask(provider, "/user", token)
    number = person.get("id") if isinstance(person, dict) else None
    if not isinstance(number, int) or isinstance(number, bool):
        raise NotAnswering(provider.label, "there is no number of a person")
    email = _verified_email(_ask(provider, "/user/emails", token))
    organisations = _ask(provider, "/user/orgs?per_page=100", token) if provider.roles else []
    return Account(
        issuer=provider.issuer,
        subject=str(number),
        verified_email=email,
        name=text_of(person, "name", "login"),
        label=text_of(person, "login"),
        roles=frozenset(text_of(one, "login") for one in _rows(organisations)) - {""},
    )


def _ask(provider: Provider, path: str, token: str) -> Any:
    return ask(provider.label, provider.api.rstrip("/") + path, token=token, headers=_HEADERS)


def _verified_email(told: object) -> str:
    """Return the primary address if it is verified; one that only the profile shows proves nothing."""
    for row in _rows(told):
        if row.get("primary") is True and row.get("verified") is True:
            return text_of(row, "email")
    return ""


def _rows(told: object) -> list[dict[str, Any]]:
    return [row for row in told if isinstance(row, dict)] if isinstance(told, list) else []
