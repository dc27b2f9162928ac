"""People for programs: who sees whom, making accounts, changing them, and what nobody sets from outside."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from flask import Flask
from sqlalchemy import func, select, update

from cms.accounts.actions import assign_roles, create_role
from cms.accounts.actions.create_token import create_token
from cms.accounts.freshness import FRESH_FOR
from cms.accounts.models import Authenticator, PersonalToken, SignIn, User
from cms.accounts.passwords import is_right
from cms.accounts.queries import find_user_by_email
from cms.audit.models import AuditEntry
from cms.audit.records import READ
from cms.core.db import current_session, transaction
from cms.core.jobs import Job
from cms.core.pagination import encode_cursor
from cms.core.permissions import Grant, system_user
from cms.lib.clock import utcnow
from tests.factories import make_post, user
from tests.factories.media import make_media
from tests.functional.api.client import ApiClient, not_there
from tests.needs import needs
from tests.people import ADA, ART, CON, ED, EVERYBODY, NOBODY, SUE, Person

As = Callable[[Person], ApiClient]
NEW = {"email": "lena@example.com", "name": "Lena"}


def fresh(person: Person) -> User:
    """Return the record of a person as it is now."""
    current_session().expire_all()
    return user(person)


def key_of(person: Person) -> int:
    return fresh(person).id


def kept(person: Person) -> dict[str, Any]:
    """Return every column of a person's row, and their roles; what signing in changes apart."""
    row = fresh(person)
    columns = [column.key for column in User.__table__.columns]
    columns = [name for name in columns if "login" not in name and name != "updated_at"]
    return {name: getattr(row, name) for name in columns} | {"roles": row.role_names}


def count_people() -> int:
    return current_session().scalar(select(func.count(User.id))) or 0


def give(person: Person, *rights: str, label: str = "Helper") -> None:
    """Give a person a role of their own with these rights, besides what they hold."""
    with transaction():
        grants = [Grant(name, extent or "all") for name, _slash, extent in (right.partition("/") for right in rights)]
        role = create_role(label=label, rights=grants, by=system_user())
        someone = user(person)
        assign_roles(someone, [*someone.roles, role], by=system_user())


def grow_old(person: Person) -> None:
    """Have the sign-ins of a person be from long ago."""
    with transaction() as session:
        session.execute(
            update(SignIn).where(SignIn.user_id == user(person).id).values(confirmed_at=utcnow() - 2 * FRESH_FOR)
        )


def errors(answer: Any) -> set[str]:
    assert answer.status_code == 422, answer.get_data(as_text=True)
    return set(answer.json["errors"])


# -- making ----------------------------------------------------------------------------------------------------------


def test_create_user(app: Flask, api_as: As) -> None:
    """The handbooks send name, email, password and role, and read the account back without the password.

    Ours takes `roles` (people hold several), asks of the password what nobody guesses, and is for admins alone.
    """
    sent = {**NEW, "password": "a kettle full of rain", "roles": ["author"]}
    answer = api_as(ADA).post("/users", json=sent)
    assert answer.status_code == 201
    made = answer.json
    assert (made["name"], made["email"], made["roles"], made["state"]) == (
        "Lena", "lena@example.com", ["author"], "active",
    )  # fmt: skip
    assert answer.headers["Location"].endswith(f"/api/v1/users/{made['id']}")
    assert api_as(ADA).get(f"/users/{made['id']}").json == made
    assert "password" not in made
    assert "kettle" not in answer.get_data(as_text=True)
    with app.test_request_context():
        assert is_right(find_user_by_email("lena@example.com"), "a kettle full of rain")
    lena = Person("Lena", "author")
    assert ApiClient(app).sign_in(lena, "a kettle full of rain").get("/users/me").json["email"] == "lena@example.com"


def test_duplicate_email(app: Flask, api_as: As) -> None:
    """The handbooks answer 409; ours too, in any spelling, for those who make accounts and so see who has one.

    Whoever registers by themselves is never told (`test_register`).
    """
    before = count_people()
    for email in (ART.email, "ART@Example.COM", " art@example.com "):
        answer = api_as(ADA).post("/users", json={**NEW, "email": email})
        assert (answer.status_code, answer.json["code"]) == (409, "email_taken")
        assert list(answer.json["errors"]) == ["email"]
    moved = api_as(ADA).patch(f"/users/{key_of(CON)}", json={"email": ART.email})
    assert (moved.status_code, moved.json["code"]) == (409, "email_taken")
    assert (count_people(), fresh(CON).email) == (before, CON.email)


