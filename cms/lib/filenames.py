"""The name a file is shown under: readable, of any language, harmless in addresses, headers and on disks.

Files are stored under names made by the server; what is cleaned here is only ever shown.
"""

from __future__ import annotations

import re
import unicodedata

#: A shown name is at most this long, ending included. A disk takes 255 bytes, so bytes are counted as well.
MAX_CHARACTERS = 120
MAX_BYTES = 240

# Zero-width joiner and non-joiner belong to words in Persian and several Indian scripts.
_JOINERS = "\u200c\u200d"
_RISKY = re.compile(r"""[\\/:*?"'<>|%#;&=+`$\x7f]""")
_DEVICES = re.compile(r"(?:con|prn|aux|nul|com\d|lpt\d)", re.IGNORECASE)
_DIGITS = re.compile(r"\d+")


def display_name(filename: str, extension: str, aliases: tuple[str, ...] = (), fallback: str = "file") -> str:
    """Return `filename` fit to be shown: without folders, control and direction marks, with an honest ending.

    The ending is kept when it is `extension` or one of `aliases` (lower case, without the dot) and replaced
    by `extension` otherwise. A name of which nothing is left becomes `fallback`; one of digits only begins
    with it (`fallback-360.webp`), for such addresses belong to variants.
    """
    stem, ending = split_name(filename)
    if ending not in {extension, *aliases}:
        # Another ending stays readable as a part of the name, unless it was none that a file can have.
        stem, ending = (f"{stem}-{ending}" if ending.isalnum() and stem else stem), extension
    stem = _clean(stem)
    if _DEVICES.fullmatch(stem.partition(".")[0]) or _DIGITS.fullmatch(stem):
        stem = f"{fallback}-{stem}"
    stem = _shorten(stem or fallback, len(ending) + 1)
    return f"{stem}.{ending}"


def split_name(filename: str) -> tuple[str, str]:
    """Return the last part of a path (of any system) as stem and lower-case ending without the dot."""
    # Bytes of a name that are not UTF-8 arrive as lone surrogates, which no address can hold.
    name = unicodedata.normalize("NFC", filename.encode("utf-8", "replace").decode("utf-8"))
    name = re.split(r"[\\/]", name.replace("\0", ""))[-1].strip().rstrip(". ")
    stem, dot, ending = name.rpartition(".")
    if not dot or not ending or len(ending) > 10 or not ending.isascii():
        return name, ""
    return stem, ending.lower()


def _clean(stem: str) -> str:
    kept = "".join(char for char in stem if char in _JOINERS or char.isspace() or unicodedata.category(char)[0] != "C")
    words = re.sub(r"[\s-]+", "-", _RISKY.sub("-", kept))
    return re.sub(r"\.{2,}", ".", words).strip(".-" + _JOINERS)


def _shorten(stem: str, reserved: int) -> str:
    stem = stem[: MAX_CHARACTERS - reserved]
    while len(stem.encode()) > MAX_BYTES - reserved:
        stem = stem[:-1]
    # A mark that lost its letter, or the hyphen before a word cut off, reads like a mistake.
    return stem.rstrip(".-" + _JOINERS) or "file"
