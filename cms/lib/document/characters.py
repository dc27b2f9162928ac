"""Which characters a document may hold, and how white space counts.

Control characters, lone surrogates and non-characters are invisible, break XML feeds and hide tricks, so
they go. Line ends become a line feed. What HTML calls white space is one space, as a browser shows it.
"""

import re

_LINE_ENDS = re.compile("\r\n?|\u2028|\u2029|\x85|\x0b|\x0c")
_NON_CHARACTERS = "".join(f"{chr(plane * 0x10000 + 0xFFFE)}{chr(plane * 0x10000 + 0xFFFF)}" for plane in range(17))
_FORBIDDEN = re.compile(f"[\x00-\x08\x0e-\x1f\x7f-\x9f\ud800-\udfff\ufdd0-\ufdef\ufeff{_NON_CHARACTERS}]")
_SPACES = re.compile("[ \t\n\r\f]+")


def clean_text(text: str) -> str:
    """Return `text` without control characters, surrogates and non-characters; line ends become line feeds."""
    return _FORBIDDEN.sub("", _LINE_ENDS.sub("\n", text))


def collapse(text: str) -> str:
    """Return clean `text` with each run of HTML white space as one space (no-break spaces stay)."""
    return _SPACES.sub(" ", clean_text(text))


def one_line(text: str) -> str:
    """Return `text` collapsed, without white space of any kind at its ends."""
    return collapse(text).strip()
