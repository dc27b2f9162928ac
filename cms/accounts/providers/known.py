"""The providers of this installation, and what this process knows of them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from flask import Flask, current_app

from cms.accounts.providers import github, openid
from cms.accounts.providers.account import Account
from cms.accounts.providers.configuration import FILE, GITHUB, Provider, read_providers
from cms.accounts.providers.discovery import Directory
from cms.accounts.providers.trip import Trip
from cms.core.errors import NotFound
from cms.core.i18n import _

_KEY = "masthead_providers"


@dataclass(frozen=True)
class Known:
    """All providers by name, and where they are asked."""

    providers: Mapping[str, Provider]
    directory: Directory = field(default_factory=Directory)


def init_providers(app: Flask) -> None:
    """Read the providers' file; raises ConfigurationError. Nobody is asked before somebody signs in."""
    given = app.config["CMS_PROVIDERS_FILE"]
    # A test run does not depend on one machine.
    if given or app.config["CMS_ENV"] != "testing":
        path = Path(given or app.config["CMS_INSTANCE"] / FILE)
        app.extensions[_KEY] = Known(read_providers(path))
    else:
        app.extensions[_KEY] = Known({})


def known_providers() -> Mapping[str, Provider]:
    """Return the providers that people can sign in with, in the order of the file."""
    known: Known = current_app.extensions[_KEY]
    return known.providers


def get_provider(name: str) -> Provider:
    """Return the provider called `name`; raises NotFound."""
    provider = known_providers().get(name)
    if provider is None:
        raise NotFound(_("Nobody signs in with that here."))
    return provider


def _directory() -> Directory:
    known: Known = current_app.extensions[_KEY]
    return known.directory


def address_of(provider: Provider, trip: Trip) -> str:
    """Return the page of the provider to which the browser is sent; raises NotAnswering."""
    if provider.kind == GITHUB:
        return github.address_of(provider, trip)
    return openid.address_of(provider, _directory(), trip)


def check_issuer(provider: Provider, told: str | None) -> None:
    """Raise NotProven when an answer is not of this provider; `told` is what the answer names as its issuer."""
    if provider.kind == GITHUB:
        openid.check_told(provider, told)
    else:
        openid.check_issuer(provider, _directory(), told)


def account_of(provider: Provider, trip: Trip, code: str) -> Account:
    """Return whose account stands behind a code; raises NotAnswering and NotProven."""
    if provider.kind == GITHUB:
        return github.account_of(provider, trip, code)
    return openid.account_of(provider, _directory(), trip, code)
