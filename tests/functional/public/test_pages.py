"""What readers find at each address."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
from flask import Flask
from selectolax.lexbor import LexborHTMLParser

from cms.content.actions.edit_entry import edit_entry
from cms.content.actions.publish_entry import publish_entry
from cms.content.saving import working_fields
from cms.core.db import transaction
from cms.core.permissions import system_user
from cms.extensions import db
from cms.lib.clock import utcnow
from cms.settings.actions import change_settings
from tests.clients import PageClient
from tests.factories import make_page, make_post, make_term
from tests.people import ART, ED, SUE, Person

Visit = Callable[..., str]


def test_an_empty_site_has_a_front_page(visit: Visit) -> None:
    assert "Nothing has been published here yet" in visit("/")


def test_a_post_stands_at_its_address(visit: Visit) -> None:
    kitchen = make_term("category", "Kitchen")
    make_post("A loaf that waits", text="Cold dough is patient.", terms=[kitchen], excerpt="Bread for late days.")
    page = LexborHTMLParser(visit("/posts/a-loaf-that-waits/"))
    assert [heading.text() for heading in page.css("h1")] == ["A loaf that waits"]
    assert "Cold dough is patient." in page.css_first(".prose").text()
    assert page.css_first(".standfirst").text() == "Bread for late days."
    assert page.css_first(".kicker a").attributes["href"] == "/category/kitchen/"
    assert page.css_first("link[rel=canonical]").attributes["href"] == "http://localhost/posts/a-loaf-that-waits/"
    assert page.css_first("meta[property='og:type']").attributes["content"] == "article"
    assert page.css_first("time").attributes["datetime"]


def test_a_page_stands_in_its_tree(visit: Visit) -> None:
    about = make_page("About", text="We are three.")
    make_page("Who writes here", parent_id=about.id)
    make_page("Money", parent_id=about.id)
    child = LexborHTMLParser(visit("/about/money/"))
    assert [link.text() for link in child.css(".side-nav a")] == ["About", "Money", "Who writes here"]
    assert [link.text() for link in child.css(".crumbs a")] == ["Home", "About"]
    assert child.css_first(".nameplate nav [aria-current]").attributes["aria-current"] == "true"
    parent = LexborHTMLParser(visit("/about/"))
    assert [link.text() for link in parent.css(".nameplate nav a")] == ["About"]
    assert [link.text() for link in parent.css(".prose li a")] == ["Money", "Who writes here"]


def test_lists_turn_their_pages(visit: Visit, client: PageClient) -> None:
    term = make_term("tag", "bread")
    for number in range(12):
        make_post(f"Post {number}", terms=[term], at=utcnow() - timedelta(days=number + 1))
    for path in ("/", "/tag/bread/", "/author/ed/", f"/archive/{utcnow() - timedelta(days=400):%Y}/"):
        if path.startswith("/archive"):
            visit(path, 404)
            continue
        first, second = LexborHTMLParser(visit(path)), LexborHTMLParser(visit(f"{path}?page=2"))
        assert len(first.css(".row-post")) == 10, path
        assert len(second.css(".row-post")) == 2, path
        assert first.css_first(".pagination [aria-current=page]").text() == "Page 1"
        assert second.css_first("link[rel=prev]").attributes["href"] == path
        for wrong in ("3", "0", "-1", "x", "99999999999999999999", "9223372036854775807", "1.0", "٢", "", "2&page=2"):
            visit(f"{path}?page={wrong}", 404)
        answer = client.get(f"{path}?page=1")
        assert (answer.status_code, answer.headers["Location"]) == (301, path)


def test_a_pinned_post_leads_the_front_page(visit: Visit) -> None:
    make_post("Old and pinned", sticky=True, at=utcnow() - timedelta(days=90))
    make_post("New")
    page = LexborHTMLParser(visit("/"))
    assert "Old and pinned" in page.css_first(".lead-post h2").text()
    assert "Pinned" in page.css_first(".lead-post .kicker").text()
    assert [heading.text() for heading in page.css(".row-post h2")] == ["New"]


def test_a_category_holds_the_posts_of_those_below_it(visit: Visit) -> None:
    walks = make_term("category", "Walks", description="With the bus home.")
    coast = make_term("category", "Coast", parent=walks)
    make_post("Over the hills", terms=[coast])
    above = LexborHTMLParser(visit("/category/walks/"))
    assert [heading.text() for heading in above.css(".row-post h2")] == ["Over the hills"]
    assert above.css_first(".list-head .about").text() == "With the bus home."
    assert above.css_first(".list-head .tag-list a").text() == "Coast 1"
    below = LexborHTMLParser(visit("/category/walks/coast/"))
    assert [link.text() for link in below.css(".crumbs a")] == ["Home", "Walks"]
    visit("/category/coast/", 404)


def test_the_archive_is_sorted_by_the_sites_own_days(visit: Visit) -> None:
    with transaction():
        change_settings({"time_zone": "Europe/Berlin"}, by=system_user())
    make_post("New year", at=datetime(2023, 12, 31, 23, 30, tzinfo=UTC))
    make_post("Summer", at=datetime(2023, 7, 1, 12, 0, tzinfo=UTC))
    assert "New year" in visit("/archive/2024/01/")
    assert "1 January 2024" in visit("/posts/new-year/")
    page = LexborHTMLParser(visit("/archive/2023/"))
    assert [heading.text() for heading in page.css(".row-post h2")] == ["Summer"]
    assert [link.attributes["href"] for link in page.css(".topics a")] == ["/archive/2023/07/", "/archive/2024/"]
    assert [link.text() for link in LexborHTMLParser(visit("/archive/")).css(".topics a")] == ["2024 1", "2023 1"]
    for wrong in ("2022", "2023/06", "2023/13", "2023/00", "2023/7", "0000", "9999", "12345", "abcd", "２０２３"):
        visit(f"/archive/{wrong}/", 404)


def test_the_author_page_is_not_the_sign_in_name(visit: Visit) -> None:
    make_post("By Art", author=ART)
    page = visit("/author/art/")
    assert ART.email not in page
    assert "By Art" in page
    visit("/author/sue/", 404)


def test_neighbours_and_related_posts(visit: Visit) -> None:
    tag = make_term("tag", "bread")
    for number, terms in ((1, [tag]), (2, []), (3, [tag]), (4, [])):
        make_post(f"Post {number}", terms=terms, at=utcnow() - timedelta(days=10 - number))
    page = LexborHTMLParser(visit("/posts/post-3/"))
    assert page.css_first(".near [rel=prev]").attributes["href"] == "/posts/post-2/"
    assert page.css_first(".near [rel=next]").attributes["href"] == "/posts/post-4/"
    assert [link.text() for link in page.css(".related h3 a")] == ["Post 1"]


def test_addresses_without_the_slash_lead_on(client: PageClient, app: Flask) -> None:
    about = make_page("About")
    make_page("Team", parent_id=about.id)
    make_post("A loaf")
    db.session.remove()
    for path, target in (
        ("/about", "/about/"),
        ("/about/team?x=1", "/about/team/?x=1"),
        ("/posts/a-loaf", "/posts/a-loaf/"),
        ("/ABOUT/", "/about/"),
    ):
        answer = client.get(path)
        assert answer.status_code in (301, 308), path
        assert answer.headers["Location"].removeprefix("http://localhost") == target


@pytest.mark.parametrize(
    "path",
    ["//evil.example/", "/%5cevil.example/", "//evil.example/%2e%2e", "/\\evil.example", "/http://evil.example/"],
)
def test_no_redirect_leaves_the_site(client: PageClient, path: str) -> None:
    answer = client.get(path)
    if 300 <= answer.status_code < 400:
        target = answer.headers["Location"]
        assert target.startswith(("http://localhost/", "/")), target
        assert not target.startswith(("//", "/\\")), target


def test_a_page_can_be_the_front_page(visit: Visit, client: PageClient) -> None:
    page = make_page("Welcome", text="Come in.")
    with transaction():
        change_settings({"home_page_id": page.id}, by=system_user())
    assert "Come in." in visit("/")
    answer = client.get("/welcome/")
    assert (answer.status_code, answer.headers["Location"]) == (301, "/")
    assert LexborHTMLParser(visit("/")).css_first("link[rel=canonical]").attributes["href"] == "http://localhost/"


INVISIBLE = [
    {"state": "draft"},
    {"state": "in_review"},
    {"state": "scheduled"},
    {"state": "archived"},
    {"state": "binned"},
    {"visibility": "private"},
    {"visibility": "members"},
]


@pytest.mark.parametrize("hidden", INVISIBLE, ids=str)
@pytest.mark.parametrize("kind", ["post", "page"])
def test_what_is_not_for_strangers_is_like_what_never_was(
    client: PageClient, hidden: dict[str, str], kind: str
) -> None:
    make = make_post if kind == "post" else make_page
    make("Secret plans", text="the words of the secret", slug="secret-plans", **hidden)
    stem = "/posts/" if kind == "post" else "/"
    db.session.remove()
    for form in ("{}{}/", "{}{}", "{}{}/?page=1", "{}{}/?preview=true", "{}{}/feed/", "{}{}.json"):
        there, never = (client.get(form.format(stem, slug)) for slug in ("secret-plans", "secret-never"))
        assert there.status_code == never.status_code
        if there.status_code == 308:
            continue
        assert there.status_code == 404, form
        assert there.data == never.data, form
        assert {k: v for k, v in there.headers if k != "X-Request-ID"} == {
            k: v for k, v in never.headers if k != "X-Request-ID"
        }
    for place in ("/", "/search?q=secret", "/feed.xml", "/atom.xml", "/sitemap.xml", "/archive/", "/author/ed/"):
        assert b"ecret-plans" not in client.get(place).data, place
        assert b"ecret plans" not in client.get(place).data, place


@pytest.mark.parametrize(
    ("person", "visibility", "status"), [(SUE, "members", 200), (SUE, "private", 404), (ED, "private", 200)]
)
def test_members_and_editors_read_more(
    as_: Callable[[Person], PageClient], person: Person, visibility: str, status: int
) -> None:
    make_post("For some", text="inner words", visibility=visibility, author=ART)
    db.session.remove()
    answer = as_(person).get("/posts/for-some/")
    assert answer.status_code == status
    assert "no-store" in answer.headers["Cache-Control"]


def test_a_moved_post_leaves_its_old_address(client: PageClient) -> None:
    made = make_post("A loaf", slug="a-loaf")
    with transaction() as session:
        post = session.get_one(type(made), made.id)
        edit_entry(post, working_fields(post).changed(slug="a-better-loaf"), by=system_user())
        publish_entry(post, by=system_user())
    db.session.remove()
    answer = client.get("/posts/a-loaf/")
    assert (answer.status_code, answer.headers["Location"]) == (301, "/posts/a-better-loaf/")


@pytest.mark.parametrize(
    ("path", "leads_to"),
    [("/login/?next=%2Fadmin%2F", "/login?next=%2Fadmin%2F"), ("/reset/", "/reset"), ("/feed.xml/", "/feed.xml")],
)
def test_a_slash_too_many_leads_on(client: PageClient, path: str, leads_to: str) -> None:
    answer = client.get(path)
    assert (answer.status_code, answer.headers["Location"]) == (301, leads_to)


@pytest.mark.parametrize(
    "path", ["/login//", "/healthz/x/", "/admin-of-old/", "/%5cevil.example/", "/.//evil.example/"]
)
def test_other_addresses_with_a_slash_stay_unknown(client: PageClient, path: str) -> None:
    assert client.get(path).status_code in (400, 404)
