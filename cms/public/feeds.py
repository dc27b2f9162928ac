"""Feeds with the whole text of the newest posts: `/feed.xml` (RSS 2.0) and `/atom.xml` (RFC 4287)."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from email.utils import format_datetime
from urllib.parse import urlsplit
from xml.sax.saxutils import escape, quoteattr

from flask import Response

from cms.cache.pages import cached_page
from cms.content.addresses import to_url
from cms.content.models import Post
from cms.content.queries import list_posts, read_bodies
from cms.content.rendering import fill, find_things
from cms.core.i18n import gettext
from cms.core.permissions import public_route
from cms.lib.clock import utcnow
from cms.lib.document import make_absolute
from cms.public.contexts import is_locked
from cms.public.frame import Frame, get_frame
from cms.public.routes import blueprint

#: Posts in a feed.
NEWEST = 20
#: Characters that XML 1.0 cannot hold (section 2.2).
_ILLEGAL = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_ANCHOR = re.compile(r'<a class="anchor".*?</a>', re.S)


_RSS_HEAD = (
    '<?xml version="1.0" encoding="utf-8"?>\n'
    '<rss version="2.0" xmlns:atom="http://www.w3.org/2005/Atom" xmlns:dc="http://purl.org/dc/elements/1.1/" '
    'xmlns:content="http://purl.org/rss/1.0/modules/content/"><channel>'
)


@dataclass(frozen=True)
class Item:
    """A post as a feed holds it."""

    post: Post
    url: str
    identity: str
    html: str
    published: datetime
    updated: datetime


@blueprint.get("/feed.xml")
@public_route
@cached_page
def rss() -> Response:
    """Send the newest posts as RSS 2.0."""
    frame, items = get_frame(), _items(get_frame())
    name = frame.settings.name
    parts = [
        _RSS_HEAD,
        _element("title", name),
        _element("link", f"{frame.base_url}/"),
        _element("description", frame.settings.description or name),
        _element("language", frame.settings.language),
        _element("lastBuildDate", format_datetime(_newest(items))),
        _element("generator", "Masthead"),
        f'<atom:link href={quoteattr(frame.base_url + "/feed.xml")} rel="self" type="application/rss+xml"/>',
        *[_rss_item(item) for item in items],
        "</channel></rss>\n",
    ]
    return Response("\n".join(parts), content_type="application/rss+xml; charset=utf-8")


def _rss_item(item: Item) -> str:
    post = item.post
    summary = "" if is_locked(post) else post.summary
    parts = [
        _element("title", post.title or gettext("Untitled")),
        _element("link", item.url),
        f'<guid isPermaLink="false">{_text(item.identity)}</guid>',
        _element("pubDate", format_datetime(item.published)),
        *[_element("dc:creator", user.name) for user in post.authors],
        *[_element("category", term.name) for term in (*post.categories, *post.tags)],
        *([_element("description", summary)] if summary else []),
        _element("content:encoded", item.html),
    ]
    return "<item>" + "".join(parts) + "</item>"


@blueprint.get("/atom.xml")
@public_route
@cached_page
def atom() -> Response:
    """Send the newest posts as Atom."""
    frame, items = get_frame(), _items(get_frame())
    language = quoteattr(frame.settings.language)
    home, here = quoteattr(f"{frame.base_url}/"), quoteattr(f"{frame.base_url}/atom.xml")
    parts = [
        f'<?xml version="1.0" encoding="utf-8"?>\n<feed xmlns="http://www.w3.org/2005/Atom" xml:lang={language}>',
        _element("title", frame.settings.name),
        *([_element("subtitle", frame.settings.description)] if frame.settings.description else []),
        _element("id", f"{frame.base_url}/"),
        f'<link rel="alternate" type="text/html" href={home}/>',
        f'<link rel="self" type="application/atom+xml" href={here}/>',
        _element("updated", _newest(items).isoformat(timespec="seconds")),
        "<generator>Masthead</generator>",
        _author(frame.settings.name, f"{frame.base_url}/"),
        *[_atom_entry(item, frame) for item in items],
        "</feed>\n",
    ]
    return Response("\n".join(parts), content_type="application/atom+xml; charset=utf-8")


def _atom_entry(item: Item, frame: Frame) -> str:
    post = item.post
    language = f" xml:lang={quoteattr(post.language)}" if post.language else ""
    summary = "" if is_locked(post) else post.summary
    parts = [
        _element("title", post.title or gettext("Untitled")),
        _element("id", item.identity),
        f'<link rel="alternate" type="text/html" href={quoteattr(item.url)}/>',
        _element("published", item.published.isoformat(timespec="seconds")),
        _element("updated", item.updated.isoformat(timespec="seconds")),
        *[_author(user.name, frame.absolute(to_url(f"/author/{user.slug}/"))) for user in post.authors],
        *[f"<category term={_attribute(term.slug)} label={_attribute(term.name)}/>" for term in post.terms],
        *([f"<summary>{_text(summary)}</summary>"] if summary else []),
        f'<content type="html"{language}>{_text(item.html)}</content>',
    ]
    return "<entry>" + "".join(parts) + "</entry>"


def _items(frame: Frame) -> list[Item]:
    # Feeds are for everybody: nobody is signed in here, whoever asks.
    posts: Sequence[Post] = list_posts(page=1, per_page=NEWEST).items
    bodies = read_bodies(post for post in posts if not is_locked(post))
    chunks = [bodies.get(post.id, "") for post in posts]
    filled = fill(chunks, find_things(chunks))
    return [_item(post, html, frame) for post, html in zip(posts, filled, strict=True)]


def _item(post: Post, html: str, frame: Frame) -> Item:
    url = frame.absolute(to_url(post.address or "/"))
    published = frame.local(post.published_at or utcnow())
    updated = max(published, frame.local(post.revised_at or published))
    if is_locked(post):
        html = f"<p>{escape(gettext('This post has a password.'))}</p>"
    # Marks to link to a heading by are for its page alone.
    html = make_absolute(_ANCHOR.sub("", html), url, frame.base_url)
    return Item(post, url, _identity(post, frame), html, published, updated)


def _identity(post: Post, frame: Frame) -> str:
    """Return a name for a post that stays when its address changes (RFC 4151)."""
    return f"tag:{urlsplit(frame.base_url).hostname},{post.created_at:%Y-%m-%d}:entry/{post.id}"


def _newest(items: Sequence[Item]) -> datetime:
    return max((item.updated for item in items), default=utcnow().replace(hour=0, minute=0, second=0, microsecond=0))


def _text(text: str) -> str:
    return escape(_ILLEGAL.sub("", text))


def _attribute(text: str) -> str:
    return quoteattr(_ILLEGAL.sub("", text))


def _element(name: str, text: str) -> str:
    return f"<{name}>{_text(text)}</{name}>"


def _author(name: str, url: str) -> str:
    return f"<author>{_element('name', name)}{_element('uri', url)}</author>"
