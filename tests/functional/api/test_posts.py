"""Posts for programs: the same rights, states and texts as in the back office."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

from flask import Flask
from sqlalchemy import func, select
from werkzeug.test import TestResponse

from cms.content.models import Post, Revision
from cms.core.db import current_session
from cms.lib.clock import utcnow
from tests.factories import make_page, make_post, make_term, user
from tests.functional.api.client import ApiClient, not_there
from tests.people import ADA, ART, CON, ED, Person

Counting = Callable[[], Any]
As = Callable[[Person], ApiClient]
MOMENT = "2030-01-01T08:00:00Z"


def begin(client: ApiClient, **fields: Any) -> dict[str, Any]:
    answer = client.post(
        "/posts", json={"title": "A loaf", "body": "Some *words*.", "body_format": "markdown"} | fields
    )
    assert answer.status_code == 201, answer.text
    made: dict[str, Any] = answer.json
    return made


def test_create_post(app: Flask, api_as: As) -> None:
    """A handbook's scenario. Ours answers with the whole post, begins a draft, and names it in `Location`."""
    made = begin(api_as(ART))
    assert (made["title"], made["state"], made["author_ids"], made["version"]) == ("A loaf", "draft", [user(ART).id], 2)
    kept = current_session().get_one(Post, made["id"])
    assert (kept.title, kept.body_text) == ("A loaf", "Some words.")
    answer = api_as(ART).post("/posts", json={"title": "Another"})
    assert api_as(ART).get(answer.headers["Location"].removeprefix("http://localhost")).json["title"] == "Another"


def test_what_is_made_is_named_by_the_address_of_the_site(app: Flask, api_as: As) -> None:
    """Another request may be given the kept answer, by another host (RFC 9110, 10.2.2)."""
    made = api_as(ART).post("/posts", json={"title": "A loaf"}, headers={"Host": "localhost:6666"})
    assert made.headers["Location"] == f"{app.config['CMS_BASE_URL']}/api/v1/posts/{made.json['id']}"


def test_who_may_begin_posts_and_see_none_hears_that_it_is_there(app: Flask, api_as: As) -> None:
    """Else a program would take it for lost and send it again."""
    sent = {"name": "Notes", "scopes": ["content:post:create"], "days": 7}
    script = ApiClient(app, api_as(ADA).post("/me/tokens", json=sent).json["token"])
    answer = script.post("/posts", json={"title": "Notes of the night"})
    assert (answer.status_code, answer.json["title"], answer.json["state"]) == (201, "Notes of the night", "draft")
    assert script.get(f"/posts/{answer.json['id']}").status_code == 404


def test_list_posts(app: Flask, api_as: As, stranger: ApiClient) -> None:
    """A handbook's scenario. Ours answers with an envelope, counts what is cheap to count, and knows cursors."""
    make_post("Out", at=utcnow() - timedelta(days=1))
    make_post("Further out", at=utcnow() - timedelta(days=2))
    make_post("A draft", state="draft", author=ART)
    listed = stranger.get("/posts").json
    assert [item["title"] for item in listed["items"]] == ["Out", "Further out"]
    assert {name: listed[name] for name in ("total", "page", "per_page", "pages", "next", "prev")} == {
        "total": 2, "page": 1, "per_page": 20, "pages": 1, "next": None, "prev": None
    }  # fmt: skip
    assert "version" not in listed["items"][0]
    everything = api_as(ED).get("/posts").json
    assert {item["title"] for item in everything["items"]} == {"Out", "Further out", "A draft"}
    assert [item["title"] for item in api_as(ART).get("/posts?state=draft").json["items"]] == ["A draft"]
    assert api_as(CON).get("/posts?state=draft").json["items"] == []


