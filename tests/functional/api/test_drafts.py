"""Drafts beside what readers see: one answer tells one save, in lists as alone."""

from collections.abc import Callable, Iterator, Mapping
from datetime import timedelta
from typing import Any

import pytest
from flask import Flask

from cms.core.db import current_session, transaction
from cms.lib.clock import utcnow
from cms.media.models import MediaFile
from tests.factories import body_of, make_page, make_post, make_term, user
from tests.factories.media import make_media
from tests.functional.api.client import ApiClient
from tests.needs import needs
from tests.people import ADA, ART, CON, ED, Person

As = Callable[[Person], ApiClient]
ALL_PARTS = "include=authors,categories,tags,featured_media"


def row_of(client: ApiClient, post_id: int, query: str = "") -> dict[str, Any]:
    """Return how a list tells a post; AssertionError where it does not."""
    found: Any = client.get(f"/posts?{query}").json
    return next(item for item in found["items"] if item["id"] == post_id)


def change_all(client: ApiClient, post_id: int, number: int = 0) -> Mapping[str, Any]:
    """Save a draft beside a post that differs from it in everything, and return what was sent."""
    rye, bakery = make_term("tag", f"rye {number}"), make_term("category", f"Bakery {number}")
    sent = {
        "title": f"After {number}", "slug": f"after-{number}", "body": body_of("Three new words."),
        "featured_media_id": make_media(by=user(ED), alt="New").id, "author_ids": [user(CON).id, user(ED).id],
        "tag_ids": [rye.id], "category_ids": [bakery.id],
    }  # fmt: skip
    answer = client.patch(f"/posts/{post_id}", json=sent)
    assert answer.status_code == 200, answer.text
    return sent


def make_live(title: str = "Before") -> int:
    terms = (make_term("tag", "bread"), make_term("category", "Kitchen"))
    picture = make_media(by=user(ED), alt="Old")
    return make_post(title, author=ART, terms=terms, text="Old.", featured_media_id=picture.id).id


def test_one_answer_tells_one_save(app: Flask, api_as: As, stranger: ApiClient) -> None:
    post_id, ed = make_live(), api_as(ED)
    before = stranger.get(f"/posts/{post_id}?{ALL_PARTS}").json
    sent = change_all(ed, post_id)
    for shown in (ed.get(f"/posts/{post_id}?{ALL_PARTS}").json, row_of(ed, post_id, ALL_PARTS)):
        told = {name: shown[name] for name in sent if name != "body"}
        assert told == {name: value for name, value in sent.items() if name != "body"}
        assert (shown["summary"], shown["word_count"]) == ("Three new words.", 3)
        assert [person["id"] for person in shown["authors"]] == sent["author_ids"]
        assert [person["name"] for person in shown["authors"]] == ["Con", "Ed"]
        assert (shown["featured_media"]["id"], shown["featured_media"]["alt"]) == (sent["featured_media_id"], "New")
        assert [(term["id"], term["path"]) for term in shown["tags"]] == [(sent["tag_ids"][0], "rye-0")]
        assert shown["categories"][0]["url"].endswith("/category/bakery-0/")
    assert stranger.get(f"/posts/{post_id}?{ALL_PARTS}").json == before
    assert row_of(stranger, post_id, ALL_PARTS)["title"] == "Before"


def test_an_excerpt_of_a_draft_is_its_summary(app: Flask, api_as: As) -> None:
    post_id, ed = make_live(), api_as(ED)
    assert ed.patch(f"/posts/{post_id}", json={"excerpt": "In short"}).json["summary"] == "In short"
    assert row_of(ed, post_id)["summary"] == "In short"


def test_a_list_tells_what_a_single_answer_does(app: Flask, api_as: As) -> None:
    """Else who changes what a list told, at the version that it told, would write over what they never saw."""
    changed, untouched, ed = make_live(), make_post("Untouched", author=ART).id, api_as(ED)
    draft = make_post("A draft", state="draft", author=ART).id
    change_all(ed, changed)
    for post_id in (changed, untouched, draft):
        for view in ("", "&view=working"):
            alone = ed.get(f"/posts/{post_id}?{ALL_PARTS}{view}").json
            listed = row_of(ed, post_id, ALL_PARTS + view)
            assert listed == {name: value for name, value in alone.items() if name not in ("body", "body_format")}
    # Con reads the post on the site and may not edit it, although the draft names him.
    assert row_of(api_as(CON), changed)["title"] == "Before"
    told = row_of(ed, changed)
    item = {"id": changed, "version": told["version"], "excerpt": "Known"}
    assert ed.patch("/posts", json={"items": [item]}).json["results"][0]["item"]["title"] == told["title"]


