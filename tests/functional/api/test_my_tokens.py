"""Personal tokens for programs that signed in: made, listed and revoked, and never by a token."""

from __future__ import annotations

from collections.abc import Callable
from io import BytesIO
from typing import Any

from flask import Flask
from sqlalchemy import select, update

from cms.accounts.actions.create_token import create_token
from cms.accounts.freshness import FRESH_FOR
from cms.accounts.models import Authenticator, PersonalToken, SignIn
from cms.core.db import current_session, transaction
from cms.core.idempotency import IdempotentRequest
from cms.core.jobs import Job
from cms.lib.clock import utcnow
from tests.factories import user
from tests.factories.media import picture
from tests.functional.api.client import ApiClient
from tests.functional.api.tokens import program_of
from tests.people import ADA, ART, CON, ED, EVERYBODY, SUE, Person

As = Callable[[Person], ApiClient]
BACKUP: dict[str, Any] = {"name": "Backup", "scopes": ["content:post:edit", "content:post:create"], "days": 7}


def errors(answer: Any) -> set[str]:
    assert answer.status_code == 422, answer.get_data(as_text=True)
    return set(answer.json["errors"])


def tokens() -> list[PersonalToken]:
    current_session().expire_all()
    return list(current_session().scalars(select(PersonalToken).order_by(PersonalToken.id)))


def test_a_token_is_made_shown_once_and_opens_what_it_names(app: Flask, api_as: As) -> None:
    made = api_as(ART).post("/me/tokens", json=BACKUP)
    assert made.status_code == 201
    secret = made.json["token"]
    assert secret.startswith("mhp_")
    assert secret.endswith(made.json["hint"])
    assert made.json["scopes"] == ["content:post:create", "content:post:edit"]
    assert made.headers["Cache-Control"] == "no-store"
    assert made.headers["Location"].endswith(f"/api/v1/me/tokens/{made.json['id']}")
    for path in ("/me/tokens", f"/me/tokens/{made.json['id']}"):
        text = api_as(ART).get(path).get_data(as_text=True)
        assert secret not in text
        assert tokens()[0].key_hash not in text
    listed = api_as(ART).get("/me/tokens").json
    assert (listed["total"], listed["items"]) == (1, [{key: made.json[key] for key in made.json if key != "token"}])
    program = ApiClient(app, secret)
    assert program.get("/users/me").json["email"] == ART.email
    assert program.post("/posts", json={"title": "By the sea"}).status_code == 201
    assert program.get("/roles").status_code == 403
    assert current_session().scalars(select(Job).where(Job.name == "send_mail")).all()


def test_a_secret_is_never_kept_for_whoever_asks_again(app: Flask, api_as: As) -> None:
    headers = {"Idempotency-Key": "3f0e6a0e-8f5c-4a53-9d2f-5a3c8b1d7e11"}
    secret = api_as(ART).post("/me/tokens", json=BACKUP, headers=headers).json["token"]
    kept = current_session().scalars(select(IdempotentRequest)).all()
    assert not [row for row in kept if secret.encode() in row.body]


def test_everybody_looks_after_their_own_tokens_alone(app: Flask, api_as: As) -> None:
    key = api_as(ART).post("/me/tokens", json=BACKUP).json["id"]
    for person in (ADA, ED, CON, SUE):
        assert api_as(person).get("/me/tokens").json["items"] == []
        for hidden in (key, 0, 999_999, 2**63):
            assert api_as(person).get(f"/me/tokens/{hidden}").status_code == 404
            assert api_as(person).delete(f"/me/tokens/{hidden}").status_code == 404
    nobody = next(person for person in EVERYBODY if person.role is None)
    assert api_as(nobody).get("/me/tokens").status_code == 401
    assert api_as(nobody).post("/me/tokens", json=BACKUP).status_code == 401
    assert api_as(nobody).delete(f"/me/tokens/{key}").status_code == 401
    assert [token.id for token in tokens()] == [key]


def test_a_revoked_token_opens_nothing(app: Flask, api_as: As) -> None:
    made = api_as(ART).post("/me/tokens", json=BACKUP).json
    program = ApiClient(app, made["token"])
    assert program.get("/users/me").status_code == 200
    gone = api_as(ART).delete(f"/me/tokens/{made['id']}")
    assert (gone.status_code, gone.data) == (204, b"")
    assert program.get("/users/me").status_code == 401
    assert api_as(ART).delete(f"/me/tokens/{made['id']}").status_code == 404


