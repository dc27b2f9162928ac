"""What an export holds, as plain values: nothing here is interpreted or changed."""

from __future__ import annotations

import hashlib
import json
from dataclasses import asdict, dataclass, field

Meta = tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Site:
    """The site an export was made of; addresses without a trailing slash."""

    version: str
    title: str = ""
    url: str = ""
    language: str = ""


@dataclass(frozen=True, slots=True)
class Author:
    """Somebody who wrote there; only `login` is always known."""

    login: str
    mail: str = ""
    name: str = ""
    source_id: str = ""


@dataclass(frozen=True, slots=True)
class Term:
    """A category, a tag or a term of another taxonomy; `parent` is the parent's slug."""

    taxonomy: str
    slug: str
    name: str
    parent: str = ""
    description: str = ""
    source_id: str = ""
    meta: Meta = ()


@dataclass(frozen=True, slots=True)
class Remark:
    """A comment, pingback or trackback; `status` and `kind` in WordPress's own words, times as written."""

    source_id: str
    author_name: str
    author_mail: str
    author_url: str
    written_at: str
    written_at_utc: str
    body: str
    status: str
    kind: str
    parent_id: str
    meta: Meta = ()


@dataclass(frozen=True, slots=True)
class Item:
    """A post, page, attachment or anything else of `wp_posts`; times as written ("2024-06-05 16:04:48")."""

    source_id: str
    kind: str
    status: str
    title: str = ""
    link: str = ""
    guid: str = ""
    creator: str = ""
    content: str = ""
    excerpt: str = ""
    published_at: str = ""
    published_at_utc: str = ""
    modified_at_utc: str = ""
    slug: str = ""
    parent_id: str = ""
    menu_order: str = ""
    password: str = ""
    sticky: bool = False
    comments_open: bool = False
    attachment_url: str = ""
    terms: tuple[Term, ...] = ()
    meta: Meta = ()
    remarks: tuple[Remark, ...] = field(default=(), repr=False)

    def meta_value(self, key: str) -> str:
        """Return the last value kept under `key`, "" when there is none."""
        return next((value for name, value in reversed(self.meta) if name == key), "")


def checksum(record: Site | Author | Term | Remark | Item) -> str:
    """Return the SHA-256 of everything the source says of a record, as 64 hexadecimal digits."""
    text = json.dumps(asdict(record), ensure_ascii=True, sort_keys=True)
    return hashlib.sha256(text.encode("ascii")).hexdigest()
