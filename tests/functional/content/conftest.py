"""Fixtures for tests of content."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest
from flask import Flask

from tests.needs import needs


@pytest.fixture(params=["sqlite", pytest.param("postgres", marks=needs("postgres"))])
def either(request: pytest.FixtureRequest, make_app: Callable[..., Flask]) -> Iterator[Flask]:
    """An application on each kind of database, inside its context."""
    more = {} if request.param == "sqlite" else {"CMS_DATABASE_URL": request.getfixturevalue("postgres_url")}
    app = make_app(**more)
    with app.app_context():
        yield app
