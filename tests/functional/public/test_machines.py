"""What machines read: sitemap, robots, health, heads of pages, headers, theme files."""

import json
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from flask import Flask
from selectolax.lexbor import LexborHTMLParser
from sqlalchemy import text

from cms.core.db import transaction
from cms.core.permissions import system_user
from cms.extensions import db
from cms.public import sitemap
from cms.settings.actions import change_settings
from tests.clients import PageClient
from tests.factories import make_page, make_post, make_term
from tests.factories.media import make_media
from tests.functional.public.xml import read_xml

Visit = Callable[..., str]
SPACE = "{http://www.sitemaps.org/schemas/sitemap/0.9}"


def locations(xml: str) -> list[str]:
    return [node.text or "" for node in read_xml(xml).iter(f"{SPACE}loc")]


def test_the_sitemap_holds_what_everybody_may_find(visit: Visit) -> None:
    term = make_term("category", "Kitchen")
    make_term("tag", "unused")
    make_post("A loaf", terms=[term])
    make_post("Quiet", noindex=True)
    make_post("Elsewhere", canonical_url="https://other.example/elsewhere")
    make_page("About")
    assert sorted(locations(visit("/sitemap.xml"))) == [
        "http://localhost/",
        "http://localhost/about/",
        "http://localhost/author/ed/",
        "http://localhost/category/kitchen/",
        "http://localhost/posts/a-loaf/",
    ]


def test_a_large_sitemap_comes_in_parts(visit: Visit, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sitemap, "PART", 3)
    monkeypatch.setattr(sitemap, "_BATCH", 2)
    for number in range(8):
        make_post(f"Post {number}")
    index = visit("/sitemap.xml")
    assert read_xml(index).tag == f"{SPACE}sitemapindex"
    parts = [locations(visit(place.removeprefix("http://localhost"))) for place in locations(index)]
    assert [len([place for place in part if "/posts/" in place]) for part in parts] == [3, 3, 2]
    visit("/sitemap.xml?page=4", 404)


def test_robots(visit: Visit) -> None:
    robots = visit("/robots.txt")
    assert "Disallow: /admin/" in robots
    assert "Sitemap: http://localhost/sitemap.xml" in robots


def test_health(client: PageClient, app: Flask) -> None:
    assert client.get("/healthz").data == b"ok\n"
    answer = client.get("/readyz")
    assert (answer.status_code, answer.json) == (200, {"ready": True, "failed": []})
    assert answer.headers["Cache-Control"] == "no-store"


def test_what_is_not_ready_is_named_and_nothing_more(client: PageClient, app: Flask) -> None:
    with db.engine.begin() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '0000'"))
    uploads = Path(app.config["CMS_UPLOADS"])
    shutil.rmtree(uploads, ignore_errors=True)
    uploads.write_text("a file where a folder should be")
    answer = client.get("/readyz")
    assert (answer.status_code, answer.json) == (503, {"ready": False, "failed": ["migrations", "disk"]})
    assert client.get("/healthz").status_code == 200


def test_structured_data_says_what_the_page_says(visit: Visit) -> None:
    picture = make_media(alt="A loaf")
    key = picture.key
    make_post(
        "</script><script>alert(1)</script>",
        slug="loaf",
        terms=[make_term("category", "Kitchen"), make_term("tag", "bread")],
        featured_media_id=picture.id,
        excerpt="Bread & time.",
    )
    page = LexborHTMLParser(visit("/posts/loaf/"))
    blocks = page.css("script[type='application/ld+json']")
    assert len(blocks) == 1
    posting, crumbs = json.loads(blocks[0].text())["@graph"]
    assert posting["@type"] == "BlogPosting"
    assert posting["headline"] == "</script><script>alert(1)</script>"
    assert posting["description"] == "Bread & time."
    assert posting["author"][0]["url"] == "http://localhost/author/ed/"
    assert posting["image"][0].startswith(f"http://localhost/media/{key}/")
    assert [step["item"] for step in crumbs["itemListElement"]] == [
        "http://localhost/",
        "http://localhost/category/kitchen/",
        "http://localhost/posts/loaf/",
    ]
    graph = {meta.attributes["property"]: meta.attributes["content"] for meta in page.css("meta[property]")}
    assert graph["og:title"] == "</script><script>alert(1)</script>"
    assert graph["og:description"] == "Bread & time."
    assert graph["og:locale"] == "en_GB"
    assert graph["og:image:alt"] == "A loaf"
    assert graph["article:section"] == "Kitchen"