def test_a_token_makes_reads_and_revokes_no_other(app: Flask, api_as: As) -> None:
    with transaction():
        ada = user(ADA)
        scopes = sorted({right.permission for right in ada.grants})
        mine, secret = create_token(ada, name="Everything", scopes=scopes, days=1, by=ada)
        other, _secret = create_token(ada, name="Other", scopes=scopes, days=1, by=ada)
        ids = mine.id, other.id
    program = ApiClient(app, secret)
    assert program.post("/me/tokens", json={**BACKUP, "scopes": ["accounts:office:enter"]}).status_code == 403
    assert program.get("/me/tokens").status_code == 403
    assert program.get(f"/me/tokens/{ids[1]}").status_code == 403
    assert [token.id for token in tokens()] == list(ids)
    # Itself it may put out of action, so that whoever finds it can.
    assert program.delete(f"/me/tokens/{ids[0]}").status_code == 204
    assert program.get("/users/me").status_code == 401


WRONG: tuple[tuple[str, Any], ...] = (
    ("name", ""),
    ("name", " "),
    ("name", "x" * 200),
    ("name", 7),
    ("scopes", []),
    ("scopes", ["accounts:user:list"]),
    ("scopes", ["content:everything:do"]),
    ("scopes", ["*"]),
    ("scopes", "content:post:edit"),
    ("scopes", [["content:post:edit"]]),
    ("days", 0),
    ("days", 367),
    ("days", 1.5),
    ("days", "7"),
    ("days", 2**63),
    ("days", True),
    ("user_id", 1),
    ("id", 1),
    ("token", "mhp_mine"),
    ("key_hash", "0"),
    ("hint", "abcd"),
    ("expires_at", "2099-01-01T00:00:00Z"),
    ("last_used_at", None),
    ("created_at", "2026-01-01T00:00:00Z"),
)


def refused(answer: Any) -> tuple[int, str, str]:
    """Return status, code and the sentence of what was refused."""
    return answer.status_code, answer.json["code"], answer.json["detail"]


def test_what_a_token_alone_does_not_allow_names_what_it_lacks(app: Flask) -> None:
    narrow = program_of(app, ADA, "content:post:create")
    key = narrow.post("/posts", json={"title": "Kept"}).json["id"]
    for method, path, body, scope in (
        ("patch", f"/posts/{key}", {"title": "Changed"}, "content:post:edit"),
        ("patch", "/settings", {"name": "Mine"}, "settings:site:change"),
        ("patch", "/users/me", {"biography": "Mine."}, "accounts:user:edit"),
    ):
        answer = narrow.open(method, path, json=body)
        assert refused(answer) == (
            403, "insufficient_scope", f"This token does not allow this: it needs the permission {scope}.",
        )  # fmt: skip
        assert answer.headers["WWW-Authenticate"] == f'Bearer realm="api", error="insufficient_scope", scope="{scope}"'
    assert program_of(app, ADA, "accounts:user:edit").patch("/users/me", json={"biography": "Mine."}).status_code == 200
    assert narrow.get("/problems/insufficient_scope").json["status"] == 403


def assert_lacks(answer: Any, scope: str) -> None:
    assert refused(answer)[:2] == (403, "insufficient_scope")
    assert answer.headers["WWW-Authenticate"].endswith(f'scope="{scope}"')


def test_what_is_published_asks_the_token_for_the_right_to_publish(app: Flask, api_as: As) -> None:
    key = api_as(ADA).post("/posts", json={"title": "Kept"}).json["id"]
    assert api_as(ADA).post(f"/posts/{key}/publish", json={}).status_code == 200
    writes = program_of(app, ADA, "content:post:edit", "content:post:delete", "content:entry:erase")
    for method, path in (("patch", f"/posts/{key}"), ("put", f"/posts/{key}")):
        assert_lacks(writes.open(method, path, json={"title": "Changed"}), "content:post:publish")
    assert_lacks(writes.delete(f"/posts/{key}"), "content:post:publish")
    several = writes.patch("/posts", json={"items": [{"id": key, "title": "Changed"}]}).json["results"][0]
    assert (several["status"], several["problem"]["code"]) == (403, "insufficient_scope")
    assert api_as(ADA).get(f"/posts/{key}").json["title"] == "Kept"
    may = program_of(app, ADA, "content:post:edit", "content:post:delete", "content:post:publish")
    assert may.patch(f"/posts/{key}", json={"title": "Changed"}).status_code == 200
    assert may.delete(f"/posts/{key}").status_code == 204
    assert_lacks(writes.post(f"/posts/{key}/restore", json={}), "content:post:publish")
    assert may.post(f"/posts/{key}/restore", json={}).status_code == 200


