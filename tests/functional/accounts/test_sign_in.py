"""Signing in and out: what gets in, what a cookie is worth, and where one is sent."""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import timedelta
from urllib.parse import urljoin, urlsplit

import pytest
from flask import Flask
from sqlalchemy import event, func, select, update

from cms.accounts.actions import assign_roles, deactivate_user
from cms.accounts.models import SignIn, User
from cms.accounts.queries import get_role
from cms.accounts.sign_ins import IDLE, LONGEST, REMEMBERED, SEEN_EVERY
from cms.core.db import current_session, transaction
from cms.core.permissions import system_user
from cms.extensions import db
from cms.lib.clock import utcnow
from tests.clients import PageClient
from tests.functional.accounts.hostile import TARGETS
from tests.functional.accounts.letters import letters, link_in, without_what_varies
from tests.needs import needs
from tests.people import ADA, ART, ED, PASSWORD, PEOPLE, SUE, Person

UserOf = Callable[[Person], User]
WRONG = "Mail address and password do not belong together."


def fresh_client(app: Flask) -> PageClient:
    client = app.test_client()
    assert isinstance(client, PageClient)
    return client


def is_signed_in(client: PageClient) -> bool:
    """Tell whether a page for people who are signed in opens; the others are sent to the sign-in page."""
    answer = client.get("/change")
    assert answer.status_code in (200, 302)
    return answer.status_code == 200


def copy_of_cookies(app: Flask, client: PageClient) -> PageClient:
    """Return a thief: another client with the same cookies."""
    thief = fresh_client(app)
    for name in ("masthead", "masthead-remember"):
        cookie = client.get_cookie(name)
        if cookie is not None:
            thief.set_cookie(name, cookie.value)
    return thief


def sign_in(client: PageClient, person: Person, **more: str) -> None:
    fields = {"email": person.email, "password": PASSWORD, **more}
    assert client.submit("/login", fields).status_code == 302


def sign_out(client: PageClient) -> None:
    answer = client.post("/logout", data={"csrf_token": client.csrf_token("/change")})
    assert answer.status_code == 302


@pytest.mark.parametrize("person", PEOPLE, ids=lambda person: person.name)
def test_people_get_to_where_they_work(client: PageClient, person: Person) -> None:
    answer = client.submit("/login", {"email": person.email, "password": PASSWORD})
    assert answer.headers["Location"] == "/login/next"
    there = client.get("/login/next").headers["Location"]
    assert there == ("/" if person is SUE else "/admin/")


def test_a_stranger_is_sent_to_sign_in_and_who_is_in_is_not_asked_again(app: Flask, client: PageClient) -> None:
    assert client.get("/login/next").headers["Location"] == "/login"
    sign_in(client, ADA)
    assert client.get("/login").headers["Location"] == "/login/next"


def test_any_spelling_of_the_mail_address_will_do(client: PageClient) -> None:
    fields = {"email": f"  {ADA.email.upper()}", "password": PASSWORD}
    assert client.submit("/login", fields).status_code == 302


def test_what_is_wrong_is_not_told(app: Flask, user_of: UserOf) -> None:
    with transaction():
        deactivate_user(user_of(SUE), by=system_user())
        user_of(ART).password = None
    told = set()
    for email, password in (
        (ADA.email, "the ferry leaves at six"),
        (ADA.email, "x"),
        (ADA.email, "x" * 600),
        ("nobody@example.com", PASSWORD),
        (SUE.email, PASSWORD),
        (ART.email, PASSWORD),
        (ART.email, "x"),
    ):
        client = fresh_client(app)
        answer = client.submit("/login", {"email": email, "password": password})
        assert answer.status_code == 200
        page = answer.get_data(as_text=True)
        assert WRONG in page
        assert f'value="{password}"' not in page
        assert not is_signed_in(client)
        told.add(without_what_varies(page, email))
    assert len(told) == 1


