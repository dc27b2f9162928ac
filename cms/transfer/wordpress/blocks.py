"""Blocks of the block editor to HTML that a document is made of."""

from __future__ import annotations

from collections.abc import Callable
from html import escape
from typing import Final
from urllib.parse import urlsplit

from cms.transfer.wordpress.classic import classic_html, embed_html
from cms.transfer.wordpress.gutenberg import Block, parse_blocks
from cms.transfer.wordpress.media_blocks import MEDIA_BLOCKS
from cms.transfer.wordpress.nodes import (
    Node,
    as_html,
    attribute,
    blocks_of,
    first,
    fragment,
    inline_of,
    inner,
    node,
    plain,
)
from cms.transfer.wordpress.surroundings import Surroundings
from cms.transfer.wordpress.tokens import names

#: Blocks that WordPress filled when a page was asked for: an export holds none of their words.
MADE_ON_REQUEST: Final = names(
    "archives avatar calendar categories comment-author-name comment-content comment-date comment-edit-link"
    " comment-reply-link comments-pagination-next comments-pagination-numbers comments-pagination-previous"
    " comments-title home-link latest-comments latest-posts loginout navigation navigation-link"
    " navigation-submenu page-list post-author post-author-biography post-author-name post-comments-form"
    " post-content post-date post-excerpt post-featured-image post-navigation-link post-terms post-title"
    " query-pagination-next query-pagination-numbers query-pagination-previous query-title read-more rss search"
    " site-logo site-tagline site-title tag-cloud template-part term-description"
)


def blocks_html(content: str, around: Surroundings) -> str:
    """Return the HTML of what the block editor saved, ready for `from_html`."""
    return _inside(parse_blocks(content), around)


def _render(block: Block, around: Surroundings) -> str:
    if block.name in MADE_ON_REQUEST:
        around.left_out[block.name] += 1
        # Most hold nothing; a navigation may hold links of its own.
        return _inside(block, around) if block.blocks else ""
    if block.name in MEDIA_BLOCKS:
        return MEDIA_BLOCKS[block.name](block, _inside(block, around))
    if block.name in _TEXT_BLOCKS:
        return _TEXT_BLOCKS[block.name](block, around)
    if block.name.startswith("core-embed/"):
        return _embed(block, around)
    return _inside(block, around)


def _inside(block: Block, around: Surroundings) -> str:
    html = (
        _render(part, around) if isinstance(part, Block) else _own_html(part, block, around) for part in block.parts
    )
    return "".join(html)


def _own_html(html: str, block: Block, around: Surroundings) -> str:
    # Text between the blocks of a page came from the classic editor.
    return classic_html(html, around) if not block.name and html.strip() else html


def _embed(block: Block, around: Surroundings) -> str:
    html = _inside(block, around)
    body = fragment(html)
    caption = inner(first(body, "figcaption"))
    wrapper = first(body, ".wp-block-embed__wrapper")
    return embed_html(block.text("url") or (wrapper.text().strip() if wrapper is not None else ""), caption)


def _columns(block: Block, around: Surroundings) -> str:
    columns = [_column(inside, around) for inside in block.blocks if inside.name == "column"]
    others = "".join(_render(inside, around) for inside in block.blocks if inside.name != "column")
    filled = [column for column in columns if column.get("content")]
    if len(filled) < 2:
        return others + "".join(as_html(*column["content"]) for column in filled)
    return others + as_html(node("columns", filled))


def _column(block: Block, around: Surroundings) -> Node:
    width = block.text("width")
    share = width.removesuffix("%").partition(".")[0] if width.endswith("%") else ""
    content = blocks_of(_inside(block, around))
    return node("column", content, width=int(share) if share.isdecimal() and 0 < int(share) <= 100 else None)


def _quote(block: Block, around: Surroundings) -> str:
    body = fragment(_inside(block, around))
    quote = first(body, "blockquote")
    if quote is None:
        return inner(body)
    cites = quote.css("cite")
    cite = cites[-1] if cites else None
    attribution = ""
    # A source that is a link stays part of the text: an attribution holds words only.
    if cite is not None and first(cite, "a") is None:
        attribution = plain(inner(cite))
        cite.decompose()
    return as_html(node("blockquote", blocks_of(inner(quote)), attribution=attribution))


def _verse(block: Block, around: Surroundings) -> str:
    pre = first(fragment(_inside(block, around)), "pre")
    html = inner(pre).strip("\n").replace("\n", "<br>")
    return as_html(node("verse", inline_of(html))) if html.strip() else ""


def _button(block: Block, around: Surroundings) -> str:
    html = _inside(block, around)
    link = first(fragment(html), "a")
    words, href = inner(link).strip(), attribute(link, "href")
    if not words or not href:
        return f"<p>{words}</p>" if words else html
    outline = "is-style-outline" in html
    return as_html(node("button", inline_of(words), href=href, variant="outline" if outline else None))


def _table(block: Block, around: Surroundings) -> str:
    body = fragment(_inside(block, around))
    table = first(body, "table")
    if table is None:
        return inner(body)
    caption = inner(first(body, "figcaption")).strip()
    # WordPress shows the words below the table; a caption of ours would stand above it.
    return (table.html or "") + (f"<p><small>{caption}</small></p>" if caption else "")


def _social_link(block: Block, _around: Surroundings) -> str:
    address, words = block.text("url"), block.text("label") or block.text("service").capitalize()
    if urlsplit(address).scheme not in ("http", "https", "mailto") or not words:
        return ""
    return f'<li><a href="{escape(address)}">{escape(words)}</a></li>'


def _reused(block: Block, around: Surroundings) -> str:
    reference = str(block.number("ref") or "")
    content = around.library.patterns.get(reference)
    if content is None:
        around.left_out["block"] += 1
        return _inside(block, around)
    if reference in around.showing:
        return ""
    around.showing.append(reference)
    try:
        return blocks_html(content, around)
    finally:
        around.showing.pop()


_TEXT_BLOCKS: Final[dict[str, Callable[[Block, Surroundings], str]]] = {
    "block": _reused,
    "button": _button,
    "columns": _columns,
    "embed": _embed,
    "freeform": lambda block, around: classic_html(_inside(block, around), around),
    "more": lambda _block, _around: "<!--more-->",
    "nextpage": lambda _block, _around: "<!--nextpage-->",
    "pullquote": _quote,
    "quote": _quote,
    "separator": lambda _block, _around: "<hr>",
    "shortcode": lambda block, around: classic_html(_inside(block, around), around),
    "social-link": _social_link,
    "spacer": lambda _block, _around: "",
    "table": _table,
    "verse": _verse,
}