def test_who_may_not_publish_hears_nothing_of_the_token(app: Flask, api_as: As) -> None:
    key = api_as(CON).post("/posts", json={"title": "Kept"}).json["id"]
    assert api_as(ADA).post(f"/posts/{key}/publish", json={}).status_code == 200
    told = program_of(app, CON, "content:post:edit").patch(f"/posts/{key}", json={"title": "Changed"})
    assert refused(told)[:2] == (403, "forbidden")


def test_what_goes_for_good_asks_the_token_for_that_right(app: Flask, api_as: As) -> None:
    key = api_as(ADA).post("/posts", json={"title": "Kept"}).json["id"]
    bins = program_of(app, ADA, "content:post:edit", "content:post:delete")
    assert bins.delete(f"/posts/{key}").status_code == 204
    assert_lacks(bins.delete(f"/posts/{key}?permanently=true"), "content:entry:erase")
    may = program_of(app, ADA, "content:post:edit", "content:post:delete", "content:entry:erase")
    assert may.delete(f"/posts/{key}?permanently=true").status_code == 204
    sent = {"file": (BytesIO(picture(8, 8)), "harbour.jpg")}
    media = api_as(ADA).post("/media", data=sent).json["id"]
    bins = program_of(app, ADA, "media:file:list", "media:file:delete")
    assert bins.delete(f"/media/{media}").status_code == 204
    assert_lacks(bins.delete(f"/media/{media}?permanently=true"), "media:file:erase")
    may = program_of(app, ADA, "media:file:list", "media:file:delete", "media:file:erase")
    assert may.delete(f"/media/{media}?permanently=true").status_code == 204


def test_people_ask_the_token_for_the_right_to_what_is_changed(app: Flask) -> None:
    key, sees = user(CON).id, program_of(app, ADA, "accounts:user:list")
    for sent, scope in (
        ({"biography": "Walks."}, "accounts:user:edit"),
        ({"email": "con@example.org"}, "accounts:user:deactivate"),
        ({"roles": ["author"]}, "accounts:role:assign"),
    ):
        assert_lacks(sees.patch(f"/users/{key}", json=sent), scope)
        several = sees.patch("/users", json={"items": [{"id": key, **sent}]}).json["results"][0]
        assert several["problem"]["code"] == "insufficient_scope"
    assert_lacks(
        program_of(app, SUE, "content:members:read").patch(f"/users/{user(SUE).id}", json={"name": "Susan"}),
        "accounts:user:edit",
    )
    # That Con may do what the token does not name is no want of a right to edit.
    told = program_of(app, ADA, "accounts:user:list", "accounts:user:edit").patch(
        f"/users/{key}", json={"biography": "Walks."}
    )
    assert refused(told)[:2] == (403, "forbidden")


def test_only_what_was_read_is_revoked(app: Flask, api_as: As) -> None:
    key = api_as(ART).post("/me/tokens", json=BACKUP).json["id"]
    path = f"/me/tokens/{key}"
    for wrong in ("nonsense", '"nonsense"', '"1.0"'):
        assert api_as(ART).delete(path, headers={"If-Match": wrong}).status_code == 412
    read = api_as(ART).get(path).headers["ETag"]
    assert api_as(ART).delete(path, headers={"If-Match": read}).status_code == 204
    assert tokens() == []


