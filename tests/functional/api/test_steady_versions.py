"""What nobody changes by hand makes no new version: signing in, using a token, being late with an invitation."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

from flask import Flask
from sqlalchemy import update
from werkzeug.test import TestResponse

from cms.accounts.links import invitation_lasts
from cms.accounts.models import PersonalToken, SignIn, User
from cms.core.db import transaction
from cms.lib.clock import utcnow
from tests.factories import user
from tests.functional.api.client import ApiClient
from tests.people import ADA, ART, CON, Person

As = Callable[[Person], ApiClient]
LATER = timedelta(hours=1)


def seen_later(path: str, client: ApiClient, before: TestResponse, field: str = "last_seen_at") -> None:
    """Look whether a read that asks for news is told of a new `field`, and of nothing else."""
    again: Any = client.get(path, headers={"If-None-Match": before.headers["ETag"]})
    assert again.status_code == 200
    old: Any = before.json
    assert {name for name, value in again.json.items() if value != old[name]} == {field}


def test_who_signs_in_is_changed_as_they_were_read(app: Flask, api_as: As) -> None:
    art, con = user(ART).id, user(CON).id
    reads = [api_as(ADA).get(f"/users/{key}") for key in (art, con)]
    ApiClient(app).sign_in(ART)
    ApiClient(app).sign_in(CON)
    seen_later(f"/users/{art}", api_as(ADA), reads[0])
    tag = {"If-Match": reads[0].headers["ETag"]}
    changed = api_as(ADA).patch(f"/users/{art}", json={"biography": "Walks."}, headers=tag)
    assert changed.status_code == 200
    assert api_as(ADA).post(f"/users/{art}/sign-out", headers=tag).status_code == 412
    tag = {"If-Match": changed.headers["ETag"]}
    ended = api_as(ADA).post(f"/users/{art}/deactivate", headers=tag)
    assert ended.status_code == 200
    assert api_as(ADA).delete(f"/users/{art}", headers={"If-Match": ended.headers["ETag"]}).status_code == 204
    items = [{"id": con, "etag": reads[1].headers["ETag"], "biography": words} for words in ("Writes.", "Too late.")]
    assert [row["status"] for row in api_as(ADA).patch("/users", json={"items": items}).json["results"]] == [200, 412]


def test_who_signs_in_elsewhere_changes_themselves_as_they_were_read(app: Flask, api_as: As) -> None:
    read = api_as(ART).get("/users/me")
    ApiClient(app).sign_in(ART)
    seen_later("/users/me", api_as(ART), read)
    tag = {"If-Match": read.headers["ETag"]}
    assert [api_as(ART).patch("/users/me", json={"name": name}, headers=tag).status_code for name in "ab"] == [200, 412]


def test_an_invitation_that_ends_is_no_change_and_one_that_is_taken_is(app: Flask, api_as: As) -> None:
    made = api_as(ADA).post("/users", json={"email": "lena@example.com", "name": "Lena", "invite": True})
    address, tag = f"/users/{made.json['id']}", {"If-Match": made.headers["ETag"]}

    def have(**values: Any) -> None:
        with transaction() as session:
            session.execute(update(User).where(User.id == made.json["id"]).values(values))

    have(invited_at=utcnow() - invitation_lasts() - LATER)
    seen_later(address, api_as(ADA), made, "state")
    assert api_as(ADA).patch(address, json={"biography": ""}, headers=tag).status_code == 200
    have(password="taken")
    assert api_as(ADA).delete(address, headers=tag).status_code == 412


def test_a_token_that_is_used_is_revoked_as_it_was_read(app: Flask, api_as: As) -> None:
    made = api_as(ART).post("/me/tokens", json={"name": "Backup", "scopes": ["content:post:edit"], "days": 3})
    path = f"/me/tokens/{made.json['id']}"
    read = api_as(ART).get(path)
    with transaction() as session:
        session.execute(update(PersonalToken).values(last_used_at=utcnow()))
    seen_later(path, api_as(ART), read, "last_used_at")
    assert api_as(ART).delete(path, headers={"If-Match": made.headers["ETag"]}).status_code == 204


def test_a_sign_in_that_is_used_is_ended_as_it_was_read(app: Flask, api_as: As) -> None:
    ApiClient(app).sign_in(ART)
    items = api_as(ART).get("/me/sign-ins").json["items"]
    path = next(f"/me/sign-ins/{item['id']}" for item in items if not item["is_current"])
    read = api_as(ART).get(path)
    with transaction() as session:
        session.execute(update(SignIn).values(last_seen_at=utcnow() + LATER))
    seen_later(path, api_as(ART), read)
    assert api_as(ART).delete(path, headers={"If-Match": read.headers["ETag"]}).status_code == 204
