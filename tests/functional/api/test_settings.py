"""The settings of the site for programs: told to who may change them, and checked as in the back office."""

from __future__ import annotations

import re
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict
from datetime import timedelta
from typing import Any

from flask import Flask
from sqlalchemy import func, select, update

from cms.accounts.freshness import FRESH_FOR
from cms.accounts.models import SignIn
from cms.api.spec import build_document
from cms.api.v1.schemas.settings import BOUNDS
from cms.audit.models import AuditEntry
from cms.core.db import current_session, transaction
from cms.lib.clock import utcnow
from cms.settings.queries import get_settings
from cms.settings.registry import REGISTRY, THAT_MATTER, SiteSettings
from tests.clients import PageClient
from tests.functional.api.client import ApiClient
from tests.functional.api.tokens import program_of
from tests.needs import needs
from tests.people import ADA, CON, ED, EVERYBODY, NOBODY, Person

As = Callable[[Person], ApiClient]
PUBLIC = {"name": "Masthead", "description": "", "language": "en-GB", "time_zone": "UTC"}


def values(answer: Any) -> dict[str, Any]:
    return {item["key"]: item["value"] for item in answer.json["items"]}


def test_everybody_is_told_what_every_page_tells_and_admins_the_rest(app: Flask, api_as: As) -> None:
    told = {person.name: values(api_as(person).get("/settings")) for person in EVERYBODY}
    assert told == {
        "Nobody": PUBLIC, "Sue": PUBLIC, "Con": PUBLIC, "Art": PUBLIC, "Ed": PUBLIC, "Ada": asdict(SiteSettings())
    }  # fmt: skip
    everything = api_as(ADA).get("/settings").json["items"]
    assert [item["key"] for item in everything] == list(REGISTRY)
    assert everything[0] == {
        "key": "name", "section": "site", "label": "Name", "help": "Shown at the top of every page.",
        "value": "Masthead",
    }  # fmt: skip


def test_they_come_by_name_too_as_they_are_sent(app: Flask, api_as: As) -> None:
    for person in EVERYBODY:
        read = api_as(person).get("/settings")
        assert read.json["values"] == values(read), person.name
    everything = api_as(ADA).get("/settings").json["values"]
    answer = api_as(ADA).patch("/settings", json={**everything, "posts_per_page": 25})
    assert answer.json["values"] == {**everything, "posts_per_page": 25}


def test_the_document_says_what_can_be_taken(app: Flask, api_as: As) -> None:
    told = build_document()["components"]["schemas"]["SettingsWrite"]["properties"]
    assert set(BOUNDS) < set(told)

    def taken(key: str, value: object) -> bool:
        answer = api_as(ADA).patch("/settings", json={key: value})
        assert answer.status_code in (200, 422), answer.text
        return answer.status_code == 200

    for key in BOUNDS:
        part = told[key]
        for name, step in (("minimum", -1), ("maximum", 1)):
            if name in part:
                assert (taken(key, part[name]), taken(key, part[name] + step)) == (True, False), (key, name)
        if part.get("maxLength") and key != "language":
            assert taken(key, "x" * part["maxLength"])
            assert not taken(key, "x" * (part["maxLength"] + 1))
        if part.get("minLength"):
            assert not taken(key, "")
    for tidied in ({"name": "x" * 120 + " "}, {"accent": " #0b7a55"}, {"accent": "#0b7a55\n"}):
        answer = api_as(ADA).patch("/settings", json=tidied)
        assert (answer.status_code, list(answer.json["errors"])) == (422, list(tidied))
    for colour in ("#abc", "#AABBCC", "#0b7a55", "red", "#0b7a5", "0b7a55", "#0b7a55ff"):
        assert taken("accent", colour) == bool(re.search(told["accent"]["pattern"], colour)), colour


def test_each_may_what_they_may_in_the_back_office(app: Flask, api_as: As, as_: Callable[[Person], PageClient]) -> None:
    told = {person.name: api_as(person).patch("/settings", json={"name": ""}).status_code for person in EVERYBODY}
    assert told == {"Nobody": 401, "Sue": 403, "Con": 403, "Art": 403, "Ed": 403, "Ada": 422}
    for person in EVERYBODY:
        may_change = as_(person).get("/admin/settings/").status_code == 200
        assert (told[person.name] == 422) == may_change, person.name


def test_what_is_sent_changes_and_the_rest_stays(app: Flask, api_as: As) -> None:
    sent = {"name": " The  Chronicle ", "posts_per_page": 25, "home_page_id": 7, "time_zone": "europe/berlin"}
    changed = values(api_as(ADA).patch("/settings", json=sent))
    as_kept = {"name": "The Chronicle", "posts_per_page": 25, "home_page_id": 7, "time_zone": "Europe/Berlin"}
    assert changed == asdict(SiteSettings()) | as_kept
    assert asdict(get_settings()) == changed == values(api_as(ADA).get("/settings"))
    assert values(api_as(NOBODY).get("/settings"))["name"] == "The Chronicle"
    assert values(api_as(ADA).patch("/settings", json={"home_page_id": None}))["home_page_id"] is None


