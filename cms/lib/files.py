"""What an uploaded file is, told by its bytes and never by its name, and whether it may be kept.

The allowlist: pictures (jpeg png gif webp avif), PDF, audio, video, office files and plain text. A name only
decides between kinds that look alike in bytes (text and csv, sound and film in one container).
"""

from __future__ import annotations

import os
import re
from dataclasses import dataclass
from typing import BinaryIO, Literal

from cms.lib.errors import LibError
from cms.lib.filenames import split_name
from cms.lib.office import sniff_compound, sniff_zip

Kind = Literal["image", "audio", "video", "document"]
HEAD_BYTES = 64 * 1024


@dataclass(frozen=True)
class FileType:
    """A kind of file that may be kept: its media type, the ending it gets, and endings that say the same."""

    kind: Kind
    media_type: str
    extension: str
    aliases: tuple[str, ...] = ()


def _types(*rows: tuple[Kind, str, str]) -> dict[str, FileType]:
    table = {}
    for kind, media_type, endings in rows:
        extension, *aliases = endings.split()
        table[extension] = FileType(kind, media_type, extension, tuple(aliases))
    return table


_OPEN_XML = "application/vnd.openxmlformats-officedocument."
_OPEN_DOCUMENT = "application/vnd.oasis.opendocument."
#: Every type that may be kept, by its ending.
TYPES = _types(
    ("image", "image/jpeg", "jpg jpeg jpe"),
    ("image", "image/png", "png apng"),
    ("image", "image/gif", "gif"),
    ("image", "image/webp", "webp"),
    ("image", "image/avif", "avif"),
    ("audio", "audio/mpeg", "mp3"),
    ("audio", "audio/mp4", "m4a m4b"),
    ("audio", "audio/ogg", "ogg oga opus"),
    ("audio", "audio/flac", "flac"),
    ("audio", "audio/wav", "wav"),
    ("audio", "audio/aac", "aac"),
    ("audio", "audio/webm", "weba"),
    ("video", "video/mp4", "mp4 m4v"),
    ("video", "video/webm", "webm"),
    ("video", "video/ogg", "ogv"),
    ("video", "video/quicktime", "mov qt"),
    ("document", "application/pdf", "pdf"),
    ("document", f"{_OPEN_XML}wordprocessingml.document", "docx"),
    ("document", f"{_OPEN_XML}spreadsheetml.sheet", "xlsx"),
    ("document", f"{_OPEN_XML}presentationml.presentation", "pptx"),
    ("document", f"{_OPEN_DOCUMENT}text", "odt"),
    ("document", f"{_OPEN_DOCUMENT}spreadsheet", "ods"),
    ("document", f"{_OPEN_DOCUMENT}presentation", "odp"),
    ("document", "application/msword", "doc"),
    ("document", "application/vnd.ms-excel", "xls"),
    ("document", "application/vnd.ms-powerpoint", "ppt"),
    ("document", "application/rtf", "rtf"),
    ("document", "text/plain", "txt text"),
    ("document", "text/csv", "csv"),
    ("document", "text/markdown", "md markdown"),
    ("document", "text/vtt", "vtt"),
    ("document", "application/x-subrip", "srt"),
)
_TEXTS = {
    ending: item
    for item in TYPES.values()
    if item.extension in {"txt", "csv", "md", "vtt", "srt"}
    for ending in (item.extension, *item.aliases)
}

