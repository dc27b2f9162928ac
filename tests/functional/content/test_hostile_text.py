"""Characters that are no text: kept out on every database, and no address is broken by them."""

from __future__ import annotations

import json
from typing import Any

import pytest
from flask import Flask

from cms.content.actions.create_term import create_term
from cms.content.models import Entry
from cms.core.db import current_session, transaction
from cms.core.errors import Invalid
from cms.core.permissions import system_user
from tests.clients import PageClient
from tests.factories import make_post
from tests.people import ED, PASSWORD

PATHS = (
    "/%00", "/posts/a%00b/", "/a%00b/", "/category/a%00/", "/tag/a%00/", "/author/%00/", "/archive/%00/",
    "/media/%00/x", "/%00/feed/", "/reset/%00", "/preview/%00",
)  # fmt: skip
QUERIES = ("/?p=%00", "/?page=%00", "/search?q=%00a", "/search?q=%00", "/?cat=%00&feed=%00", "/feed.xml?%00=%00")


def test_no_address_with_a_nul_is_an_error_of_ours(either: Flask) -> None:
    client, inside = either.test_client(), either.test_client()
    assert isinstance(inside, PageClient)
    inside.sign_in(ED)
    for path in PATHS:
        assert [who.get(path).status_code for who in (client, inside)] == [404, 404], path
    for path in QUERIES:
        assert client.get(path).status_code < 500, path
    for path in ("/admin/%00", "/admin/posts/%00/", "/admin/posts/1%00/delete/"):
        assert inside.get(path).status_code == 404, path
    for path in ("/admin/posts/?q=%00a", "/admin/posts/?state=%00", "/admin/media/?q=%00", "/admin/tags/?q=%00"):
        assert inside.get(path).status_code < 500, path


def test_what_is_no_text_is_left_out_of_entries(either: Flask) -> None:
    client = either.test_client()
    assert isinstance(client, PageClient)
    client.sign_in(ED)
    odd = "a\x00b\x07c\x85"
    for field in ("title", "excerpt", "slug", "seo_title", "seo_description", "body_markdown"):
        answer = client.submit("/admin/posts/new/", {"title": "x", field: odd}, button=("act", "save"))
        assert answer.status_code == 303, field
    for text in ("a\x00b", "a\ud800b"):
        paragraph: dict[str, Any] = {"type": "paragraph", "content": [{"type": "text", "text": text}]}
        body = json.dumps({"type": "doc", "content": [paragraph]})
        answer = client.submit("/admin/posts/new/", {"title": "x", "body_json": body}, button=("act", "save"))
        assert answer.status_code in (303, 422), text
    for entry in current_session().query(Entry).order_by(Entry.id):
        kept = [entry.title, entry.slug, entry.excerpt, entry.seo_title, entry.seo_description, entry.body_text]
        assert not any(char in "".join(kept) for char in "\x00\x07\x85\ud800")


@pytest.mark.parametrize("field", ["tags", "new_category"])
def test_what_is_no_text_makes_no_error_of_ours_in_terms(either: Flask, field: str) -> None:
    client = either.test_client()
    assert isinstance(client, PageClient)
    client.sign_in(ED)
    answer = client.submit("/admin/posts/new/", {"title": "x", field: "a\x00b"}, button=("act", "save"))
    assert answer.status_code in (303, 422)


def test_what_no_database_takes_is_said_in_a_sentence(either: Flask) -> None:
    if current_session().get_bind().dialect.name == "sqlite":
        return
    with pytest.raises(Invalid, match="no text"), transaction():
        create_term("tag", name="x" * 150, description="a\x00b", by=system_user())


def test_nobody_signs_in_with_a_nul(either: Flask) -> None:
    client = either.test_client()
    assert isinstance(client, PageClient)
    for email, password in (
        ("a\x00@example.com", "x"),
        (ED.email, "a\x00b"),
        ("\x00", "\x00"),
        (ED.email + "\x00", PASSWORD),
    ):
        answer = client.submit("/login", {"email": email, "password": password})
        assert answer.status_code < 500


def test_letters_are_put_together(either: Flask) -> None:
    post = make_post("Cafe\u0301")
    assert (post.title, post.address) == ("Café", "/posts/café/")
