"""HTML cut into tags, comments, untouchable elements and the text between them, in one pass."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

TOKEN: Final = re.compile(r"<!--.*?(?:-->|\Z)|</?[a-zA-Z](?:[^<>\"']|\"[^\"]*\"|'[^']*')*>", re.DOTALL)
_START: Final = re.compile(r"<([a-zA-Z][a-zA-Z0-9]*)")


def names(text: str) -> frozenset[str]:
    """Return the names in a text that lists them with spaces between."""
    return frozenset(text.split())


#: Inside these a line break is a line break of the source, and a bracket is a bracket.
VERBATIM: Final = names("pre script style textarea svg object iframe audio video math")


def is_markup(token: str) -> bool:
    """Tell whether a token is a tag, a comment or an untouchable element, not text."""
    return token[0] == "<" and TOKEN.match(token) is not None


def tokens(text: str, verbatim: frozenset[str] = VERBATIM) -> Iterator[str]:
    """Yield the tags, comments, whole elements named in `verbatim`, and the text between them, in order.

    An element that is never closed is an ordinary tag: the rest of the text must not be lost in it.
    """
    position, lowered = 0, None
    unclosed: set[str] = set()
    while match := TOKEN.search(text, position):
        if match.start() > position:
            yield text[position : match.start()]
        position = match.end()
        name = start[1].lower() if (start := _START.match(match[0])) else ""
        if name in verbatim and name not in unclosed and not match[0].endswith("/>"):
            lowered = lowered if lowered is not None else text.lower()
            end = lowered.find(f"</{name}>", position)
            if end < 0:
                unclosed.add(name)
            else:
                position = end + len(name) + 3
        yield text[match.start() : position]
    if position < len(text):
        yield text[position:]