def test_an_account_that_is_asked_for_twice_is_made_once(app: Flask, api_as: As) -> None:
    sent, headers = {**NEW, "invite": True}, {"Idempotency-Key": "invite-lena"}
    first = api_as(ADA).post("/users", json=sent, headers=headers)
    again = api_as(ADA).post("/users", json=sent, headers=headers)
    assert (first.status_code, again.status_code, again.json) == (201, 201, first.json)
    assert again.headers["Idempotency-Replayed"] == "true"
    assert current_session().scalar(select(func.count()).select_from(Job).where(Job.name == "send_mail")) == 1
    other = api_as(ADA).post("/users", json={**sent, "name": "Mia"}, headers=headers)
    assert (other.status_code, other.json["code"]) == (422, "idempotency_key_reused")


def test_who_is_invited_gets_a_mail_and_chooses_a_password(app: Flask, api_as: As) -> None:
    made = api_as(ADA).post("/users", json={**NEW, "invite": True, "roles": ["contributor"]}).json
    assert (made["state"], made["roles"]) == ("invited", ["contributor"])
    assert current_session().scalars(select(Job).where(Job.name == "send_mail")).all()
    both = {**NEW, "email": "piet@example.com", "invite": True, "password": "a kettle full of rain"}
    assert errors(api_as(ADA).post("/users", json=both)) == {"invite"}
    assert find_user_by_email("piet@example.com") is None


def test_an_account_that_says_nothing_of_roles_is_a_readers(app: Flask, api_as: As) -> None:
    made = api_as(ADA).post("/users", json=NEW).json
    assert (made["roles"], made["state"]) == (["subscriber"], "without_password")
    none = api_as(ADA).post("/users", json={"email": "piet@example.com", "name": "Piet", "roles": []}).json
    assert none["roles"] == []
    give(CON, "accounts:user:invite")
    by_con = api_as(CON).post("/users", json={"email": "mia@example.com", "name": "Mia"}).json
    assert by_con["roles"] == []


WRONG: tuple[tuple[str, Any], ...] = (
    ("email", "nobody"),
    ("email", ""),
    ("email", 7),
    ("name", "lena@example.com"),
    ("name", " "),
    ("password", "short"),
    ("password", "password123"),
    ("password", "lena@example.com"),
    ("password", "x" * 600),
    ("roles", ["nothing"]),
    ("roles", "author"),
    ("roles", [{"name": "author"}]),
    ("invite", "maybe"),
    ("invite", 1),
)


def test_wrong_input_is_named_and_makes_nobody(app: Flask, api_as: As) -> None:
    before = count_people()
    for field, value in WRONG:
        named = errors(api_as(ADA).post("/users", json={**NEW, field: value}))
        assert {name.partition(".")[0] for name in named} == {field}, value
    assert count_people() == before


FORBIDDEN = (
    "id", "active", "role", "author_id", "fs_uniquifier", "slug_skeleton", "confirmed_at", "invited_at", "created_at",
    "updated_at", "login_count", "passkey_handle", "erased_at", "grants", "permissions", "groups", "state",
    "has_second_factor", "last_seen_at", "password_hash", "narrowed_to", "url", "picture", "is_admin", "held",
)  # fmt: skip


def test_nobody_sets_from_outside_what_is_not_theirs_to_set(app: Flask, api_as: As) -> None:
    people, before, key = count_people(), kept(ART), key_of(ART)
    # Nobody sets a password of somebody else either: a link by mail is for that.
    for field in (*FORBIDDEN, "password"):
        for value in (True, ["admin"]):
            body = {field: value, "name": "Somebody else"}
            assert errors(api_as(ADA).patch(f"/users/{key}", json=body)) == {field}
            assert errors(api_as(ART).patch(f"/users/{key}", json=body)) == {field}
    for field in FORBIDDEN:
        assert errors(api_as(ADA).post("/users", json={**NEW, field: "admin"})) == {field}
        if field != "id":
            body = {"items": [{"id": key, field: 1}]}
            assert errors(api_as(ADA).patch("/users", json=body)) == {f"items.0.{field}"}
        assert errors(api_as(ADA).post("/users", json={**NEW, f"user.{field}": 1})) == {f"user.{field}"}
    assert (count_people(), kept(ART)) == (people, before)


