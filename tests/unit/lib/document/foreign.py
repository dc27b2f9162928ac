"""Real HTML of other programs, and what a reader sees of it: words in order, by rules of our own making."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from functools import cache
from html import unescape
from pathlib import Path

from selectolax.lexbor import LexborHTMLParser, LexborNode

from tests import needs

_UNSEEN_NAMES = """script style template noscript head title meta link base noframes noembed iframe audio video canvas
svg math object select datalist textarea"""
_INLINE_NAMES = """a abbr acronym b bdi bdo big cite code data del dfn em font i img ins kbd label mark q s samp small
span strike strong sub sup time tt u var wbr rp rt ruby button"""
_UNSEEN, _INLINE = frozenset(_UNSEEN_NAMES.split()), frozenset(_INLINE_NAMES.split())
#: What a page shows in a way of its own: numbers of footnotes, buttons, addresses that become a player.
_ELSEWHERE = frozenset(("fn-ref", "footnote-ref", "wp-block-file__button", "wp-block-embed__wrapper"))


def folder() -> Path:
    """Return the folder of foreign sites beside the project; for tests marked with needs("data")."""
    return Path(needs.get("data"))


def words(html: str) -> list[str]:
    """Return the words that a page shows of `html`, in order."""
    tree = LexborHTMLParser(f"<!doctype html><body>{re.sub(r'(?i)</(body|html)>', '', html)}").body
    return _words(tree) if tree is not None else []


def _words(root: LexborNode) -> list[str]:
    parts: list[str] = []
    pending: list[LexborNode | None] = [root]
    while pending:
        node = pending.pop()
        if node is None:
            parts.append(" ")
        elif node.is_text_node:
            parts.append(node.text_content or "")
        elif node.is_element_node and node.tag not in _UNSEEN and not _hidden(node):
            edge: list[LexborNode | None] = [] if node.tag in _INLINE else [None]
            inner: list[LexborNode | None] = []
            child = node.first_child
            while child is not None:
                inner.append(child)
                child = child.next
            if node.tag == "details":
                inner.sort(key=lambda child: child is None or child.tag != "summary")
            pending += [*edge, *reversed(inner), *edge]
    return re.findall(r"\w+", re.sub("[\x00-\x08\x0e-\x1f\x7f-\x9f\ufeff\ufdd0-\ufdef]", "", "".join(parts)))


def _hidden(node: LexborNode) -> bool:
    values = node.attributes
    if set((values.get("class") or "").split()) & _ELSEWHERE:
        return True
    return "hidden" in values or re.search(r"display\s*:\s*none", values.get("style") or "") is not None


def lost(source: list[str], result: list[str]) -> list[str]:
    """Return the words of `source` from the first on that does not follow, in order, in `result`."""
    place = 0
    for number, word in enumerate(source):
        try:
            place = result.index(word, place) + 1
        except ValueError:
            return source[number : number + 12]
    return []


@cache
def bodies() -> tuple[tuple[str, str], ...]:
    """Return each body of HTML in the WordPress and Ghost exports, with a name for it."""
    return tuple(_bodies())


def _bodies() -> Iterator[tuple[str, str]]:
    for path in sorted(folder().glob("wxr/**/*.xml")):
        text = path.read_text("utf-8", "replace")
        for number, match in enumerate(re.finditer(r"<content:encoded>(.*?)</content:encoded>", text, re.DOTALL)):
            body = match.group(1)
            plain = re.findall(r"<!\[CDATA\[(.*?)\]\]>", body, re.DOTALL)
            yield f"{path.name}:{number}", "".join(plain) if plain else unescape(body)
    for path in sorted(folder().glob("ghost/**/*.json")):
        try:
            found = json.loads(path.read_text("utf-8"))
        except ValueError:
            continue
        for number, html in enumerate(_html_values(found)):
            yield f"{path.name}:{number}", html


def _html_values(value: object) -> Iterator[str]:
    pending = [value]
    while pending:
        item = pending.pop()
        if isinstance(item, dict):
            html = item.get("html")
            if isinstance(html, str):
                yield html
            pending.extend(item.values())
        elif isinstance(item, list):
            pending.extend(item)
