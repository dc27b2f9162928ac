"""A document as plain text: for searching, counting and short descriptions."""

from __future__ import annotations

import re

from selectolax.lexbor import LexborHTMLParser

from cms.lib.document.schema import Document, Node
from cms.lib.document.tree import plain_text, walk

_LINES = frozenset({"paragraph", "heading", "definitionTerm", "detailsSummary", "button"})
_CAPTIONED = frozenset({"image", "audio", "video", "file", "embed"})
_IN_EXCERPT = frozenset({"paragraph", "verse", "blockquote", "bulletList", "orderedList", "taskList", "definitionList"})
#: Scripts written without spaces: each character counts as a word.
_WORD = re.compile(
    r"[\u0e00-\u0eff\u1780-\u17ff\u3040-\u30ff\u3400-\u9fff\uf900-\ufaff\U00020000-\U0003ffff]"
    r"|[^\W_]+(?:['\u2019.\-][^\W_]+)*"
)


def to_text(document: Document) -> str:
    """Return the visible words of a canonical document: a line each paragraph, a blank line between blocks."""
    return "\n\n".join(text for text in map(block_text, document.get("content", [])) if text)


def block_text(block: Node) -> str:
    """Return the visible words of one canonical block, one line for each paragraph in it."""
    lines: list[str] = []
    after: dict[int, str] = {}
    for node in walk([block]):
        lines.append(_own_text(node))
        if "attribution" in node.get("attrs", {}):
            after[id(node)] = node["attrs"]["attribution"]
    return "\n".join(line for line in [*lines, *after.values()] if line)


def _own_text(node: Node) -> str:
    kind, attrs = node["type"], node.get("attrs", {})
    if kind in _LINES:
        return plain_text(node).strip()
    if kind in ("verse", "codeBlock"):
        return "".join("\n" if child["type"] == "hardBreak" else child.get("text", "") for child in node["content"])
    if kind in _CAPTIONED:
        return "\n".join(part for part in (attrs.get("title") or attrs.get("name") or "", plain_text(node)) if part)
    if kind in ("table", "gallery"):
        return str(attrs.get("caption", ""))
    if kind == "callout":
        return str(attrs.get("title", ""))
    if kind == "rawHtml":
        return " ".join(LexborHTMLParser(attrs["html"]).text(separator=" ").split())
    return ""


def excerpt(document: Document, words: int = 55) -> str:
    """Return the first `words` words of running text, up to a read-more mark; cut text ends in `…`."""
    found: list[str] = []
    for block in document.get("content", []):
        if block["type"] == "readMore" and found:
            break
        if block["type"] in _IN_EXCERPT:
            found += block_text(block).split()
        if len(found) > words:
            return " ".join(found[:words]).rstrip(",;:-.\u2013\u2014\u2026") + "…"
    return " ".join(found)


def word_count(document: Document) -> int:
    """Return the number of words; in scripts without spaces each character is one."""
    return sum(1 for _ in _WORD.finditer(to_text(document)))