def test_only_the_sign_in_that_was_read_is_ended(app: Flask, api_as: As) -> None:
    ApiClient(app).sign_in(ART)
    items = api_as(ART).get("/me/sign-ins").json["items"]
    path = next(f"/me/sign-ins/{item['id']}" for item in items if not item["is_current"])
    assert api_as(ART).delete(path, headers={"If-Match": '"nonsense"'}).status_code == 412
    assert api_as(ART).get(path).status_code == 200
    read = api_as(ART).get(path).headers["ETag"]
    assert api_as(ART).delete(path, headers={"If-Match": read}).status_code == 204
    assert api_as(ART).get(path).status_code == 404


def test_what_the_role_lacks_is_not_blamed_on_the_token(app: Flask) -> None:
    narrow = program_of(app, ART, "content:post:edit")
    status, code, sentence = refused(narrow.patch("/settings", json={"name": "Mine"}))
    assert (status, code) == (403, "forbidden")
    assert sentence == "You may not do this. Your role, or the token in use, does not allow it."


def test_refusals_of_actions_send_nobody_with_a_token_to_the_admin(app: Flask, api_as: As) -> None:
    key = api_as(ART).post("/posts", json={"title": "Art's"}).json["id"]
    api_as(ART).patch(f"/posts/{key}", json={"title": "Art's own"})
    sent = {"items": [{"id": key, "author_ids": [user(ED).id]}]}
    told = program_of(app, ART, "content:post:edit").patch("/posts", json=sent).json["results"][0]["problem"]
    assert (told["status"], told["code"]) == (403, "forbidden")
    assert told["detail"] == "You may not name other authors. Your role, or the token in use, does not allow it."
    plain = api_as(ART).patch("/posts", json=sent).json["results"][0]["problem"]
    assert plain["detail"] == "You may not name other authors. An editor can."


def test_wrong_input_is_named_and_makes_nothing(app: Flask, api_as: As) -> None:
    for field, value in WRONG:
        answer = api_as(ART).post("/me/tokens", json={**BACKUP, field: value})
        assert {name.partition(".")[0] for name in errors(answer)} == {field}, value
    assert tokens() == []


def test_tokens_are_made_by_who_has_just_shown_that_it_is_them(app: Flask, api_as: As) -> None:
    key = api_as(ART).post("/me/tokens", json=BACKUP).json["id"]
    with transaction() as session:
        session.execute(update(SignIn).values(confirmed_at=utcnow() - 2 * FRESH_FOR))
    late = api_as(ART).post("/me/tokens", json=BACKUP)
    assert (late.status_code, late.json["code"]) == (403, "confirm_first")
    assert api_as(ART).get("/me/tokens").status_code == 200
    # Revoking never waits.
    assert api_as(ART).delete(f"/me/tokens/{key}").status_code == 204
    assert tokens() == []


def test_who_has_a_second_factor_by_now_shows_it_first(app: Flask, api_as: As) -> None:
    api_as(ART).get("/me/tokens")
    with transaction() as session:
        now = utcnow()
        session.add(Authenticator(user_id=user(ART).id, secret="x", created_at=now, confirmed_at=now))
    assert api_as(ART).post("/me/tokens", json=BACKUP).status_code == 403
    assert tokens() == []


def test_the_list_is_walked_through_and_shows_what_works(app: Flask, api_as: As) -> None:
    for number in range(5):
        assert api_as(ART).post("/me/tokens", json={**BACKUP, "name": f"Number {number}"}).status_code == 201
    with transaction() as session:
        session.execute(
            update(PersonalToken).where(PersonalToken.name == "Number 2").values(expires_at=utcnow() - FRESH_FOR)
        )
    page = api_as(ART).get("/me/tokens?per_page=2").json
    assert ([item["name"] for item in page["items"]], page["total"]) == (["Number 4", "Number 3"], 4)
    page = api_as(ART).get(page["next"].removeprefix("http://localhost")).json
    assert ([item["name"] for item in page["items"]], page["next"]) == (["Number 1", "Number 0"], None)
    for name in ("key_hash", "user_id"):
        assert errors(api_as(ART).get(f"/me/tokens?sort={name}")) == {"sort"}
        assert errors(api_as(ART).get(f"/me/tokens?filter[{name}]=1")) == {f"filter[{name}]"}
        assert errors(api_as(ART).get(f"/me/tokens?{name}=1")) == {name}
    assert errors(api_as(ART).get("/me/tokens?include=user")) == {"include"}
