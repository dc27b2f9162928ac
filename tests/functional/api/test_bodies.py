"""The text of a post in each form that programs send and read: a round trip loses nothing."""

import re
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from flask import Flask
from hypothesis import HealthCheck, given, settings

from cms.lib.document import normalise
from tests.factories import make_post, user
from tests.factories.media import make_media, picture
from tests.functional.api.client import ApiClient
from tests.people import ART, ED
from tests.unit.lib.document.strategies import raw_documents

FORMS = ("json", "html", "markdown")
HOSTILE = "<script>alert(1)</script><p onclick='x()'>Hello <a href='javascript:alert(1)'>you</a></p><iframe src='//x'>"


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory, shared_root: Any) -> Iterator[tuple[ApiClient, int]]:
    """A program of Ed's (who may write raw HTML, as Ada) and a post of theirs; examples change it one after another."""
    import shutil

    from cms.extensions import db
    from cms.factory import create_app
    from tests import databases

    folder = tmp_path_factory.mktemp("bodies")
    (folder / "instance").mkdir()
    shutil.copyfile(databases.sqlite_template(shared_root), folder / "instance" / "masthead.db")
    app = create_app(databases.settings(folder))
    with app.app_context():
        client = ApiClient(app).sign_in(ED)
        yield client, client.post("/posts", json={"title": "Forms"}).json["id"]
        db.session.remove()
        db.engine.dispose()


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])
@given(raw_documents)
def test_a_round_trip_through_each_form_loses_nothing(site: tuple[ApiClient, int], raw: dict[str, Any]) -> None:
    client, post_id = site
    saved = client.patch(f"/posts/{post_id}", json={"body": raw})
    if saved.status_code in (400, 403, 422):
        # Raw HTML, a picture that is not there, no text at all: refused with a sentence, as in the back office.
        assert saved.json["detail"]
        return
    document = saved.json["body"]
    assert document == normalise(document)
    for form in FORMS:
        shown = client.get(f"/posts/{post_id}?format={form}").json
        assert shown["body_format"] == form
        sent = {"body": shown["body"]} | ({"body_format": form} if form != "json" else {})
        again = client.patch(f"/posts/{post_id}", json=sent)
        assert again.status_code == 200, (form, again.text)
        assert again.json["body"] == document, form
        # Nothing was said anew, so nothing was saved anew.
        assert again.json["version"] == saved.json["version"], form


def test_a_text_can_be_asked_for_alone(app: Flask, api_as: Callable[..., ApiClient], stranger: ApiClient) -> None:
    post_id = make_post("Out", author=ART).id
    sent = {"body": "# Bread\n\nFlour and *water*.\n", "body_format": "markdown"}
    api_as(ED).patch(f"/posts/{post_id}", json=sent)
    api_as(ED).post(f"/posts/{post_id}/publish")
    markdown = stranger.get(f"/posts/{post_id}", headers={"Accept": "text/markdown"})
    assert (markdown.mimetype, markdown.text.strip()) == ("text/markdown", sent["body"].strip())
    html = stranger.get(f"/posts/{post_id}", headers={"Accept": "text/html"})
    assert html.mimetype == "text/html"
    assert "<em>water</em>" in html.text
    # Opened in a browser it is a file, in which nothing runs.
    assert html.headers["Content-Disposition"] == "attachment"
    assert "default-src 'none'" in html.headers["Content-Security-Policy"]
    for accepted, mimetype in (
        ("*/*", "application/json"),
        ("application/*", "application/json"),
        # As browsers ask for everything.
        ("text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8", "application/json"),
        ("text/html, application/json", "application/json"),
        ("text/markdown, application/json", "application/json"),
        ("text/html, application/json;q=0.1", "text/html"),
        ("text/markdown, application/json;q=0.5", "text/markdown"),
        ("text/markdown, */*;q=0.1", "text/markdown"),
        ("text/markdown;q=0.5, text/html;q=0.9, application/json;q=0.1", "text/html"),
    ):
        assert stranger.get(f"/posts/{post_id}", headers={"Accept": accepted}).mimetype == mimetype, accepted
    refused = stranger.get(f"/posts/{post_id}", headers={"Accept": "image/png"})
    assert (refused.status_code, refused.json["code"]) == (406, "not_acceptable")


def test_pictures_are_named_by_number_and_shown_at_their_address(app: Flask, api_as: Callable[..., ApiClient]) -> None:
    media = make_media(by=user(ED), alt="A harbour")
    body = {"type": "doc", "content": [{"type": "image", "attrs": {"mediaId": media.id, "alt": "At six"}}]}
    made = api_as(ED).post("/posts", json={"title": "Harbour", "body": body}).json
    rendered = api_as(ED).get(f"/posts/{made['id']}?format=rendered").json["body"]
    assert f"/media/{media.key}/" in rendered
    assert {part[:20] for part in re.findall(r'(?:src|href)="([^"]*)"', rendered)} == {"http://localhost/med"}
    assert str(media.id) in api_as(ED).get(f"/posts/{made['id']}?format=html").json["body"]