def test_a_form_without_its_token_changes_nothing(app: Flask, client: PageClient) -> None:
    assert client.post("/login", data={"email": ADA.email, "password": PASSWORD}).status_code == 400
    assert not is_signed_in(client)
    sign_in(client, ADA)
    for path in ("/change", "/verify", "/reset", "/logout"):
        fields = {"password": PASSWORD, "new_password": "another long one", "new_password_confirm": "another long one"}
        assert client.post(path, data=fields).status_code == 400, path
        assert client.post(path, data={**fields, "csrf_token": "x"}).status_code == 400, path
    assert is_signed_in(client)
    sign_in(fresh_client(app), ADA)


def test_signing_out_is_never_a_get(client: PageClient) -> None:
    sign_in(client, ADA)
    for path in ("/logout", "/logout?next=/", "/logout/"):
        assert client.get(path).status_code in (404, 405), path
    assert is_signed_in(client)


def test_programs_are_not_taken(client: PageClient) -> None:
    token = client.csrf_token("/login")
    for body in ('{"email": "ada@example.com", "password": "the ferry leaves at five"}', "[1]", "null"):
        for kind in ("application/json", "text/plain", "application/vnd.api+json"):
            answer = client.post("/login", data=body, headers={"X-CSRFToken": token, "Content-Type": kind})
            assert answer.status_code == 415, (body, kind)
    answer = client.get("/login", headers={"Accept": "application/json"})
    assert answer.mimetype == "text/html"
    assert not is_signed_in(client)


def test_a_token_in_the_address_or_a_header_signs_nobody_in(app: Flask, client: PageClient, user_of: UserOf) -> None:
    with app.test_request_context():
        token = app.extensions["security"].remember_token_serializer.dumps(
            {"ver": "5", "uid": user_of(ADA).fs_uniquifier, "fs_paa": time.time(), "exp": 0}
        )
    for path in ("/change", "/login/next"):
        for answer in (
            client.get(f"{path}?auth_token={token}"),
            client.get(path, headers={"Authentication-Token": token}),
        ):
            assert urlsplit(answer.headers["Location"]).path == "/login"
    for key in (user_of(ADA).fs_uniquifier, str(user_of(ADA).id), "1", "", "None", "x" * 5000):
        thief = fresh_client(app)
        with thief.session_transaction() as session:
            session["_user_id"], session["_fresh"] = key, True
        assert not is_signed_in(thief)


def test_a_signed_out_cookie_is_dead(app: Flask, client: PageClient) -> None:
    elsewhere = fresh_client(app)
    sign_in(client, ADA, remember="y")
    sign_in(elsewhere, ADA)
    thief = copy_of_cookies(app, client)
    only_remembered = fresh_client(app)
    remembered = client.get_cookie("masthead-remember")
    assert remembered is not None
    only_remembered.set_cookie("masthead-remember", remembered.value)
    assert is_signed_in(thief)
    assert is_signed_in(only_remembered)
    sign_out(client)
    assert not is_signed_in(client)
    assert not is_signed_in(thief)
    assert not is_signed_in(copy_of_cookies(app, thief))
    assert not is_signed_in(only_remembered)
    assert client.get_cookie("masthead-remember") is None
    assert is_signed_in(elsewhere)


def test_stay_signed_in_outlives_the_browser_and_nothing_else_does(app: Flask, client: PageClient) -> None:
    sign_in(client, ADA)
    assert client.get_cookie("masthead-remember") is None
    client.delete_cookie("masthead")
    assert not is_signed_in(client)
    sign_in(client, ADA, remember="y")
    client.delete_cookie("masthead")
    assert is_signed_in(client)
    # Back by the cookie alone, one is asked for the password before what matters.
    assert client.get("/verify").status_code == 200
    with client.session_transaction() as session:
        assert "fs_paa" not in session


def test_cookies_are_closed(make_app: Callable[..., Flask]) -> None:
    for base, secure, prefix in (("http://localhost", False, ""), ("https://localhost", True, "__Host-")):
        app = make_app(CMS_BASE_URL=base)
        client = fresh_client(app)
        token = client.csrf_token("/login") if not secure else ""
        options = {"base_url": base}
        if secure:
            page = client.get("/login", **options).get_data(as_text=True)
            token = page.split('name="csrf_token" value="')[1].split('"')[0]
            options["headers"] = {"Referer": f"{base}/login"}
        fields = {"email": ADA.email, "password": PASSWORD, "remember": "y", "csrf_token": token}
        answer = client.post("/login", data=fields, **options)
        cookies = answer.headers.getlist("Set-Cookie")
        assert {cookie.partition("=")[0] for cookie in cookies} == {
            f"{prefix}masthead", f"{prefix}masthead-device", f"{prefix}masthead-remember",
        }  # fmt: skip
        for cookie in cookies:
            assert "HttpOnly" in cookie
            assert "SameSite=Lax" in cookie
            assert "Path=/" in cookie
            assert ("Secure" in cookie) is secure
            assert "Domain=" not in cookie