def test_a_patch_leaves_the_rest_and_a_put_does_not(app: Flask, api_as: As) -> None:
    kitchen, bread = make_term("category", "Kitchen"), make_term("tag", "bread")
    made = begin(api_as(ED), excerpt="Short", category_ids=[kitchen.id], tag_ids=[bread.id], sticky=True)
    patched = api_as(ED).patch(f"/posts/{made['id']}", json={"tag_ids": []}).json
    assert (patched["excerpt"], patched["category_ids"], patched["tag_ids"]) == ("Short", [kitchen.id], [])
    assert patched["sticky"] is True
    put = api_as(ED).put(f"/posts/{made['id']}", json={"title": "Whole", "body": {"type": "doc", "content": []}}).json
    assert (put["title"], put["excerpt"], put["category_ids"], put["sticky"]) == ("Whole", "", [], False)
    assert put["author_ids"] == [user(ED).id]


BAD: list[dict[str, Any]] = [
    {"id": 9}, {"author_id": 1}, {"state": "published"}, {"version": 1}, {"published_at": MOMENT}, {"url": "/"},
    {"password_hash": "x"}, {"created_by_id": 1}, {"meta": {}}, {"kind": "page"}, {"parent_id": 1},
    {"sticky": "yes"}, {"sticky": 1}, {"title": None}, {"title": 7}, {"category_ids": ["1"]}, {"author_ids": [-1]},
    {"author_ids": [True]}, {"author_ids": []}, {"body": 7}, {"body": {"type": "page"}}, {"visibility": "secret"},
    {"password": "x"}, {"canonical_url": "javascript:alert(1)"}, {"category_ids": [999]}, {"featured_media_id": 999},
    {"title": "x" * 501},
]  # fmt: skip


def test_what_cannot_be_taken_is_named_and_changes_nothing(app: Flask, api_as: As) -> None:
    made = begin(api_as(ED))
    before = current_session().scalar(select(func.count(Revision.id)))
    wrong = {}
    for sent in BAD:
        answer = api_as(ED).patch(f"/posts/{made['id']}", json=sent)
        named = {name.partition(".")[0] for name in answer.json.get("errors", {})}
        if answer.status_code != 422 or named != sent.keys() or answer.json["message"] != answer.json["detail"]:
            wrong[str(sent)] = (answer.status_code, named)
    assert wrong == {}
    half = api_as(ED).patch(f"/posts/{made['id']}", json={"body": "words"})
    assert list(half.json["errors"]) == ["body_format"]
    other_half = api_as(ED).patch(f"/posts/{made['id']}", json={"body_format": "html"})
    assert list(other_half.json["errors"]) == ["body"]
    current_session().rollback()
    assert current_session().scalar(select(func.count(Revision.id))) == before


def test_who_has_it_already_is_told_so(app: Flask, api_as: As, stranger: ApiClient) -> None:
    post_id = make_post("Out", author=ART).id
    answer = stranger.get(f"/posts/{post_id}")
    again = stranger.get(f"/posts/{post_id}", headers={"If-None-Match": answer.headers["ETag"]})
    assert (again.status_code, again.get_data()) == (304, b"")
    listed = stranger.get("/posts")
    assert stranger.get("/posts", headers={"If-None-Match": listed.headers["ETag"]}).status_code == 304
    # Somebody else is told other things at the same address.
    assert "Authorization" in answer.headers["Vary"]
    assert api_as(ED).get(f"/posts/{post_id}").headers["ETag"] != answer.headers["ETag"]


def told(answer: TestResponse) -> tuple[int, str]:
    refused: Any = answer.json
    return answer.status_code, refused["code"]


def test_dates_that_no_clock_shows_are_refused(app: Flask, api_as: As) -> None:
    post = f"/posts/{begin(api_as(ED))['id']}"
    for at in ("0001-01-01T00:00:00Z", "0999-12-31T23:59:59Z", "0001-01-01T00:00:00+14:00"):
        assert api_as(ED).post(f"{post}/publish", json={"at": at}).json["errors"].keys() == {"at"}, at
    for at in ("9999-12-31T23:59:59Z", "9001-01-01T00:00:00Z", "9999-12-31T23:59:59-10:00"):
        assert api_as(ED).post(f"{post}/schedule", json={"at": at}).json["errors"].keys() == {"at"}, at
    assert api_as(ED).get(post).json["state"] == "draft"


