"""Nothing is changed by a request that another site had a browser send (cases 26, 27; L1)."""

from __future__ import annotations

import re
from collections.abc import Callable
from itertools import product
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import pytest
from flask import Flask
from sqlalchemy import event, func, select

from cms.accounts.models import User
from cms.api.access import is_api
from cms.content.models import Entry, Term
from cms.core.db import current_session
from cms.extensions import db
from cms.media.models import MediaFile
from cms.settings.queries import get_settings
from tests.clients import PageClient
from tests.factories import make_page, make_post, make_term, user
from tests.factories.media import make_media
from tests.guards.routes import World, routes
from tests.people import ADA, ART, NOBODY, PASSWORD, SUE, Person

As = Callable[[Person], PageClient]
SAFE = {"GET", "HEAD", "OPTIONS"}
EVIL = "https://evil.example"
#: What a browser says of a form that another site, or nobody knows who, has sent.
ELSEWHERE = (
    {"Origin": EVIL},
    {"Origin": "null"},
    {"Origin": "http://localhost.evil.example"},
    {"Origin": "http://localhost@evil.example"},
    {"Origin": "http://[evil"},
    {"Sec-Fetch-Site": "cross-site"},
    {"Sec-Fetch-Site": "same-site"},
    {"Sec-Fetch-Site": "cross-site", "Origin": "http://localhost"},
    {"Sec-Fetch-Site": ""},
)


def written() -> tuple[object, ...]:
    """Return all that the requests of this file would change."""
    session = current_session()
    session.rollback()
    return (
        session.execute(select(Entry.id, Entry.title, Entry.state, Entry.binned_at).order_by(Entry.id)).all(),
        session.execute(select(User.id, User.email, User.active, User.name, User.password).order_by(User.id)).all(),
        session.scalars(select(Term.name).order_by(Term.id)).all(),
        session.execute(select(MediaFile.id, MediaFile.alt, MediaFile.deleted_at).order_by(MediaFile.id)).all(),
        get_settings().name,
    )


@pytest.fixture
def targets(app: Flask) -> list[tuple[str, dict[str, str]]]:
    """Every address that writes, with what it would write."""
    post, page, term, media = make_post("Loaf"), make_page("About"), make_term("tag", "Bread"), make_media()
    entry = {"title": "Forged", "body_markdown": "x", "act": "publish"}
    bulk = {"act": "bin", "confirmed": "1", "id": str(post.id)}
    art = user(ART)
    return [
        ("/admin/posts/new/", entry),
        (f"/admin/posts/{post.id}/", entry),
        (f"/admin/posts/{post.id}/delete/", {}),
        ("/admin/posts/bulk/", bulk),
        ("/admin/posts/bulk/", {"row": f"archive:{post.id}"}),
        (f"/admin/pages/{page.id}/", entry),
        (f"/admin/pages/{page.id}/delete/", {}),
        ("/admin/draft/", {"title": "Forged"}),
        ("/admin/tags/new/", {"name": "Forged"}),
        (f"/admin/tags/{term.id}/", {"name": "Forged", "slug": "forged"}),
        (f"/admin/tags/{term.id}/delete/", {}),
        (f"/admin/media/{media.id}/", {"alt": "Forged"}),
        (f"/admin/media/{media.id}/delete/", {}),
        ("/admin/users/new/", {"email": "forged@example.com", "name": "Forged", "role": "admin"}),
        (f"/admin/users/{art.id}/", {"email": "forged@example.com", "roles": "admin"}),
        (f"/admin/users/{art.id}/account/?act=deactivate", {}),
        (f"/admin/users/{art.id}/delete/", {}),
        ("/admin/profile/", {"name": "Forged"}),
        ("/admin/settings/", {"name": "Forged"}),
        ("/change", {"password": PASSWORD, "new_password": "forged forged", "new_password_confirm": "forged forged"}),
    ]


def test_no_form_is_taken_without_its_token(as_: As, targets: list[tuple[str, dict[str, str]]]) -> None:
    client, before = as_(ADA), written()
    foreign = as_(SUE).csrf_token("/admin/profile/")
    assert client.get("/admin/posts/").status_code == 200
    for (path, fields), token in product(targets, (None, "", "x", foreign)):
        sent = fields if token is None else {**fields, "csrf_token": token}
        assert client.post(path, data=sent).status_code == 400, (path, token)
    assert written() == before