def test_what_cannot_be_taken_is_named_and_changes_nothing(app: Flask, api_as: As) -> None:
    for sent in (
        {"no_such": 1}, {"version": 1}, {"items": []}, {"name": None}, {"name": 7}, {"name": " "}, {"name": "x" * 121},
        {"time_zone": "Berlim"}, {"language": "xx-YY-zz"}, {"posts_per_page": 0}, {"posts_per_page": "10"},
        {"posts_per_page": True}, {"posts_per_page": 1.5}, {"posts_per_page": None}, {"registration_open": "true"},
        {"registration_open": 1}, {"mail_sender": "desk"}, {"accent": "red"}, {"security_contact": "http://x.example"},
        {"home_page_id": "7"}, {"home_page_id": -1}, {"keep_addresses_days": 2**63}, {"SECRET_KEY": "x"},
    ):  # fmt: skip
        answer = api_as(ADA).patch("/settings", json=sent)
        assert (answer.status_code, list(answer.json["errors"])) == (422, list(sent)), answer.text
    both = api_as(ADA).patch("/settings", json={"name": "New", "time_zone": "Berlim", "accent": "red"})
    assert set(both.json["errors"]) == {"time_zone", "accent"}
    assert get_settings() == SiteSettings()
    for body in ([], "name", 7, {"name": {"a": 1}}):
        assert api_as(ADA).patch("/settings", json=body).status_code == 422


def test_what_lets_others_in_asks_for_who_has_just_shown_who_they_are(app: Flask, api_as: As) -> None:
    client = api_as(ADA)
    with transaction() as session:
        session.execute(update(SignIn).values(confirmed_at=utcnow() - FRESH_FOR - timedelta(seconds=1)))
    before = asdict(get_settings())
    for key in THAT_MATTER:
        other = not before[key] if isinstance(before[key], bool) else 7
        answer = client.patch("/settings", json={key: other, "name": "Taken over"})
        assert (answer.status_code, answer.json["code"]) == (403, "confirm_first"), key
        # What it is already is no change.
        assert client.patch("/settings", json={key: before[key]}).status_code == 200
    assert asdict(get_settings()) == before
    assert client.patch("/settings", json={"name": "The Chronicle"}).status_code == 200
    with transaction() as session:
        session.execute(update(SignIn).values(confirmed_at=utcnow()))
    assert values(client.patch("/settings", json={"registration_open": True}))["registration_open"] is True


def test_a_token_is_told_and_changes_no_more_than_it_names(app: Flask) -> None:
    other = program_of(app, ADA, "content:post:edit")
    assert values(other.get("/settings")) == PUBLIC
    assert other.patch("/settings", json={"name": "Mine"}).status_code == 403
    meant = program_of(app, ADA, "settings:site:change")
    assert values(meant.get("/settings")) == asdict(SiteSettings())
    # Whoever made it chose what it may do, and showed that it was them.
    assert values(meant.patch("/settings", json={"registration_open": True}))["registration_open"] is True


def test_a_change_of_old_settings_changes_nothing(app: Flask, api_as: As) -> None:
    first = api_as(ADA).get("/settings")
    assert api_as(ADA).get("/settings", headers={"If-None-Match": first.headers["ETag"]}).status_code == 304
    old = {"If-Match": first.headers["ETag"]}
    assert api_as(ADA).patch("/settings", json={"name": "First"}, headers=old).status_code == 200
    answer = api_as(ADA).patch("/settings", json={"accent": "#112233"}, headers=old)
    assert (answer.status_code, answer.json["code"]) == (412, "old_version")
    assert get_settings() == SiteSettings(name="First")
    # How often something was changed that they are not told is nothing for readers.
    assert "." not in api_as(NOBODY).get("/settings").headers["ETag"]


def _at_once(app: Flask, client: ApiClient) -> list[int]:
    match = {"If-Match": client.get("/settings").headers["ETag"]}
    keys = ["name", "description", "mail_sender", "security_contact"]
    with ThreadPoolExecutor(len(keys)) as pool:
        sent = [
            pool.submit(client.patch, "/settings", json={key: "desk@example.com"}, headers=match, check=False)
            for key in keys
        ]
        return sorted(answer.result().status_code for answer in sent)


def test_of_some_changes_at_once_one_is_made(app: Flask, api_as: As) -> None:
    assert _at_once(app, api_as(ADA)) == [200, 412, 412, 412]


@needs("postgres")
def test_of_some_changes_at_once_one_is_made_on_postgres(make_app: Callable[..., Flask], postgres_url: str) -> None:
    app = make_app(CMS_DATABASE_URL=postgres_url)
    with app.app_context():
        assert _at_once(app, ApiClient(app).sign_in(ADA)) == [200, 412, 412, 412]


def test_changes_are_in_the_record_and_none_is_not(app: Flask, api_as: As) -> None:
    count = select(func.count()).select_from(AuditEntry).where(AuditEntry.act == "settings.changed")
    api_as(ADA).patch("/settings", json={})
    api_as(ADA).patch("/settings", json={"name": "Masthead"})
    assert current_session().scalar(count) == 0
    api_as(ADA).patch("/settings", json={"name": "The Chronicle"})
    assert current_session().scalar(count) == 1


def test_settings_cost_few_questions(app: Flask, api_as: As, count_queries: Any) -> None:
    for person in (NOBODY, CON, ADA):
        api_as(person).get("/settings")
        with count_queries() as asked:
            api_as(person).get("/settings")
        assert len(asked) <= 6
    head = api_as(ED).head("/settings")
    assert (head.status_code, head.get_data()) == (200, b"")
    for method in ("POST", "PUT", "DELETE"):
        refused = api_as(ADA).open(method, "/settings", check=False)
        assert (refused.status_code, refused.headers["Allow"]) == (405, "GET, HEAD, OPTIONS, PATCH")
