"""Cursors lead through everything, however things are called."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from flask import Flask

from cms.accounts.models import User
from cms.core.db import transaction
from cms.core.pagination import encode_cursor
from tests.factories import make_page, make_post, make_term
from tests.functional.api.client import ApiClient
from tests.people import ADA, ART, CON, ED, Person

As = Callable[[Person], ApiClient]
UserOf = Callable[[Person], User]


@pytest.mark.parametrize("letter", ["a", "\N{GOTHIC LETTER AHSA}", '"', "é"])
def test_cursors_of_the_longest_names_lead_on(app: Flask, api_as: As, user_of: UserOf, letter: str) -> None:
    # Alike for longer than a cursor holds.
    names = [letter * 118 + end for end in ("a", "b", "c")]
    with transaction():
        for person, name in zip((ED, ART, CON), names, strict=True):
            user_of(person).name = name
    for number, name in enumerate(names):
        make_post(name * 4)
        make_term("tag", name, slug=f"tag-{number}")
    for path, key in (("/users?sort=name", "name"), ("/posts?sort=title", "title"), ("/tags?sort=name", "name")):
        found, following = [], f"{path}&per_page=1"
        while following and len(found) < 50:
            answer = api_as(ADA).get(following)
            assert answer.status_code == 200, answer.text
            found += [item[key] for item in answer.json["items"]]
            following = (answer.json["next"] or "").removeprefix("http://localhost")
        whole = [item[key] for item in api_as(ADA).get(path).json["items"]]
        assert found == whole
        assert len(found) >= 3


@pytest.mark.parametrize("path", ["/posts", "/pages"])
def test_a_cursor_leads_on_in_its_own_order_alone(app: Flask, api_as: As, stranger: ApiClient, path: str) -> None:
    for number in range(3):
        make_post(f"Post {number}") if path == "/posts" else make_page(f"Page {number}")
    cursor = stranger.get(f"{path}?per_page=1").json["next"].partition("cursor=")[2]
    assert len(stranger.get(f"{path}?cursor={cursor}").json["items"]) == 2
    for client, query in (
        (api_as(ED), ""), (api_as(ED), "&sort=published_at"), (stranger, "&sort=title"),
        (stranger, "&sort=published_at"),
    ):  # fmt: skip
        answer = client.get(f"{path}?cursor={cursor}{query}")
        assert (answer.status_code, answer.json["code"]) == (404, "no_such_place"), query
    assert len(api_as(ED).get(f"{path}?cursor={cursor}&sort=-published_at").json["items"]) == 2
    for way in ("sideways -published", "after", "before published"):
        made_up = encode_cursor(way, None, 1)
        assert stranger.get(f"{path}?cursor={made_up}").status_code == 404, way


def test_a_cursor_of_the_search_leads_on_there_alone(app: Flask, stranger: ApiClient) -> None:
    for number in range(3):
        make_post(f"Ferry {number}")
    following = stranger.get("/search?q=ferry&per_page=1").json["next"].removeprefix("http://localhost")
    assert len(stranger.get(following).json["items"]) == 1
    assert stranger.get(f"/search?q=ferry&cursor={encode_cursor('sideways', None, 1)}").status_code == 404