def test_signing_in_begins_a_session_of_its_own(app: Flask, client: PageClient) -> None:
    """Whoever planted a session in somebody's browser knows nothing of the one after the sign-in."""
    token_before = client.csrf_token("/login")
    with client.session_transaction() as session:
        session["planted"] = "by somebody"
    planted = copy_of_cookies(app, client)
    sign_in(client, ADA)
    assert not is_signed_in(planted)
    with client.session_transaction() as session:
        assert "planted" not in session
    assert client.post("/logout", data={"csrf_token": token_before}).status_code == 400
    assert is_signed_in(client)


def test_a_key_is_new_each_time_and_stored_as_a_hash(app: Flask, client: PageClient) -> None:
    keys = []
    for _round in range(2):
        sign_in(client, ADA)
        with client.session_transaction() as session:
            keys.append(session["_user_id"])
        sign_out(client)
    sign_in(client, ADA)
    assert len(set(keys)) == 2
    stored = current_session().scalars(select(SignIn.key_hash)).all()
    assert not set(stored) & set(keys)


def test_another_password_ends_every_other_sign_in(app: Flask, client: PageClient) -> None:
    elsewhere = fresh_client(app)
    sign_in(client, ADA)
    sign_in(elsewhere, ADA, remember="y")
    thief = copy_of_cookies(app, client)
    other = "the ferry leaves at half past five"
    fields = {"password": PASSWORD, "new_password": other, "new_password_confirm": other}
    assert client.submit("/change", fields).status_code == 302
    assert is_signed_in(client)
    assert not is_signed_in(elsewhere)
    assert not is_signed_in(thief)
    assert fresh_client(app).submit("/login", {"email": ADA.email, "password": PASSWORD}).status_code == 200
    assert fresh_client(app).submit("/login", {"email": ADA.email, "password": other}).status_code == 302


@pytest.mark.parametrize(
    ("new", "again", "sentence"),
    [
        ("short", "short", "at least 8 characters"),
        ("ada@example.com", "ada@example.com", "not your mail address"),
        ("aaaaaaaaaaaa", "aaaaaaaaaaaa", "same character again"),
        ("long enough, is it", "long enough, was it", "The two passwords differ."),
        ("x" * 600, "x" * 600, "at most"),
        (PASSWORD, PASSWORD, "This is the password you have."),
    ],
)
def test_a_password_that_will_not_do_is_told_in_a_sentence(
    client: PageClient, new: str, again: str, sentence: str
) -> None:
    sign_in(client, ADA)
    fields = {"password": PASSWORD, "new_password": new, "new_password_confirm": again}
    answer = client.submit("/change", fields)
    assert answer.status_code == 200
    assert sentence in answer.get_data(as_text=True)


def test_long_passwords_are_taken_as_they_are(app: Flask, client: PageClient) -> None:
    long = "ä ship and a harbour " * 20
    sign_in(client, ADA)
    fields = {"password": PASSWORD, "new_password": long, "new_password_confirm": long}
    assert client.submit("/change", fields).status_code == 302
    assert fresh_client(app).submit("/login", {"email": ADA.email, "password": long[:-1]}).status_code == 200
    assert fresh_client(app).submit("/login", {"email": ADA.email, "password": long}).status_code == 302


def test_a_closed_account_is_out_with_the_next_click(client: PageClient, user_of: UserOf) -> None:
    sign_in(client, ART)
    with transaction():
        deactivate_user(user_of(ART), by=system_user())
    assert not is_signed_in(client)


