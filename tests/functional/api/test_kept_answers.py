"""Answers that are kept for strangers are the same for everybody, whatever the first who asked sent along."""

from __future__ import annotations

from collections.abc import Callable

from flask import Flask

from tests.factories import make_post
from tests.functional.api.client import ApiClient


def test_addresses_in_a_kept_answer_are_those_of_the_site(make_app: Callable[..., Flask]) -> None:
    app = make_app(CACHE_TYPE="shared")
    with app.app_context():
        for title in ("A loaf", "A roll"):
            make_post(title)
        first = ApiClient(app).get("/posts?per_page=1", headers={"Host": "localhost:6666"})
        second = ApiClient(app).get("/posts?per_page=1")
    assert [answer.headers["X-Cache"] for answer in (first, second)] == ["miss", "hit"]
    for answer in (first, second):
        assert answer.json["next"].startswith("http://localhost/api/v1/posts?")
        assert ":6666" not in answer.text + answer.headers["Link"]


def test_a_kept_answer_says_what_it_depends_on(make_app: Callable[..., Flask]) -> None:
    """Else a cache on the way would give to who shows a token, or accepts a text alone, what a stranger was told."""
    app = make_app(CACHE_TYPE="shared")
    with app.app_context():
        post, stranger = make_post("A loaf"), ApiClient(app)
        for path in (f"/posts/{post.id}", "/posts"):
            answers = [stranger.get(path) for _twice in range(2)]
            answers.append(stranger.get(path, headers={"If-None-Match": answers[0].headers["ETag"]}))
            assert [(answer.status_code, answer.headers["X-Cache"]) for answer in answers] == [
                (200, "miss"), (200, "hit"), (304, "hit"),
            ]  # fmt: skip
            for answer in answers:
                assert {"authorization", "accept"} <= {name.lower() for name in answer.vary}
