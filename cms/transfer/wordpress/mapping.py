"""WordPress's words for states, times and texts to ours."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, datetime, tzinfo
from html import unescape
from typing import Any, Final
from urllib.parse import unquote

from cms.transfer.wordpress.nodes import plain
from cms.transfer.wordpress.php_serialize import UnreadableError, looks_serialized, unserialize
from cms.transfer.wordpress.records import Item, Meta, Remark

#: What WordPress's own states become; one that a plugin added becomes a draft, which nobody sees.
STATES: Final = {
    "publish": "published",
    "future": "published",
    "private": "published",
    "draft": "draft",
    "pending": "in_review",
    "trash": "binned",
    "inherit": "draft",
    "": "draft",
}
COMMENT_STATES: Final = {"1": "approved", "approved": "approved", "0": "pending", "hold": "pending", "spam": "spam"}
COMMENT_KINDS: Final = {"": "comment", "comment": "comment", "pingback": "pingback", "trackback": "trackback"}
#: What WordPress noted for itself: who has the editor open, answers of other sites it kept.
_PASSING: Final = re.compile(
    r"_edit_lock|_edit_last|_oembed_.*|_encloseme|_pingme|_wp_trash_meta_.*|_wp_desired_post_slug"
)
_MARKUP: Final = re.compile(
    r"</?(?:a|abbr|b|bdi|bdo|big|br|cite|code|del|em|i|ins|kbd|mark|q|s|small|span|strong|sub|sup|u)\b[^<>]*>",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Standing:
    """Whether readers see an entry: state, visibility, and the moment from which they do."""

    state: str
    visibility: str
    published_at: datetime | None


def standing_of(item: Item, zone: tzinfo) -> Standing:
    """Return where an item stands; what was private or asked for a password never becomes public."""
    state = STATES.get(item.status, "draft")
    visibility = "password" if item.password else "public"
    if item.status == "private":
        visibility = "private"
    at = moment(item.published_at_utc, item.published_at, zone)
    return Standing(state, visibility, at if state == "published" else None)


def moment(in_utc: str, local: str, zone: tzinfo) -> datetime | None:
    """Return a time as WordPress writes it, aware; the local one counts when there is none in UTC."""
    for text, of in ((in_utc, UTC), (local, zone)):
        try:
            found = datetime.strptime(text.strip(), "%Y-%m-%d %H:%M:%S").replace(tzinfo=of)
        except ValueError:
            continue
        if found.year >= 1800:
            return found.astimezone(UTC)
    return None


def title_text(html: str) -> str:
    """Return a title without its markup; what only looks like a tag (`Vec<T>`) stays."""
    return " ".join(unescape(_MARKUP.sub("", html)).split())


def plain_text(html: str) -> str:
    """Return the words of a piece of HTML in one line."""
    return plain(html) if "<" in html or "&" in html else " ".join(html.split())


def slug_text(slug: str) -> str:
    """Return a slug as it is read: WordPress keeps letters outside ASCII percent-encoded."""
    return unquote(slug)


def number(text: str) -> int:
    """Return a whole number, 0 for anything else and for what no column holds."""
    return int(text) if re.fullmatch(r"-?\d{1,9}", text) else 0


def kept_meta(meta: Meta) -> dict[str, Any]:
    """Return the meta values worth keeping, by key; PHP's serialised ones as plain data, repeated ones as a list."""
    kept: dict[str, Any] = {}
    repeated: set[str] = set()
    for key, text in meta:
        if _PASSING.fullmatch(key):
            continue
        value = _value(text)
        if key in repeated:
            kept[key].append(value)
        elif key in kept:
            kept[key] = [kept[key], value]
            repeated.add(key)
        else:
            kept[key] = value
    return kept


def _value(text: str) -> Any:
    if looks_serialized(text):
        try:
            return unserialize(text.strip())
        except UnreadableError:
            return text
    return text


def copies_of(meta: Meta) -> list[str]:
    """Return the names of the smaller copies that WordPress made of an upload."""
    details = next((value for key, value in meta if key == "_wp_attachment_metadata"), "")
    read = _value(details) if details else None
    sizes = read.get("sizes") if isinstance(read, dict) else None
    found = sizes.values() if isinstance(sizes, dict) else ()
    return [size["file"] for size in found if isinstance(size, dict) and isinstance(size.get("file"), str)]


def comment_state(remark: Remark) -> str:
    """Return the status of a comment: what is not known to be approved is not shown."""
    return COMMENT_STATES.get(remark.status, "trash" if "trash" in remark.status else "pending")