def test_what_is_nested_is_looked_at_as_closely(app: Flask, api_as: As) -> None:
    key = key_of(ART)
    links = [{"url": "https://example.com", "user_id": 1}]
    assert errors(api_as(ART).patch(f"/users/{key}", json={"links": links})) == {"links.0.user_id"}
    assert errors(api_as(ART).patch(f"/users/{key}", json={"links": [{"url": "javascript:alert(1)"}]})) == {"links"}
    assert fresh(ART).links == []


# -- who sees whom ---------------------------------------------------------------------------------------------------


def test_the_list_is_for_who_may_see_who_has_an_account(app: Flask, api_as: As) -> None:
    got = {person.name: api_as(person).get("/users").status_code for person in EVERYBODY}
    assert got == {"Ada": 200, "Ed": 200, "Art": 403, "Con": 403, "Sue": 403, "Nobody": 401}


def test_readers_know_authors_and_nobody_else(app: Flask, api_as: As) -> None:
    make_post("By Art", author=ART)
    make_post("Not yet", author=CON, state="draft")
    for person in (SUE, CON, NOBODY):
        profile = api_as(person).get(f"/users/{key_of(ART)}")
        assert profile.json == {
            "id": key_of(ART), "name": "Art", "slug": "art", "url": "http://localhost/author/art/", "biography": "",
            "picture": None,
        }  # fmt: skip
        for hidden in (key_of(SUE if person is CON else CON), 999_999, 0, 2**63, 10**40):
            answer = api_as(person).get(f"/users/{hidden}")
            assert answer.status_code == 404
            assert "@" not in answer.get_data(as_text=True)
    make_post("For members alone", author=CON, visibility="members")
    assert [api_as(person).get(f"/users/{key_of(CON)}").status_code for person in (SUE, NOBODY)] == [200, 404]


def test_an_account_is_seen_by_its_person_and_by_who_lists_people(app: Flask, api_as: As) -> None:
    key = key_of(ART)
    for person in (ADA, ED, ART):
        shown = api_as(person).get(f"/users/{key}").json
        assert (shown["email"], shown["roles"], shown["active"]) == (ART.email, ["author"], True)
        text = api_as(person).get(f"/users/{key}").get_data(as_text=True)
        assert fresh(ART).fs_uniquifier not in text
        assert "argon2" not in text
    looks = select(func.count()).select_from(AuditEntry).where(AuditEntry.act == READ, AuditEntry.subject_id == key)
    assert current_session().scalar(looks.where(AuditEntry.actor_id == key_of(ADA))) == 1
    assert current_session().scalar(looks.where(AuditEntry.actor_id == key)) == 0


def test_a_token_without_the_right_sees_what_readers_see(app: Flask, api_as: As) -> None:
    with transaction():
        ada = user(ADA)
        _token, secret = create_token(ada, name="Narrow", scopes=["content:post:edit"], days=1, by=ada)
        _wide, wide = create_token(ada, name="Lists", scopes=["accounts:user:list"], days=1, by=ada)
    assert ApiClient(app, secret).get("/users").status_code == 403
    assert ApiClient(app, secret).get(f"/users/{key_of(ART)}").status_code == 404
    assert ApiClient(app, secret).delete(f"/users/{key_of(ART)}").status_code == 403
    assert ApiClient(app, wide).get("/users").status_code == 200
    assert ApiClient(app, wide).patch(f"/users/{key_of(ART)}", json={"name": "Other"}).status_code == 403
    assert ApiClient(app, wide).post("/users", json=NEW).status_code == 403


# -- changing --------------------------------------------------------------------------------------------------------


def test_everybody_changes_their_own_profile_and_an_admin_that_of_others(app: Flask, api_as: As) -> None:
    key = key_of(ART)
    sent = {
        "name": "Art of the Coast", "slug": "art-of-the-coast", "biography": "Walks.\n\nWrites.", "language": "en-GB",
        "time_zone": "Europe/Oslo", "links": [{"url": "https://example.com/art"}], "picture_id": None,
    }  # fmt: skip
    mine = api_as(ART).patch(f"/users/{key}", json=sent)
    assert mine.status_code == 200
    assert {name: mine.json[name] for name in sent} == sent | {
        "links": [{"label": "example.com", "url": "https://example.com/art"}]
    }
    assert api_as(ADA).patch(f"/users/{key}", json={"name": "Art"}).json["name"] == "Art"
    assert fresh(ART).biography == "Walks.\n\nWrites."
    got = {
        person.name: api_as(person).patch(f"/users/{key}", json={"name": "Other"}).status_code for person in EVERYBODY
    }
    assert got == {"Ada": 200, "Ed": 403, "Art": 200, "Con": 404, "Sue": 404, "Nobody": 401}


