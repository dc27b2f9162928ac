"""Small WordPress exports, written for the tests."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from html import escape
from pathlib import Path

HEAD = """<?xml version="1.0" encoding="UTF-8" ?>
<rss version="2.0"
  xmlns:excerpt="http://wordpress.org/export/1.2/excerpt/"
  xmlns:content="http://purl.org/rss/1.0/modules/content/"
  xmlns:dc="http://purl.org/dc/elements/1.1/"
  xmlns:wp="http://wordpress.org/export/1.2/">
<channel>
<title>The old blog</title>
<link>https://old.example</link>
<wp:wxr_version>{version}</wp:wxr_version>
<wp:base_site_url>https://old.example</wp:base_site_url>
<wp:base_blog_url>https://old.example</wp:base_blog_url>
"""
TAIL = "</channel>\n</rss>\n"


def cdata(text: str) -> str:
    """Return the text as a CDATA section, as WordPress writes it."""
    return "<![CDATA[" + text.replace("]]>", "]]]]><![CDATA[>") + "]]>"


def wxr(*parts: str, version: str = "1.2") -> str:
    """Return an export that holds the parts."""
    return HEAD.format(version=version) + "\n".join(parts) + TAIL


def wxr_author(login: str, *, mail: str = "", name: str = "") -> str:
    """Return an author of an export."""
    return (
        f"<wp:author><wp:author_id>1</wp:author_id><wp:author_login>{cdata(login)}</wp:author_login>"
        f"<wp:author_email>{cdata(mail)}</wp:author_email>"
        f"<wp:author_display_name>{cdata(name)}</wp:author_display_name></wp:author>"
    )


def wxr_category(slug: str, name: str, parent: str = "", number: int = 7) -> str:
    """Return a category of an export."""
    return (
        f"<wp:category><wp:term_id>{number}</wp:term_id><wp:category_nicename>{cdata(slug)}</wp:category_nicename>"
        f"<wp:category_parent>{cdata(parent)}</wp:category_parent><wp:cat_name>{cdata(name)}</wp:cat_name></wp:category>"
    )


def wxr_item(
    number: int,
    content: str = "",
    *,
    kind: str = "post",
    status: str = "publish",
    title: str = "",
    link: str = "",
    fields: Mapping[str, str] | None = None,
    meta: Iterable[tuple[str, str]] = (),
    terms: Iterable[tuple[str, str, str]] = (),
    comments: Iterable[Mapping[str, str]] = (),
) -> str:
    """Return an item: `fields` are further elements, `terms` (domain, slug, name), `comments` elements of one."""
    values = {
        "title": title or f"Entry {number}",
        "link": link or f"https://old.example/2020/02/entry-{number}/",
        "dc:creator": "nora",
        "content:encoded": content,
        "wp:post_id": str(number),
        "wp:post_date": "2020-02-03 10:00:00",
        "wp:post_date_gmt": "2020-02-03 09:00:00",
        "wp:comment_status": "open",
        "wp:post_name": f"entry-{number}",
        "wp:status": status,
        "wp:post_type": kind,
        **(fields or {}),
    }
    rows = [f"<{name}>{cdata(value)}</{name}>" for name, value in values.items()]
    rows += [
        f'<category domain="{domain}" nicename="{escape(slug)}">{cdata(name)}</category>'
        for domain, slug, name in terms
    ]
    rows += [
        f"<wp:postmeta><wp:meta_key>{cdata(key)}</wp:meta_key><wp:meta_value>{cdata(value)}</wp:meta_value></wp:postmeta>"
        for key, value in meta
    ]
    rows += [
        "<wp:comment>"
        + "".join(f"<wp:{name}>{cdata(value)}</wp:{name}>" for name, value in one.items())
        + "</wp:comment>"
        for one in comments
    ]
    return "<item>\n" + "\n".join(rows) + "\n</item>"


def write_wxr(folder: Path, *parts: str, version: str = "1.2", name: str = "export.xml") -> Path:
    """Write an export that holds the parts into a folder and return its path."""
    path = folder / name
    path.write_text(wxr(*parts, version=version), encoding="utf-8")
    return path
