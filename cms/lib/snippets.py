"""The words around what was searched for: a piece of a text, cut at spaces, that says which parts of it match."""

from __future__ import annotations

import re
from collections.abc import Sequence

#: Characters shown before and after the first match.
_BEFORE, _AFTER = 60, 160


def cut_snippet(text: str, wanted: Sequence[str]) -> list[tuple[str, bool]]:
    """Return the parts of `text` around the first of the words `wanted`, each with whether it matches.

    Spaces are made one; what was left out at an end is told by an ellipsis. Empty if nothing matches.
    """
    if not wanted:
        return []
    flat = " ".join(text.split())
    pattern = re.compile("|".join(re.escape(word) for word in sorted(wanted, key=len, reverse=True)), re.IGNORECASE)
    first = pattern.search(flat)
    if first is None:
        return []
    start, end = max(0, first.start() - _BEFORE), min(len(flat), first.end() + _AFTER)
    if start:
        start = flat.find(" ", start, first.start()) + 1 or start
    if end < len(flat):
        end = max(flat.rfind(" ", first.end(), end), first.end()) if " " in flat[first.end() : end] else end
    piece, at = flat[start:end], 0
    parts: list[tuple[str, bool]] = [("… ", False)] if start else []
    for found in pattern.finditer(piece):
        parts += [(piece[at : found.start()], False), (found.group(), True)]
        at = found.end()
    parts += [(piece[at:], False), (" …" if end < len(flat) else "", False)]
    return [(part, matches) for part, matches in parts if part]
