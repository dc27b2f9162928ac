"""Judges of rendered HTML that share no code with the program: two parsers, and a short list of dangers."""

from __future__ import annotations

import html
import re
from collections.abc import Iterable
from html.parser import HTMLParser

from selectolax.lexbor import LexborHTMLParser

_TAG_NAMES = "script style iframe object embed applet base link meta frame frameset template noscript"
_URL_NAMES = (
    "href src action formaction poster cite background data srcset xlink:href manifest ping data-frame longdesc"
)
_DANGEROUS_TAGS, _URL_ATTRIBUTES = frozenset(_TAG_NAMES.split()), frozenset(_URL_NAMES.split())
_SAFE_SCHEMES = frozenset(("http", "https", "mailto", "tel", "cms"))


class Judge(HTMLParser):
    """Collects what a browser might run or fetch in `complaints`."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.complaints: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.complaints += _dangers(tag, attrs)

    def handle_comment(self, data: str) -> None:
        self.complaints.append(f"comment {data!r}")


def _dangers(tag: str, attrs: Iterable[tuple[str, str | None]]) -> list[str]:
    found = [f"<{tag}>"] if tag in _DANGEROUS_TAGS else []
    for name, value in attrs:
        if name.startswith("on") or name in ("style", "srcdoc", "formaction", "http-equiv"):
            found.append(f"{tag} {name}")
        if name in _URL_ATTRIBUTES and value is not None and not safe_url(value):
            found.append(f"{tag} {name}={value!r}")
    return found


def safe_url(value: str) -> bool:
    """Tell whether a browser sees no scheme, or a harmless one, in an address."""
    for shape in (value, html.unescape(value)):
        bare = re.sub(r"[\x00-\x20\x7f-\x9f\u200b-\u200f\u2028-\u202e\ufeff]", "", shape)
        match = re.match(r"([a-zA-Z][a-zA-Z0-9+.-]*):", bare)
        if match and match.group(1).lower() not in _SAFE_SCHEMES:
            return False
    return True


def complaints(rendered: str) -> list[str]:
    """Return what is dangerous in rendered HTML, to a simple parser and to one that reads as browsers do."""
    judge = Judge()
    judge.feed(rendered)
    judge.close()
    body = LexborHTMLParser(f"<!doctype html><body><div id=around>{rendered}</div><i id=after>").body
    nodes = list(body.traverse()) if body is not None else []
    for node in nodes:
        if node.is_element_node:
            judge.complaints += _dangers(node.tag or "", node.attributes.items())
    after = [node for node in nodes if node.is_element_node and node.id == "after"]
    if [node.parent.tag for node in after if node.parent is not None] != ["body"]:
        judge.complaints.append("it does not end where it should")
    return judge.complaints
