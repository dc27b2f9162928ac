"""The content of a post or page to a document."""

from __future__ import annotations

import json
import re
from html import escape
from typing import Any, Final

from cms.lib.document import from_html
from cms.transfer.wordpress.blocks import blocks_html
from cms.transfer.wordpress.classic import classic_html, media_shortcodes
from cms.transfer.wordpress.gutenberg import has_blocks
from cms.transfer.wordpress.nodes import as_html, node
from cms.transfer.wordpress.shortcodes import expand
from cms.transfer.wordpress.surroundings import Surroundings
from cms.transfer.wordpress.tokens import tokens

_MORE: Final = re.compile(r"<!--\s*more\b(.*?)-->", re.DOTALL)
_NOTE_MARK: Final = re.compile(r"<sup\b[^<>]*\bdata-fn=[^<>]*>")
_NEXT_PAGE: Final = re.compile(r"<!--\s*nextpage\s*-->")


def to_document(content: str, around: Surroundings, *, footnotes: str = "") -> dict[str, Any]:
    """Return the document that a post's content becomes; what it leaves out is counted in `around`.

    `footnotes` are the notes as the block editor keeps them beside the content, a JSON list.
    """
    if not content.strip():
        return from_html("")
    if has_blocks(content):
        content = _NOTE_MARK.sub('<sup class="fn-ref">', content)
        html = expand(blocks_html(content, around), media_shortcodes(around)) + _notes_html(footnotes)
    else:
        html = classic_html(content, around)
    return from_html(_with_breaks(html))


def _notes_html(footnotes: str) -> str:
    """Return the notes as the section at the end of a text that `from_html` knows."""
    try:
        notes = json.loads(footnotes) if footnotes.strip() else []
    except (ValueError, RecursionError):
        return ""
    if not isinstance(notes, list):
        return ""
    items = (
        f'<li id="{escape(str(note["id"]))}">{note["content"]}</li>'
        for note in notes
        if isinstance(note, dict) and "id" in note and isinstance(note.get("content"), str)
    )
    inside = "".join(items)
    return f'<section class="footnotes"><ol>{inside}</ol></section>' if inside else ""


def _with_breaks(html: str) -> str:
    """Return the HTML with WordPress's two breaks as blocks and without any other comment."""
    if "<!--" not in html:
        return html
    return "".join(_break_of(token) if token.startswith("<!--") else token for token in tokens(html))


def _break_of(comment: str) -> str:
    if more := _MORE.fullmatch(comment):
        return as_html(node("readMore", text=more[1].strip()))
    return as_html(node("pageBreak")) if _NEXT_PAGE.fullmatch(comment) else ""
