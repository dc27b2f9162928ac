"""Whatever people write into a field stays text on every page, in every feed and in every attribute."""

import pytest
from flask import Flask
from selectolax.lexbor import LexborHTMLParser

from cms.accounts.models import User
from cms.core.db import transaction
from cms.core.permissions import system_user
from cms.extensions import db
from cms.lib.document import from_html
from cms.settings.actions import change_settings
from tests.clients import PageClient
from tests.factories import make_page, make_post, make_term
from tests.factories.media import make_media
from tests.functional.public.xml import read_xml
from tests.people import ED

PAYLOADS = [
    "<script>alert(1)</script>",
    '"><img src=x onerror=alert(1)>',
    "' onmouseover='alert(1)",
    "</title><svg onload=alert(1)>",
    "]]><script>alert(1)</script>",
    "{{ 7 * 191 }}{% for x in y %}",
    "<!--<script>",
    "%(name)s %s {0} ${x}",
    "javascript:alert(1)",
    "\u2028</script>\u2029",
]
PLACES = ["/", "/posts/hostile/", "/about/", "/category/kitchen/", "/author/ed/", "/archive/", "/nothing/"]
PLACES += ["/search?q=needle"]
PROXY_HEADERS = ["X-Forwarded-Host", "X-Forwarded-Proto", "Forwarded", "X-Original-URL", "X-Rewrite-URL"]


@pytest.mark.parametrize("payload", PAYLOADS)
def test_it_stays_text(client: PageClient, app: Flask, payload: str) -> None:
    with transaction() as session:
        change_settings({"name": f"S {payload}"[:120], "description": f"D {payload}"[:160]}, by=system_user())
        ed = session.query(User).filter_by(email=ED.email).one()
        ed.name, ed.biography = f"E {payload}", f"B {payload}"
        ed.links = [{"label": payload, "url": payload}, {"label": payload, "url": "https://e.example/?\"'<>"}]
    term = make_term("category", f"K {payload}", slug="kitchen", description=f"C {payload}")
    picture = make_media(alt=f"A {payload}", caption=f"P {payload}")
    body = from_html("<h2>needle</h2><p>words</p>")
    options = {"excerpt": f"X {payload}", "seo_description": f"Y {payload}", "featured_media_id": picture.id}
    make_post(f"T {payload}", slug="hostile", body=body, terms=[term], **options)
    make_page(f"T {payload}", slug="about", **options)
    db.session.remove()
    for path in PLACES:
        text = client.get(path).get_data(as_text=True)
        page = LexborHTMLParser(text)
        scripts = [node for node in page.css("script") if node.attributes.get("type") != "application/ld+json"]
        assert [bool(node.attributes.get("src")) for node in scripts] == [True], path
        assert not page.css("[onerror], [onload], [onmouseover], svg[onload]"), path
        assert not [link for link in page.css("a[href]") if (link.attributes["href"] or "").startswith("javascript:")]
        assert "1337" not in text
    for path in ("/feed.xml", "/atom.xml", "/sitemap.xml"):
        read_xml(client.get(path).get_data(as_text=True))


def test_another_host_is_not_repeated(client: PageClient) -> None:
    make_post("One")
    for host in ("evil.example", "localhost.evil.example", "localhost:99999"):
        for path in ("/", "/posts/one/", "/posts/one", "/feed.xml", "/sitemap.xml", "/robots.txt"):
            answer = client.get(path, headers={"Host": host, "X-Forwarded-Host": "evil.example"})
            assert b"evil.example" not in answer.data, path
            assert "evil.example" not in answer.headers.get("Location", ""), path


def test_headers_of_proxies_change_nothing(client: PageClient) -> None:
    make_post("One")
    plain = client.get("/posts/one/").data
    for name in PROXY_HEADERS:
        assert client.get("/posts/one/", headers={name: "evil.example"}).data == plain, name