@pytest.mark.parametrize("headers", ELSEWHERE, ids=str)
def test_no_form_of_another_site_is_taken_even_with_its_token(
    as_: As, targets: list[tuple[str, dict[str, str]]], headers: dict[str, str]
) -> None:
    client, before = as_(ADA), written()
    token = client.csrf_token("/admin/posts/new/")
    for path, fields in targets:
        answer = client.post(path, data={**fields, "csrf_token": token}, headers=headers)
        assert answer.status_code == 403, path
    assert written() == before


@pytest.mark.parametrize(
    "headers", [{"Origin": "http://localhost"}, {"Sec-Fetch-Site": "same-origin", "Origin": "null"}, {}], ids=str
)
def test_forms_of_the_site_are_taken(as_: As, headers: dict[str, str]) -> None:
    answer = as_(ADA).submit("/admin/tags/new/", {"name": "Rye"}, headers=headers)
    assert answer.status_code == 303


def test_programs_cannot_send_forms_in_disguise(as_: As, targets: list[tuple[str, dict[str, str]]]) -> None:
    client, before = as_(ADA), written()
    for (path, _fields), kind in product(targets, ("text/plain", "application/json", "application/xml", "")):
        answer = client.post(path, data='{"title": "Forged", "csrf_token": "x"}', headers={"Content-Type": kind})
        assert answer.status_code in (400, 415), (path, kind)
    assert written() == before


def test_nothing_is_changed_by_looking(as_: As, targets: list[tuple[str, dict[str, str]]]) -> None:
    client, before = as_(ADA), written()
    token = client.csrf_token("/admin/posts/new/")
    for (path, fields), method in product(targets, ("GET", "HEAD", "OPTIONS", "PUT", "PATCH", "DELETE")):
        asked = urlencode({**fields, "csrf_token": token, "_method": "POST"})
        answer = client.open(f"{path.partition('?')[0]}?{asked}", method=method)
        assert answer.status_code in (200, 303, 400, 404, 405), (path, method)
    assert written() == before
    assert current_session().scalar(select(func.count()).select_from(Entry)) == 2


def test_nobody_is_signed_in_or_out_by_another_site(app: Flask, client: PageClient, as_: As) -> None:
    inside = as_(ADA)
    for method, path in (("GET", "/logout"), ("HEAD", "/logout"), ("POST", "/logout"), ("PUT", "/logout")):
        assert inside.open(path, method=method, headers={"Origin": EVIL}).status_code in (400, 403, 404, 405), method
    token = inside.csrf_token("/admin/profile/")
    assert inside.post("/logout", data={"csrf_token": token}, headers={"Origin": EVIL}).status_code == 403
    assert inside.get("/admin/").status_code == 200
    mine = client.csrf_token("/login")
    fields = {"email": ADA.email, "password": PASSWORD}
    assert client.post("/login", data=fields).status_code == 400
    assert client.post("/login", data={**fields, "csrf_token": mine}, headers={"Origin": EVIL}).status_code == 403
    assert client.get("/admin/").status_code == 302


#: Forms on pages that are cached for everybody hold no token, and browsers report without one: where they come from
#: decides. Whoever adds a route here says why.
WITHOUT_TOKEN = {"public.home", "public.page", "public.post", "public.appearance", "public.csp_reports"}
JSON = '{"title": "Forged", "name": "Forged", "act": "publish", "csrf_token": "x"}'


