"""Signing in with an OpenID provider: the way there, and what its answer proves."""

from __future__ import annotations

import base64
from collections.abc import Mapping
from typing import Any
from urllib.parse import quote

from authlib.oauth2 import OAuth2Client, OAuth2Error

from cms.accounts.providers.account import Account, text_of, values_of
from cms.accounts.providers.asking import PROBLEMS, ask, session
from cms.accounts.providers.configuration import Provider
from cms.accounts.providers.discovery import Directory
from cms.accounts.providers.errors import NotAnswering, NotProven
from cms.accounts.providers.tokens import kid_of, read_id_token
from cms.accounts.providers.trip import Trip


def address_of(provider: Provider, directory: Directory, trip: Trip) -> str:
    """Return where the browser is sent: the provider's page, with what binds its answer to this trip."""
    metadata = directory.metadata(provider)
    client = OAuth2Client(
        None,
        provider.client_id,
        scope=" ".join(provider.scopes),
        redirect_uri=trip.redirect_uri,
        code_challenge_method="S256",
    )
    url, _state = client.create_authorization_url(
        metadata.authorization_endpoint,
        state=trip.state,
        code_verifier=trip.verifier,
        nonce=trip.nonce,
        # Whoever has several accounts there chooses one, and sees which.
        prompt="select_account" if provider.name == "google" else None,
    )
    return url


def check_issuer(provider: Provider, directory: Directory, told: str | None) -> None:
    """Raise NotProven unless an answer came from this provider, where that is told (RFC 9207, against mix-ups)."""
    if told is None and directory.metadata(provider).names_issuer:
        raise NotProven(provider.label, "the answer names no issuer")
    check_told(provider, told)


def check_told(provider: Provider, told: str | None) -> None:
    """Raise NotProven when an answer names another issuer than this provider."""
    if told is not None and told != provider.issuer:
        raise NotProven(provider.label, "the answer names another issuer")


def account_of(provider: Provider, directory: Directory, trip: Trip, code: str) -> Account:
    """Return whose account stands behind a code; raises NotAnswering and NotProven."""
    metadata = directory.metadata(provider)
    token = exchange(provider, metadata.token_endpoint, metadata.auth_method, trip, code)
    given = token.get("id_token")
    if not isinstance(given, str):
        raise NotProven(provider.label, "there is no ID token")
    keys = directory.keys(provider, kid_of(provider, given))
    claims = dict(read_id_token(provider, given, keys, nonce=trip.nonce, access_token=token["access_token"]))
    if metadata.userinfo_endpoint and _is_wanting(provider, claims):
        more = ask(provider.label, metadata.userinfo_endpoint, token=token["access_token"])
        if not isinstance(more, dict) or more.get("sub") != claims["sub"]:
            raise NotProven(provider.label, "the user information is of somebody else")
        # What is signed comes first.
        claims = {**more, **claims}
    email = text_of(claims, "email")
    return Account(
        issuer=provider.issuer,
        subject=claims["sub"],
        verified_email=email if claims.get("email_verified") is True else "",
        name=text_of(claims, "name", "preferred_username", "nickname"),
        label=email or text_of(claims, "preferred_username", "name"),
        roles=values_of(claims, provider.roles_claim) if provider.roles else frozenset(),
    )


def _is_wanting(provider: Provider, claims: Mapping[str, Any]) -> bool:
    return (
        "email" not in claims
        or "name" not in claims
        or bool(provider.roles and not values_of(claims, provider.roles_claim))
    )


class Client(OAuth2Client):
    """Authlib's client, which hands on that no redirect is followed."""

    SESSION_REQUEST_PARAMS = ("allow_redirects",)


def exchange(provider: Provider, url: str, method: str, trip: Trip, code: str) -> Mapping[str, Any]:
    """Return the tokens for a code, which is worth something only with the trip's verifier (RFC 7636).

    Raises NotProven when the provider refuses, NotAnswering when it does not answer.
    """
    with session() as asking:
        client = Client(asking, provider.client_id, redirect_uri=trip.redirect_uri)
        try:
            token = client.fetch_token(
                url,
                grant_type="authorization_code",
                code=code,
                code_verifier=trip.verifier,
                allow_redirects=False,
                **_shown(provider, method),
            )
        except OAuth2Error as error:
            raise NotProven(provider.label, f"the code was refused: {str(error.error)[:80]}") from error
        except PROBLEMS as error:
            raise NotAnswering(provider.label, f"{url}: {type(error).__name__}") from error
    if not isinstance(token.get("access_token"), str):
        raise NotAnswering(provider.label, f"{url} gave no access token")
    return token


def _shown(provider: Provider, method: str) -> dict[str, Any]:
    """Return how id and secret are shown: in the form, or in a header, percent-encoded first (RFC 6749, 2.3.1).

    Authlib leaves the encoding out, so that a secret with a colon or a percent sign would be another one.
    """
    if method == "client_secret_post":
        return {"client_id": provider.client_id, "client_secret": provider.client_secret, "auth": _as_it_is}
    pair = f"{quote(provider.client_id, safe='')}:{quote(provider.client_secret, safe='')}"

    def show(request: Any) -> Any:
        request.headers["Authorization"] = f"Basic {base64.b64encode(pair.encode()).decode()}"
        return request

    return {"auth": show}


def _as_it_is(request: Any) -> Any:
    return request
