"""Paragraphs from blank lines, breaks from single ones: how WordPress shows what the classic editor saved.

Written from the behaviour that the reference of `wpautop()` describes, not from its code. The text is cut
into tags and words once; the result is HTML that a tolerant parser reads as WordPress's readers saw it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Final

from cms.transfer.wordpress.tokens import is_markup, names, tokens

_CONTAINERS: Final = names(
    "address article aside blockquote body caption center dd details div dt fieldset figcaption figure footer form"
    " header hgroup legend li main map menu nav section summary td th"
)
_STRUCTURE: Final = names("colgroup dl ol optgroup select table tbody tfoot thead tr ul")
_LEAVES: Final = names("col hr")
_LINES: Final = names("h1 h2 h3 h4 h5 h6 p")
_BLOCKS: Final = _CONTAINERS | _STRUCTURE | _LEAVES | _LINES

_NAME: Final = re.compile(r"</?([a-zA-Z][a-zA-Z0-9]*)")
_BLANK_LINES: Final = re.compile(r"\n[ \t]*(?:\n[ \t]*)+")
_MARKER: Final = re.compile(r"<!--\s*(?:more\b.*?|nextpage|noteaser|kept \d+)\s*-->", re.DOTALL)
_DOUBLE_BREAK: Final = re.compile(r"<br\s*/?>\s*<br\s*/?>", re.IGNORECASE)


def wpautop(text: str) -> str:
    """Return `text` with its blank lines made paragraphs and its single line ends made breaks."""
    text = text.replace("\r\n", "\n").replace("\r", "\n").replace("\N{NO-BREAK SPACE}\n", "\n")
    writer = _Writer()
    for token in tokens(_DOUBLE_BREAK.sub("\n\n", text)):
        writer.take(token)
    writer.flush()
    return "".join(writer.out).strip()


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
        if is_markup(token):
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
    for token in tokens(part.strip()):
        if is_markup(token):
            pieces.append(token)
            continue
        if pieces and re.match(r"<br\b", pieces[-1], re.IGNORECASE):
            token = token.removeprefix("\n")
        pieces.append(re.sub(r"[ \t]*\n", "<br />\n", token))
    return "".join(pieces)
