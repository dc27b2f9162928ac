"""The head of a page: title, description, canonical address, Open Graph, robots."""

from __future__ import annotations

from datetime import datetime

from markupsafe import Markup

from cms.content.addresses import to_url
from cms.content.models import Entry
from cms.media.addresses import media_address
from cms.media.models import MediaFile
from cms.public.contexts import is_locked
from cms.public.frame import Frame, feeds
from cms.theming.contexts import EMPTY, HeadContext, Pagination
from cms.theming.helpers import locale_of

#: Previews of links are drawn about this wide.
_OG_WIDTH = 1440


def list_head(
    frame: Frame,
    title: str,
    *,
    pagination: Pagination,
    description: str = "",
    robots: str = "",
    structured_data: Markup = EMPTY,
) -> HeadContext:
    """Return the head of a list of posts called `title` (empty: the front page)."""
    name = frame.settings.name
    path = pagination.url(pagination.page)
    canonical = frame.absolute(path)
    whole = f"{title} – {name}" if title else " – ".join(filter(None, (name, frame.settings.description)))
    return HeadContext(
        title=whole,
        description=description or frame.settings.description,
        path=path,
        canonical="" if robots else canonical,
        robots=robots,
        open_graph=(
            ("og:type", "website"),
            ("og:site_name", name),
            ("og:title", title or name),
            *((("og:description", description or frame.settings.description),) if frame.settings.description else ()),
            ("og:url", canonical),
            ("og:locale", _locale(frame.settings.language)),
        ),
        structured_data=structured_data,
        feeds=feeds(frame),
        previous_url=pagination.url(pagination.page - 1) if pagination.has_previous else "",
        next_url=pagination.url(pagination.page + 1) if pagination.has_next else "",
    )


def entry_head(
    frame: Frame, entry: Entry, *, path: str = "", image: MediaFile | None = None, structured_data: Markup = EMPTY
) -> HeadContext:
    """Return the head of an entry; of one with a password only title and address are told."""
    path = path or to_url(entry.address or "/")
    locked = is_locked(entry)
    title = entry.seo_title or entry.title
    description = "" if locked else entry.seo_description or entry.summary
    name = frame.settings.name
    canonical = entry.canonical_url or frame.absolute(path)
    graph = [
        ("og:type", "article" if entry.kind == "post" else "website"),
        ("og:site_name", name),
        ("og:title", title or name),
        ("og:url", canonical),
        ("og:locale", _locale(entry.language or frame.settings.language)),
    ]
    if description:
        graph.append(("og:description", description))
    if entry.kind == "post":
        graph += _article(frame, entry)
    if image is not None and not locked:
        graph += _image(frame, image)
    return HeadContext(
        title=f"{title} – {name}" if title else name,
        description=description,
        path=path,
        canonical=canonical,
        robots="noindex" if entry.noindex or locked else "",
        open_graph=tuple(graph),
        structured_data=EMPTY if locked else structured_data,
        feeds=feeds(frame),
    )


def plain_head(frame: Frame, title: str, *, path: str = "") -> HeadContext:
    """Return the head of a page that search engines pass over."""
    return HeadContext(title=f"{title} – {frame.settings.name}", path=path, robots="noindex", feeds=feeds(frame))


def _article(frame: Frame, entry: Entry) -> list[tuple[str, str]]:
    graph: list[tuple[str, str]] = []
    for name, moment in (("published", entry.published_at), ("modified", entry.revised_at)):
        if moment is not None:
            graph.append((f"article:{name}_time", _iso(frame.local(moment))))
    graph += [("article:section", term.name) for term in entry.categories[:1]]
    graph += [("article:tag", term.name) for term in entry.tags[:10]]
    return graph


def _image(frame: Frame, image: MediaFile) -> list[tuple[str, str]]:
    graph = [("twitter:card", "summary_large_image"), ("og:image", frame.absolute(media_address(image, _OG_WIDTH)))]
    if image.alt:
        graph.append(("og:image:alt", image.alt))
    return graph


def _iso(moment: datetime) -> str:
    return moment.isoformat(timespec="seconds")


def _locale(language: str) -> str:
    """Return a language as Open Graph writes it (`en_GB`); one without a region gets its most usual one."""
    locale = locale_of(language)
    return str(locale) if locale.territory else str(locale.language)