def test_a_role_holds_with_the_next_click(client: PageClient, user_of: UserOf) -> None:
    sign_in(client, SUE)
    assert client.get("/login/next").headers["Location"] == "/"
    with transaction():
        assign_roles(user_of(SUE), [get_role("author")], by=system_user())
    assert client.get("/login/next").headers["Location"] == "/admin/"
    with transaction():
        assign_roles(user_of(SUE), [], by=system_user())
    assert client.get("/login/next").headers["Location"] == "/"


def test_a_sign_in_ends_by_itself(app: Flask, client: PageClient) -> None:
    def age(**columns: object) -> None:
        with transaction() as session:
            session.execute(update(SignIn).values(**columns))

    sign_in(client, ADA)
    now = utcnow()
    age(last_seen_at=now - IDLE + timedelta(minutes=1))
    assert is_signed_in(client)
    age(last_seen_at=now - IDLE)
    assert not is_signed_in(client)
    sign_in(client, ADA)
    row = current_session().scalars(select(SignIn).order_by(SignIn.id.desc())).first()
    assert row is not None
    assert timedelta(0) <= row.expires_at - now - LONGEST < timedelta(minutes=1)
    age(expires_at=now)
    assert not is_signed_in(client)
    sign_in(client, ADA, remember="y")
    age(last_seen_at=now - IDLE * 2)
    assert is_signed_in(client)
    row = current_session().scalars(select(SignIn).order_by(SignIn.id.desc())).first()
    assert row is not None
    assert timedelta(0) <= row.expires_at - now - REMEMBERED < timedelta(minutes=1)


def test_last_seen_is_noted_now_and_then(client: PageClient) -> None:
    sign_in(client, ADA)
    long_ago = utcnow() - SEEN_EVERY
    with transaction() as session:
        session.execute(update(SignIn).values(last_seen_at=long_ago))
    assert is_signed_in(client)
    seen = current_session().scalar(select(SignIn.last_seen_at))
    assert seen is not None
    assert seen > long_ago


def test_a_person_is_loaded_in_two_queries(
    client: PageClient, count_queries: Callable[[], object], user_of: UserOf
) -> None:
    with transaction():
        assign_roles(
            user_of(ADA), [get_role(name) for name in ("admin", "editor", "author", "subscriber")], by=system_user()
        )
    sign_in(client, ADA)
    client.get("/login/next")
    with count_queries() as asked:  # type: ignore[attr-defined]  # a context manager, typed where it is made
        assert client.get("/login/next").headers["Location"] == "/admin/"
    about_people = [statement for statement in asked if "users" in statement or "role" in statement]
    assert len(about_people) == 2, asked
    assert len(asked) <= 3, asked


def is_elsewhere(location: str) -> bool:
    """Tell whether a browser, or a proxy that tidies paths, would leave the site for `location`."""
    plain = location.replace("\\", "/")
    return (
        urlsplit(urljoin("http://localhost/login", plain)).netloc != "localhost"
        or plain.startswith("//")
        or "//" in urlsplit(plain).path
    )


def test_nobody_is_sent_elsewhere(app: Flask) -> None:
    """Forty-two hostile targets, in the address and in the form, at signing in, at the verify page, at signing out."""
    wrong: list[tuple[str, str]] = []
    for target in TARGETS:
        fields = {"email": ADA.email, "password": PASSWORD}
        first, second = fresh_client(app), fresh_client(app)
        token = first.csrf_token("/login")
        answers = [first.post("/login", query_string={"next": target}, data={**fields, "csrf_token": token})]
        token = second.csrf_token("/login")
        answers.append(second.post("/login", data={**fields, "csrf_token": token, "next": target}))
        answers.append(second.get("/login", query_string={"next": target}))
        client = first if is_signed_in(first) else second.sign_in(ADA)
        fields = {"password": PASSWORD, "csrf_token": client.csrf_token("/verify")}
        answers.append(client.post("/verify", query_string={"next": target}, data=fields))
        fields = {"csrf_token": client.csrf_token("/change"), "next": target}
        answers.append(client.post("/logout", query_string={"next": target}, data=fields))
        assert all(answer.status_code in (200, 302) for answer in answers), target
        locations = [answer.headers.get("Location", "/") for answer in answers]
        wrong += [(target, location) for location in locations if is_elsewhere(location)]
    assert wrong == []


