"""Categories for programs: everybody reads the tree, who may change it changes it as in the back office."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from flask import Flask
from sqlalchemy import func, select

from cms.audit.models import AuditEntry
from cms.content.models import Term
from cms.core.db import current_session
from tests.clients import PageClient
from tests.factories import make_post, make_term
from tests.functional.api.client import ApiClient, not_there
from tests.needs import needs
from tests.people import ADA, ART, CON, ED, EVERYBODY, NOBODY, SUE, Person

As = Callable[[Person], ApiClient]


def paths() -> list[str]:
    current_session().expire_all()
    return list(current_session().scalars(select(Term.path).order_by(Term.path)))


def test_everybody_reads_the_tree_with_what_can_be_found_in_it(app: Flask, stranger: ApiClient) -> None:
    walks = make_term("category", "Walks", description="On foot.")
    coast = make_term("category", "Coast", parent=walks)
    make_term("tag", "Walks")
    make_post("By the sea", terms=(coast,))
    make_post("A draft", state="draft", terms=(coast,))
    make_post("For members", visibility="members", terms=(walks,))
    listed = stranger.get("/categories").json
    assert listed["items"] == [
        {
            "id": walks.id, "name": "Walks", "slug": "walks", "path": "walks", "description": "On foot.",
            "parent_id": None, "url": "http://localhost/category/walks/", "posts": 0,
        },
        {
            "id": coast.id, "name": "Coast", "slug": "coast", "path": "walks/coast", "description": "",
            "parent_id": walks.id, "url": "http://localhost/category/walks/coast/", "posts": 1,
        },
    ]  # fmt: skip
    assert {name: listed[name] for name in ("total", "page", "per_page", "pages", "next", "prev")} == {
        "total": 2, "page": 1, "per_page": 20, "pages": 1, "next": None, "prev": None
    }  # fmt: skip
    assert stranger.get(f"/categories/{coast.id}").json == listed["items"][1]


def test_a_list_is_narrowed_sorted_and_walked_through(app: Flask, stranger: ApiClient) -> None:
    walks = make_term("category", "Walks")
    for name in ("Coast", "Moor", "Alps"):
        make_term("category", name, parent=walks)

    def found(query: str) -> list[str]:
        return [item["name"] for item in stranger.get(f"/categories?{query}").json["items"]]

    assert found("sort=-name") == ["Walks", "Moor", "Coast", "Alps"]
    assert found("search=walks/+coa") == ["Coast"]
    assert found(f"parent_id={walks.id}&sort=name") == ["Alps", "Coast", "Moor"]
    assert found("per_page=3&page=2&sort=name") == ["Walks"]
    assert found("page=7") == []
    first = stranger.get("/categories?per_page=3&sort=name").json
    make_term("category", "Aachen")
    second = stranger.get(first["next"].removeprefix("http://localhost"))
    assert [item["name"] for item in second.json["items"]] == ["Walks"]
    assert (second.json["page"], second.json["next"]) == (None, None)
    assert 'rel="prev"' in second.headers["Link"]
    assert stranger.get("/categories?fields=name&search=alps").json["items"] == [
        {"id": stranger.get("/categories?search=alps").json["items"][0]["id"], "name": "Alps"}
    ]


def test_what_a_list_is_not_asked_by_is_named(app: Flask, stranger: ApiClient) -> None:
    for query, name in (
        ("sort=version", "sort"), ("sort=created_at", "sort"), ("parent.name=x", "parent.name"), ("kind=tag", "kind"),
        ("fields=kind", "fields"), ("page=0", "page"), (f"page={2**63}", "page"), ("per_page=101", "per_page"),
        ("cursor=", "cursor"), ("parent_id=x", "parent_id"),
        ("sort=name&sort=path", "sort"), ("include=posts", "include"), ("access_token=x", "access_token"),
        (f"search={'x' * 201}", "search"),
    ):  # fmt: skip
        answer = stranger.get(f"/categories?{query}")
        assert (query, answer.status_code, list(answer.json["errors"])) == (query, 422, [name])
    for cursor in ("nonsense", "WyJhIl0"):
        assert not_there(stranger.get(f"/categories?cursor={cursor}")) == {"cursor"}


def test_rows_cost_no_questions(app: Flask, api_as: As, count_queries: Any) -> None:
    def questions(client: ApiClient, path: str) -> int:
        client.get(path)
        with count_queries() as asked:
            assert client.get(path).status_code == 200
        return len(asked)

    walks = make_term("category", "Walks")
    make_post("One", terms=(walks,))
    path = "/categories?per_page=100"
    few = questions(api_as(NOBODY), path)
    for number in range(30):
        make_post(f"Post {number}", terms=(make_term("category", f"Walk {number}", parent=walks), walks))
    assert questions(api_as(NOBODY), path) == few <= 4
    assert questions(api_as(ED), path) <= 6
    assert questions(api_as(ED), f"/categories/{walks.id}") <= 6


def test_each_may_what_they_may_in_the_back_office(app: Flask, api_as: As, as_: Callable[[Person], PageClient]) -> None:
    walks = make_term("category", "Walks")
    before = paths()
    told = {
        person.name: (
            api_as(person).get("/categories").status_code,
            api_as(person).get(f"/categories/{walks.id}").status_code,
            api_as(person).post("/categories", json={"name": " "}).status_code,
            api_as(person).put(f"/categories/{walks.id}", json={"name": " "}).status_code,
            api_as(person).patch(f"/categories/{walks.id}", json={"name": " "}).status_code,
            api_as(person).delete(f"/categories/{walks.id}", headers={"If-Match": '"99"'}).status_code,
        )
        for person in EVERYBODY
    }
    everything = (200, 200, 422, 422, 422, 412)
    assert told == {
        "Nobody": (200, 200, 401, 401, 401, 401), "Sue": (200, 200, 403, 403, 403, 403),
        "Con": (200, 200, 403, 403, 403, 403), "Art": (200, 200, 422, 403, 403, 403),
        "Ed": everything, "Ada": everything,
    }  # fmt: skip
    assert paths() == before
    for person in (SUE, CON, ART, ED, ADA):
        asked = as_(person)
        may_make = asked.get("/admin/categories/new/").status_code == 200
        may_change = asked.get(f"/admin/categories/{walks.id}/").status_code == 200
        assert (told[person.name][2] == 422, told[person.name][4] == 422) == (may_make, may_change), person.name


def test_a_category_is_made_where_its_location_says(app: Flask, api_as: As) -> None:
    walks = make_term("category", "Walks")
    answer = api_as(ART).post("/categories", json={"name": "  The  coast ", "parent_id": walks.id})
    made = answer.json
    assert (answer.status_code, made["name"], made["path"]) == (201, "The coast", "walks/the-coast")
    again = api_as(ART).get(answer.headers["Location"].removeprefix("http://localhost"))
    assert again.json == made
    assert again.headers["ETag"] == answer.headers["ETag"]
    second = api_as(ART).post("/categories", json={"name": "The coast", "parent_id": walks.id}).json
    assert second["path"] == "walks/the-coast-2"


def test_what_is_sent_twice_is_made_once(app: Flask, api_as: As) -> None:
    sent = [
        api_as(ART).post("/categories", json={"name": "Walks"}, headers={"Idempotency-Key": "walks"}) for _twice in "ab"
    ]
    assert [answer.status_code for answer in sent] == [201, 201]
    assert sent[0].json == sent[1].json
    assert sent[0].headers["Location"] == sent[1].headers["Location"]
    assert paths() == ["walks"]


def test_a_patch_leaves_the_rest_and_a_put_does_not(
    app: Flask, api_as: As, as_: Callable[[Person], PageClient]
) -> None:
    walks = make_term("category", "Walks", description="On foot.")
    coast = make_term("category", "Coast", parent=walks, description="By the sea.")
    client, address = api_as(ED), f"/categories/{coast.id}"
    patched = client.patch(address, json={"name": "The coast"}).json
    assert (patched["path"], patched["parent_id"], patched["description"]) == ("walks/coast", walks.id, "By the sea.")
    moved = client.patch(f"/categories/{walks.id}", json={"slug": "hikes"}).json
    assert moved["url"] == "http://localhost/category/hikes/"
    assert client.get(address).json["path"] == "hikes/coast"
    assert as_(NOBODY).get("/category/walks/coast/").headers["Location"].endswith("/category/hikes/coast/")
    put = client.put(address, json={"name": "Sea"}).json
    assert (put["path"], put["parent_id"], put["description"]) == ("coast", None, "")
    back = client.patch(address, json={"parent_id": walks.id, "description": "Line\r\nline"}).json
    assert (back["path"], back["description"]) == ("hikes/coast", "Line\nline")


def test_what_is_the_same_already_is_no_change(app: Flask, api_as: As) -> None:
    walks = make_term("category", "Walks")
    count = select(func.count()).select_from(AuditEntry)
    shown = api_as(ED).get(f"/categories/{walks.id}")
    kept = current_session().scalar(count)
    for sent in ({}, {"name": "Walks"}, {"slug": "", "parent_id": None}):
        answer = api_as(ED).patch(f"/categories/{walks.id}", json=sent)
        assert (answer.json, answer.headers["ETag"]) == (shown.json, shown.headers["ETag"])
    assert current_session().scalar(count) == kept


def test_what_cannot_be_taken_is_named_and_changes_nothing(app: Flask, api_as: As) -> None:
    walks = make_term("category", "Walks")
    address = f"/categories/{walks.id}"
    shown = api_as(ED).get(address).json
    for sent in (
        {"id": 9}, {"kind": "tag"}, {"path": "x"}, {"posts": 3}, {"url": "/"}, {"version": 1}, {"name": None},
        {"name": 7}, {"name": ""}, {"name": " \n"}, {"name": "x" * 201}, {"slug": None}, {"slug": "x" * 201},
        {"description": "x" * 5001}, {"description": ["x"]}, {"parent_id": "1"}, {"parent_id": 999}, {"parent_id": 0},
        {"parent_id": True}, {"parent_id": 1.5}, {"parent_id": 2**31}, {"parent_id": -1}, {"parent": 1},
    ):  # fmt: skip
        for answer in (
            api_as(ED).patch(address, json=sent),
            api_as(ED).put(address, json={"name": "Walks"} | sent),
            api_as(ED).post("/categories", json={"name": "Walks"} | sent),
        ):
            assert (answer.status_code, list(answer.json["errors"])) == (422, list(sent)), answer.text
    assert api_as(ED).get(address).json == shown
    assert paths() == ["walks"]


def test_a_name_is_needed_and_the_tree_stays_one(app: Flask, api_as: As) -> None:
    walks = make_term("category", "Walks")
    coast, tag = make_term("category", "Coast", parent=walks), make_term("tag", "Bread")
    assert list(api_as(ED).post("/categories", json={}).json["errors"]) == ["name"]
    for parent_id in (coast.id, walks.id, tag.id):
        answer = api_as(ED).patch(f"/categories/{walks.id}", json={"parent_id": parent_id})
        assert (answer.status_code, list(answer.json["errors"])) == (422, ["parent_id"])
    assert paths() == ["bread", "walks", "walks/coast"]


def test_what_is_no_text_and_no_json_is_told_as_one(app: Flask, api_as: As) -> None:
    for body in (b'{"name": "\\ud800"}', b'{"name": "a\\u0000"}', b'{"name": "a", "name": "b"}', b"[1"):
        answer = api_as(ED).post("/categories", data=body, content_type="application/json")
        assert (answer.status_code, answer.json["code"]) == (400, "malformed")
    assert paths() == []


def test_a_change_of_an_old_version_changes_nothing(app: Flask, api_as: As) -> None:
    walks = make_term("category", "Walks")
    address = f"/categories/{walks.id}"
    old = {"If-Match": api_as(ED).get(address).headers["ETag"]}
    assert api_as(ED).patch(address, json={"name": "First"}, headers=old).status_code == 200
    for answer in (
        api_as(ADA).patch(address, json={"name": "Second"}, headers=old),
        api_as(ADA).put(address, json={"name": "Second"}, headers=old),
        api_as(ADA).delete(address, headers=old),
    ):
        assert (answer.status_code, answer.json["code"]) == (412, "old_version")
    assert api_as(ADA).get(address).json["name"] == "First"


def test_several_are_changed_each_by_itself(app: Flask, api_as: As) -> None:
    ids = [make_term("category", name).id for name in ("Walks", "Coast", "Moor")]
    tag = make_term("tag", "Bread").id
    answer = api_as(ED).patch(
        "/categories",
        json={
            "items": [
                {"id": ids[1], "parent_id": ids[0], "version": 1},
                {"id": ids[0], "parent_id": ids[1]},
                {"id": ids[2], "name": "Moors", "version": 7},
                {"id": tag, "name": "Loaf"},
                {"id": ids[2], "description": "Wet."},
            ]
        },
    )
    results = answer.json["results"]
    assert [(item["id"], item["status"]) for item in results] == [
        (ids[1], 200), (ids[0], 422), (ids[2], 412), (tag, 404), (ids[2], 200)
    ]  # fmt: skip
    assert (results[0]["item"]["path"], results[0]["problem"]) == ("walks/coast", None)
    assert (list(results[1]["problem"]["errors"]), results[1]["item"]) == (["parent_id"], None)
    assert results[4]["item"] == api_as(ED).get(f"/categories/{ids[2]}").json
    assert (results[4]["item"]["name"], results[4]["item"]["description"]) == ("Moor", "Wet.")
    assert paths() == ["bread", "moor", "walks", "walks/coast"]
    for sent, name in (
        ({"items": []}, "items"), ({}, "items"), ({"items": [{"name": "x"}]}, "items.0.id"),
        ({"items": [{"id": ids[0], "posts": 1}]}, "items.0.posts"), ({"items": [{"id": 1}] * 101}, "items"),
        ({"items": [{"id": ids[0], "name": "New"}, {"id": ids[1], "slug": None}]}, "items.1.slug"),
        ({"items": [{"id": True}]}, "items.0.id"),
    ):  # fmt: skip
        refused = api_as(ED).patch("/categories", json=sent)
        assert (refused.status_code, list(refused.json["errors"])) == (422, [name])
    assert [api_as(person).patch("/categories", json={}).status_code for person in (NOBODY, ART)] == [401, 403]
    assert "new" not in paths()


def _at_once(app: Flask, clients: list[ApiClient]) -> list[int]:
    walks = make_term("category", "Walks")
    address, match = f"/categories/{walks.id}", {"If-Match": f'"{walks.version}"'}
    with ThreadPoolExecutor(len(clients)) as pool:
        sent = [
            pool.submit(client.patch, address, json={"name": f"Name {number}"}, headers=match, check=False)
            for number, client in enumerate(clients)
        ]
        return sorted(answer.result().status_code for answer in sent)


def test_of_two_patches_at_once_one_is_told_that_it_was_late(app: Flask, api_as: As) -> None:
    assert _at_once(app, [api_as(ED), api_as(ADA)] * 3) == [200, *[412] * 5]


@needs("postgres")
def test_of_two_patches_at_once_one_is_told_that_it_was_late_on_postgres(
    make_app: Callable[..., Flask], postgres_url: str
) -> None:
    app = make_app(CMS_DATABASE_URL=postgres_url)
    with app.app_context():
        clients = [ApiClient(app).sign_in(person) for person in (ED, ADA)]
        assert _at_once(app, clients * 3) == [200, *[412] * 5]


def test_what_lies_below_a_deleted_category_moves_up_and_posts_stay(app: Flask, api_as: As) -> None:
    walks = make_term("category", "Walks")
    walks_id, coast_id = walks.id, make_term("category", "Coast", parent=walks).id
    post_id = make_post("By the sea", terms=(walks,)).id
    answer = api_as(ED).delete(f"/categories/{walks_id}")
    assert (answer.status_code, answer.get_data()) == (204, b"")
    assert api_as(ED).get(f"/categories/{walks_id}").status_code == 404
    assert api_as(ED).delete(f"/categories/{walks_id}").status_code == 404
    assert api_as(ED).get(f"/categories/{coast_id}").json["parent_id"] is None
    assert api_as(ED).get(f"/posts/{post_id}").json["category_ids"] == []


def test_a_tag_is_no_category_and_no_number_an_error(app: Flask, api_as: As) -> None:
    tag = make_term("tag", "Bread")
    for key in (tag.id, 999, 0, 2**31, 2**53, 2**63, 2**70):
        assert api_as(ED).get(f"/categories/{key}").status_code == 404
        assert api_as(ED).patch(f"/categories/{key}", json={"name": "x"}).status_code == 404
        assert api_as(ED).delete(f"/categories/{key}").status_code == 404
    assert paths() == ["bread"]


def test_who_has_it_already_is_told_so(app: Flask, stranger: ApiClient) -> None:
    walks = make_term("category", "Walks")
    for path in (f"/categories/{walks.id}", "/categories"):
        shown = stranger.get(path)
        assert stranger.get(path, headers={"If-None-Match": shown.headers["ETag"]}).status_code == 304
        head = stranger.head(path)
        assert (head.status_code, head.headers["ETag"], head.get_data()) == (200, shown.headers["ETag"], b"")
    make_post("By the sea", terms=(walks,))
    shown = stranger.get(f"/categories/{walks.id}", headers={"If-None-Match": shown.headers["ETag"]})
    assert (shown.status_code, shown.json["posts"]) == (200, 1)