def test_what_a_password_protects_is_told_by_its_title_alone(app: Flask, api_as: As, stranger: ApiClient) -> None:
    secret = {"title": "For guests", "body": "Under the mat.", "excerpt": "Where it is", "seo_description": "The mat"}
    sent = secret | {"body_format": "markdown", "visibility": "password", "password": "the ferry"}
    made = begin(api_as(ED), **sent)
    api_as(ED).post(f"/posts/{made['id']}/publish")
    for path in (f"/posts/{made['id']}", f"/posts/{made['id']}?format=rendered", "/posts?search=guests"):
        text = stranger.get(path).text
        assert "For guests" in text
        assert "mat" not in text.replace("format", "")
        assert "Where it is" not in text
    assert stranger.get("/posts?search=mat").json["items"] == []
    for accepted in ("text/markdown", "text/html"):
        assert stranger.get(f"/posts/{made['id']}", headers={"Accept": accepted}).status_code == 404
    assert "password" not in api_as(ED).get(f"/posts/{made['id']}").json
    kept = api_as(ED).patch(f"/posts/{made['id']}", json={"title": "For all guests"}).json
    assert kept["visibility"] == "password"


def test_mail_addresses_are_told_to_nobody(app: Flask, api_as: As, stranger: ApiClient) -> None:
    post_id = make_post("Out", author=ART).id
    for client in (stranger, api_as(ADA)):
        for path in (f"/posts/{post_id}?include=authors", "/posts?include=authors,tags,categories,featured_media"):
            assert "@" not in client.get(path).text


BAD_QUERIES = (
    "sort=password", "sort=password_hash", "sort=authors.email", "sort=-created_by.fs_uniquifier", "sort=",
    "include=revisions", "include=authors.roles", "include=created_by", "include=password", "fields=password_hash",
    "fields=authors.email", "fields=meta", "filter[authors][email]=a", "filter=1", "author.email=a",
    "author_id=0", "author_id=x", "author_id=1&author_id=2", "state=any", "created_by_id=1", "per_page=0",
    "per_page=101", "page=0", "page=9223372036854775808", "cursor=", "search=" + "x" * 201,
    "published_after=yesterday", "published_after=2026-01-01", "visibility=all", "total=perhaps",
    "slug=", "slug=" + "x" * 201, "updated_after=yesterday", "updated_after=2026-01-01", "view=newest", "format=text",
)  # fmt: skip


def test_lists_are_narrowed_and_sorted_by_what_is_named_alone(stranger: ApiClient) -> None:
    wrong = {}
    for query in BAD_QUERIES:
        answer = stranger.get(f"/posts?{query}")
        name = query.split("&")[-1].partition("=")[0]
        if answer.status_code != 422 or name not in answer.json["errors"]:
            wrong[query] = answer.text
    assert wrong == {}


def test_what_is_included_comes_with_the_fields_that_are_chosen(app: Flask, stranger: ApiClient) -> None:
    post_id = make_post("Out", author=ART, terms=(make_term("tag", "bread"),)).id
    for query, names in (
        ("include=authors&fields=title", {"id", "title", "authors"}),
        ("include=authors,tags&fields=tags", {"id", "authors", "tags"}),
        ("fields=author_ids", {"id", "author_ids"}),
        ("fields=title,authors", {"id", "title", "authors"}),
        ("fields=featured_media&include=tags", {"id", "featured_media", "tags"}),
    ):
        listed, alone = stranger.get(f"/posts?{query}").json["items"][0], stranger.get(f"/posts/{post_id}?{query}").json
        assert listed == alone
        assert alone.keys() == names


def test_a_cursor_that_is_none_of_ours_leads_nowhere_else(stranger: ApiClient) -> None:
    make_post("Out")
    for cursor in ("x", "eyJhIjoxfQ", "WyJhZnRlciIsbnVsbCwieCJd", "WyJhZnRlciIsImEiLDFd", "'" * 30):
        assert not_there(stranger.get(f"/posts?cursor={cursor}")) == {"cursor"}


