"""Who comes in: strangers are sent away alike, people see what is theirs, and every answer is closed."""

from __future__ import annotations

import re
from collections.abc import Callable
from itertools import product
from typing import Any

import pytest
from flask import Flask

from tests.clients import PageClient
from tests.factories import make_page, make_post
from tests.people import ADA, ART, CON, ED, SUE, Person

PATHS = (
    "/admin", "/admin/", "/admin/posts/", "/admin/posts/1/", "/admin/posts/new/", "/admin/posts/bulk/",
    "/admin/posts/1/delete/", "/admin/users/", "/admin/media/upload.json", "/admin/media/picker.json",
    "/admin/settings/", "/admin/find.json", "/admin/nowhere/at/all", "/admin/posts/ajax/update/",
)  # fmt: skip
CONFUSED = (
    "/admin//posts/",
    "//admin/posts/",
    "/admin/posts;x/",
    "/admin/posts%2f1/",
    "/admin/posts.json",
    "/admin/%2e%2e/",
)
METHODS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE")
As = Callable[[Person], PageClient]


def test_stranger_gets_the_same_redirect_for_any_path(client: PageClient) -> None:
    for path, method in product(PATHS, METHODS):
        answer = client.open(path, method=method)
        assert answer.status_code == 302, (path, method)
        assert answer.headers["Location"].startswith("/login?next=%2Fadmin")
        assert answer.data == b""


def test_stranger_learns_nothing_from_confused_paths(client: PageClient) -> None:
    for path in CONFUSED:
        answer = client.get("/", environ_overrides={"PATH_INFO": path})
        assert answer.status_code in (302, 404), path
        if answer.status_code == 302:
            assert "/login" in answer.headers["Location"]
            assert answer.data == b""


def test_stranger_is_not_told_whether_a_post_exists(app: Flask, client: PageClient) -> None:
    post = make_post("A loaf")
    there, nowhere = client.get(f"/admin/posts/{post.id}/"), client.get("/admin/posts/99999/")
    assert (there.status_code, there.data) == (nowhere.status_code, nowhere.data)
    assert set(dict(there.headers)) == set(dict(nowhere.headers))


def test_way_back_leads_to_the_page_that_was_asked_for(client: PageClient) -> None:
    answer = client.get("/admin/posts/?state=draft&q=a%20b")
    assert answer.headers["Location"] == "/login?next=%2Fadmin%2Fposts%2F%3Fstate%3Ddraft%26q%3Da%2520b"


SEEN = (
    (SUE, {"/admin/": 404, "/admin/posts/": 404, "/admin/nowhere": 404, "/admin/profile/": 200}),
    (CON, {"/admin/": 200, "/admin/posts/": 200, "/admin/pages/": 404, "/admin/users/": 404, "/admin/settings/": 404}),
    (ART, {"/admin/users/": 404, "/admin/categories/": 404, "/admin/roles/author/": 200, "/admin/tags/new/": 200}),
    (ED, {"/admin/users/": 200, "/admin/users/new/": 403, "/admin/settings/": 404}),
    (ADA, {"/admin/settings/": 200, "/admin/users/new/": 200}),
)


def test_people_see_what_is_theirs(as_: As) -> None:
    for person, expected in SEEN:
        assert {path: as_(person).get(path).status_code for path in expected} == expected, person


def test_navigation_shows_only_what_can_be_used(as_: As) -> None:
    words = {
        person.name: [link.text(strip=True) for link in as_(person).page("/admin/").css(".mh-nav__text")]
        for person in (CON, ADA)
    }
    assert words["Con"] == ["Dashboard", "Posts", "Media", "Roles"]
    assert words["Ada"][-2:] == ["Settings", "Record"]


def test_forbidden_says_who_is_asked_and_who_can_help(as_: As) -> None:
    page = as_(ED).page("/admin/users/new/")
    text = page.css_first("main").text()
    assert "Not allowed (403)" in text
    assert page.css_first("h1").text() == "You may not do this"
    assert "You are signed in as Ed (Editor). An admin can change what your role allows. Nothing was changed." in text
    assert "Admins here: Ada." in text


def test_what_others_wrote_is_not_there_for_an_author(as_: As) -> None:
    post = make_post("Somebody else's", author=ED, state="draft")
    client = as_(ART)
    token = client.csrf_token("/admin/posts/new/")
    assert client.get(f"/admin/posts/{post.id}/").status_code == 404
    assert client.post(f"/admin/posts/{post.id}/", data={"csrf_token": token, "title": "Mine now"}).status_code == 404
    assert client.get(f"/admin/posts/{post.id}/delete/").status_code == 404
    assert client.post(f"/admin/posts/{post.id}/delete/", data={"csrf_token": token}).status_code == 404
    assert "Somebody else" not in client.get("/admin/posts/").get_data(as_text=True)
    assert client.get("/admin/find.json?q=Somebody").get_json() == {"items": []}


