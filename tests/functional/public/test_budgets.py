"""How many queries a cold page takes: few, and no more when there are more rows."""

from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import timedelta

import pytest

from cms.extensions import db
from cms.lib.clock import utcnow
from cms.lib.document import from_html
from tests.clients import PageClient
from tests.factories import make_page, make_post, make_term
from tests.factories.media import make_media
from tests.people import ART, CON, ED

Counting = Callable[[], AbstractContextManager[list[str]]]
BUDGETS = {
    "/": 6,
    "/posts/post-1/": 6,
    "/about/": 6,
    "/category/kitchen/": 6,
    "/tag/bread/": 6,
    "/author/ed/": 6,
    "/archive/": 4,
    "/search?q=words": 6,
    "/feed.xml": 6,
    "/atom.xml": 6,
    "/sitemap.xml": 6,
    "/nothing/": 6,
    "/healthz": 0,
    "/appearance.css": 1,
}


def fill(count: int, start: int = 0) -> None:
    """Make posts with everything a page could ask the database for."""
    terms = [make_term("category", f"Kitchen {start}" if start else "Kitchen"), make_term("tag", f"T{start}")]
    if not start:
        terms.append(make_term("tag", "bread"))
    for number in range(start, start + count):
        picture = make_media(f"picture-{number}.jpg")
        other = make_media(f"other-{number}.jpg")
        body = from_html(f'<p>Some words.</p><img data-media="{other.id}" alt=""><p><a href="cms:entry/1">one</a></p>')
        make_post(
            f"Post {number}",
            body=body,
            terms=terms,
            author=(ED, ART, CON)[number % 3],
            featured_media_id=picture.id,
            at=utcnow() - timedelta(hours=number + 1),
        )


@pytest.fixture
def asked(client: PageClient, count_queries: Counting) -> Callable[[str], int]:
    """Count the queries of a page, settings and templates being warm."""

    def count(path: str) -> int:
        client.get(path)
        db.session.remove()
        with count_queries() as statements:
            assert client.get(path).status_code in (200, 404)
        assert len(statements) <= BUDGETS[path], "\n\n".join(statements)
        return len(statements)

    return count


def test_pages_stay_within_their_budget_whatever_the_rows(asked: Callable[[str], int]) -> None:
    about_id = make_page("About").id
    fill(3)
    few = {path: asked(path) for path in BUDGETS}
    for name in ("One", "Two", "Three"):
        make_page(name, parent_id=about_id)
    fill(12, start=100)
    many = {path: asked(path) for path in BUDGETS}
    assert many == few


def test_a_stranger_leaves_no_trace(client: PageClient) -> None:
    make_post("Post 1")
    answer = client.get("/posts/post-1/")
    assert "Set-Cookie" not in answer.headers