def test_a_profile_says_what_is_wrong_with_it(app: Flask, api_as: As) -> None:
    key, before = key_of(ART), kept(ART)
    wrong: dict[str, Any] = {
        "name": "Ada", "slug": "admin", "biography": "x" * 6000, "links": [{"url": "ftp://example.com"}],
        "time_zone": "Nowhere/Land", "language": "klingon!",
    }  # fmt: skip
    for field, value in wrong.items():
        assert errors(api_as(ART).patch(f"/users/{key}", json={field: value})) == {field}
    assert errors(api_as(ART).patch(f"/users/{key}", json={"picture_id": 999})) == {"picture_id"}
    assert errors(api_as(ART).patch(f"/users/{key}", json={"picture_id": 2**60})) == {"picture_id"}
    several = errors(api_as(ART).patch(f"/users/{key}", json={"biography": "x" * 6000, "time_zone": "Nowhere/Land"}))
    assert several == {"biography", "time_zone"}
    assert kept(ART) == before


def test_an_admin_moves_what_others_sign_in_with_and_not_their_own(app: Flask, api_as: As) -> None:
    uniquifier = fresh(ART).fs_uniquifier
    moved = api_as(ADA).patch(f"/users/{key_of(ART)}", json={"email": "art@example.org"})
    assert (moved.status_code, moved.json["email"]) == (200, "art@example.org")
    row = current_session().get_one(User, moved.json["id"])
    assert row.fs_uniquifier != uniquifier
    own = api_as(ADA).patch(f"/users/{key_of(ADA)}", json={"email": "ada@example.org", "name": "Adele"})
    assert own.status_code == 403
    for person in (ED, CON):
        assert api_as(person).patch(f"/users/{key_of(person)}", json={"email": "x@example.org"}).status_code == 403
    assert (fresh(ADA).email, fresh(ADA).name, fresh(CON).email) == (ADA.email, "Ada", CON.email)
    assert errors(api_as(ADA).patch(f"/users/{key_of(CON)}", json={"email": "nobody"})) == {"email"}


def test_nobody_gives_what_they_lack_nor_takes_it(app: Flask, api_as: As) -> None:
    give(ED, "accounts:role:assign")
    assert api_as(ED).patch(f"/users/{key_of(SUE)}", json={"roles": ["author"]}).json["roles"] == ["author"]
    for person, roles in ((SUE, ["admin"]), (ED, ["admin"]), (ADA, []), (ADA, ["admin", "author"])):
        before = fresh(person).role_names
        answer = api_as(ED).patch(f"/users/{key_of(person)}", json={"roles": roles})
        assert answer.status_code == 403
        assert fresh(person).role_names == before
    assert api_as(ART).patch(f"/users/{key_of(ART)}", json={"roles": ["admin"]}).status_code == 403
    assert errors(api_as(ADA).patch(f"/users/{key_of(ART)}", json={"roles": ["boss"]})) == {"roles"}
    assert fresh(ART).role_names == ("author",)


def test_a_token_gives_no_more_than_it_names(app: Flask, api_as: As) -> None:
    with transaction():
        ada = user(ADA)
        scopes = ["accounts:user:list", "accounts:user:invite", "accounts:role:assign", "accounts:user:edit"]
        _token, secret = create_token(ada, name="People", scopes=scopes, days=1, by=ada)
    program, sue = ApiClient(app, secret), key_of(SUE)
    for roles in (["admin"], ["author"], ["admin", "subscriber"]):
        assert program.patch(f"/users/{sue}", json={"roles": roles}).status_code == 403
        assert program.post("/users", json={**NEW, "roles": roles}).status_code == 403
    # Whoever holds more than the token does is out of its reach, its own person apart.
    assert program.patch(f"/users/{key_of(ART)}", json={"name": "Other"}).status_code == 403
    assert program.patch(f"/users/{key_of(ADA)}", json={"biography": "Looks after it all."}).status_code == 200
    assert program.post("/users", json={**NEW, "roles": []}).status_code == 201
    assert (fresh(SUE).role_names, fresh(ART).name) == (("subscriber",), "Art")


