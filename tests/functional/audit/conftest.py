"""What the tests of the record share."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest
from flask import Flask

from tests.needs import needs


@pytest.fixture(params=["sqlite", pytest.param("postgres", marks=needs("postgres"))])
def either(request: pytest.FixtureRequest, make_app: Callable[..., Flask]) -> Iterator[Flask]:
    """An application on SQLite, and one on PostgreSQL."""
    more = {"CMS_DATABASE_URL": request.getfixturevalue("postgres_url")} if request.param == "postgres" else {}
    made = make_app(**more)
    with made.app_context():
        yield made
