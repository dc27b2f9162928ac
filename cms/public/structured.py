"""What search engines are told in JSON-LD (schema.org)."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

from markupsafe import Markup

from cms.content.addresses import author_path, to_url
from cms.content.models import Entry
from cms.media.addresses import media_address
from cms.media.models import MediaFile
from cms.public.frame import Frame

_ESCAPES = {"<": "\\u003c", ">": "\\u003e", "&": "\\u0026", "\u2028": "\\u2028", "\u2029": "\\u2029"}


def json_ld(*things: dict[str, Any]) -> Markup:
    """Return things as JSON-LD for a script element, with nothing in it that could end that element."""
    text = json.dumps({"@context": "https://schema.org", "@graph": list(things)}, ensure_ascii=False)
    for letter, escape in _ESCAPES.items():
        text = text.replace(letter, escape)
    return Markup(text)  # noqa: S704 -- every character that means something in HTML has just been escaped


def website(frame: Frame) -> dict[str, Any]:
    """Return the site."""
    made: dict[str, Any] = {
        "@type": "WebSite",
        "@id": f"{frame.base_url}/#site",
        "name": frame.settings.name,
        "url": f"{frame.base_url}/",
        "inLanguage": frame.settings.language,
    }
    return made | ({"description": frame.settings.description} if frame.settings.description else {})


def blog_posting(frame: Frame, post: Entry, image: MediaFile | None) -> dict[str, Any]:
    """Return a post as a BlogPosting."""
    url = frame.absolute(to_url(post.address or "/"))
    made: dict[str, Any] = {
        "@type": "BlogPosting",
        "@id": f"{url}#post",
        "headline": post.title[:110] or frame.settings.name,
        "url": url,
        "mainEntityOfPage": url,
        "inLanguage": post.language or frame.settings.language,
        "wordCount": post.word_count,
        "author": [
            {"@type": "Person", "name": user.name, "url": frame.absolute(to_url(author_path(user.slug)))}
            for user in post.authors
        ],
        "publisher": {"@type": "Organization", "name": frame.settings.name, "url": f"{frame.base_url}/"},
    }
    if post.published_at is not None:
        made["datePublished"] = frame.local(post.published_at).isoformat(timespec="seconds")
        changed = max(post.published_at, post.revised_at or post.published_at)
        made["dateModified"] = frame.local(changed).isoformat(timespec="seconds")
    if post.summary:
        made["description"] = post.summary
    if image is not None:
        made["image"] = [frame.absolute(media_address(image, 1440))]
    if post.tags:
        made["keywords"] = ", ".join(tag.name for tag in post.tags)
    if post.categories:
        made["articleSection"] = post.categories[0].name
    return made


def web_page(frame: Frame, page: Entry) -> dict[str, Any]:
    """Return a page as a WebPage."""
    url = frame.absolute(to_url(page.address or "/"))
    return {
        "@type": "WebPage",
        "@id": f"{url}#page",
        "name": page.title or frame.settings.name,
        "url": url,
        "inLanguage": page.language or frame.settings.language,
    }


def breadcrumbs(frame: Frame, steps: Sequence[tuple[str, str]]) -> dict[str, Any]:
    """Return the way from the front page: labels and paths, this page last."""
    return {
        "@type": "BreadcrumbList",
        "itemListElement": [
            {"@type": "ListItem", "position": number, "name": label or "–", "item": frame.absolute(path)}
            for number, (label, path) in enumerate([(frame.settings.name, "/"), *steps], start=1)
        ],
    }
