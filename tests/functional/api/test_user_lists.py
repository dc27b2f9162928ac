"""The list of people for programs: narrowed, sorted and walked through, and blind to what is private."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from flask import Flask
from sqlalchemy import select, update

from cms.accounts.actions import change_members, create_group, create_user
from cms.accounts.models import User
from cms.accounts.queries import get_role
from cms.core.db import current_session, transaction
from cms.core.permissions import system_user
from cms.lib.clock import utcnow
from tests.factories import user
from tests.functional.api.client import ApiClient, not_there
from tests.people import ADA, CON, SUE, Person

As = Callable[[Person], ApiClient]


def errors(answer: Any) -> set[str]:
    assert answer.status_code == 422, answer.get_data(as_text=True)
    return set(answer.json["errors"])


def test_a_list_is_narrowed_sorted_and_walked_through(app: Flask, api_as: As) -> None:
    with transaction():
        group = create_group(name="Newsroom", roles=[get_role("editor")], by=system_user())
        change_members(group, join=[user(CON)], by=system_user())
        group_id = group.id
        user(SUE).active = False

    def found(query: str) -> list[str]:
        return [item["name"] for item in api_as(ADA).get(f"/users?{query}").json["items"]]

    assert found("") == ["Ada", "Art", "Con", "Ed", "Sue"]
    assert found("sort=-name") == ["Sue", "Ed", "Con", "Art", "Ada"]
    assert found("search=ART%40") == ["Art"]
    assert found("role=editor") == ["Con", "Ed"]
    assert found("role=nothing") == []
    assert found(f"group_id={group_id}") == ["Con"]
    assert found("active=false") == found("view=inactive") == ["Sue"]
    assert found("active=true&view=inactive") == []
    assert found("view=staff") == ["Ada", "Art", "Con", "Ed"]
    assert found("has_second_factor=true") == []
    assert found("sort=-last_seen_at")[0] == "Ada"
    shown = api_as(ADA).get("/users?search=con&fields=name,groups").json["items"]
    assert shown == [{"id": user(CON).id, "name": "Con", "groups": [{"id": group_id, "name": "Newsroom"}]}]


def test_cursors_and_numbers_lead_to_everybody_once(app: Flask, api_as: As) -> None:
    for sort in ("name", "-name", "last_seen_at", "-last_seen_at", "created_at", "-created_at"):
        walk(api_as, sort)


def walk(api_as: As, sort: str) -> None:
    whole = [item["id"] for item in api_as(ADA).get(f"/users?sort={sort}").json["items"]]
    walked, page = list[int](), api_as(ADA).get(f"/users?sort={sort}&per_page=2").json
    assert (page["total"], page["pages"], page["page"], page["prev"]) == (5, 3, 1, None)
    while True:
        walked += [item["id"] for item in page["items"]]
        if page["next"] is None:
            break
        page = api_as(ADA).get(page["next"].removeprefix("http://localhost")).json
    assert walked == whole
    back = api_as(ADA).get(page["prev"].removeprefix("http://localhost")).json
    assert [item["id"] for item in back["items"]] == whole[2:4]
    numbered = [
        item["id"]
        for number in (1, 2, 3)
        for item in api_as(ADA).get(f"/users?sort={sort}&per_page=2&page={number}").json["items"]
    ]
    assert numbered == whole
    link = api_as(ADA).get(f"/users?sort={sort}&per_page=2&page=2").headers["Link"]
    assert [f'rel="{name}"' in link for name in ("first", "next", "prev")] == [True, True, True]


def test_what_is_private_narrows_sorts_and_shows_nothing(app: Flask, api_as: As) -> None:
    client = api_as(ADA)
    for name in ("password", "fs_uniquifier", "login_count", "passkey_handle", "email", "slug_skeleton"):
        assert errors(client.get(f"/users?sort={name}")) == {"sort"}
        assert errors(client.get(f"/users?sort=-{name}")) == {"sort"}
        assert errors(client.get(f"/users?filter[{name}]=a")) == {f"filter[{name}]"}
        assert errors(client.get(f"/users?{name}=a")) == {name}
        assert errors(client.get(f"/users?{name}__startswith=a")) == {f"{name}__startswith"}
    for name in (
        "fs_uniquifier",
        "password",
        "roles.grants",
        "grants",
        "sign_ins",
        "held",
        "name,password",
        "__dict__",
    ):
        assert errors(client.get("/users", query_string={"fields": name})) == {"fields"}
    for name in ("sign_ins", "roles", "roles.grants", "passkeys", "tokens"):
        assert errors(client.get(f"/users?include={name}")) == {"include"}
        assert errors(client.get(f"/users?{name}.id=1")) == {f"{name}.id"}
    assert errors(client.get("/users?roles.name=admin")) == {"roles.name"}
    assert errors(client.get("/users?sort=name&sort=created_at")) == {"sort"}
    assert errors(client.get("/users?view=admins")) == {"view"}


def test_pages_and_cursors_that_are_none_are_told(app: Flask, api_as: As) -> None:
    client = api_as(ADA)
    for number in ("0", "-1", str(2**63), "1e3", "x"):
        assert errors(client.get(f"/users?page={number}")) == {"page"}
    for number in ("0", "101", str(2**63)):
        assert errors(client.get(f"/users?per_page={number}")) == {"per_page"}
    other = client.get("/users?sort=created_at&per_page=1").json["next"].partition("cursor=")[2]
    for cursor in ("nothing", "W10", "WyJhZnRlciIsImEiLCJiIl0", "eA==", "%00", "W251bGwsbnVsbCxudWxsXQ"):
        assert not_there(client.get(f"/users?cursor={cursor}")) == {"cursor"}
    assert client.get(f"/users?sort=created_at&cursor={other}").status_code == 200
    assert not_there(client.get(f"/users?sort=name&cursor={other}")) == {"cursor"}
    assert not_there(client.get(f"/users?page=1&cursor={other}")) == {"cursor"}
    assert client.get("/users?page=400").json["items"] == []


def test_a_list_asks_the_database_little_however_many_there_are(app: Flask, api_as: As, count_queries: Any) -> None:
    client = api_as(ADA)

    def asked() -> list[str]:
        with count_queries() as found:
            assert client.get("/users?per_page=100").status_code == 200
        return list(found)

    few = asked()
    with transaction():
        for number in range(30):
            create_user(
                email=f"p{number}@example.com", name=f"P {number}", roles=[get_role("author")], by=system_user()
            )
        group = create_group(name="Newsroom", roles=[], by=system_user())
        change_members(group, join=list(current_session().scalars(select(User))), by=system_user())
        current_session().execute(update(User).where(User.password.is_(None)).values(invited_at=utcnow()))
    # The settings, which say how long an invitation holds, are read once a process; afterwards whether they changed.
    asked()
    many = asked()
    assert len(many) <= 6, many
    assert len(few) <= 6, few
    following = client.get("/users?per_page=5").json["next"].removeprefix("http://localhost")
    with count_queries() as beyond:
        client.get(following)
    assert len(beyond) <= 6, beyond
