"""Entries with a password: the form, the cookie, and what is not told."""

from collections.abc import Callable

from flask import Flask
from flask_security.utils import hash_password
from selectolax.lexbor import LexborHTMLParser

from cms.content.models import Entry
from cms.core.db import transaction
from cms.extensions import db
from cms.public.unlocking import COOKIE, unlocked_entry_ids
from tests.clients import PageClient
from tests.factories import make_page, make_post

ADDRESS = "/posts/supper/"


def make_supper(**more: object) -> Entry:
    return make_post(
        "Supper",
        text="It is on the back of the card.",
        excerpt="A table for twelve.",
        visibility="password",
        password_hash=hash_password("barley"),
        **more,
    )


def test_only_the_title_is_told(client: PageClient, app: Flask) -> None:
    make_supper()
    db.session.remove()
    answer = client.get(ADDRESS)
    page = LexborHTMLParser(answer.get_data(as_text=True))
    assert answer.status_code == 200
    assert "no-store" in answer.headers["Cache-Control"]
    assert page.css_first("h1").text() == "Supper"
    assert page.css_first("meta[name=robots]").attributes["content"] == "noindex"
    for path in (ADDRESS, "/", "/feed.xml", "/atom.xml", "/search?q=card", "/author/ed/", "/sitemap.xml", "/archive/"):
        text = client.get(path).get_data(as_text=True)
        assert "back of the card" not in text, path
        assert "table for twelve" not in text, path
    assert ADDRESS not in client.get("/sitemap.xml").get_data(as_text=True)


def test_the_password_opens_it_in_this_browser_only(client: PageClient, app: Flask) -> None:
    entry = make_supper()
    db.session.remove()
    wrong = client.post(ADDRESS, data={"password": "Barley"})
    assert wrong.status_code == 403
    assert "That is not the password" in wrong.get_data(as_text=True)
    right = client.post(ADDRESS, data={"password": "barley"})
    assert (right.status_code, right.headers["Location"]) == (303, ADDRESS)
    cookie = right.headers["Set-Cookie"]
    assert cookie.startswith(COOKIE)
    assert "HttpOnly" in cookie
    assert "SameSite=Lax" in cookie
    opened = client.get(ADDRESS)
    assert "back of the card" in opened.get_data(as_text=True)
    assert "no-store" in opened.headers["Cache-Control"]
    assert "back of the card" not in app.test_client().get(ADDRESS).get_data(as_text=True)
    with app.test_request_context(headers={"Cookie": f"{COOKIE}={client.get_cookie(COOKIE).value}"}):
        assert unlocked_entry_ids() == {entry.id}


def test_a_new_password_closes_it_again(client: PageClient) -> None:
    entry_id = make_supper().id
    client.post(ADDRESS, data={"password": "barley"})
    db.session.remove()
    secret = hash_password("oats")
    with transaction() as session:
        session.get_one(Entry, entry_id).password_hash = secret
    db.session.remove()
    assert "back of the card" not in client.get(ADDRESS).get_data(as_text=True)


def test_a_cookie_of_somebody_elses_making_opens_nothing(client: PageClient) -> None:
    entry = make_supper()
    for value in ("x", f'{{"{entry.id}": "x"}}', "eyIxIjoieCJ9.AAAA.AAAA", "\\u0000"):
        client.set_cookie(COOKIE, value)
        assert "back of the card" not in client.get(ADDRESS).get_data(as_text=True)


def test_another_site_cannot_send_the_form(client: PageClient) -> None:
    make_supper()
    for headers in ({"Origin": "https://evil.example"}, {"Sec-Fetch-Site": "cross-site"}, {"Origin": "null"}):
        answer = client.post(ADDRESS, data={"password": "barley"}, headers=headers)
        assert answer.status_code == 403
        assert "Set-Cookie" not in answer.headers
    same = client.post(ADDRESS, data={"password": "barley"}, headers={"Origin": "http://localhost"})
    assert same.status_code == 303


def test_a_page_can_have_a_password_too(client: PageClient) -> None:
    make_page("Plans", text="Inside.", visibility="password", password_hash=hash_password("barley"))
    db.session.remove()
    assert "Inside." not in client.get("/plans/").get_data(as_text=True)
    assert client.post("/plans/", data={"password": "barley"}).headers["Location"] == "/plans/"
    assert "Inside." in client.get("/plans/").get_data(as_text=True)


def test_the_form_works_from_the_page(client: PageClient) -> None:
    make_supper()
    db.session.remove()
    assert client.submit(ADDRESS, {"password": "barley"}).status_code == 303


def test_posting_to_an_open_entry_changes_nothing(client: PageClient, visit: Callable[..., str]) -> None:
    make_post("Open", text="For all.")
    db.session.remove()
    answer = client.post("/posts/open/", data={"password": "x"})
    assert answer.status_code in (200, 405)
    assert "Set-Cookie" not in answer.headers
    assert "For all." in visit("/posts/open/")