def test_the_last_admin_stays(app: Flask, api_as: As) -> None:
    key = key_of(ADA)
    give(ADA, "content:post:edit")
    for answer in (
        api_as(ADA).patch(f"/users/{key}", json={"roles": ["editor"], "name": "Adele"}),
        api_as(ADA).post(f"/users/{key}/deactivate", json={}),
        api_as(ADA).delete(f"/users/{key}"),
    ):
        assert answer.status_code == 409
    assert (fresh(ADA).name, fresh(ADA).active, "admin" in fresh(ADA).role_names) == ("Ada", True, True)


def test_a_change_is_whole_or_not_at_all(app: Flask, api_as: As) -> None:
    before = kept(ART)
    key = key_of(ART)
    for sent in (
        {"name": "Somebody", "email": CON.email},
        {"name": "Somebody", "roles": ["boss"]},
        {"email": "new@example.com", "roles": ["boss"]},
    ):
        assert api_as(ADA).patch(f"/users/{key}", json=sent).status_code in (409, 422)
    assert kept(ART) == before


def test_if_match_keeps_what_somebody_else_saved(app: Flask, api_as: As) -> None:
    key = key_of(ART)
    read = api_as(ADA).get(f"/users/{key}")
    etag = read.headers["ETag"]
    assert api_as(ADA).get(f"/users/{key}", headers={"If-None-Match": etag}).status_code == 304
    first = api_as(ADA).patch(f"/users/{key}", json={"biography": "First."}, headers={"If-Match": etag})
    assert first.status_code == 200
    for method, address, body in (
        ("PATCH", f"/users/{key}", {"biography": "Second."}),
        ("POST", f"/users/{key}/deactivate", {}),
        ("DELETE", f"/users/{key}", None),
    ):
        late = api_as(ADA).open(method, address, json=body, headers={"If-Match": etag})
        assert (late.status_code, late.json["code"]) == (412, "old_version")
    assert (fresh(ART).biography, fresh(ART).active) == ("First.", True)
    again = api_as(ADA).patch(
        f"/users/{key}", json={"biography": "Third."}, headers={"If-Match": first.headers["ETag"]}
    )
    assert again.status_code == 200
    assert api_as(ADA).get(f"/users/{key}").headers["ETag"] == again.headers["ETag"]


def race(app: Flask, ada: ApiClient, key: int) -> None:
    """Have two change the same version of a person at once: one wins, the other is told."""
    etag = ada.get(f"/users/{key}").headers["ETag"]

    def change(number: int) -> int:
        one = ApiClient(app, ada.token)
        sent = {"biography": f"Number {number}, after {etag}."}
        return one.patch(f"/users/{key}", json=sent, headers={"If-Match": etag}).status_code

    with ThreadPoolExecutor(2) as pool:
        assert sorted(pool.map(change, (1, 2))) == [200, 412]


def test_of_two_who_change_the_same_version_at_once_one_wins(app: Flask, api_as: As) -> None:
    key, client = key_of(ART), api_as(ADA)
    for _round in range(3):
        race(app, client, key)


@needs("postgres")
def test_of_two_at_once_one_wins_on_postgresql(make_app: Callable[..., Flask], postgres_url: str) -> None:
    app = make_app(CMS_DATABASE_URL=postgres_url)
    with app.app_context():
        client, key = ApiClient(app).sign_in(ADA), key_of(ART)
        for _round in range(3):
            race(app, client, key)
        assert client.get("/users?role=%00&search=%00x&sort=-last_seen_at").status_code < 500
        for beyond in (2**31, 2**40, 2**62, 2**63):
            assert client.get(f"/users/{beyond}").status_code == 404
        assert errors(client.patch(f"/users/{key}", json={"picture_id": 2**40})) == {"picture_id"}
        assert errors(client.get(f"/users?group_id={2**50}")) == {"group_id"}
        assert not_there(client.get(f"/users?cursor=name~{encode_cursor('after', 'a', 2**40)}")) == {"cursor"}


