"""Readable addresses from titles: letters of every script are kept."""

import unicodedata
from collections.abc import Callable, Container, Sequence

_MARKS = ("Mn", "Mc")
_JOINERS = "\u200c\u200d"
_SILENT = "'’ʼ`´"


def slugify(text: str, *, max_length: int = 80) -> str:
    """Turn `text` into a slug: NFKC, lower case, words joined by single hyphens.

    Letters, digits and the marks that belong to them stay, whatever their script. The result has at most
    `max_length` characters, is cut between words where that keeps at least half of it, and never inside
    a character with its marks. It is empty when `text` holds no letter and no digit.
    """
    folded = unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", text).lower())
    characters: list[str] = []
    for character in folded:
        if character.isalnum() or (unicodedata.category(character) in _MARKS and _after_letter(characters)):
            characters.append(character)
        elif character in _JOINERS or character in _SILENT:
            continue
        elif characters and characters[-1] != "-":
            characters.append("-")
    return _shorten("".join(characters).strip("-"), max_length)


def first_free(slug: str, find_taken: Callable[[Sequence[str]], Container[str]]) -> str:
    """Return `slug`, else the first of `slug-2`, `slug-3` … that is free.

    `find_taken` is asked which of some slugs are taken, for twice as many each time.
    """
    candidates, number, size = [slug], 2, 16
    while True:
        taken = find_taken(candidates)
        for candidate in candidates:
            if candidate not in taken:
                return candidate
        candidates = [f"{slug}-{following}" for following in range(number, number + size)]
        number, size = number + size, min(size * 2, 8192)


def _after_letter(characters: list[str]) -> bool:
    return bool(characters) and characters[-1] != "-"


def _shorten(slug: str, max_length: int) -> str:
    if len(slug) <= max_length:
        return slug
    cut = max_length
    while cut > 0 and unicodedata.category(slug[cut]) in _MARKS:
        cut -= 1
    if slug[cut] != "-":
        hyphen = slug.rfind("-", 0, cut)
        if hyphen >= max_length // 2:
            cut = hyphen
    return slug[:cut].strip("-")
