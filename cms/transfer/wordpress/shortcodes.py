"""Shortcodes: `[name key="value"]` and `[name]…[/name]`, expanded for the names that have a handler.

Written from the behaviour that the Shortcode API's reference describes. What has no handler stays the visible
text that it is; `[[name]]` is the way to write about one.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from html import unescape
from typing import Final

from cms.transfer.wordpress.tokens import VERBATIM, is_markup, tokens

Handler = Callable[["Shortcode"], str]

_DEEPEST: Final = 5
_ATTRIBUTE: Final = re.compile(
    r"""([\w-]+)\s*=\s*"([^"]*)"|([\w-]+)\s*=\s*'([^']*)'|([\w-]+)\s*=\s*([^\s'"]+)|"([^"]*)"|'([^']*)'|(\S+)"""
)
_CURLY: Final = str.maketrans("“”″\N{NO-BREAK SPACE}\N{ZERO WIDTH SPACE}", '"""  ')


@dataclass(frozen=True, slots=True)
class Shortcode:
    """One shortcode: its attributes by lower-case name, those without a name, and the HTML it encloses."""

    name: str
    attributes: dict[str, str] = field(default_factory=dict)
    plain: tuple[str, ...] = ()
    content: str = ""

    def get(self, key: str) -> str:
        """Return an attribute, "" when it is not there."""
        return self.attributes.get(key, "")


def read_attributes(text: str) -> tuple[dict[str, str], tuple[str, ...]]:
    """Return the attributes with a name and the values without one."""
    named: dict[str, str] = {}
    plain: list[str] = []
    for match in _ATTRIBUTE.finditer(text.translate(_CURLY)):
        groups = match.groups()
        for index in (0, 2, 4):
            if groups[index]:
                named[groups[index].lower()] = unescape(groups[index + 1])
        if (value := groups[6] or groups[7] or groups[8]) is not None:
            plain.append(unescape(value))
    return named, tuple(plain)


def expand(html: str, handlers: Mapping[str, Handler], depth: int = 0) -> str:
    """Return `html` with the known shortcodes replaced by what their handlers make of them.

    Nothing is expanded inside code, scripts, tags and comments.
    """
    if "[" not in html or depth >= _DEEPEST:
        return html
    names = "|".join(sorted(map(re.escape, handlers), key=len, reverse=True))
    opening = re.compile(rf"\[(\[?)({names})(?![\w-])([^\[\]]*?)(/?)\](\]?)")
    untouchable = _untouchable(html)
    unclosed: set[str] = set()
    out: list[str] = []
    position = 0
    while match := opening.search(html, position):
        out.append(html[position : match.start()])
        position = match.end()
        if untouchable(match.start()):
            out.append(match[0])
        elif match[1] and match[5]:
            out.append(match[0][1:-1])
        else:
            end = match.end() - len(match[5])
            content, position = _content(html, match, end, unclosed)
            named, plain = read_attributes(match[3])
            shortcode = Shortcode(match[2], named, plain, expand(content, handlers, depth + 1))
            out.append(match[1] + handlers[match[2]](shortcode))
    out.append(html[position:])
    return "".join(out)


def _content(html: str, opening: re.Match[str], end: int, unclosed: set[str]) -> tuple[str, int]:
    """Return what a shortcode encloses and where it ends; none when another of its kind opens first."""
    if opening[4] or opening[2] in unclosed:
        return "", end
    closing = html.find(f"[/{opening[2]}]", end)
    following = html.find(f"[{opening[2]}", end)
    if closing < 0:
        # There is none further on either: a long text must not be searched again and again.
        unclosed.add(opening[2])
    if closing < 0 or 0 <= following < closing:
        return "", end
    return html[end:closing], closing + len(opening[2]) + 3


def _untouchable(html: str) -> Callable[[int], bool]:
    starts, ends, position = [], [], 0
    for token in tokens(html, VERBATIM | {"code", "kbd"}):
        if is_markup(token):
            starts.append(position)
            ends.append(position + len(token))
        position += len(token)

    def inside(place: int) -> bool:
        index = bisect_right(starts, place) - 1
        return index >= 0 and place < ends[index]

    return inside
