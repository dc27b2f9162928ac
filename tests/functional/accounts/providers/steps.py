"""Steps of signing in with an account elsewhere, as a browser without scripts takes them."""

from __future__ import annotations

import dataclasses
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

from flask import Flask
from sqlalchemy import select
from werkzeug.test import TestResponse

from cms.accounts.models import Identity, User
from cms.core.db import current_session
from tests.clients import PageClient
from tests.provider.crooked import CLIENT, SECRET, Crooked

#: The provider of most tests, and where it sends people back.
NAME = "elsewhere"
#: What the providers know of Nell.
NELL = {"email": "nell@example.com", "email_verified": True, "name": "Nell"}


def providers_file(folder: Path, told: Crooked, other: Crooked, hub: Crooked) -> Path:
    """Write the file of a site that knows two OpenID providers and a GitHub."""
    path = folder / "providers.toml"
    shown = f'client_id = "{CLIENT}"\nclient_secret = "{SECRET}"\n'
    path.write_text(
        f'[elsewhere]\nlabel = "Elsewhere"\nissuer = "{told.issuer}"\n{shown}'
        f'[other]\nlabel = "Other"\nissuer = "{other.issuer}"\n{shown}'
        f'[github]\nissuer = "{hub.issuer}"\napi = "{hub.issuer}"\n{shown}'
    )
    return path


def change(app: Flask, name: str = NAME, **settings: Any) -> None:
    """Set what the file could have said about a provider."""
    providers = app.extensions["masthead_providers"].providers
    providers[name] = dataclasses.replace(providers[name], **settings)


def depart(client: PageClient, name: str = NAME, *, page: str = "/login", to: str = "/login/with") -> str:
    """Choose a provider on a page, and return the provider's address to which the browser is sent."""
    answer = client.submit(page, form=f"form[action='{to}/{name}']")
    assert answer.status_code == 200, answer.headers
    return answer.headers["Refresh"].removeprefix("0; url=")


def asked(address: str) -> dict[str, str]:
    """Return what a provider is asked with an address."""
    return {name: values[0] for name, values in parse_qs(urlsplit(address).query).items()}


def come_back(client: PageClient, address: str, code: str | None, *, name: str = NAME, **more: str) -> TestResponse:
    """Come back from a provider with its code."""
    query = {"state": asked(address)["state"], **({"code": code} if code else {}), **more}
    return client.get(f"/login/with/{name}/answer", query_string=query)


def go(client: PageClient, told: Crooked, name: str = NAME, **more: str) -> TestResponse:
    """Sign in with a provider that says yes."""
    address = depart(client, name)
    return come_back(client, address, told.authorise(address), name=name, **more)


def connect(client: PageClient, told: Crooked, name: str = NAME) -> TestResponse:
    """Connect an account elsewhere on the page about signing in."""
    address = depart(client, name, page="/account/", to="/account/connect")
    return come_back(client, address, told.authorise(address), name=name)


def said(client: PageClient, answer: TestResponse) -> str:
    """Return what the page says to which somebody was sent back."""
    assert answer.status_code == 303, answer.status
    note = client.page(answer.headers["Location"]).css_first(".mh-note")
    assert note is not None
    return note.text().strip()


def who(client: PageClient) -> str | None:
    """Return with which mail address somebody is signed in, or None."""
    answer = client.get("/account/")
    if answer.status_code != 200:
        return None
    page = client.page("/account/").css_first("#overview")
    assert page is not None
    return page.text().partition("You sign in as ")[2].partition(" ")[0].strip().rstrip(".").split("\n")[0].rstrip(".")


def identities() -> list[tuple[str, str, str]]:
    """Return every connected account: mail address here, issuer, subject."""
    query = select(User.email, Identity.issuer, Identity.subject).join(Identity, Identity.user_id == User.id)
    rows = current_session().execute(query.order_by(Identity.id))
    return [(email, issuer, subject) for email, issuer, subject in rows]
