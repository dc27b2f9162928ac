"""Programs that come with a personal token."""

from __future__ import annotations

from flask import Flask

from cms.accounts.actions.create_token import create_token
from cms.core.db import transaction
from tests.factories import user
from tests.functional.api.client import ApiClient
from tests.people import Person


def program_of(app: Flask, person: Person, *scopes: str) -> ApiClient:
    """Return a program with a personal token of somebody that reaches as far as `scopes`."""
    with transaction():
        owner = user(person)
        _token, secret = create_token(owner, name="Program", scopes=scopes, days=1, by=owner)
    return ApiClient(app, secret)
