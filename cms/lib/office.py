"""Office files: which of the allowed ones a container is, and whether it has macros. Nothing is unpacked."""

from __future__ import annotations

import os
import struct
from typing import BinaryIO

from cms.lib.errors import LibError

# More names than a document ever has; a central directory larger than this is an attack on memory.
_DIRECTORY_LIMIT = 2 * 1024 * 1024
_END = b"PK\x05\x06"
_ENTRY = b"PK\x01\x02"
_ODF = b"mimetypeapplication/vnd.oasis.opendocument."
_PARTS = {"word/document.xml": "docx", "xl/workbook.xml": "xlsx", "ppt/presentation.xml": "pptx"}
_STREAMS = {"WordDocument": "doc", "Workbook": "xls", "PowerPoint Document": "ppt"}
_MACRO_STREAM = "_VBA_PROJECT"
_CHUNK = 1024 * 1024


def sniff_zip(stream: BinaryIO, head: bytes) -> str | None:
    """Return docx, xlsx, pptx, odt, ods or odp for an office file in a zip container, None for any other zip.

    Reads the names of the parts alone. Raises LibError `file-macros` for a document with macros and
    `file-damaged` when the container's table of contents cannot be read or is out of all proportion.
    """
    names = _part_names(stream)
    lower = {name.lower() for name in names}
    if any(name.endswith(("vbaproject.bin", "vbadata.xml")) or name.startswith("basic/") for name in lower):
        raise LibError("file-macros")
    # An OpenDocument names its type in its first part, stored unpacked (OpenDocument 1.3, part 2, 3.3).
    if head[30:].startswith(_ODF):
        kind = head[30 + len(_ODF) :][:20]
        for name, ending in ((b"text", "odt"), (b"spreadsheet", "ods"), (b"presentation", "odp")):
            if kind.startswith(name) and not kind.startswith(name + b"-"):
                return ending
        return None
    if "[content_types].xml" not in lower:
        return None
    return next((ending for part, ending in _PARTS.items() if part in lower), None)


def sniff_compound(stream: BinaryIO) -> str | None:
    """Return doc, xls or ppt for an office file in the older compound format, None for any other compound.

    Raises LibError `file-macros` for a document with macros. Names are stored in UTF-16 ([MS-CFB] 2.6.1).
    """
    wanted = {name.encode("utf-16-le"): ending for name, ending in _STREAMS.items()}
    macro = _MACRO_STREAM.encode("utf-16-le")
    found: str | None = None
    tail = b""
    stream.seek(0)
    while chunk := stream.read(_CHUNK):
        window = tail + chunk
        if macro in window:
            raise LibError("file-macros")
        found = found or next((ending for name, ending in wanted.items() if name in window), None)
        tail = window[-64:]
    return found


def _part_names(stream: BinaryIO) -> list[str]:
    """Read the names in a zip's central directory (APPNOTE.TXT 4.3.12 and 4.3.16)."""
    size = stream.seek(0, os.SEEK_END)
    start = max(0, size - 65_557)
    stream.seek(start)
    tail = stream.read()
    at = tail.rfind(_END)
    if at < 0 or len(tail) < at + 22:
        raise LibError("file-damaged")
    length, offset = struct.unpack_from("<2L", tail, at + 12)
    if length > _DIRECTORY_LIMIT or offset + length > start + at:
        raise LibError("file-damaged")
    stream.seek(offset)
    directory = stream.read(length)
    names = []
    position = 0
    while directory[position : position + 4] == _ENTRY and len(directory) >= position + 46:
        name, extra, comment = struct.unpack_from("<3H", directory, position + 28)
        raw = directory[position + 46 : position + 46 + name]
        names.append(raw.decode("utf-8", "replace").replace("\\", "/"))
        position += 46 + name + extra + comment
    return names
