"""The content of a post or page to a document."""

from __future__ import annotations

import re
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
_NEXT_PAGE: Final = re.compile(r"<!--\s*nextpage\s*-->")


def to_document(content: str, around: Surroundings) -> dict[str, Any]:
    """Return the document that a post's content becomes; what it leaves out is counted in `around`."""
    if not content.strip():
        return from_html("")
    if has_blocks(content):
        html = expand(blocks_html(content, around), media_shortcodes(around))
    else:
        html = classic_html(content, around)
    return from_html(_with_breaks(html))


def _with_breaks(html: str) -> str:
    """Return the HTML with WordPress's two breaks as blocks and without any other comment."""
    if "<!--" not in html:
        return html
    return "".join(_break_of(token) if token.startswith("<!--") else token for token in tokens(html))


def _break_of(comment: str) -> str:
    if more := _MORE.fullmatch(comment):
        return as_html(node("readMore", text=more[1].strip()))
    return as_html(node("pageBreak")) if _NEXT_PAGE.fullmatch(comment) else ""