def test_addresses_in_what_is_shown_elsewhere_are_whole(app: Flask, api_as: Callable[..., ApiClient]) -> None:
    media = make_media("wide.jpg", picture(1000, 500), by=user(ED))
    sent = '<p><a href="/about/">About</a></p><h2>Bread</h2><p>Flour.</p>'
    made = api_as(ED).post("/posts", json={"title": "Out", "body": sent, "body_format": "html"}).json
    image = {"type": "image", "attrs": {"mediaId": media.id}}
    body = {"type": "doc", "content": [*made["body"]["content"], image]}
    api_as(ED).patch(f"/posts/{made['id']}", json={"body": body})
    rendered = api_as(ED).get(f"/posts/{made['id']}?format=rendered").json["body"]
    assert 'href="http://localhost/about/"' in rendered
    addresses = re.findall(r'\s(?:src|href)="([^"]*)"', rendered)
    addresses += [part.split()[0] for found in re.findall(r'srcset="([^"]*)"', rendered) for part in found.split(",")]
    assert "srcset" in rendered
    assert [address for address in addresses if not address.startswith(("http://localhost/", "#"))] == []


def test_a_form_that_is_named_is_more_than_one_that_is_accepted(
    app: Flask, api_as: Callable[..., ApiClient], stranger: ApiClient
) -> None:
    post_id = make_post("Out", author=ART, text="Flour").id
    html = {"Accept": "text/html"}
    rendered = stranger.get(f"/posts/{post_id}?format=rendered", headers=html)
    assert (rendered.mimetype, rendered.text) == (
        "text/html",
        stranger.get(f"/posts/{post_id}?format=rendered").json["body"],
    )
    assert "data-id" in stranger.get(f"/posts/{post_id}?format=html", headers=html).text
    assert stranger.get(f"/posts/{post_id}?format=markdown", headers=html).mimetype == "text/markdown"
    assert stranger.get(f"/posts/{post_id}?format=json", headers=html).json["body_format"] == "json"
    assert stranger.get(f"/posts/{post_id}", headers={"Accept": "text/markdown"}).mimetype == "text/markdown"


def test_lists_have_texts_for_who_asks(app: Flask, api_as: Callable[..., ApiClient], stranger: ApiClient) -> None:
    out, ed = make_post("Out", author=ART, text="Flour").id, api_as(ED)
    locked = ed.post("/posts", json={"title": "Locked", "visibility": "password", "password": "ferry"}).json["id"]
    ed.patch(f"/posts/{locked}", json={"body": "Mat", "body_format": "markdown"})
    ed.post(f"/posts/{locked}/publish")
    assert "body" not in stranger.get("/posts").json["items"][0]
    for form in (*FORMS, "rendered"):
        shown = {
            client: {
                item["id"]: item for item in client.get(f"/posts?fields=body,body_format&format={form}").json["items"]
            }
            for client in (stranger, ed)
        }
        for client, items in shown.items():
            for post_id in (out, locked):
                told = client.get(f"/posts/{post_id}?format={form}").json
                assert items[post_id] == {"id": post_id, "body": told["body"], "body_format": form}
        assert shown[stranger][locked]["body"] is None
        assert "Mat" in str(shown[ed][locked]["body"])
    assert stranger.get("/posts?fields=title,body").json["items"][0].keys() == {"id", "title", "body"}
    ed.patch(f"/posts/{out}", json={"body": "Rye", "body_format": "markdown"})
    rows = {item["id"]: item["body"] for item in ed.get("/posts?fields=body&format=markdown").json["items"]}
    assert rows[out].strip() == "Rye"
    live = {item["id"]: item["body"] for item in ed.get("/posts?fields=body&format=markdown&view=live").json["items"]}
    assert live[out].strip() == "Flour"


def test_not_too_many_texts_come_at_once(app: Flask, stranger: ApiClient, count_queries: Any) -> None:
    for name in ("body", "id,body_format"):
        refused = stranger.get(f"/posts?fields={name}&per_page=26")
        assert (refused.status_code, list(refused.json["errors"])) == (422, ["per_page"])
        assert "25" in refused.json["errors"]["per_page"][0]
    assert stranger.get("/posts?fields=body&per_page=25").status_code == 200
    assert stranger.get("/posts?fields=title&per_page=26").status_code == 200
    costs = []
    for number in range(4):
        link = make_media(by=user(ED))
        body = {"type": "doc", "content": [{"type": "image", "attrs": {"mediaId": link.id}}]}
        make_post(f"Number {number}", body=body)
        if number in (0, 3):
            with count_queries() as statements:
                stranger.get("/posts?fields=body&format=rendered")
            costs.append(len(statements))
    assert costs[0] == costs[1] <= 6, costs


def test_what_is_hostile_is_a_text_like_any_other(app: Flask, api_as: Callable[..., ApiClient]) -> None:
    for form in ("html", "markdown"):
        made = api_as(ED).post("/posts", json={"title": "Pasted", "body": HOSTILE, "body_format": form})
        assert made.status_code == 201, made.text
        for shown in ("html", "rendered", "markdown"):
            text = str(api_as(ED).get(f"/posts/{made.json['id']}?format={shown}").json["body"])
            assert "<script" not in text
            assert "onclick" not in text
            assert "javascript:" not in text
