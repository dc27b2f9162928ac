"""Programs that use the API for the people of the tests."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from flask import Flask

from tests.functional.api.client import ApiClient
from tests.people import Person


@pytest.fixture
def api_as(app: Flask) -> Callable[[Person], ApiClient]:
    """Give a signed-in client for a person (a stranger's for nobody); the same client each time."""
    clients: dict[str, ApiClient] = {}

    def client_of(person: Person) -> ApiClient:
        if person.name not in clients:
            made = ApiClient(app)
            clients[person.name] = made if person.role is None else made.sign_in(person)
        return clients[person.name]

    return client_of


@pytest.fixture
def stranger(app: Flask) -> ApiClient:
    """A client without a token."""
    return ApiClient(app)