def test_several_are_changed_each_by_themselves(app: Flask, api_as: As) -> None:
    art, con = key_of(ART), key_of(CON)
    etag = api_as(ADA).get(f"/users/{con}").headers["ETag"]
    items: list[dict[str, Any]] = [
        {"id": art, "name": "Arthur", "roles": ["contributor"]},
        {"id": 999_999, "name": "Nobody"},
        {"id": con, "email": ART.email},
        {"id": con, "etag": etag, "biography": "Writes."},
        {"id": con, "etag": etag, "biography": "Too late."},
    ]
    results = api_as(ADA).patch("/users", json={"items": items}).json["results"]
    assert [(row["id"], row["status"]) for row in results] == [
        (art, 200),
        (999_999, 404),
        (con, 409),
        (con, 200),
        (con, 412),
    ]
    assert results[0]["item"]["roles"] == ["contributor"]
    assert results[2]["problem"]["code"] == "email_taken"
    assert (fresh(ART).name, fresh(CON).biography, fresh(CON).email) == ("Arthur", "Writes.", CON.email)
    by_art = api_as(ART).patch("/users", json={"items": [{"id": art, "name": "Art"}, {"id": con, "name": "X"}]})
    assert [row["status"] for row in by_art.json["results"]] == [200, 404]
    assert api_as(NOBODY).patch("/users", json={"items": [{"id": art, "name": "X"}]}).status_code == 401
    assert errors(api_as(ADA).patch("/users", json={"items": []})) == {"items"}
    assert errors(api_as(ADA).patch("/users", json={"items": [{"id": art}] * 101})) == {"items"}


def test_what_matters_is_confirmed_first(app: Flask, api_as: As) -> None:
    art = key_of(ART)
    api_as(ADA).get("/users/me")
    grow_old(ADA)
    for method, address, body in (
        ("POST", "/users", NEW),
        ("PATCH", f"/users/{art}", {"roles": ["admin"]}),
        ("PATCH", f"/users/{art}", {"email": "x@example.org"}),
        ("PATCH", "/users", {"items": [{"id": art, "roles": ["admin"]}]}),
        ("POST", f"/users/{art}/deactivate", {}),
        ("POST", f"/users/{art}/reactivate", {}),
        ("DELETE", f"/users/{art}", None),
    ):
        answer = api_as(ADA).open(method, address, json=body)
        assert (answer.status_code, answer.json["code"]) == (403, "confirm_first"), address
    assert api_as(ADA).patch(f"/users/{art}", json={"biography": "Writes."}).status_code == 200
    assert (fresh(ART).role_names, fresh(ART).active) == (("author",), True)


# -- closing and deleting ----------------------------------------------------------------------------------------------


def test_an_account_is_closed_and_opened_again(app: Flask, api_as: As) -> None:
    key = key_of(ART)
    assert api_as(ART).get("/users/me").status_code == 200
    closed = api_as(ADA).post(f"/users/{key}/deactivate", json={})
    assert (closed.status_code, closed.json["active"], closed.json["state"]) == (200, False, "inactive")
    assert api_as(ART).get("/users/me").status_code == 401
    opened = api_as(ADA).post(f"/users/{key}/reactivate", json={})
    assert (opened.json["active"], opened.json["state"]) == (True, "active")
    assert errors(api_as(ADA).post(f"/users/{key}/deactivate", json={"roles": ["admin"]})) == {"roles"}
    for act in ("deactivate", "reactivate"):
        got = {
            p.name: api_as(p).post(f"/users/{key_of(SUE)}/{act}", json={}).status_code for p in (ED, CON, SUE, NOBODY)
        }
        assert got == {"Ed": 403, "Con": 403, "Sue": 403, "Nobody": 401}
    assert api_as(ADA).post("/users/999999/deactivate", json={}).status_code == 404
    assert fresh(SUE).active


