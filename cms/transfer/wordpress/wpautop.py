"""Paragraphs from blank lines, line breaks from single ones: how WordPress shows what the classic editor saved.

Written from the behaviour that the reference of `wpautop()` describes, not from its code. The text is cut into
tags and words once; the result is HTML that a tolerant parser reads as WordPress's readers saw it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Final

_CONTAINERS: Final = frozenset(
    "address article aside blockquote body caption center dd details div dt fieldset figcaption figure footer form"
    " header hgroup legend li main map menu nav section summary td th".split()
)
_STRUCTURE: Final = frozenset("colgroup dl ol optgroup select table tbody tfoot thead tr ul".split())
_LEAVES: Final = frozenset("col hr".split())
_LINES: Final = frozenset("h1 h2 h3 h4 h5 h6 p".split())
_BLOCKS: Final = _CONTAINERS | _STRUCTURE | _LEAVES | _LINES
#: Inside these a line break is a line break of the source, nothing to be shown or changed.
_VERBATIM: Final = "pre|script|style|textarea|svg|object|iframe|audio|video|math"

_TOKEN: Final = re.compile(r"<!--.*?(?:-->|\Z)|</?[a-zA-Z](?:[^<>\"']|\"[^\"]*\"|'[^']*')*>", re.DOTALL)
_NAME: Final = re.compile(r"</?([a-zA-Z][a-zA-Z0-9]*)")
_VERBATIM_START: Final = re.compile(rf"<({_VERBATIM})\b", re.IGNORECASE)
_BLANK_LINES: Final = re.compile(r"\n[ \t]*(?:\n[ \t]*)+")
_MARKER: Final = re.compile(r"<!--\s*(?:more\b.*?|nextpage|noteaser)\s*-->", re.DOTALL)
_DOUBLE_BREAK: Final = re.compile(r"<br\s*/?>\s*<br\s*/?>", re.IGNORECASE)


def wpautop(text: str) -> str:
    """Return `text` with its blank lines made paragraphs and its single line ends made breaks."""
    text = text.replace("\r\n", "\n").replace("\r", "\n").replace("\N{NO-BREAK SPACE}\n", "\n")
    writer = _Writer()
    for token in _tokens(_DOUBLE_BREAK.sub("\n\n", text)):
        writer.take(token)
    writer.flush()
    return "".join(writer.out).strip()


def _tokens(text: str) -> Iterator[str]:
    """Yield tags, comments, verbatim elements (whole) and the text between them."""
    position, lowered = 0, None
    while match := _TOKEN.search(text, position):
        if match.start() > position:
            yield text[position : match.start()]
        position = match.end()
        if (verbatim := _VERBATIM_START.match(match[0])) and not match[0].endswith("/>"):
            lowered = lowered if lowered is not None else text.lower()
            closing = f"</{verbatim[1].lower()}>"
            end = lowered.find(closing, position)
            # One that is never closed is an ordinary tag: the rest of the text must not be lost in it.
            if end >= 0:
                position = end + len(closing)
        yield text[match.start() : position]
    if position < len(text):
        yield text[position:]


@dataclass(slots=True)
class _Writer:
    out: list[str] = field(default_factory=list)
    run: list[str] = field(default_factory=list)
    open: list[str] = field(default_factory=list)

    def take(self, token: str) -> None:
        """Add one token: block tags end the run of words before them."""
        name = self._block_name(token)
        if name is None:
            self.run.append(token)
            return
        self.flush()
        self.out.append(token)
        if token.startswith("</"):
            # What closes nothing is written all the same; the parser that reads the result ignores it.
            if name in self.open:
                del self.open[len(self.open) - 1 - self.open[::-1].index(name) :]
        elif name in _BLOCKS - _LEAVES and not token.endswith("/>"):
            self.open.append(name)

    def flush(self) -> None:
        """Write the words collected since the last block tag as paragraphs, lines or nothing."""
        run, self.run = self.run, []
        parts = [part for part in _split(run) if part.strip()]
        if not parts:
            # Spaces between two blocks mean nothing.
            return
        inside = self.open[-1] if self.open else ""
        if inside in _STRUCTURE:
            self.out.extend(parts)
        elif inside == "p":
            self.out.append("</p>\n<p>".join(_with_breaks(part) for part in parts))
        elif inside in _LINES or (inside in _CONTAINERS and inside != "blockquote" and len(parts) == 1):
            self.out.append("<br />\n".join(_with_breaks(part) for part in parts))
        else:
            self.out.extend(f"<p>{_with_breaks(part)}</p>\n" for part in parts)

    @staticmethod
    def _block_name(token: str) -> str | None:
        if token[0] != "<":
            return None
        if token.startswith("<!--"):
            return "hr" if _MARKER.fullmatch(token) else None
        match = _NAME.match(token)
        name = match[1].lower() if match else ""
        if name in _BLOCKS:
            return name
        return "hr" if name in ("pre", "script", "style") else None


def _split(run: list[str]) -> Iterator[str]:
    """Yield the paragraphs of a run: blank lines part them, but not those inside a tag."""
    part: list[str] = []
    for token in run:
        if token[0] == "<" and _TOKEN.match(token):
            part.append(token)
            continue
        first, *others = _BLANK_LINES.split(token)
        part.append(first)
        for other in others:
            yield "".join(part)
            part = [other]
    yield "".join(part)


def _with_breaks(part: str) -> str:
    """Return one paragraph with its line ends made breaks, but for those after a break and inside tags."""
    pieces: list[str] = []
    for token in _tokens(part.strip()):
        if token[0] == "<" and _TOKEN.match(token):
            pieces.append(token)
            continue
        if pieces and re.match(r"<br\b", pieces[-1], re.IGNORECASE):
            token = token.removeprefix("\n")
        pieces.append(re.sub(r"[ \t]*\n", "<br />\n", token))
    return "".join(pieces)
