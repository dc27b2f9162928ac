"""What holds for posts and pages alike: states, versions, who finds and changes what, and several at once."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask
from werkzeug.test import TestResponse

from cms.accounts.actions.edit_role import edit_role
from cms.accounts.queries import get_role
from cms.core.db import transaction
from cms.core.permissions import Grant, system_user
from tests.factories import make_entry
from tests.functional.api.client import ApiClient
from tests.people import ADA, ART, CON, ED, EVERYBODY, NOBODY, SUE, Person

As = Callable[[Person], ApiClient]
MOMENT = "2030-01-01T08:00:00Z"
STATES = ("draft", "in_review", "scheduled", "published", "archived", "binned")
#: What changes one entry: method, path behind its address, and what is sent.
DOORS: tuple[tuple[str, str, Any], ...] = (
    ("PATCH", "", {"title": "Another"}),
    ("PUT", "", {"title": "Another"}),
    ("DELETE", "", None),
    ("POST", "/schedule", {"at": MOMENT}),
    *(("POST", f"/{act}", None) for act in ("publish", "unpublish", "submit", "return", "archive", "restore")),
)


@pytest.fixture(params=["post", "page"])
def kind(request: pytest.FixtureRequest, app: Flask) -> str:
    """Each kind in turn; here Art and Con may do with pages what they do with posts."""
    with transaction():
        for name in ("author", "contributor"):
            role = get_role(name)
            texts = {"label": role.label, "description": role.description}
            as_with_posts = {
                Grant(right.permission.replace(":post:", ":page:"), right.extent)
                for right in role.rights
                if right.permission.startswith("content:post:")
            }
            rights = role.rights | as_with_posts
            edit_role(role, **texts, requires_second_factor=False, rights=rights, by=system_user())
    found: str = request.param
    return found


def begin(client: ApiClient, kind: str, **fields: Any) -> dict[str, Any]:
    answer = client.post(
        f"/{kind}s", json={"title": "A loaf", "body": "Some *words*.", "body_format": "markdown"} | fields
    )
    assert answer.status_code == 201, answer.text
    made: dict[str, Any] = answer.json
    return made


def told(answer: TestResponse) -> tuple[int, str]:
    refused: Any = answer.json
    return answer.status_code, refused["code"]


def test_each_finds_what_the_site_or_the_back_office_shows_them(kind: str, api_as: As) -> None:
    ids = {state: make_entry(kind, f"In {state}", state=state, author=ART).id for state in STATES}
    found = {
        person.name: {state for state in STATES if api_as(person).get(f"/{kind}s/{ids[state]}").status_code == 200}
        for person in EVERYBODY
    }
    readers, everything = {"published"}, set(STATES)
    assert found == {
        "Nobody": readers, "Sue": readers, "Con": readers, "Art": everything, "Ed": everything, "Ada": everything
    }  # fmt: skip
    listed = {
        person.name: {item["title"] for item in api_as(person).get(f"/{kind}s").json["items"]} for person in EVERYBODY
    }
    shown = {f"In {state}" for state in STATES if state != "binned"}
    reading = {"In published"}
    assert listed == {"Nobody": reading, "Sue": reading, "Con": reading, "Art": shown, "Ed": shown, "Ada": shown}


def test_who_may_change_and_who_hears_why_not(kind: str, api_as: As) -> None:
    draft, out = make_entry(kind, "Draft", state="draft", author=ART).id, make_entry(kind, "Out", author=ART).id
    answers = {
        person.name: tuple(
            api_as(person).patch(f"/{kind}s/{entry_id}", json={"excerpt": f"By {person.name}"}).status_code
            for entry_id in (draft, out)
        )
        for person in (NOBODY, SUE, CON, ART, ED, ADA)
    }
    # Art publishes his own; Sue and Con read what is out, and so hear that they may not change it.
    assert answers == {
        "Nobody": (401, 401), "Sue": (403, 403), "Con": (404, 403), "Art": (200, 200), "Ed": (200, 200),
        "Ada": (200, 200),
    }  # fmt: skip


def test_what_is_saved_beside_what_readers_see_waits(kind: str, api_as: As, stranger: ApiClient) -> None:
    entry_id = make_entry(kind, "Before", author=ART).id
    changed = api_as(ED).patch(f"/{kind}s/{entry_id}", json={"title": "After"}).json
    assert (changed["title"], changed["has_newer_draft"]) == ("After", True)
    assert stranger.get(f"/{kind}s/{entry_id}").json["title"] == "Before"
    assert api_as(ED).get(f"/{kind}s/{entry_id}?view=live").json["title"] == "Before"
    assert stranger.get(f"/{kind}s/{entry_id}?view=working").json["title"] == "Before"
    assert api_as(ED).post(f"/{kind}s/{entry_id}/publish").json["has_newer_draft"] is False
    assert stranger.get(f"/{kind}s/{entry_id}").json["title"] == "After"


def test_a_put_says_the_title_and_leaves_the_address(kind: str, api_as: As) -> None:
    entry_id = make_entry(kind, "A loaf", author=ED).id
    nothing = api_as(ED).put(f"/{kind}s/{entry_id}", json={})
    assert (nothing.status_code, list(nothing.json["errors"])) == (422, ["title"])
    assert api_as(ED).put(f"/{kind}s/{entry_id}", json={"title": "Two loaves"}).json["slug"] == "a-loaf"
    assert api_as(ED).get(f"/{kind}s/{entry_id}").json["title"] == "Two loaves"
    assert api_as(ED).put(f"/{kind}s/{entry_id}", json={"title": "Two loaves", "slug": ""}).json["slug"] == "two-loaves"


def test_a_change_of_an_old_version_changes_nothing(kind: str, api_as: As) -> None:
    made = begin(api_as(ED), kind)
    tag = api_as(ED).get(f"/{kind}s/{made['id']}").headers["ETag"]
    first = api_as(ED).patch(f"/{kind}s/{made['id']}", json={"title": "One"}, headers={"If-Match": tag})
    second = api_as(ART).patch(f"/{kind}s/{made['id']}", json={"title": "Two"}, headers={"If-Match": tag})
    third = api_as(ED).patch(f"/{kind}s/{made['id']}", json={"title": "Three"}, headers={"If-Match": f"W/{tag}"})
    assert (first.status_code, second.status_code, third.status_code) == (200, 404, 412)
    for method, path, sent in DOORS:
        answer = api_as(ED).open(method, f"/{kind}s/{made['id']}{path}", headers={"If-Match": tag}, json=sent)
        assert told(answer) == (412, "old_version"), (method, path)
    assert api_as(ED).get(f"/{kind}s/{made['id']}").json["title"] == "One"
    for wrong in ("2", "title", '"', ""):
        answer = api_as(ED).patch(f"/{kind}s/{made['id']}", json={"title": "Five"}, headers={"If-Match": wrong})
        assert answer.status_code == 412
    anything = api_as(ED).patch(f"/{kind}s/{made['id']}", json={"title": "Six"}, headers={"If-Match": "*"})
    assert anything.json["title"] == "Six"


def test_what_is_not_there_or_of_the_other_kind_is_changed_by_nobody(kind: str, api_as: As) -> None:
    other = "page" if kind == "post" else "post"
    another = make_entry(other, "Of the other kind")
    version = another.version
    for entry_id in (another.id, another.id + 1, 2**31):
        for method, path, sent in DOORS:
            answer = api_as(ADA).open(method, f"/{kind}s/{entry_id}{path}", json=sent)
            assert told(answer) == (404, "not_found"), (method, path, entry_id)
        assert api_as(ADA).get(f"/{kind}s/{entry_id}").status_code == 404
    assert api_as(ADA).get(f"/{other}s/{another.id}").json["version"] == version


def test_states_are_gone_through_one_by_one(kind: str, api_as: As) -> None:
    address = f"/{kind}s/{begin(api_as(CON), kind)['id']}"
    assert api_as(CON).post(f"{address}/publish").status_code == 403
    assert api_as(CON).post(f"{address}/submit").json["state"] == "in_review"
    # Whoever asks twice is answered alike.
    assert api_as(CON).post(f"{address}/submit").json["state"] == "in_review"
    assert api_as(ED).post(f"{address}/return").json["state"] == "draft"
    scheduled = api_as(ED).post(f"{address}/schedule", json={"at": MOMENT}).json
    assert (scheduled["state"], scheduled["published_at"]) == ("scheduled", MOMENT)
    assert api_as(ED).post(f"{address}/publish", json={"at": MOMENT}).json["errors"].keys() == {"at"}
    published = api_as(ED).post(f"{address}/publish", json={"at": "2020-01-01T08:00:00+01:00"}).json
    assert (published["state"], published["published_at"]) == ("published", "2020-01-01T07:00:00Z")
    assert told(api_as(ED).post(f"{address}/schedule", json={"at": MOMENT})) == (409, "wrong_state")
    assert told(api_as(ED).post(f"{address}/submit")) == (409, "wrong_state")
    assert api_as(ED).post(f"{address}/restore").status_code == 200
    assert api_as(CON).post(f"{address}/archive").status_code == 403
    for wrong in ({}, {"at": "2030-01-01T08:00:00"}, {"at": "soon"}, {"at": "2020-01-01T08:00:00Z"}):
        assert api_as(ED).post(f"{address}/schedule", json=wrong).json["errors"].keys() == {"at"}
    assert api_as(ED).post(f"{address}/archive").json["state"] == "archived"
    assert api_as(ED).post(f"{address}/unpublish").json["state"] == "draft"
    assert [api_as(ED).delete(address).status_code for _twice in range(2)] == [204, 204]
    assert told(api_as(ED).patch(address, json={"title": "Late"})) == (409, "wrong_state")
    assert told(api_as(ED).post(f"{address}/unpublish")) == (409, "wrong_state")
    assert api_as(ED).post(f"{address}/restore").json["state"] == "draft"
    assert told(api_as(ED).delete(f"{address}?permanently=true")) == (409, "wrong_state")
    assert api_as(ED).delete(address).status_code == 204
    assert api_as(ED).delete(f"{address}?permanently=true").status_code == 204
    assert api_as(ED).get(address).status_code == 404


def test_several_are_changed_each_by_itself(kind: str, api_as: As) -> None:
    ours, theirs = begin(api_as(ART), kind), begin(api_as(ED), kind)
    items = [
        {"id": ours["id"], "title": "Changed"},
        {"id": theirs["id"], "title": "Not mine"},
        {"id": ours["id"], "title": "Too late", "version": ours["version"]},
        {"id": ours["id"], "featured_media_id": 999},
        {"id": ours["id"], "excerpt": "Last"},
    ]
    results = api_as(ART).patch(f"/{kind}s", json={"items": items}).json["results"]
    assert [result["status"] for result in results] == [200, 404, 412, 422, 200]
    assert results[3]["problem"]["errors"].keys() == {"featured_media_id"}
    now = api_as(ART).get(f"/{kind}s/{ours['id']}").json
    assert (now["title"], now["excerpt"]) == ("Changed", "Last")
    too_many = [{"id": 1}] * 101
    for wrong in ([], too_many, [{"title": "No id"}], [{"id": 1, "state": "published"}]):
        assert api_as(ART).patch(f"/{kind}s", json={"items": wrong}).status_code == 422


def test_no_password_is_hashed_for_what_is_not_theirs(
    app: Flask, kind: str, api_as: As, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A hash costs much on purpose: who may change nothing has nothing reckoned either."""
    draft, out, mine = (
        make_entry(kind, f"In {state}", state=state, author=ED).id for state in ("draft", "published", "draft")
    )
    client, sent = api_as(ART), {"visibility": "password", "password": "the ferry"}
    context, hashed = app.extensions["security"].pwd_context, []
    real = context.hash
    monkeypatch.setattr(context, "hash", lambda *given, **named: hashed.append(1) or real(*given, **named))
    answers = [
        *(client.patch(f"/{kind}s/{entry_id}", json=sent).status_code for entry_id in (draft, out, 999)),
        client.put(f"/{kind}s/{draft}", json={"title": "Mine", **sent}).status_code,
        *(
            found["status"]
            for found in client.patch(f"/{kind}s", json={"items": [{"id": draft, **sent}]}).json["results"]
        ),
    ]
    assert (answers, hashed) == ([404, 403, 404, 404, 404], [])
    assert api_as(ED).patch(f"/{kind}s/{mine}", json=sent).status_code == 200
    assert hashed == [1]
