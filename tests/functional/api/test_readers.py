"""Readers are told what the site shows them, and nothing beside it: not by pictures, orders, filters or addresses."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import timedelta

import pytest
from flask import Flask

from cms.accounts.passwords import hash_password
from cms.content.actions import edit_entry
from cms.content.models import Entry
from cms.content.saving import working_fields
from cms.core.db import transaction
from cms.core.pagination import decode_cursor
from cms.core.permissions import system_user
from cms.extensions import db
from cms.lib.clock import utcnow
from tests.factories import make_post, user
from tests.factories.media import make_media
from tests.functional.api.client import ApiClient
from tests.people import ADA, ART, CON, ED, NOBODY, SUE, Person

As = Callable[[Person], ApiClient]


def save_draft(entry_id: int, title: str) -> None:
    with transaction():
        entry = db.session.get_one(Entry, entry_id)
        edit_entry.edit_entry(entry, working_fields(entry).changed(title=title), by=system_user())


def test_the_picture_of_a_locked_text_is_locked_with_it(app: Flask, api_as: As) -> None:
    media = make_media("secret-plan.jpg", alt="The plan, in words")
    options = {"visibility": "password", "password_hash": hash_password("open please"), "featured_media_id": media.id}
    post = make_post("Locked", **options)
    for person in (NOBODY, SUE, CON):
        for path in (f"/posts/{post.id}?include=featured_media", "/posts?include=featured_media"):
            answer = api_as(person).get(path)
            assert "plan" not in answer.text, (person, path)
        assert api_as(person).get(f"/posts/{post.id}?fields=featured_media_id").json["featured_media_id"] is None
    assert api_as(ED).get(f"/posts/{post.id}?include=featured_media").json["featured_media"]["id"] == media.id


def test_nobody_else_hears_that_a_draft_waits(app: Flask, api_as: As) -> None:
    post = make_post("Out", author=ART)
    save_draft(post.id, "Something else")
    for person, found in ((NOBODY, 0), (SUE, 0), (CON, 0), (ART, 1), (ED, 1), (ADA, 1)):
        assert api_as(person).get("/posts?state=newer").json["total"] == found, person


@pytest.mark.parametrize("sort", ["updated_at", "-updated_at", "created_at", "-created_at"])
def test_no_order_tells_readers_when_drafts_are_saved(app: Flask, api_as: As, sort: str) -> None:
    older = make_post("Older", at=utcnow() - timedelta(days=9))
    make_post("Newer", at=utcnow() - timedelta(days=1))
    save_draft(older.id, "Older, still to come")
    falling = sort.startswith("-")
    for person in (NOBODY, SUE, CON, ART):
        told = api_as(person).get(f"/posts?sort={sort}&per_page=1").json
        assert [item["title"] for item in told["items"]] == (["Newer"] if falling else ["Older"])
        place = decode_cursor(told["next"].rpartition("=")[2], 3)
        assert place is not None
        assert str(place[1])[:16] == told["items"][0]["published_at"][:16]
    assert api_as(ED).get("/posts?sort=-updated_at").json["items"][0]["id"] == older.id


def test_what_somebody_may_edit_is_sorted_by_when_it_was_saved(app: Flask, api_as: As) -> None:
    older = make_post("Older", at=utcnow() - timedelta(days=9), author=ART)
    make_post("Newer", at=utcnow() - timedelta(days=1), author=ART)
    make_post("Another's", at=utcnow() - timedelta(days=2))
    save_draft(older.id, "Older, still to come")
    art = api_as(ART)
    titles = [item["title"] for item in art.get("/posts").json["items"]]
    assert titles == ["Newer", "Another's", "Older, still to come"]
    for query in ("", "&sort=-updated_at"):
        listed = art.get(f"/posts?author_id={user(ART).id}{query}").json["items"]
        assert [item["title"] for item in listed] == ["Older, still to come", "Newer"]
    begun = [art.post("/posts", json={"title": title}).json["id"] for title in ("First", "Second")]
    art.patch(f"/posts/{begun[0]}", json={"title": "First again"})
    assert [item["id"] for item in art.get("/posts?state=draft").json["items"]] == begun


def test_addresses_of_what_is_hidden_are_not_told(app: Flask, api_as: As) -> None:
    hidden = make_post("Secret merger", state="draft")
    link = {"type": "link", "attrs": {"href": "/posts/secret-merger/", "entryId": hidden.id}}
    plain = {"type": "link", "attrs": {"href": "https://example.com/open"}}
    words = [{"type": "text", "text": "here", "marks": [link]}, {"type": "text", "text": "there", "marks": [plain]}]
    post = make_post("Out", body={"type": "doc", "content": [{"type": "paragraph", "content": words}]})
    for form in ("json", "html", "markdown", "rendered"):
        answer = api_as(NOBODY).get(f"/posts/{post.id}?format={form}&fields=body")
        told = json.dumps(answer.json["body"])
        assert ("merger" in told, "example.com/open" in told) == (False, True), form
    assert "merger" in json.dumps(api_as(ED).get(f"/posts/{post.id}?format=json").json["body"])


def test_a_moment_that_no_clock_in_utc_shows_is_refused(app: Flask, stranger: ApiClient) -> None:
    for query, name in (
        ("published_after=0001-01-01T00:00:00%2B14:00", "published_after"),
        ("published_before=9999-12-31T23:59:59-10:00", "published_before"),
        ("updated_after=0001-01-01T00:00:00%2B14:00", "updated_after"),
    ):
        answer = stranger.get(f"/posts?{query}")
        assert (answer.status_code, list(answer.json["errors"])) == (422, [name]), answer.text
