"""Several programs change the same entry at once, or begin what is called alike: the same answers on both databases."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import Any

import pytest
from flask import Flask

from tests.factories import make_page, make_post
from tests.functional.api.client import ApiClient
from tests.needs import needs
from tests.people import ED

Ask = Callable[[ApiClient], Any]
MANY = 6


@pytest.fixture(params=["sqlite", pytest.param("postgres", marks=needs("postgres"))])
def either(request: pytest.FixtureRequest, make_app: Callable[..., Flask]) -> Iterator[Flask]:
    """An application on each database, inside its context."""
    on_postgres = request.param == "postgres"
    app = make_app(CMS_DATABASE_URL=request.getfixturevalue("postgres_url")) if on_postgres else make_app()
    with app.app_context():
        yield app


def editor(app: Flask) -> ApiClient:
    """Return the one client that the editor of an application has signed in with."""
    client: ApiClient = app.extensions.setdefault("editor", ApiClient(app))
    return client if client.token else client.sign_in(ED)


def at_once(app: Flask, ask: Ask) -> Counter[int]:
    """Ask so often in threads of their own, beginning together, and return how often each status came."""
    token = editor(app).token
    ready = threading.Barrier(MANY)

    def run(_number: int) -> int:
        client = ApiClient(app, token)
        ready.wait(30)
        return int(ask(client).status_code)

    with ThreadPoolExecutor(MANY) as pool:
        return Counter(pool.map(run, range(MANY)))


def test_of_changes_at_once_each_is_made_after_the_other(either: Flask) -> None:
    for path, entry in (("posts", make_post("Out")), ("pages", make_page("About"))):
        change = partial(ApiClient.patch, path=f"/{path}/{entry.id}", json={"excerpt": "In short"})
        assert at_once(either, change) == {200: MANY}
        first = editor(either).get(f"/{path}/{entry.id}").headers["ETag"]
        named = partial(
            ApiClient.patch, path=f"/{path}/{entry.id}", json={"excerpt": "Else"}, headers={"If-Match": first}
        )
        assert at_once(either, named) == {200: 1, 412: MANY - 1}


def test_what_is_done_at_once_is_answered_alike(either: Flask) -> None:
    post = make_post("Out", state="draft").id
    for act in ("submit", "return", "publish", "archive", "unpublish"):
        assert at_once(either, partial(ApiClient.post, path=f"/posts/{post}/{act}")) == {200: MANY}, act
    assert at_once(either, partial(ApiClient.delete, path=f"/posts/{post}")) == {204: MANY}
    assert at_once(either, partial(ApiClient.post, path=f"/posts/{post}/restore")) == {200: MANY}


@pytest.mark.parametrize(
    ("path", "sent"),
    [("/posts", {"title": "Weekly notes"}), ("/pages", {"title": "About"}), ("/tags", {"name": "Bread"})],
)
def test_what_is_called_alike_lies_side_by_side(either: Flask, path: str, sent: dict[str, str]) -> None:
    for _round in range(2):
        assert at_once(either, partial(ApiClient.post, path=path, json=sent)) == {201: MANY}
    told = editor(either).get(f"{path}?per_page=100").json["items"]
    assert len({item["slug"] for item in told}) == 2 * MANY


@needs("postgres")
def test_two_that_wait_for_each_other_are_told_to_try_again(make_app: Callable[..., Flask], postgres_url: str) -> None:
    """Of two categories that are hung below each other one gets its place; the database is well, and says so."""
    app = make_app(CMS_DATABASE_URL=postgres_url)
    client = editor(app)
    ids = [client.post("/categories", json={"name": name}).json["id"] for name in ("One", "Other")]
    seen = set[int]()
    for _round in range(5):
        ready = threading.Barrier(2)

        def move(pair: tuple[int, int], ready: threading.Barrier = ready) -> int:
            mine = ApiClient(app, client.token)
            ready.wait(30)
            return int(mine.patch(f"/categories/{pair[0]}", json={"parent_id": pair[1]}).status_code)

        with ThreadPoolExecutor(2) as pool:
            seen |= set(pool.map(move, (tuple(ids), tuple(reversed(ids)))))
        for one in ids:
            assert client.patch(f"/categories/{one}", json={"parent_id": None}).status_code == 200
    assert 200 in seen
    assert seen <= {200, 409, 422}
