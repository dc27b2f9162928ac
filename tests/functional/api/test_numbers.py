"""Numbers that no thing has are told as such at every address and in every filter, on both databases."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest
from flask import Flask

from cms.api.spec import build_document
from tests.functional.api.client import ApiClient
from tests.needs import needs
from tests.people import ADA

NUMBERS = (0, 2**31 - 1, 2**31, 2**53, 2**63, 2**70)


@pytest.fixture(params=["sqlite", pytest.param("postgres", marks=needs("postgres"))])
def client(request: pytest.FixtureRequest, make_app: Callable[..., Flask]) -> Iterator[ApiClient]:
    """Ada's program, on each kind of database."""
    more = {} if request.param == "sqlite" else {"CMS_DATABASE_URL": request.getfixturevalue("postgres_url")}
    app = make_app(**more)
    with app.app_context():
        yield ApiClient(app).sign_in(ADA)


def test_no_address_and_no_filter_fails_at_a_number(client: ApiClient) -> None:
    told = []
    for path, item in build_document()["paths"].items():
        for number in NUMBERS:
            if "{" in path and "{code}" not in path and "{name}" not in path:
                address = "/".join(str(number) if part.startswith("{") else part for part in path.split("/"))
                told += [
                    (method, address, client.open(method, address, json={}, check=False).status_code)
                    for method in sorted(item)
                ]
            elif "get" in item:
                told += [
                    ("get", address, client.get(address, check=False).status_code)
                    for parameter in item["get"]["parameters"]
                    if parameter["in"] == "query" and parameter["schema"].get("type") == "integer"
                    for address in [f"{path}?{parameter['name']}={number}"]
                ]
    assert [asked for asked in told if asked[2] >= 500] == []
    reads = [asked for asked in told if asked[0] == "get" and "?" not in asked[1]]
    assert [asked for asked in reads if asked[2] != 404] == []
    assert len(told) > 300
