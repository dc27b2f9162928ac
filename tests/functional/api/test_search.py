"""Search for programs: what the search of the site finds, for the same people, and no more of what is protected."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

from flask import Flask
from selectolax.lexbor import LexborHTMLParser

from cms.lib.clock import utcnow
from tests.clients import PageClient
from tests.factories import make_page, make_post
from tests.functional.api.client import ApiClient, not_there
from tests.functional.api.tokens import program_of
from tests.people import ED, EVERYBODY, NOBODY, Person

As = Callable[[Person], ApiClient]


def found(client: ApiClient, query: str) -> list[str]:
    return [item["title"] for item in client.get(f"/search?{query}").json["items"]]


def test_all_words_must_be_there_and_are_shown_where_they_are(app: Flask, stranger: ApiClient) -> None:
    loaf = make_post("A loaf", text="Cold dough is patient.", at=utcnow() - timedelta(days=1))
    make_post("A walk", text="It was cold outside.")
    page = make_page("About dough", text="And the cold.", at=utcnow() - timedelta(days=2))
    told = stranger.get("/search?q=cold+DOUGH").json
    assert told["items"][0] == {
        "id": loaf.id, "type": "post", "title": "A loaf", "url": "http://localhost/posts/a-loaf/",
        "published_at": loaf.published_at.isoformat().replace("+00:00", "Z"), "snippet": "Cold dough is patient.",
        "snippet_parts": [
            {"text": "Cold", "found": True}, {"text": " ", "found": False}, {"text": "dough", "found": True},
            {"text": " is patient.", "found": False},
        ],
    }  # fmt: skip
    assert (told["items"][1]["id"], told["items"][1]["type"]) == (page.id, "page")
    assert (told["total"], told["pages"]) == (2, 1)
    only = stranger.get("/search?q=walk&fields=title,url").json["items"]
    assert set(only[0]) == {"id", "title", "url"}


def test_each_finds_what_the_search_of_the_site_finds(
    app: Flask, api_as: As, as_: Callable[[Person], PageClient]
) -> None:
    for visibility in ("public", "members", "private"):
        make_post(f"For {visibility}", text="The zebra crossing.", visibility=visibility)
    make_post("Locked", text="The zebra crossing.", visibility="password", password_hash="x")
    make_post("Locked zebra", text="Secret herd.", visibility="password", password_hash="x")
    for state in ("draft", "in_review", "scheduled", "archived", "binned"):
        make_post(f"In {state}", text="The zebra crossing.", state=state)
    told = {person.name: set(found(api_as(person), "q=zebra")) for person in EVERYBODY}
    public, members = {"For public", "Locked zebra"}, {"For public", "For members", "Locked zebra"}
    everything = members | {"For private"}
    assert told == {
        "Nobody": public, "Sue": members, "Con": members, "Art": members, "Ed": everything, "Ada": everything
    }  # fmt: skip
    for person in EVERYBODY:
        shown = LexborHTMLParser(as_(person).get("/search?q=zebra").get_data(as_text=True))
        assert {heading.text() for heading in shown.css(".row-post h2")} == told[person.name], person.name


def test_a_token_finds_no_more_than_it_names(app: Flask) -> None:
    for visibility in ("public", "members", "private"):
        make_post(f"For {visibility}", text="The zebra crossing.", visibility=visibility)
    told = {
        scope: set(found(program_of(app, ED, scope), "q=zebra"))
        for scope in ("content:post:create", "content:members:read", "content:private:read")
    }
    assert told == {
        "content:post:create": {"For public"},
        "content:members:read": {"For public", "For members"},
        "content:private:read": {"For public", "For private"},
    }


def test_what_a_password_protects_is_told_by_nothing_but_its_title(app: Flask, api_as: As) -> None:
    make_post("Locked zebra", text="Secret herd of zebra.", visibility="password", password_hash="x")
    for person in EVERYBODY:
        assert found(api_as(person), "q=secret") == []
        assert found(api_as(person), "q=zebra+herd") == []
        (item,) = api_as(person).get("/search?q=zebra").json["items"]
        assert (item["snippet"], item["snippet_parts"]) == ("", [])


def test_nothing_to_look_for_and_what_is_not_asked_by_is_named(app: Flask, stranger: ApiClient) -> None:
    for query, name in (
        ("", "q"), ("q=", "q"), ("q=%20%20", "q"), ("q=" + "x" * 201, "q"), ("q=a&q=b", "q"),
        ("q=a&sort=title", "sort"),
        ("q=a&author.email=x", "author.email"), ("q=a&fields=body_text", "fields"), ("q=a&page=0", "page"),
        (f"q=a&page={2**63}", "page"), ("q=a&per_page=101", "per_page"), ("q=a&cursor=", "cursor"),
        ("q=a&include=author", "include"), ("q=a&visibility=private", "visibility"),
    ):  # fmt: skip
        answer = stranger.get(f"/search?{query}")
        assert (query, answer.status_code, list(answer.json["errors"])) == (query, 422, [name])
    assert not_there(stranger.get("/search?q=a&cursor=x")) == {"cursor"}


def test_whatever_is_typed_is_text(app: Flask, stranger: ApiClient) -> None:
    make_post("Plain", text="nothing special")
    make_post("Sale", text="100% off_season \\ <b>path</b>")
    for typed, titles in (
        ("%", ["Sale"]), ("_", ["Sale"]), ("\\", ["Sale"]), ("' OR 1=1 --", []), ("<script>", []), ("(" * 200, []),
        ("\u202e\ud7ff", []), ("NOTHING", ["Plain"]), ("word " * 40, []),
    ):  # fmt: skip
        answer = stranger.get("/search", query_string={"q": typed})
        assert [item["title"] for item in answer.json["items"]] == titles, typed
    (sale,) = stranger.get("/search?q=path").json["items"]
    # As text: who shows it says what it is.
    assert sale["snippet"] == "100% off_season \\ <b>path</b>"


def test_pages_are_numbered_and_cursors_stay_right(app: Flask, stranger: ApiClient) -> None:
    for number in range(5):
        make_post(f"Bread {number}", at=utcnow() - timedelta(hours=number + 1))
    first = stranger.get("/search?q=bread&per_page=2").json
    assert (first["total"], first["page"], first["pages"]) == (5, 1, 3)
    assert found(stranger, "q=bread&per_page=2&page=2") == ["Bread 2", "Bread 3"]
    assert found(stranger, "q=bread&per_page=2&page=4") == []
    make_post("Bread for today", at=utcnow() - timedelta(minutes=1))
    second = stranger.get(first["next"].removeprefix("http://localhost"))
    assert [item["title"] for item in second.json["items"]] == ["Bread 2", "Bread 3"]
    assert 'rel="next"' in second.headers["Link"]
    back = stranger.get(second.json["prev"].removeprefix("http://localhost")).json
    assert [item["title"] for item in back["items"]] == ["Bread 0", "Bread 1"]


def test_rows_cost_no_questions(app: Flask, api_as: As, count_queries: Any) -> None:
    def questions(person: Person) -> int:
        api_as(person).get("/search?q=bread&per_page=100")
        with count_queries() as asked:
            api_as(person).get("/search?q=bread&per_page=100")
        return len(asked)

    make_post("Bread")
    few = questions(NOBODY)
    for number in range(20):
        make_post(f"Bread {number}")
    assert questions(NOBODY) == few <= 4
    assert questions(ED) <= 6


def test_strangers_ask_ten_times_a_minute(make_app: Callable[..., Flask]) -> None:
    app = make_app(CMS_API_RATE="600 per minute", CMS_API_RATE_STRANGERS="120 per minute")
    with app.app_context():
        make_post("Bread")
        stranger = ApiClient(app)
        codes = [stranger.get("/search?q=bread").status_code for _try in range(11)]
        assert codes == [200] * 10 + [429]
        refused = stranger.get("/search?q=bread")
        assert (refused.status_code, refused.json["code"]) == (429, "too_many_requests")
        assert int(refused.headers["Retry-After"]) > 0
        # Only the search: and who says who they are goes on.
        assert stranger.get("/posts").status_code == 200
        ed = ApiClient(app).sign_in(ED)
        assert [ed.get("/search?q=bread").status_code for _try in range(11)] == [200] * 11


def test_head_and_who_has_it_already(app: Flask, stranger: ApiClient) -> None:
    make_post("Bread")
    shown = stranger.get("/search?q=bread")
    head = stranger.head("/search?q=bread")
    assert (head.status_code, head.headers["ETag"], head.get_data()) == (200, shown.headers["ETag"], b"")
    again = stranger.get("/search?q=bread", headers={"If-None-Match": shown.headers["ETag"]})
    assert again.status_code == 304
    assert stranger.post("/search?q=bread", check=False).status_code == 405
