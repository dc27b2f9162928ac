"""What the classic editor saved: bare addresses that become embeds, media shortcodes, paragraphs."""

from __future__ import annotations

import re
from collections.abc import Mapping
from html import escape
from typing import Final

from cms.lib.document.embeds import recognise
from cms.transfer.wordpress.nodes import (
    as_html,
    attribute,
    first,
    fragment,
    inline_of,
    inner,
    layout_of,
    link_paragraph,
    node,
    picture,
    plain,
)
from cms.transfer.wordpress.shortcodes import Handler, Shortcode, expand
from cms.transfer.wordpress.surroundings import Surroundings
from cms.transfer.wordpress.survey import Attachment
from cms.transfer.wordpress.wpautop import wpautop

_LONE_ADDRESS: Final = re.compile(r"^[ \t]*(https?://[^\s<>\"\[\]]+)[ \t]*$", re.MULTILINE)
_KEPT: Final = re.compile(r"<!--kept (\d+)-->")
_SOUNDS: Final = ("src", "mp3", "m4a", "ogg", "oga", "wav", "flac", "aac", "wma")
_FILMS: Final = ("src", "mp4", "m4v", "webm", "ogv", "mov", "flv", "wmv")
_ADDRESS: Final = re.compile(r"https?://[^\s<>\"]+|/[^\s<>\"]*")


def classic_html(text: str, around: Surroundings) -> str:
    """Return the HTML that readers saw of a text of the classic editor."""
    kept: list[str] = []

    def keep(html: str) -> str:
        kept.append(html)
        return f"<!--kept {len(kept) - 1}-->"

    def keeping(handler: Handler) -> Handler:
        return lambda shortcode: keep(handler(shortcode))

    text = _KEPT.sub("", text).replace("\r\n", "\n")
    text = _LONE_ADDRESS.sub(lambda match: keep(embed_html(match[1])), text)
    text = expand(text, {name: keeping(handler) for name, handler in media_shortcodes(around).items()})
    paragraphs = wpautop(text)
    # A caption may hold what has been set aside before it.
    for _round in range(len(kept)):
        if "<!--kept " not in paragraphs:
            break
        paragraphs = _KEPT.sub(lambda match: kept[int(match[1])], paragraphs)
    return paragraphs


def media_shortcodes(around: Surroundings) -> Mapping[str, Handler]:
    """Return WordPress's own shortcodes, each with the function that makes HTML of one."""

    def gallery(shortcode: Shortcode) -> str:
        return _gallery(shortcode, around)

    def playlist(shortcode: Shortcode) -> str:
        library = around.library
        chosen = library.chosen(_ids(shortcode.get("ids"))) or library.uploaded_to(around.item_id)
        kind = "video" if shortcode.get("type") == "video" else "audio"
        played = (node(kind, src=item.url, title=item.title) for item in chosen if not item.is_image)
        return as_html(*played)

    return {
        "caption": _caption,
        "wp_caption": _caption,
        "gallery": gallery,
        "playlist": playlist,
        "embed": lambda shortcode: embed_html(_first_address(shortcode.content, shortcode.get("src"))),
        "audio": _audio,
        "video": _video,
    }


def embed_html(address: str, caption: str = "") -> str:
    """Return the embed of an address, or a link to it when it is of no provider that is known."""
    if not address:
        return f"<p>{caption}</p>" if caption else ""
    if recognise(address) is None:
        return link_paragraph(address, address) + (f"<p>{caption}</p>" if caption.strip() else "")
    # Nothing is loaded before a reader asks for it, so the address itself says what is meant.
    words = f'<a href="{escape(address)}">{escape(address)}</a>' + (f"<br>{caption}" if caption.strip() else "")
    return as_html(node("embed", inline_of(words), url=address))


def _caption(shortcode: Shortcode) -> str:
    body = fragment(shortcode.content)
    image = first(body, "img")
    layout = layout_of(shortcode.get("align"))
    if image is None:
        # A film or a table may have a caption too.
        return f"<p>{shortcode.content}</p><p>{shortcode.get('caption')}</p>"
    made = picture(image, "", layout)
    around = image.parent
    if around is not None and around.tag == "a" and not around.text().strip():
        around.decompose()
    else:
        image.decompose()
    caption = shortcode.get("caption") or inner(body).strip()
    if caption:
        made["content"] = inline_of(caption)
    return as_html(made)


def _gallery(shortcode: Shortcode, around: Surroundings) -> str:
    library = around.library
    chosen = library.chosen(_ids(shortcode.get("ids") or shortcode.get("include")))
    if not chosen and not shortcode.get("ids") and not shortcode.get("include"):
        chosen = library.uploaded_to(shortcode.get("id") or around.item_id)
    excluded = _ids(shortcode.get("exclude"))
    pictures = [_from_library(item) for item in chosen if item.is_image and item.source_id not in excluded]
    if not pictures:
        around.left_out["gallery"] += 1
        return ""
    columns = shortcode.get("columns")
    return as_html(node("gallery", pictures, columns=int(columns) if columns.isdecimal() else None))


def _from_library(item: Attachment) -> dict[str, object]:
    caption = inline_of(item.caption) if item.caption else None
    return node("image", caption, src=item.url, alt=item.alt)


def _audio(shortcode: Shortcode) -> str:
    address = _first_address(*(shortcode.get(name) for name in _SOUNDS), *shortcode.plain)
    return as_html(node("audio", src=address)) if address else ""


def _video(shortcode: Shortcode) -> str:
    address = _first_address(*(shortcode.get(name) for name in _FILMS), *shortcode.plain)
    if not address:
        return ""
    if recognise(address) is not None:
        return embed_html(address)
    width, height = (int(text) if text.isdecimal() else None for text in map(shortcode.get, ("width", "height")))
    return as_html(node("video", src=address, poster=shortcode.get("poster"), width=width, height=height))


def _first_address(*candidates: str) -> str:
    for candidate in candidates:
        if "<" in candidate:
            candidate = attribute(first(fragment(candidate), "a"), "href") or plain(candidate)
        if found := _ADDRESS.match(candidate.strip()):
            return found[0]
    return ""


def _ids(text: str) -> list[str]:
    return re.findall(r"\d+", text)