def test_a_post_is_no_page(as_: As) -> None:
    post, page = make_post("A post"), make_page("A page")
    assert as_(ADA).get(f"/admin/pages/{post.id}/").status_code == 404
    assert as_(ADA).get(f"/admin/posts/{page.id}/").status_code == 404


ADDRESSES = (
    "/admin/", "/admin/posts/", "/admin/posts/new/", "/admin/pages/", "/admin/categories/", "/admin/tags/new/",
    "/admin/media/", "/admin/users/", "/admin/users/new/", "/admin/roles/", "/admin/profile/", "/admin/settings/",
    "/admin/find/?q=a", "/admin/nowhere",
)  # fmt: skip


def test_every_page_is_closed_and_never_stored(as_: As) -> None:
    client, seen = as_(ADA), set[str]()
    for path in ADDRESSES:
        answer = client.get(path)
        policy, text = answer.headers["Content-Security-Policy"], answer.get_data(as_text=True)
        nonce = re.findall(r"'nonce-([\w-]+)'", policy)
        assert policy.startswith("default-src 'none'; script-src 'nonce-"), path
        assert "unsafe" not in policy
        assert answer.headers["Cache-Control"] == "no-store, private"
        assert answer.headers["X-Content-Type-Options"] == "nosniff"
        assert set(re.findall(r'nonce="([^"]*)"', text)) == set(nonce)
        assert not re.search(r"<script(?![^>]*\bsrc=)", text)
        assert not re.search(r"\s(?:on\w+|style)=", text)
        assert not re.search(r"(?:src|href|action)=\"(?:https?:)?//", text)
        seen.update(nonce)
    assert len(seen) == len(ADDRESSES)


def test_no_part_of_flask_admins_pages_is_loaded(as_: As) -> None:
    text = as_(ADA).get("/admin/posts/").get_data(as_text=True)
    assert "jquery" not in text.lower()
    assert "bootstrap4" not in text
    assert as_(ADA).get("/admin/static/vendor/jquery.min.js").status_code == 404


WALLED_UP = (
    "/admin/posts/ajax/update/", "/admin/posts/ajax/lookup/?name=author&query=a", "/admin/posts/export/csv/",
    "/admin/users/details/?id=1", "/admin/posts/action/", "/admin/posts/edit/?id=1",
)  # fmt: skip


def test_flask_admins_own_doors_are_walled_up(as_: As) -> None:
    client = as_(ADA)
    data = {"csrf_token": client.csrf_token("/admin/posts/new/"), "list_form_pk": "1", "title": "x"}
    for path in WALLED_UP:
        assert client.get(path).status_code == 404, path
        assert client.post(path, data=data).status_code == 404, path


WRITING = (
    "/admin/posts/new/",
    "/admin/posts/bulk/",
    "/admin/draft/",
    "/admin/settings/",
    "/admin/users/new/",
    "/admin/tags/new/",
)


def test_nothing_is_written_without_the_token(as_: As) -> None:
    data: dict[str, Any] = {"title": "Forged", "name": "Forged", "act": "publish", "id": "1"}
    for path, token in product(WRITING, ({}, {"csrf_token": ""}, {"csrf_token": "wrong"})):
        assert as_(ADA).post(path, data=data | token).status_code == 400, path
    assert "Forged" not in as_(ADA).get("/admin/posts/").get_data(as_text=True)


@pytest.mark.parametrize(
    ("came_from", "leads_to"),
    [
        ("http://localhost/admin/posts/1/", "/login?next=%2Fadmin%2Fposts%2F1%2F"),
        ("http://localhost/posts/loaf/", "/login?next=%2Fadmin%2F"),
        ("http://evil.example/admin/posts/1/", "/login?next=%2Fadmin%2F"),
        ("", "/login?next=%2Fadmin%2F"),
    ],
)
def test_a_form_sent_after_the_session_ended_leads_back_to_its_page(
    client: PageClient, came_from: str, leads_to: str
) -> None:
    answer = client.post("/admin/posts/1/", headers={"Referer": came_from})
    assert (answer.status_code, answer.headers["Location"], answer.data) == (302, leads_to, b"")
