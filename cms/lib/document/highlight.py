"""Colouring of code: Pygments decides, the classes of its short names mark the pieces."""

from __future__ import annotations

from functools import lru_cache
from html import escape

from pygments.lexer import Lexer
from pygments.lexers import find_lexer_class_by_name
from pygments.token import STANDARD_TYPES, _TokenType
from pygments.util import ClassNotFound

#: Longer code is shown without colours: some lexers take more than linear time.
MAX_COLOURED = 50_000


@lru_cache(maxsize=512)
def _lexer_class(language: str) -> type[Lexer] | None:
    try:
        found: type[Lexer] = find_lexer_class_by_name(language)
    except ClassNotFound:
        return None
    return found


def language_name(language: str) -> str:
    """Return the name of a language as people write it, or the language itself when it is not known."""
    found = _lexer_class(language)
    return str(found.name) if found is not None else language


def coloured(code: str, language: str | None) -> str:
    """Return `code` as HTML whose text is exactly `code`."""
    found = _lexer_class(language) if language and len(code) <= MAX_COLOURED else None
    if found is None:
        return escape(code, quote=False)
    tokens = list(found(stripnl=False, ensurenl=False).get_tokens(code))
    if "".join(value for _, value in tokens) != code:
        return escape(code, quote=False)
    return "".join(_span(kind, value) for kind, value in _merged(tokens))


def _merged(tokens: list[tuple[_TokenType, str]]) -> list[tuple[_TokenType, str]]:
    merged: list[tuple[_TokenType, str]] = []
    for kind, value in tokens:
        if merged and merged[-1][0] is kind:
            merged[-1] = (kind, merged[-1][1] + value)
        elif value:
            merged.append((kind, value))
    return merged


def _span(kind: _TokenType, value: str) -> str:
    text = escape(value, quote=False)
    while kind not in STANDARD_TYPES and kind.parent is not None:
        kind = kind.parent
    name = STANDARD_TYPES.get(kind, "")
    return f'<span class="{name}">{text}</span>' if name and not value.isspace() else text