def sent_by_others(mine: str, foreign: str) -> dict[str, dict[str, Any]]:
    """What a browser may be made to send, by what is wrong with it."""
    right = {"name": "Forged", "title": "Forged", "act": "publish", "confirmed": "1", "csrf_token": mine}
    return {
        "no token": {"data": {**right, "csrf_token": ""}},
        "a foreign token": {"data": {**right, "csrf_token": foreign}},
        "a foreign token in a header": {
            "data": JSON,
            "content_type": "text/plain",
            "headers": {"X-CSRFToken": foreign},
        },
        "JSON as plain text": {"data": JSON, "content_type": "text/plain"},
        "JSON": {"data": JSON, "content_type": "application/json"},
        "nothing": {"data": b"", "content_type": ""},
        "the right token, from elsewhere": {"data": right, "headers": {"Origin": EVIL}},
        "the right token, by a frame without origin": {"data": right, "headers": {"Origin": "null"}},
        "the right token, across sites": {"data": right, "headers": {"Sec-Fetch-Site": "cross-site"}},
        "the right token, from a neighbour": {"data": right, "headers": {"Sec-Fetch-Site": "same-site"}},
        "the right token as a header, across sites": {
            "data": JSON,
            "content_type": "application/json",
            "headers": {"X-CSRFToken": mine, "Sec-Fetch-Site": "cross-site", "Origin": EVIL},
        },
    }


def everything(app: Flask) -> list[str]:
    """Return all that the database holds, as text."""
    with app.app_context(), db.engine.connect() as connection:
        raw = connection.connection.driver_connection
        assert raw is not None
        return list(raw.iterdump())


@pytest.mark.parametrize("person", [ADA, NOBODY], ids=lambda person: person.name)
def test_every_route_that_writes_refuses_what_others_send(tmp_path: Path, person: Person) -> None:
    """All routes of the application with all their methods, on real things: a new one is asked with no word here."""
    world = World(tmp_path)
    asked = {name: known for name, known in routes(world.app).items() if known[1] not in SAFE}
    # Below /api cookies are worth nothing, so there is nothing to forge: guards/test_routes.py asks all of it with one.
    asked = {name: known for name, known in asked.items() if not is_api(known[0].rule)}
    world.app.config["WTF_CSRF_ENABLED"] = True
    client, stranger = world.client(person), world.client(SUE)
    mine = client.csrf_token("/admin/profile/" if person is ADA else "/login")
    ways = sent_by_others(mine, stranger.csrf_token("/change"))
    assert mine
    before, taken = everything(world.app), set[str]()
    for (name, (rule, method)), (wrong, sent) in product(asked.items(), ways.items()):
        answer = client.open(world.address(rule), method=method, **sent)
        refused = answer.status_code in (400, 403, 405, 413, 415)
        walled_up = answer.status_code == 404 and rule.endpoint.endswith((".ajax_update", ".action_view"))
        sent_away = person is NOBODY and answer.status_code == 302 and "/login" in answer.headers["Location"]
        if rule.endpoint in WITHOUT_TOKEN and "right token" not in wrong:
            taken.add(rule.endpoint)
            continue
        assert refused or walled_up or sent_away, (name, wrong, answer.status)
        if person is ADA and "right token" in wrong and not walled_up:
            assert answer.status_code == 403, (name, wrong, answer.status)
    assert taken == WITHOUT_TOKEN
    assert len(asked) > 40
    assert everything(world.app) == before
    world.end()


def test_no_route_writes_when_it_is_looked_at(tmp_path: Path) -> None:
    """GET, HEAD and OPTIONS of every route there is, on real things, by somebody who may everything."""
    world, wrote = World(tmp_path), list[tuple[str, str, str]]()
    now = ["", ""]

    def note(_connection: object, _cursor: object, statement: str, *_rest: object) -> None:
        # How often a link was guessed, and that something private was looked at, is kept whatever the method.
        # (The world is set back after each request, which the record takes for a removal, and clears up.)
        kept = re.match(r"\s*(?:INSERT INTO limits|INSERT INTO audit_|DELETE FROM audit_(?:details|people))", statement)
        if not kept and re.match(r"\s*(?:INSERT|UPDATE|DELETE|REPLACE)\b", statement, re.IGNORECASE):
            wrote.append((*now, statement))

    with world.app.app_context():
        event.listen(db.engine, "before_cursor_execute", note)
    looked_at = [rule for rule, method in routes(world.app).values() if method == "GET"]
    for rule, method in product(looked_at, sorted(SAFE)):
        now[:] = method, rule.rule
        world.ask(rule, method, ADA)
    with world.app.app_context():
        event.remove(db.engine, "before_cursor_execute", note)
    world.end()
    assert wrote == []