def test_with_a_cursor_a_page_says_nothing(stranger: ApiClient) -> None:
    for name in ("A", "B", "C"):
        make_post(name)
    following = stranger.get("/posts?per_page=1&sort=title").json["next"].removeprefix("http://localhost")
    for page in (1, 3):
        told = stranger.get(f"{following}&page={page}").json
        assert ([item["title"] for item in told["items"]], told["page"]) == (["B"], None)


def test_pages_stay_right_while_posts_are_added(app: Flask, stranger: ApiClient) -> None:
    now = utcnow()
    for day in range(7):
        make_post(f"Day {day}", at=now - timedelta(days=day + 1))
    first = stranger.get("/posts?per_page=3").json
    make_post("News", at=now - timedelta(hours=1))
    second = stranger.get(first["next"].removeprefix("http://localhost")).json
    third = stranger.get(second["next"].removeprefix("http://localhost")).json
    seen = [item["title"] for part in (first, second, third) for item in part["items"]]
    assert seen == [f"Day {day}" for day in range(7)]
    assert third["next"] is None
    back = stranger.get(second["prev"].removeprefix("http://localhost")).json
    assert [item["title"] for item in back["items"]] == ["Day 0", "Day 1", "Day 2"]
    linked = stranger.get("/posts?per_page=3&sort=title").headers["Link"]
    assert 'rel="next"' in linked
    assert 'rel="first"' in linked
    numbered = stranger.get("/posts?per_page=3&page=2").json
    assert [item["title"] for item in numbered["items"]] == ["Day 2", "Day 3", "Day 4"]
    assert (numbered["total"], numbered["pages"], numbered["page"]) == (8, 3, 2)


def test_a_list_costs_the_same_whatever_it_holds(
    app: Flask, api_as: As, stranger: ApiClient, count_queries: Any
) -> None:
    bread, kitchen = make_term("tag", "bread"), make_term("category", "Kitchen")
    ed = api_as(ED)
    asked: dict[int, list[int]] = {}
    for number in range(6):
        make_post(f"Number {number}", author=(ART, ED)[number % 2], terms=(bread, kitchen))
        if number in (0, 5):
            costs = []
            for client, query in (
                (stranger, ""), (ed, ""), (ed, "?include=authors,categories,tags,featured_media"), (ed, "?per_page=1"),
            ):  # fmt: skip
                with count_queries() as statements:
                    client.get(f"/posts{query}")
                costs.append(len(statements))
            asked[number] = costs
    assert asked[0] == asked[5]
    assert max(asked[5]) <= 6, asked


def test_one_post_is_read_in_few_questions(app: Flask, api_as: As, stranger: ApiClient, count_queries: Any) -> None:
    post_id = make_post("Out", author=ART).id
    ed = api_as(ED)
    for client, most in ((stranger, 4), (ed, 7)):
        with count_queries() as statements:
            client.get(f"/posts/{post_id}")
        assert len(statements) <= most, statements


def test_heads_and_options(app: Flask, api_as: As, stranger: ApiClient) -> None:
    post_id = make_post("Out").id
    head, body = stranger.head(f"/posts/{post_id}"), stranger.get(f"/posts/{post_id}")
    assert (head.status_code, head.get_data(), head.headers["ETag"]) == (200, b"", body.headers["ETag"])
    assert stranger.options(f"/posts/{post_id}").headers["Allow"] == "DELETE, GET, HEAD, OPTIONS, PATCH, PUT"
    wrong = stranger.post(f"/posts/{post_id}", json={}, check=False)
    assert (wrong.status_code, wrong.headers["Allow"]) == (405, "DELETE, GET, HEAD, OPTIONS, PATCH, PUT")
    assert stranger.get(f"/posts/{post_id}/", check=False).status_code == 404
    assert stranger.get(f"/posts/{2**63}").status_code == 404
    assert stranger.get(f"/posts/{make_page('A page').id}").status_code == 404