def test_a_list_tells_what_readers_see_to_who_asks(app: Flask, api_as: As, stranger: ApiClient) -> None:
    post_id, ed = make_live(), api_as(ED)
    make_post("A draft", state="draft", author=ART)
    make_post("To come", state="scheduled", author=ART)
    private = make_post("For some", author=ART, visibility="private").id
    change_all(ed, post_id)
    live = ed.get(f"/posts?view=live&{ALL_PARTS}").json
    assert {item["title"] for item in live["items"]} == {"Before", "For some"}
    assert live["total"] == 2
    # Art's own, which he finds alone, too.
    assert private in {item["id"] for item in api_as(ART).get("/posts?view=live").json["items"]}
    mine = next(item for item in live["items"] if item["id"] == post_id)
    theirs = row_of(stranger, post_id, ALL_PARTS)
    assert {name: mine[name] for name in theirs} == theirs
    assert mine["has_newer_draft"] is True
    assert stranger.get("/posts?view=live").json["items"] == stranger.get("/posts?view=working").json["items"]


def test_what_no_reader_sees_is_not_there_for_who_asks_for_that(app: Flask, api_as: As) -> None:
    ed, states = api_as(ED), ("draft", "in_review", "scheduled", "archived", "binned")
    for post_id in (make_post(f"In {state}", state=state, author=ED).id for state in states):
        for path in (f"/posts/{post_id}?view=live", f"/posts/{post_id}?view=live&format=html"):
            assert ed.get(path).status_code == 404
        assert ed.get(f"/posts/{post_id}?view=live", headers={"Accept": "text/markdown"}).status_code == 404
        assert ed.get(f"/posts/{post_id}?view=working").status_code == 200


def test_searching_goes_by_what_readers_see(app: Flask, api_as: As) -> None:
    post_id, ed = make_live(), api_as(ED)
    change_all(ed, post_id)
    assert [item["title"] for item in ed.get("/posts?search=Before").json["items"]] == ["After 0"]
    assert ed.get("/posts?search=After").json["items"] == []


def test_what_a_draft_names_and_is_gone_is_left_out(app: Flask, api_as: As) -> None:
    post_id, ed = make_live(), api_as(ED)
    sent = change_all(ed, post_id)
    with transaction():
        session = current_session()
        session.delete(session.get_one(MediaFile, sent["featured_media_id"]))
    assert ed.delete(f"/tags/{sent['tag_ids'][0]}").status_code == 204
    for told in (row_of(ed, post_id, ALL_PARTS), ed.get(f"/posts/{post_id}?{ALL_PARTS}").json, row_of(ed, post_id)):
        assert (told["featured_media_id"], told["tag_ids"], told["title"]) == (None, [], "After 0")
    assert row_of(ed, post_id, ALL_PARTS)["featured_media"] is None


def test_a_page_of_a_list_costs_six_questions_at_most(app: Flask, api_as: As, count_queries: Any) -> None:
    ids, ed = [make_live(f"Number {number}") for number in range(7)], api_as(ED)
    queries = ("per_page=5", f"per_page=5&{ALL_PARTS}", "fields=body&format=markdown", "fields=body&format=rendered")

    def costs() -> list[int]:
        found = []
        for query in queries:
            with count_queries() as statements:
                assert ed.get(f"/posts?{query}").status_code == 200
            found.append(len(statements))
        return found

    # Two tell who asks, one counts, one reads the rows with all that waits beside them, one reads their terms.
    assert costs() == [5] * 4
    change_all(ed, ids[0])
    # One more reads what drafts name and rows do not.
    assert costs() == [6] * 4
    for number, post_id in enumerate(ids[1:], start=1):
        change_all(ed, post_id, number)
    assert costs() == [6] * 4
    assert {item["title"] for item in ed.get("/posts?per_page=5").json["items"]} <= {f"After {n}" for n in range(7)}


@needs("postgres")
def test_what_waits_is_told_alike_on_postgresql(make_app: Callable[..., Flask], postgres_url: str) -> None:
    app = make_app(CMS_DATABASE_URL=postgres_url)
    with app.app_context():
        ed = ApiClient(app).sign_in(ED)
        ids = [make_live(f"Number {number}") for number in range(2)]
        parent = make_page("Above").id
        page_id = make_page("Below").id
        sent = [change_all(ed, post_id, number) for number, post_id in enumerate(ids)]
        for post_id, given in zip(ids, sent, strict=True):
            told = row_of(ed, post_id, ALL_PARTS)
            assert [person["id"] for person in told["authors"]] == given["author_ids"]
            assert (told["title"], told["tag_ids"]) == (given["title"], given["tag_ids"])
            assert (told["featured_media"]["alt"], told["featured_media"]["width"]) == ("New", 40)
            alone = ed.get(f"/posts/{post_id}?{ALL_PARTS}").json
            assert told == {name: value for name, value in alone.items() if name not in ("body", "body_format")}
        assert ed.patch(f"/pages/{page_id}", json={"parent_id": parent}).json["parent_id"] == parent


