"""A site that knows three providers, and the providers."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from flask import Flask

from tests.clients import PageClient
from tests.functional.accounts.providers.steps import NELL, providers_file
from tests.provider.crooked import Crooked, crooked_provider


@pytest.fixture
def told() -> Iterator[Crooked]:
    """The provider called Elsewhere, which knows Nell."""
    with crooked_provider() as made:
        made.claims = dict(NELL)
        yield made


@pytest.fixture
def other() -> Iterator[Crooked]:
    """Another provider."""
    with crooked_provider() as made:
        made.claims = dict(NELL)
        yield made


@pytest.fixture
def hub() -> Iterator[Crooked]:
    """A GitHub, which knows Nell."""
    with crooked_provider() as made:
        made.github = {
            "/user": {"id": 4711, "login": "nell", "name": "Nell Harbour", "email": "shown@example.com"},
            "/user/emails": [
                {"email": "old@example.com", "primary": False, "verified": True},
                {"email": "nell@example.com", "primary": True, "verified": True},
            ],
            "/user/orgs": [{"login": "harbour"}, {"login": "ferry"}],
        }
        yield made


@pytest.fixture
def app(make_app: Callable[..., Flask], tmp_path: Path, told: Crooked, other: Crooked, hub: Crooked) -> Iterator[Flask]:
    """A site that knows the three."""
    hosts = [one.issuer.removeprefix("http://") for one in (told, other, hub)]
    path = providers_file(tmp_path, told, other, hub)
    made = make_app(CMS_PROVIDERS_FILE=str(path), CMS_FETCH_ALLOW=hosts)
    with made.app_context():
        yield made


@pytest.fixture
def another(app: Flask) -> PageClient:
    """Somebody else's browser."""
    made = app.test_client()
    assert isinstance(made, PageClient)
    return made