def test_one_gets_to_where_one_wanted(client: PageClient) -> None:
    wanted = "/admin/posts/?state=draft&sort=-updated"
    path = f"/login?next={wanted.replace('?', '%3F').replace('&', '%26').replace('=', '%3D')}"
    answer = client.submit(path, {"email": ADA.email, "password": PASSWORD})
    assert answer.headers["Location"] == wanted


@pytest.mark.parametrize("path", ["/login", "/change", "/reset/%s", "/invitation"])
def test_no_password_is_hashed_while_others_wait(
    app: Flask, client: PageClient, user_of: UserOf, monkeypatch: pytest.MonkeyPatch, path: str
) -> None:
    """Hashing takes long on purpose: never inside a writing transaction."""
    context = app.extensions["security"].pwd_context
    hashed: list[bool] = []
    state = {"writing": False}

    def begins(_c: object, _cursor: object, statement: str, *_rest: object) -> None:
        if statement.startswith(("BEGIN IMMEDIATE", "INSERT", "UPDATE", "DELETE")):
            state["writing"] = True

    def ends(_connection: object) -> None:
        state["writing"] = False

    for name in ("hash", "verify"):
        real = getattr(context, name)

        def note(*args: object, _real: Callable[..., object] = real, **kwargs: object) -> object:
            hashed.append(state["writing"])
            return _real(*args, **kwargs)

        monkeypatch.setattr(context, name, note)
    other = "the ferry leaves at half past five"
    sign_in(client, ED)
    if path == "/change":
        sign_in_first = fresh_client(app)
        sign_in(sign_in_first, ADA)
        client = sign_in_first
    event.listen(db.engine, "before_cursor_execute", begins)
    event.listen(db.engine, "commit", ends)
    event.listen(db.engine, "rollback", ends)
    if path == "/login":
        sign_in(fresh_client(app), ADA)
    elif path == "/change":
        fields = {"password": PASSWORD, "new_password": other, "new_password_confirm": other}
        assert client.submit(path, fields).status_code == 302
    else:
        from cms.accounts.links import invitation_token, reset_token

        if path == "/invitation":
            with transaction():
                user_of(ART).password = None
            link = f"/invitation/{invitation_token(user_of(ART))}"
        else:
            link = f"/reset/{reset_token(user_of(ART))}"
        current_session().rollback()
        answer = fresh_client(app).submit(link, {"password": other, "password_confirm": other})
        assert answer.status_code == 302
    event.remove(db.engine, "before_cursor_execute", begins)
    event.remove(db.engine, "commit", ends)
    event.remove(db.engine, "rollback", ends)
    assert hashed
    assert not any(hashed)
    assert current_session().scalar(select(func.count(User.id)).where(User.password.is_(None))) == 0


@needs("postgres")
def test_the_whole_way_on_postgresql(make_app: Callable[..., Flask], postgres_url: str) -> None:
    """Sign in, change the password, sign out, reset: each with its mails and rows, on the other database."""
    app = make_app(CMS_DATABASE_URL=postgres_url)
    client, elsewhere = fresh_client(app), fresh_client(app)
    other, third = "the ferry leaves at half past five", "the ferry has left"
    sign_in(client, ADA)
    sign_in(elsewhere, ADA, remember="y")
    fields = {"password": PASSWORD, "new_password": other, "new_password_confirm": other}
    assert client.submit("/change", fields).status_code == 302
    assert is_signed_in(client)
    assert not is_signed_in(elsewhere)
    thief = copy_of_cookies(app, client)
    sign_out(client)
    assert not is_signed_in(thief)
    assert client.submit("/reset", {"email": ADA.email}).status_code == 200
    with app.app_context():
        signed_in, changed, reset = letters()
        assert "signed in" in signed_in["subject"]
        assert changed["subject"].endswith("was changed")
    answer = client.submit(link_in(reset), {"password": third, "password_confirm": third})
    assert answer.headers["Location"] == "/login"
    assert client.submit("/login", {"email": ADA.email, "password": third}).status_code == 302
    assert is_signed_in(client)