_STARTS = (
    (b"\xff\xd8\xff", "jpg"),
    (b"\x89PNG\r\n\x1a\n", "png"),
    (b"GIF87a", "gif"),
    (b"GIF89a", "gif"),
    (b"%PDF-", "pdf"),
    (b"ID3", "mp3"),
    (b"fLaC", "flac"),
    (b"{\\rtf", "rtf"),
)
_RIFF = {b"WEBP": "webp", b"WAVE": "wav"}
_AVIF, _HEIC = (b"avif", b"avis"), (b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx")
_MP4_BRANDS = re.compile(rb"iso[m2-9]|mp4[12]|avc1|M4V |M4VH|M4VP|dash|MSNV|f4v |mmp4")
# Starts of files that are refused, with the reason; what matches nothing is refused as unknown.
_PICTURES: dict[bytes, str] = {
    b"BM": "BMP",
    b"II*\0": "TIFF",
    b"MM\0*": "TIFF",
    b"II+\0": "TIFF",
    b"MM\0+": "TIFF",
    b"\0\0\1\0": "ICO",
    b"\0\0\2\0": "CUR",
    b"8BPS": "Photoshop",
    b"\xff\x0a": "JPEG XL",
    b"\0\0\0\x0cJXL ": "JPEG XL",
    b"\0\0\0\x0cjP  ": "JPEG 2000",
    b"\xff\x4f\xff\x51": "JPEG 2000",
}
_PROGRAMS = (
    b"MZ",
    b"\x7fELF",
    b"#!",
    b"\xca\xfe\xba\xbe",
    b"\xcf\xfa\xed\xfe",
    b"\xce\xfa\xed\xfe",
    b"FWS",
    b"CWS",
    b"ZWS",
)
_ARCHIVES = (b"\x1f\x8b", b"7z\xbc\xaf", b"Rar!", b"BZh", b"\xfd7zXZ", b"\x28\xb5\x2f\xfd")
_MARKUP = re.compile(rb"\s*<(?:[!?a-z]|/[a-z])", re.IGNORECASE)
_SVG = re.compile(rb"<(?:[a-z_][\w.-]*:)?svg[\s>/]|<!doctype\s+svg|http://www\.w3\.org/2000/svg", re.I)
_SCRIPT = re.compile(
    rb"<\?php|<script[\s>]|<html[\s>]|<!doctype\s+html|^mime-version:.*multipart/related", re.I | re.S
)
_WIDE = {b"\xff\xfe": "utf-16-le", b"\xfe\xff": "utf-16-be"}


def sniff(stream: BinaryIO, filename: str) -> FileType:
    """Return what `stream` (seekable; left at its beginning) holds.

    Raises LibError for what is not kept: `file-empty`, `file-svg`, `file-page`, `file-program`,
    `file-archive`, `file-macros`, `file-damaged`, `file-picture-format` (with `format`), `file-unknown`.
    """
    stream.seek(0)
    head = stream.read(HEAD_BYTES)
    ending = split_name(filename)[1]
    if not head:
        raise LibError("file-empty")
    try:
        found = _by_magic(stream, head, ending)
    finally:
        stream.seek(0)
    if found is not None:
        return TYPES[found]
    if ending in {"svg", "svgz"}:
        raise LibError("file-svg")
    # A note that begins with "BM" or "MZ" is still a note; a script that names its interpreter is none.
    if head.startswith(b"#!") or not _is_text(head):
        _refuse_known(head)
    return _text(head, ending)


def size_of(stream: BinaryIO) -> int:
    """Return the length of a seekable stream in bytes and leave it at its beginning."""
    size = stream.seek(0, os.SEEK_END)
    stream.seek(0)
    return size


def _by_magic(stream: BinaryIO, head: bytes, ending: str) -> str | None:
    for start, found in _STARTS:
        if head.startswith(start):
            return found
    if head.startswith(b"RIFF"):
        return _RIFF.get(head[8:12])
    if head[4:8] == b"ftyp":
        return _sniff_iso_media(head, ending)
    if head.startswith(b"OggS"):
        return "ogv" if b"\x80theora" in head[:4096] or b"OVP80" in head[:4096] else "ogg"
    if head.startswith(b"\x1aE\xdf\xa3") and b"\x42\x82\x84webm" in head[:128]:
        return "weba" if ending == "weba" else "webm"
    if head.startswith(b"PK\x03\x04"):
        found_in_zip = sniff_zip(stream, head)
        if found_in_zip is None:
            raise LibError("file-archive")
        return found_in_zip
    if head.startswith(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"):
        return sniff_compound(stream)
    return _sniff_frames(head, ending)


def _refuse_known(head: bytes) -> None:
    for start, name in _PICTURES.items():
        if head.startswith(start):
            raise LibError("file-picture-format", format=name)
    if head.startswith(_PROGRAMS):
        raise LibError("file-program")
    if head.startswith(_ARCHIVES):
        raise LibError("file-archive")


def _sniff_iso_media(head: bytes, ending: str) -> str | None:
    """Tell the files of the ISO base media format apart by their brands (ISO/IEC 14496-12, section 4.3)."""
    length = min(int.from_bytes(head[:4], "big"), 256)
    major, others = head[8:12], [head[at : at + 4] for at in range(16, length - 3, 4)]
    if major in _AVIF or (major in {b"mif1", b"msf1", b"miaf"} and any(brand in _AVIF for brand in others)):
        return "avif"
    if major in _HEIC or major in {b"mif1", b"msf1"}:
        raise LibError("file-picture-format", format="HEIC")
    if major in {b"M4A ", b"M4B "}:
        return "m4a"
    if major == b"qt  ":
        return "mov"
    if _MP4_BRANDS.fullmatch(major):
        return "m4a" if ending in {"m4a", "m4b"} else "mp4"
    return None


def _sniff_frames(head: bytes, ending: str) -> str | None:
    """Tell MPEG sound without a header by its first frame (ISO/IEC 11172-3 2.4.1.3, 13818-7 ADTS)."""
    if len(head) < 4 or head[0] != 0xFF or head[1] & 0xE0 != 0xE0:
        return None
    if head[1] & 0xF6 == 0xF0:
        return "aac" if ending == "aac" else None
    is_layer_3 = head[1] & 0x06 == 0x02 and head[1] & 0x18 != 0x08
    is_frame = head[2] & 0xF0 not in {0x00, 0xF0} and head[2] & 0x0C != 0x0C
    return "mp3" if is_layer_3 and is_frame and ending == "mp3" else None


def _text(head: bytes, ending: str) -> FileType:
    readable = head
    for mark, encoding in _WIDE.items():
        if head.startswith(mark):
            readable = head[2:].decode(encoding, "replace").encode()
    readable = readable.removeprefix(b"\xef\xbb\xbf")
    if _SVG.search(readable[:4096]) and _MARKUP.match(readable):
        raise LibError("file-svg")
    if _MARKUP.match(readable) or _SCRIPT.search(readable[:1024]):
        raise LibError("file-page")
    if ending not in _TEXTS or not _is_text(readable):
        raise LibError("file-unknown")
    return _TEXTS[ending]


def _is_text(data: bytes) -> bool:
    """Tell whether bytes look like text in an 8-bit encoding: no control characters but the usual ones."""
    return not data.translate(None, bytes(set(range(256)) - set(range(32)) | {7, 8, 9, 10, 12, 13, 27}))
