"""Bytes of an export to characters that XML allows; what is left out is counted."""

from __future__ import annotations

import codecs
import re

from cms.core.i18n import _
from cms.transfer.errors import SourceError

# Section 2.2 of XML 1.0. Bytes that do not fit the encoding arrive as lone surrogates and fall out here too.
_ILLEGAL = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_SECTION = re.compile(r"(<!\[CDATA\[|\]\]>)")
_REFERENCE = re.compile(r"&#(?:[xX]([0-9a-fA-F]{1,8})|([0-9]{1,10}));")
_BEGUN = re.compile(r"[<&\]]")
_HELD_BACK = 16
_DECLARED = re.compile(rb"""^\s*<\?xml[^>]{0,200}?encoding\s*=\s*["']([A-Za-z0-9._-]{1,40})["']""")
_MARKS = ((codecs.BOM_UTF8, "utf-8-sig"), (codecs.BOM_UTF16_LE, "utf-16"), (codecs.BOM_UTF16_BE, "utf-16"))
_FAMILIES = ("utf-8", "iso8859", "cp125", "koi8", "shift_jis", "cp932", "euc", "gb", "big5", "ascii")


def find_encoding(head: bytes) -> str:
    """Return the name of the codec that the first bytes of a file ask for, UTF-8 when they are silent.

    Raises SourceError for an encoding that no export of a website uses.
    """
    for mark, name in _MARKS:
        if head.startswith(mark):
            return name
    declared = _DECLARED.match(head)
    if declared is None:
        return "utf-8"
    name = declared[1].decode("ascii")
    try:
        found = codecs.lookup(name).name
    except LookupError:
        found = ""
    # UTF-16 without a mark would hide its own declaration: the word is wrong then, the bytes are UTF-8.
    if found.startswith("utf-16"):
        return "utf-8"
    if not found.startswith(_FAMILIES):
        raise SourceError(_("The file says it is written in “%(name)s”, which cannot be read.", name=name))
    return found


class CharacterFilter:
    """An incremental decoder that drops, and counts, what XML 1.0 forbids.

    Real exports hold control characters pasted from elsewhere, also as references such as `&#11;`; a parser
    would stop there. Inside CDATA such a reference is ordinary text and stays.
    """

    def __init__(self, encoding: str) -> None:
        self._decoder = codecs.getincrementaldecoder(encoding)(errors="surrogateescape")
        self._rest = ""
        self._in_section = False
        self.stripped = 0

    def feed(self, data: bytes, *, last: bool = False) -> str:
        """Return the allowed characters of `data`; a few are held back until the next call unless `last`."""
        text, stripped = _ILLEGAL.subn("", self._decoder.decode(data, last))
        self.stripped += stripped
        text = self._rest + text
        end = len(text)
        if not last and (begun := _BEGUN.search(text, max(0, end - _HELD_BACK))):
            end = begun.start()
        self._rest = text[end:]
        return self._without_bad_references(text[:end])

    def _without_bad_references(self, text: str) -> str:
        pieces = _SECTION.split(text)
        for index, piece in enumerate(pieces):
            if index % 2:
                self._in_section = piece == "<![CDATA["
            elif not self._in_section and "&#" in piece:
                pieces[index] = _REFERENCE.sub(self._keep_legal, piece)
        return "".join(pieces)

    def _keep_legal(self, reference: re.Match[str]) -> str:
        number = int(reference[1], 16) if reference[1] else int(reference[2])
        if number <= 0x10FFFF and not _ILLEGAL.match(chr(number)):
            return reference[0]
        self.stripped += 1
        return ""