def test_what_else_the_back_office_does_with_accounts(app: Flask, api_as: As) -> None:
    """Each act asks the action that the page of the person asks; here, that each address leads to its own."""
    key, ada = key_of(ART), api_as(ADA)
    mails = select(func.count()).select_from(Job).where(Job.name == "send_mail")
    with transaction():
        art = user(ART)
        create_token(art, name="Backup", scopes=["content:post:edit"], days=1, by=art)
        now = utcnow()
        current_session().add(Authenticator(user_id=art.id, secret="x", created_at=now, confirmed_at=now))
    before = current_session().scalar(mails) or 0
    assert ada.post(f"/users/{key}/invite").status_code == 409
    assert ada.post(f"/users/{key}/reset-password").status_code == 200
    assert ada.post(f"/users/{key}/revoke-tokens").status_code == 200
    assert current_session().scalars(select(PersonalToken)).all() == []
    assert ada.get(f"/users/{key}").json["has_second_factor"] is True
    assert ada.post(f"/users/{key}/reset-factors").json["has_second_factor"] is False
    assert (current_session().scalar(mails) or 0) == before + 2
    assert api_as(ART).get("/users/me").status_code == 200
    assert ada.post(f"/users/{key}/sign-out").status_code == 200
    assert api_as(ART).get("/users/me").status_code == 401
    made = ada.post("/users", json=NEW).json
    assert ada.post(f"/users/{made['id']}/invite").json["state"] == "invited"
    for act in ("invite", "reset-password", "reset-factors", "sign-out", "revoke-tokens"):
        got = [api_as(person).post(f"/users/{key_of(SUE)}/{act}").status_code for person in (ED, CON, SUE, NOBODY)]
        assert got == [403, 403, 403, 401]
        assert errors(ada.post(f"/users/{key}/{act}", json={"active": False})) == {"active"}


def test_who_looks_after_accounts_does_not_reach_those_above(app: Flask, api_as: As) -> None:
    give(ED, "accounts:user:deactivate", "accounts:user:delete", "accounts:user:edit")
    for method, address, body in (
        ("POST", f"/users/{key_of(ADA)}/deactivate", {}),
        ("DELETE", f"/users/{key_of(ADA)}", None),
        ("PATCH", f"/users/{key_of(ADA)}", {"name": "Adele"}),
        ("PATCH", f"/users/{key_of(ADA)}", {"email": "x@example.org"}),
    ):
        assert api_as(ED).open(method, address, json=body).status_code == 403
    assert (fresh(ADA).active, fresh(ADA).name, fresh(ADA).email) == (True, "Ada", ADA.email)
    assert api_as(ED).post(f"/users/{key_of(SUE)}/deactivate", json={}).status_code == 200


def test_an_account_is_deleted_and_somebody_takes_over(app: Flask, api_as: As) -> None:
    post = make_post("By Art", author=ART)
    post_id, art, con, sue = post.id, key_of(ART), key_of(CON), key_of(SUE)
    for heir in ("", f"?hand_over_to={art}", "?hand_over_to=999999", f"?hand_over_to={2**63}", "?hand_over_to=x"):
        assert errors(api_as(ADA).delete(f"/users/{art}{heir}")) == {"hand_over_to"}
    got = {p.name: api_as(p).delete(f"/users/{art}?hand_over_to={con}").status_code for p in (ED, ART, SUE, NOBODY)}
    assert got == {"Ed": 403, "Art": 403, "Sue": 403, "Nobody": 401}
    gone = api_as(ADA).delete(f"/users/{art}?hand_over_to={con}")
    assert (gone.status_code, gone.data) == (204, b"")
    current_session().expire_all()
    assert current_session().get(User, art) is None
    assert current_session().get_one(type(post), post_id).owner_ids == (con,)
    assert api_as(ADA).delete(f"/users/{art}").status_code == 404
    assert api_as(ADA).delete(f"/users/{sue}").status_code == 204
    assert api_as(ADA).delete("/users/0").status_code == 404


def test_an_author_has_a_picture_that_readers_may_fetch(app: Flask, api_as: As) -> None:
    make_post("By Art", author=ART)
    picture = make_media(alt="Art by the sea", by=user(ART))
    assert api_as(ART).patch(f"/users/{key_of(ART)}", json={"picture_id": picture.id}).status_code == 200
    for person in (NOBODY, SUE, ADA, ART):
        shown = api_as(person).get(f"/users/{key_of(ART)}").json["picture"]
        assert (shown["id"], shown["alt"], shown["width"]) == (picture.id, "Art by the sea", 40)
    path = shown["url"].removeprefix("http://localhost")
    assert app.test_client().get(path, buffered=True).status_code == 200


def test_other_methods_are_told(app: Flask, api_as: As) -> None:
    answer = api_as(ADA).open("PUT", f"/users/{key_of(ART)}", check=False, json={"name": "X"})
    assert (answer.status_code, answer.json["code"]) == (405, "method_not_allowed")
    forged = api_as(SUE).post(f"/users/{key_of(SUE)}/deactivate", json={}, headers={"X-HTTP-Method-Override": "DELETE"})
    assert forged.status_code == 403
    for path in ("/users/", f"/users/{key_of(ART)}/"):
        assert api_as(ADA).get(path, check=False).status_code == 404