def test_the_fields_for_search_engines_win(visit: Visit) -> None:
    make_post(
        "A loaf", seo_title="Bread", seo_description="Short.", noindex=True, canonical_url="https://first.example/loaf"
    )
    page = LexborHTMLParser(visit("/posts/a-loaf/"))
    assert page.css_first("title").text() == "Bread – Masthead"
    assert page.css_first("meta[name=description]").attributes["content"] == "Short."
    assert page.css_first("meta[name=robots]").attributes["content"] == "noindex"
    assert page.css_first("link[rel=canonical]").attributes["href"] == "https://first.example/loaf"


PLACES = ("/", "/nothing/", "/search?q=a", "/feed.xml", "/sitemap.xml", "/robots.txt", "/healthz", "/appearance.css")


@pytest.mark.parametrize("path", PLACES)
def test_every_answer_is_closed(client: PageClient, path: str) -> None:
    headers = client.get(path).headers
    policy = dict(part.split(" ", 1) for part in headers["Content-Security-Policy"].split("; "))
    assert policy["default-src"] == "'none'"
    assert policy["base-uri"] == "'none'"
    if headers["Content-Type"].startswith("text/html"):
        assert policy["script-src"] == "localhost/theme/"
        assert policy["style-src"] == policy["form-action"] == "'self'"
        assert policy["require-trusted-types-for"] == "'script'"
        assert policy["trusted-types"] == "'none'"
        assert policy["frame-ancestors"] == "'self'"
    else:
        assert policy["frame-ancestors"] == policy["form-action"] == "'none'"
    assert "unsafe" not in headers["Content-Security-Policy"]
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Referrer-Policy"] == "strict-origin-when-cross-origin"
    assert "Set-Cookie" not in headers
    assert "Strict-Transport-Security" not in headers


def test_https_sites_are_held_to_it(make_app: Callable[..., Flask]) -> None:
    app = make_app(CMS_BASE_URL="https://harbour.example")
    answer = app.test_client().get("/healthz", base_url="https://harbour.example")
    assert answer.headers["Strict-Transport-Security"] == "max-age=31536000; includeSubDomains"


def test_theme_files_are_kept_for_good(client: PageClient, visit: Visit) -> None:
    page = LexborHTMLParser(visit("/"))
    places = [node.attributes["href"] for node in page.css("link[rel=stylesheet], link[rel=preload]")]
    places += [node.attributes["src"] for node in page.css("script[src]")]
    for place in places:
        with client.get(place) as answer:
            assert answer.status_code == 200, place
        if place.startswith("/theme/"):
            assert answer.headers["Cache-Control"] == "public, max-age=31536000, immutable", place
    for place in (
        "/theme/default/manifest.json",
        "/theme/default/../theme.toml",
        "/theme/default/%2e%2e/theme.toml",
        "/theme/default/nothing.css",
        "/theme/nothing/theme.css",
        "/theme/..%2fdefault/theme.css",
        "/theme/default/",
    ):
        assert client.get(place).status_code in (404, 308), place


def test_the_accent_is_a_stylesheet_of_its_own(client: PageClient, visit: Visit) -> None:
    assert "settings.css" not in visit("/")
    with transaction():
        change_settings({"accent": "#a01020"}, by=system_user())
    place = next(
        node.attributes["href"]
        for node in LexborHTMLParser(visit("/")).css("link[rel=stylesheet]")
        if "settings.css" in (node.attributes["href"] or "")
    )
    answer = client.get(str(place))
    assert answer.data == b":root{--accent:#a01020}\n"
    assert answer.headers["Cache-Control"] == "public, max-age=31536000, immutable"
    assert b'fill="#a01020"' in client.get("/theme/icon.svg").data
