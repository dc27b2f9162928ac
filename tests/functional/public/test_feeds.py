"""RSS and Atom: the whole text, whole addresses, well-formed whatever stands in a post."""

from collections.abc import Callable
from datetime import timedelta

from cms.core.db import transaction
from cms.core.permissions import system_user
from cms.lib.clock import utcnow
from cms.lib.document import from_html
from cms.public.feeds import NEWEST
from cms.settings.actions import change_settings
from tests.clients import PageClient
from tests.factories import make_post, make_term
from tests.factories.media import make_media
from tests.functional.public.xml import read_xml

Visit = Callable[..., str]
ATOM = "{http://www.w3.org/2005/Atom}"
CONTENT = "{http://purl.org/rss/1.0/modules/content/}encoded"


def test_rss_holds_the_whole_text_with_whole_addresses(visit: Visit) -> None:
    picture = make_media()
    key = picture.key
    html = '<h2 id="a">Heading</h2><p><a href="/about/">About</a></p>'
    body = from_html(f'{html}<img data-media="{picture.id}" alt="B">')
    make_post("A loaf & <b>more</b>", body=body, terms=[make_term("tag", "bread")], slug="loaf")
    root = read_xml(visit("/feed.xml"))
    item = root.find("channel/item")
    assert item is not None
    assert item.findtext("title") == "A loaf & <b>more</b>"
    assert item.findtext("link") == "http://localhost/posts/loaf/"
    assert item.findtext("category") == "bread"
    html = item.findtext(CONTENT) or ""
    assert 'href="http://localhost/about/"' in html
    assert f'src="http://localhost/media/{key}/' in html
    assert "cms:" not in html
    assert 'class="anchor"' not in html


def test_atom_is_valid_as_far_as_the_specification_asks(visit: Visit) -> None:
    make_post("One")
    root = read_xml(visit("/atom.xml"))
    for name in ("id", "title", "updated", "author"):
        assert root.find(f"{ATOM}{name}") is not None
        assert root.find(f"{ATOM}entry/{ATOM}{name}") is not None
    identity = root.findtext(f"{ATOM}entry/{ATOM}id") or ""
    assert identity.startswith("tag:localhost,")


def test_an_empty_site_has_feeds(visit: Visit) -> None:
    assert read_xml(visit("/feed.xml")).findtext("channel/title") == "Masthead"
    assert read_xml(visit("/atom.xml")).find(f"{ATOM}updated") is not None


def test_a_feed_ends(visit: Visit) -> None:
    for number in range(NEWEST + 2):
        make_post(f"Post {number}", at=utcnow() - timedelta(days=number + 1))
    items = read_xml(visit("/feed.xml")).findall("channel/item")
    assert [item.findtext("title") for item in items] == [f"Post {number}" for number in range(NEWEST)]


def test_characters_that_xml_cannot_hold_are_left_out(visit: Visit) -> None:
    with transaction():
        change_settings({"name": "Lane ]]> & <x>"}, by=system_user())
    make_post("Bell \x07 and \ufffe end ]]>", text="In the text \x0b too ]]> 😀")
    for path in ("/feed.xml", "/atom.xml"):
        text = visit(path)
        read_xml(text)
        assert "\x07" not in text
        assert "😀" in text


def test_the_type_and_304(client: PageClient) -> None:
    assert client.get("/feed.xml").headers["Content-Type"] == "application/rss+xml; charset=utf-8"
    assert client.get("/atom.xml").headers["Content-Type"] == "application/atom+xml; charset=utf-8"
