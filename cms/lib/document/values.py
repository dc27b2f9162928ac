"""Cleaners for attribute values: each returns the canonical value, or None when the attribute is left out."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable

from cms.lib.document.characters import one_line
from cms.lib.document.urls import Use, clean_url

Cleaner = Callable[[object], object]

_LANGUAGE = re.compile(r"[A-Za-z]{2,8}(-[A-Za-z0-9]{1,8}){0,8}")
_ANCHOR_JUNK = re.compile(r"[^\w.-]+")
_CODE_LANGUAGE = re.compile(r"[a-z0-9][a-z0-9+#._-]{0,39}")
_MEDIA_TYPE = re.compile(r"[a-z0-9]+/[a-z0-9.+-]{1,100}")
_BLOCK_ID = re.compile(r"[a-z0-9]{10}")
_NOTE_ID = re.compile(r"[A-Za-z0-9_-]{1,40}")
_RELATIONS = {"author", "bookmark", "external", "help", "license", "me", "nofollow", "noopener", "noreferrer"} | {
    "sponsored",
    "tag",
    "ugc",
}
#: Ids that pages around the document use for themselves.
TAKEN_ANCHORS = frozenset(["content", "comments", "main", "nav", "top", "search", "footer", "header", "notes", "more"])
_TAKEN_PREFIXES = ("fn-", "fnref-", "table-", "embed-", "footnotes-")


def line(limit: int = 1000) -> Cleaner:
    """Make a cleaner for text on one line, at most `limit` characters."""

    def clean(value: object) -> str | None:
        return one_line(one_line(value)[:limit]) or None if isinstance(value, str) else None

    return clean


def number(low: int, high: int, *, default: int | None = None) -> Cleaner:
    """Make a cleaner for whole numbers from `low` to `high`; digits in a string count as a number."""

    def clean(value: object) -> int | None:
        if isinstance(value, str) and value.isascii() and value.isdigit() and len(value) < 17:
            value = int(value)
        if isinstance(value, float) and value.is_integer():
            value = int(value)
        if not isinstance(value, int) or isinstance(value, bool) or not low <= value <= high or value == default:
            return None
        return value

    return clean


def choice(names: Iterable[str], *, default: str | None = None) -> Cleaner:
    """Make a cleaner that lets one of `names` through."""
    allowed = frozenset(names)

    def clean(value: object) -> str | None:
        return value if isinstance(value, str) and value in allowed and value != default else None

    return clean


def url(use: Use) -> Cleaner:
    """Make a cleaner for an address used as a link or as media."""
    return lambda value: clean_url(value, use)


def flag(value: object) -> bool | None:
    """Keep only True."""
    return True if value is True else None


def language(value: object) -> str | None:
    """Keep a language tag (BCP 47)."""
    return value if isinstance(value, str) and len(value) <= 60 and _LANGUAGE.fullmatch(value) else None


def anchor(value: object) -> str | None:
    """Make a value fit for an `id` attribute that collides with none of the page's own."""
    if not isinstance(value, str):
        return None
    name = _ANCHOR_JUNK.sub("-", one_line(value)).strip("-.")[:100].strip("-.")
    if name in TAKEN_ANCHORS or name.startswith(_TAKEN_PREFIXES):
        name = f"section-{name}"[:100].strip("-.")
    return name or None


def code_language(value: object) -> str | None:
    """Keep the name of a programming language, in lower case."""
    name = value.strip().lower() if isinstance(value, str) else ""
    return name if _CODE_LANGUAGE.fullmatch(name) else None


def media_type(value: object) -> str | None:
    """Keep a media type such as `application/pdf`, without parameters."""
    name = value.split(";")[0].strip().lower() if isinstance(value, str) else ""
    return name if _MEDIA_TYPE.fullmatch(name) else None


def block_id(value: object) -> str | None:
    """Keep the id of a top-level block: ten characters a-z and 0-9."""
    return value if isinstance(value, str) and _BLOCK_ID.fullmatch(value) else None


def note_id(value: object) -> str | None:
    """Keep the name of a footnote."""
    return value if isinstance(value, str) and _NOTE_ID.fullmatch(value) else None


def relations(value: object) -> str | None:
    """Keep the known link relations, sorted."""
    if not isinstance(value, str):
        return None
    return " ".join(sorted(set(value.lower().split()) & _RELATIONS)) or None