def test_a_picture_in_the_bin_is_not_shown_of_a_draft(app: Flask, api_as: As) -> None:
    post_id, ed = make_live(), api_as(ED)
    sent = change_all(ed, post_id)
    with transaction() as session:
        session.get_one(MediaFile, sent["featured_media_id"]).deleted_at = utcnow()
    for told in (row_of(ed, post_id, ALL_PARTS), ed.get(f"/posts/{post_id}?{ALL_PARTS}").json):
        assert (told["featured_media_id"], told["featured_media"]) == (sent["featured_media_id"], None)


def test_readers_are_asked_for_no_drafts(app: Flask, api_as: As, stranger: ApiClient, count_queries: Any) -> None:
    post_id, ed = make_live(), api_as(ED)
    change_all(ed, post_id)
    for client, path in ((stranger, "/posts"), (stranger, f"/posts/{post_id}"), (ed, "/posts?view=live")):
        with count_queries() as statements:
            assert client.get(path).status_code == 200
        assert not any("revisions" in statement for statement in statements)


def test_pages_have_drafts_too(app: Flask, api_as: As) -> None:
    above, below = make_page("Above").id, make_page("Below").id
    answer = api_as(ADA).patch(f"/pages/{below}", json={"parent_id": above, "title": "Beneath"}).json
    assert (answer["parent_id"], answer["title"]) == (above, "Beneath")
    listed = {item["id"]: item for item in api_as(ADA).get("/pages").json["items"]}
    assert (listed[below]["parent_id"], listed[below]["title"]) == (above, "Beneath")


def test_an_entry_is_found_by_its_slug(app: Flask, api_as: As, stranger: ApiClient) -> None:
    make_post("Rye", author=ART)
    make_post("Rye bread", author=ART)
    make_post("Gone", author=ART, state="binned")
    about = make_page("About")
    team = make_page("Team", parent_id=about.id)
    assert [item["title"] for item in stranger.get("/posts?slug=rye").json["items"]] == ["Rye"]
    assert stranger.get("/posts?slug=ry").json["total"] == 0
    assert stranger.get("/posts?slug=rye%2F..%2Frye-bread").json["total"] == 0
    assert [item["id"] for item in stranger.get("/pages?slug=team").json["items"]] == [team.id]
    assert [item["title"] for item in api_as(ED).get("/posts?slug=gone&state=binned").json["items"]] == ["Gone"]


def test_what_changed_since_is_found(app: Flask, api_as: As, stranger: ApiClient) -> None:
    now = utcnow()
    first, second = make_post("First", author=ED).id, make_post("Second", author=ART).id
    moment = (utcnow() + timedelta(microseconds=1)).isoformat().replace("+00:00", "Z")
    everything = now.isoformat().replace("+00:00", "Z")
    api_as(ED).patch(f"/posts/{first}", json={"title": "First, again"})

    def since(client: ApiClient, moment: str = moment) -> set[int]:
        return {item["id"] for item in client.get(f"/posts?updated_after={moment}").json["items"]}

    assert since(stranger, everything) == {first, second}
    # Only who sees the draft hears that it was saved; Art writes here, too, but not this one.
    assert (since(api_as(ED)), since(api_as(ART)), since(stranger)) == ({first}, set(), set())
    api_as(ED).post(f"/posts/{first}/publish")
    api_as(ART).patch(f"/posts/{second}", json={"title": "Second, again"})
    assert (since(api_as(ART)), since(stranger)) == ({first, second}, {first})


@pytest.fixture
def reader(make_app: Callable[..., Flask]) -> Iterator[ApiClient]:
    """A stranger's client, of a site that keeps what it answered."""
    app = make_app(CACHE_TYPE="shared")
    with app.app_context():
        yield ApiClient(app)


def test_a_kept_answer_is_for_the_question_it_was_made_for(reader: ApiClient) -> None:
    make_post("Rye", author=ART, text="Flour")
    make_post("Oats", author=ART, text="Water", at=utcnow() - timedelta(days=3))
    since = (utcnow() - timedelta(days=1)).isoformat().replace("+00:00", "Z")
    queries = (
        "", "slug=rye", "slug=oats", f"updated_after={since}", "fields=body", "fields=body&format=markdown",
        "fields=body&format=rendered", "fields=title", "fields=body&view=live&format=html",
    )  # fmt: skip
    told = [reader.get(f"/posts?{query}") for query in queries]
    again = [reader.get(f"/posts?{query}") for query in queries]
    # Anybody makes up as many moments as they like: answers about them are not kept.
    kept = [None if "updated_after" in query else "hit" for query in queries]
    assert [answer.headers.get("X-Cache") for answer in again] == kept
    assert [answer.text for answer in again] == [answer.text for answer in told]
    assert len({str(answer.json["items"]) for answer in told}) == len(queries) - 1
