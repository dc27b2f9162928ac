"""Tags for programs: as categories, without a tree."""

from __future__ import annotations

from collections.abc import Callable

from flask import Flask

from tests.factories import make_post, make_term
from tests.functional.api.client import ApiClient
from tests.people import ADA, ART, ED, EVERYBODY, Person

As = Callable[[Person], ApiClient]


def test_everybody_reads_tags(app: Flask, stranger: ApiClient) -> None:
    bread = make_term("tag", "Bread", description="Loaves.")
    make_term("category", "Kitchen")
    make_post("A loaf", terms=(bread,))
    shown = {
        "id": bread.id, "name": "Bread", "slug": "bread", "path": "bread", "description": "Loaves.",
        "url": "http://localhost/tag/bread/", "posts": 1,
    }  # fmt: skip
    assert stranger.get("/tags").json["items"] == [shown]
    assert stranger.get(f"/tags/{bread.id}").json == shown
    assert stranger.get("/tags?search=loaf").json["items"] == []
    assert stranger.get("/tags?sort=-name&fields=slug,posts").json["items"] == [
        {"id": bread.id, "slug": "bread", "posts": 1}
    ]
    assert list(stranger.get("/tags?parent_id=1").json["errors"]) == ["parent_id"]


def test_each_may_what_they_may_in_the_back_office(app: Flask, api_as: As) -> None:
    bread = make_term("tag", "Bread")
    told = {
        person.name: (
            api_as(person).get("/tags").status_code,
            api_as(person).post("/tags", json={"name": f"By {person.name}"}).status_code,
            api_as(person).put(f"/tags/{bread.id}", json={"name": "Loaf"}).status_code,
            api_as(person).patch(f"/tags/{bread.id}", json={"slug": "loaf"}).status_code,
        )
        for person in EVERYBODY
    }
    assert told == {
        "Nobody": (200, 401, 401, 401), "Sue": (200, 403, 403, 403), "Con": (200, 403, 403, 403),
        "Art": (200, 201, 403, 403), "Ed": (200, 201, 200, 200), "Ada": (200, 201, 200, 200),
    }  # fmt: skip


def test_a_tag_is_made_changed_and_deleted(app: Flask, api_as: As) -> None:
    answer = api_as(ART).post("/tags", json={"name": "Sourdough"})
    assert answer.status_code == 201
    address = answer.headers["Location"].removeprefix("http://localhost")
    put = api_as(ED).put(address, json={"name": "Bread", "description": "Loaves."}).json
    # The address of a tag stays when it is renamed, as in the back office.
    assert (put["name"], put["slug"], put["description"]) == ("Bread", "sourdough", "Loaves.")
    assert api_as(ED).patch(address, json={"slug": "bread"}).json["url"] == "http://localhost/tag/bread/"
    assert api_as(ED).delete(address).status_code == 204
    assert api_as(ED).get(address).status_code == 404


def test_who_may_change_tags_is_told_their_version(app: Flask, api_as: As) -> None:
    bread = make_term("tag", "Bread")
    for person in EVERYBODY:
        listed, read = api_as(person).get("/tags").json["items"][0], api_as(person).get(f"/tags/{bread.id}")
        told = read.json.get("version")
        assert told == listed.get("version") == (bread.version if person in (ED, ADA) else None), person.name
        if told is not None:
            assert read.headers["ETag"].startswith(f'"{told}.')
    version = api_as(ED).get("/tags?fields=version").json["items"][0]["version"]
    change = {"items": [{"id": bread.id, "version": version, "description": "Loaves."}]}
    first, second = (api_as(ED).patch("/tags", json=change).json["results"][0] for _twice in range(2))
    assert (first["status"], first["item"]["version"]) == (200, version + 1)
    assert (second["status"], second["problem"]["code"]) == (412, "old_version")


def test_tags_have_no_tree_and_categories_are_no_tags(app: Flask, api_as: As) -> None:
    kitchen, bread = make_term("category", "Kitchen"), make_term("tag", "Bread")
    for sent in ({"parent_id": kitchen.id}, {"parent_id": None}):
        answer = api_as(ED).patch(f"/tags/{bread.id}", json=sent)
        assert (answer.status_code, list(answer.json["errors"])) == (422, ["parent_id"])
    assert api_as(ED).get(f"/tags/{kitchen.id}").status_code == 404
    assert api_as(ED).delete(f"/tags/{kitchen.id}").status_code == 404
