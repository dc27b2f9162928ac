"""`/sitemap.xml` (sitemaps.org) and `/robots.txt` (RFC 9309)."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from xml.sax.saxutils import escape

from flask import Response, request, stream_with_context

from cms.cache.pages import cached_page
from cms.content.addresses import author_path, term_path, to_url
from cms.content.sitemap import list_sitemap_authors, list_sitemap_terms, list_starts, stream_addresses
from cms.core.errors import NotFound
from cms.core.permissions import public_route
from cms.public.frame import Frame, get_frame
from cms.public.routes import blueprint
from cms.public.urls import page_number

#: Addresses in one file; the protocol allows 50,000, and terms and authors come on top in the first.
PART = 45_000
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
    begin = starts[asked - 1] if starts else 0
    return _xml(_part(frame, begin, first=asked == 1))


def _xml(parts: Iterator[str]) -> Response:
    response = Response(stream_with_context(parts), content_type="application/xml; charset=utf-8")
    response.headers["Cache-Control"] = "public, max-age=300"
    return response


def _index(frame: Frame, count: int) -> Iterator[str]:
    yield f"{_HEAD}<sitemapindex {_SPACE}>\n"
    for number in range(1, count + 1):
        yield f"<sitemap><loc>{escape(frame.base_url)}/sitemap.xml?page={number}</loc></sitemap>\n"
    yield "</sitemapindex>\n"


def _part(frame: Frame, begin: int, *, first: bool) -> Iterator[str]:
    yield f"{_HEAD}<urlset {_SPACE}>\n"
    if first:
        yield _url(frame, "/", None)
        for term in list_sitemap_terms():
            yield _url(frame, term_path(term), None)
        for slug in list_sitemap_authors():
            yield _url(frame, author_path(slug), None)
    for entry_id, address, changed in stream_addresses(begin, PART):
        if entry_id != frame.settings.home_page_id:
            yield _url(frame, address, changed)
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
