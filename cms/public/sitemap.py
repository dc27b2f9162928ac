"""`/sitemap.xml` (sitemaps.org) and `/robots.txt` (RFC 9309)."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from xml.sax.saxutils import escape

from flask import Flask, Response, current_app, request

from cms.cache.pages import cached_page
from cms.content.addresses import author_path, term_path, to_url
from cms.content.sitemap import list_addresses_from, list_sitemap_authors, list_sitemap_terms, list_starts
from cms.core.errors import NotFound
from cms.core.permissions import public_route
from cms.public.frame import Frame, get_frame
from cms.public.routes import blueprint
from cms.public.urls import page_number

#: Addresses in one file; the protocol allows 50,000, and terms and authors come on top in the first.
PART = 45_000
#: Rows read at a time, so that a large site is never in memory at once.
_BATCH = 2000
_HEAD = '<?xml version="1.0" encoding="utf-8"?>\n'
_SPACE = 'xmlns="http://www.sitemaps.org/schemas/sitemap/0.9"'
_CLOSED = ("/admin/", "/login", "/search", "/preview/", "/appearance")


@blueprint.get("/sitemap.xml")
@public_route
def sitemap() -> Response:
    """Send every address that search engines should know; more than one file holds become an index of files."""
    frame, starts = get_frame(), list_starts(PART)
    asked = page_number()
    if asked > max(1, len(starts)):
        raise NotFound()
    if len(starts) > 1 and "page" not in request.args:
        return _xml(_index(frame, len(starts)))
    head = [_url(frame, path, None) for path in _places()] if asked == 1 else []
    app: Flask = current_app._get_current_object()  # type: ignore[attr-defined]  # a local proxy has it
    return _xml(_part(app, frame, head, starts[asked - 1] if starts else 0))


def _places() -> Iterator[str]:
    yield "/"
    yield from (term_path(term) for term in list_sitemap_terms())
    yield from (author_path(slug) for slug in list_sitemap_authors())


def _xml(parts: Iterator[str]) -> Response:
    response = Response(parts, content_type="application/xml; charset=utf-8")
    response.headers["Cache-Control"] = "public, max-age=300"
    return response


def _index(frame: Frame, count: int) -> Iterator[str]:
    yield f"{_HEAD}<sitemapindex {_SPACE}>\n"
    for number in range(1, count + 1):
        yield f"<sitemap><loc>{escape(frame.base_url)}/sitemap.xml?page={number}</loc></sitemap>\n"
    yield "</sitemapindex>\n"


def _part(app: Flask, frame: Frame, head: list[str], begin: int) -> Iterator[str]:
    yield f"{_HEAD}<urlset {_SPACE}>\n"
    yield from head
    left = PART
    while left > 0:
        # The request is over while this is sent, so each batch has a context, and a connection, of its own.
        with app.app_context():
            rows = list_addresses_from(begin, min(_BATCH, left))
        yield from (_url(frame, path, changed) for key, path, changed in rows if key != frame.settings.home_page_id)
        if len(rows) < _BATCH:
            break
        left, begin = left - len(rows), rows[-1][0] + 1
    yield "</urlset>\n"


def _url(frame: Frame, path: str, changed: datetime | None) -> str:
    moment = f"<lastmod>{changed.isoformat(timespec='seconds')}</lastmod>" if changed else ""
    return f"<url><loc>{escape(frame.absolute(to_url(path)))}</loc>{moment}</url>\n"


@blueprint.get("/robots.txt")
@public_route
@cached_page
def robots() -> Response:
    """Tell robots what is not for them, and where the sitemap is."""
    closed = "\n".join(f"Disallow: {path}" for path in _CLOSED)
    lines = f"User-agent: *\n{closed}\n\nSitemap: {get_frame().base_url}/sitemap.xml\n"
    return Response(lines, content_type="text/plain; charset=utf-8")
