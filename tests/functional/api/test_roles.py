"""Roles and permissions for programs: read by who may, changed by nobody beyond their own rights."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from flask import Flask
from sqlalchemy import update

from cms.accounts.actions import assign_roles, create_role
from cms.accounts.freshness import FRESH_FOR
from cms.accounts.models import SignIn
from cms.accounts.queries import find_role, get_role
from cms.audit.models import AuditEntry
from cms.core.db import current_session, transaction
from cms.core.permissions import Grant, registry, system_user
from cms.lib.clock import utcnow
from tests.factories import make_term, user
from tests.functional.api.client import ApiClient, not_there
from tests.people import ADA, ART, CON, ED, EVERYBODY, SUE, Person

As = Callable[[Person], ApiClient]
WALKS: dict[str, Any] = {
    "label": "Walks desk",
    "description": "Looks after walks.",
    "grants": [{"permission": "content:post:edit", "extent": "own"}, {"permission": "accounts:office:enter"}],
}


def errors(answer: Any) -> set[str]:
    assert answer.status_code == 422, answer.get_data(as_text=True)
    return set(answer.json["errors"])


def rights_of(name: str) -> frozenset[Grant]:
    current_session().expire_all()
    return get_role(name).rights


def give(person: Person, *rights: Grant) -> None:
    """Give a person a role of their own with these rights, besides what they hold."""
    with transaction():
        role = create_role(label="Helper", rights=rights, by=system_user())
        someone = user(person)
        assign_roles(someone, [*someone.roles, role], by=system_user())


def test_roles_are_read_by_who_may_and_say_everything(app: Flask, api_as: As) -> None:
    got = {p.name: (api_as(p).get("/roles").status_code, api_as(p).get("/roles/author").status_code) for p in EVERYBODY}
    assert got == {
        "Ada": (200, 200), "Ed": (200, 200), "Art": (200, 200), "Con": (200, 200), "Sue": (403, 403),
        "Nobody": (401, 401),
    }  # fmt: skip
    listed = api_as(CON).get("/roles").json
    assert [role["name"] for role in listed["items"]] == ["admin", "editor", "author", "contributor", "subscriber"]
    assert listed["total"] == 5
    author = api_as(CON).get("/roles/author").json
    assert author == listed["items"][2]
    assert (author["people"], author["is_built_in"], author["label"]) == (1, True, "Author")
    assert {"permission": "content:post:edit", "extent": "own"} in author["grants"]
    assert api_as(ADA).get("/roles/nothing").status_code == 404
    assert api_as(ADA).get("/roles/%00", check=False).status_code == 404
    second = api_as(ADA).get("/roles?sort=-name&per_page=2").json
    assert [role["name"] for role in second["items"]] == ["subscriber", "editor"]
    third = api_as(ADA).get(second["next"].removeprefix("http://localhost")).json
    assert [role["name"] for role in third["items"]] == ["contributor", "author"]
    for name in ("grants", "offered", "id", "version"):
        assert errors(api_as(ADA).get(f"/roles?sort={name}")) == {"sort"}
        assert errors(api_as(ADA).get(f"/roles?filter[{name}]=1")) == {f"filter[{name}]"}
    assert errors(api_as(ADA).get("/roles?include=people")) == {"include"}


def test_a_role_is_made_changed_and_deleted(app: Flask, api_as: As) -> None:
    made = api_as(ADA).post("/roles", json=WALKS)
    assert made.status_code == 201
    assert made.headers["Location"].endswith("/api/v1/roles/walks-desk")
    assert made.json["grants"] == [
        {"permission": "accounts:office:enter", "extent": "all"},
        {"permission": "content:post:edit", "extent": "own"},
    ]
    assert (made.json["people"], made.json["is_built_in"]) == (0, False)
    patched = api_as(ADA).patch("/roles/walks-desk", json={"requires_second_factor": True}).json
    assert (patched["requires_second_factor"], patched["label"], patched["grants"]) == (
        True, "Walks desk", made.json["grants"],
    )  # fmt: skip
    replaced = api_as(ADA).put("/roles/walks-desk", json={"label": "Walks", "grants": []}).json
    assert (replaced["label"], replaced["description"], replaced["grants"], replaced["requires_second_factor"]) == (
        "Walks", "", [], False,
    )  # fmt: skip
    # What it is called by programs stays.
    assert replaced["name"] == "walks-desk"
    with transaction():
        assign_roles(user(CON), [get_role("walks-desk")], by=system_user())
    assert errors(api_as(ADA).delete("/roles/walks-desk?replacement=nothing")) == {"replacement"}
    gone = api_as(ADA).delete("/roles/walks-desk?replacement=contributor")
    assert (gone.status_code, gone.data) == (204, b"")
    assert find_role("walks-desk") is None
    assert user(CON).role_names == ("contributor",)
    acts = {entry.act for entry in current_session().query(AuditEntry)}
    assert {"role.created", "role.edited", "role.deleted"} <= acts


def test_a_round_trip_changes_nothing(app: Flask, api_as: As) -> None:
    for language in ("en", "de"):
        headers = {"Accept-Language": language}
        for name in ("author", "admin"):
            read = api_as(ADA).get(f"/roles/{name}", headers=headers)
            kept = ("label", "description", "grants", "requires_second_factor")
            body = {field: read.json[field] for field in kept}
            saved = api_as(ADA).put(f"/roles/{name}", json=body, headers={**headers, "If-Match": read.headers["ETag"]})
            assert saved.json == read.json


WRONG: tuple[tuple[str, Any], ...] = (
    ("label", ""),
    ("label", "Admin"),
    ("label", "x" * 70),
    ("label", None),
    ("description", "x" * 600),
    ("requires_second_factor", "yes"),
    ("grants", [{"permission": "content:everything:do"}]),
    ("grants", [{"permission": "content:post:edit", "extent": "mine"}]),
    ("grants", [{"permission": "content:post:edit", "extent": "category:999"}]),
    ("grants", [{"permission": "accounts:role:edit", "extent": "own"}]),
    ("grants", [{"permission": "content:post:edit", "role_id": 1}]),
    ("grants", [{}]),
    ("grants", ["content:post:edit"]),
    ("grants", "content:post:edit"),
    ("name", "boss"),
    ("id", 1),
    ("version", 1),
    ("position", 0),
    ("offered", []),
    ("rights", ["content:post:edit"]),
    ("people", 3),
    ("users", [1]),
    ("is_built_in", True),
)


def test_wrong_input_is_named_and_changes_nothing(app: Flask, api_as: As) -> None:
    before = rights_of("author")
    for field, value in WRONG:
        for answer in (
            api_as(ADA).post("/roles", json={**WALKS, field: value}),
            api_as(ADA).put("/roles/author", json={**WALKS, field: value}),
            api_as(ADA).patch("/roles/author", json={field: value}),
        ):
            assert {name.partition(".")[0] for name in errors(answer)} == {field}, value
    assert rights_of("author") == before
    assert (find_role("walks-desk"), get_role("author").label) == (None, "Author")


def test_nobody_deals_in_rights_they_lack(app: Flask, api_as: As) -> None:
    got = {
        person.name: [
            api_as(person).post("/roles", json=WALKS).status_code,
            api_as(person).patch("/roles/subscriber", json={"description": "X"}).status_code,
            api_as(person).delete("/roles/subscriber").status_code,
        ]
        for person in EVERYBODY
        if person is not ADA
    }
    assert got == {"Ed": [403] * 3, "Art": [403] * 3, "Con": [403] * 3, "Sue": [403] * 3, "Nobody": [401] * 3}
    give(ED, Grant("accounts:role:edit"))
    more = [{"permission": "accounts:user:delete"}]
    assert api_as(ED).post("/roles", json={**WALKS, "grants": more}).status_code == 403
    assert api_as(ED).patch("/roles/helper", json={"grants": more}).status_code == 403
    assert api_as(ED).patch("/roles/admin", json={"description": "X"}).status_code == 403
    assert api_as(ED).post("/roles", json=WALKS).status_code == 201
    assert api_as(ED).delete("/roles/walks-desk?replacement=admin").status_code == 403
    assert api_as(ED).patch("/roles/walks-desk", json={"label": "Walks"}).status_code == 200
    assert Grant("accounts:user:delete") not in rights_of("walks-desk") | rights_of("helper")


def test_what_came_with_the_product_stays(app: Flask, api_as: As) -> None:
    for name in ("admin", "editor", "author", "contributor", "subscriber"):
        answer = api_as(ADA).delete(
            f"/roles/{name}?replacement=subscriber" if name != "subscriber" else "/roles/subscriber"
        )
        assert answer.status_code == 409
    before = rights_of("admin")
    less = [{"permission": "content:post:edit", "extent": "own"}]
    assert api_as(ADA).patch("/roles/admin", json={"grants": less}).status_code == 409
    assert rights_of("admin") == before


def test_if_match_keeps_what_somebody_else_saved(app: Flask, api_as: As) -> None:
    read = api_as(ADA).get("/roles/author")
    etag = read.headers["ETag"]
    assert etag.startswith(f'"{read.json["version"]}.')
    assert api_as(ADA).patch("/roles/author", json={"label": "Writer"}, headers={"If-Match": etag}).status_code == 200
    for method, body in (("PATCH", {"label": "X"}), ("PUT", {"label": "X", "grants": []}), ("DELETE", None)):
        late = api_as(ADA).open(method, "/roles/author", json=body, headers={"If-Match": etag})
        assert (late.status_code, late.json["code"]) == (412, "old_version")
    assert (get_role("author").label, rights_of("author") != frozenset()) == ("Writer", True)


def test_a_role_is_limited_to_places_and_holds_at_once(app: Flask, api_as: As) -> None:
    walks = make_term("category", "Walks")
    extent = f"category:{walks.id}"
    grants = [{"permission": "content:post:edit", "extent": extent}]
    assert api_as(ADA).post("/roles", json={**WALKS, "grants": grants}).json["grants"] == grants
    assert api_as(SUE).get("/users").status_code == 403
    assert api_as(ADA).patch(f"/users/{user(SUE).id}", json={"roles": ["walks-desk"]}).status_code == 200
    more = [*grants, {"permission": "accounts:user:list"}]
    assert api_as(ADA).patch("/roles/walks-desk", json={"grants": more}).status_code == 200
    assert api_as(SUE).get("/users").status_code == 200


def test_what_roles_allow_is_changed_by_who_has_just_shown_that_it_is_them(app: Flask, api_as: As) -> None:
    api_as(ADA).get("/roles")
    with transaction() as session:
        session.execute(update(SignIn).values(confirmed_at=utcnow() - 2 * FRESH_FOR))
    for method, path, body in (
        ("POST", "/roles", WALKS),
        ("PUT", "/roles/author", WALKS),
        ("PATCH", "/roles/author", {"label": "X"}),
        ("DELETE", "/roles/author", None),
    ):
        answer = api_as(ADA).open(method, path, json=body)
        assert (answer.status_code, answer.json["code"]) == (403, "confirm_first")
    assert get_role("author").label == "Author"


def test_permissions_are_told_in_words_with_what_one_holds(app: Flask, api_as: As, stranger: ApiClient) -> None:
    assert stranger.get("/permissions").status_code == 401
    first = api_as(ART).get("/permissions?per_page=20").json
    assert first["total"] == len(registry.names())
    found, page = list(first["items"]), first
    while page["next"]:
        page = api_as(ART).get(page["next"].removeprefix("http://localhost")).json
        found += page["items"]
    assert [item["name"] for item in found] == list(registry.names())
    held = {item["name"]: item["held"] for item in found}
    assert (held["content:post:edit"], held["accounts:user:list"]) == (["own"], [])
    assert all(item["sentence"].endswith(".") for item in found)
    numbered = api_as(ART).get("/permissions?per_page=20&page=2").json["items"]
    assert numbered == found[20:40]
    assert api_as(ART).get("/permissions?page=50").json["items"] == []
    for cursor in ("x", "WyJmcm9tIiwtMV0", "WyJmcm9tIiwxMDAwMDAwXQ", "WyJmcm9tIiwidSJd"):
        assert not_there(api_as(ART).get(f"/permissions?cursor={cursor}")) == {"cursor"}
