import io
import struct
import zipfile
from pathlib import Path

import pytest
from PIL import Image

from cms.lib.errors import LibError
from cms.lib.files import TYPES, sniff
from tests import needs

SVG = b'<svg xmlns="http://www.w3.org/2000/svg" onload="alert(1)"><script>alert(1)</script></svg>'


def told(data: bytes, name: str = "file.bin") -> str:
    try:
        return sniff(io.BytesIO(data), name).extension
    except LibError as error:
        return error.message_id


def drawn(format_: str) -> bytes:
    out = io.BytesIO()
    Image.new("RGB", (4, 4), "teal").save(out, format_)
    return out.getvalue()


def zipped(*names: str, first: tuple[str, bytes] | None = None) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        if first:
            archive.writestr(*first)
        for name in names:
            archive.writestr(name, b"x")
    return out.getvalue()


def ftyp(brand: bytes, *others: bytes) -> bytes:
    body = brand + b"\0\0\0\0" + b"".join(others)
    return struct.pack(">I", len(body) + 8) + b"ftyp" + body + bytes(64)


def compound(*streams: str) -> bytes:
    names = b"".join(name.encode("utf-16-le").ljust(128, b"\0") for name in streams)
    return b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(1000) + names


@pytest.mark.parametrize(
    ("format_", "extension"), [("JPEG", "jpg"), ("PNG", "png"), ("GIF", "gif"), ("WEBP", "webp"), ("AVIF", "avif")]
)
@pytest.mark.parametrize("name", ["right.jpg", "wrong.php", "none", "double.svg.html", "日本"])
def test_a_picture_is_told_by_its_bytes_whatever_it_is_called(format_, extension, name):
    assert told(drawn(format_), name) == extension


@pytest.mark.parametrize(
    ("data", "name", "extension"),
    [
        (b"%PDF-1.7\n", "minutes.pdf", "pdf"),
        (b"ID3\x04" + bytes(64), "song.mp3", "mp3"),
        (b"\xff\xfb\x90\x64" + bytes(64), "song.mp3", "mp3"),
        (b"\xff\xf1\x50\x80" + bytes(64), "song.aac", "aac"),
        (b"fLaC" + bytes(64), "song.flac", "flac"),
        (b"RIFF\x24\0\0\0WAVEfmt ", "song.wav", "wav"),
        (b"OggS" + bytes(24) + b"OpusHead", "song.opus", "ogg"),
        (b"OggS" + bytes(24) + b"\x80theora", "film.ogv", "ogv"),
        (ftyp(b"M4A "), "song.m4a", "m4a"),
        (ftyp(b"isom", b"mp42"), "film.mp4", "mp4"),
        (ftyp(b"isom", b"mp42"), "song.m4a", "m4a"),
        (ftyp(b"qt  "), "film.mov", "mov"),
        (ftyp(b"mif1", b"avif"), "picture.avif", "avif"),
        (b"\x1aE\xdf\xa3\x9fB\x86\x81\x01B\x82\x84webm", "film.webm", "webm"),
        (b"{\\rtf1\\ansi", "letter.rtf", "rtf"),
        (zipped("[Content_Types].xml", "word/document.xml"), "letter.docx", "docx"),
        (zipped("word/document.xml", "[Content_Types].xml"), "letter.zip", "docx"),
        (zipped("[Content_Types].xml", "xl/workbook.xml"), "sums.xlsx", "xlsx"),
        (zipped("[Content_Types].xml", "ppt/presentation.xml"), "talk.pptx", "pptx"),
        (zipped(first=("mimetype", b"application/vnd.oasis.opendocument.text")), "letter.odt", "odt"),
        (zipped(first=("mimetype", b"application/vnd.oasis.opendocument.spreadsheet")), "sums.ods", "ods"),
        (zipped(first=("mimetype", b"application/vnd.oasis.opendocument.presentation")), "talk.odp", "odp"),
        (compound("Root Entry", "WordDocument"), "letter.doc", "doc"),
        (compound("Root Entry", "Workbook"), "sums.xls", "xls"),
        (compound("Root Entry", "PowerPoint Document"), "talk.ppt", "ppt"),
        (b"BM and MZ are how this note begins\n", "note.txt", "txt"),
        ("Größe;Preis\n".encode("cp1252"), "prices.csv", "csv"),
        ("Größe".encode("utf-16"), "note.txt", "txt"),
        (b"# A heading\n", "note.md", "md"),
        (b"WEBVTT\n\n", "film.vtt", "vtt"),
    ],
)
def test_what_is_kept_is_told_apart(data, name, extension):
    assert told(data, name) == extension


@pytest.mark.parametrize(
    "data",
    [
        SVG,
        b"\xef\xbb\xbf  \n" + SVG,
        b'<?xml version="1.0"?><!DOCTYPE svg PUBLIC "-//W3C//DTD SVG 1.1//EN" "x">' + SVG,
        b"<!-- nothing to see -->" + SVG,
        b'<x:svg xmlns:x="http://www.w3.org/2000/svg"/>',
        SVG.decode().encode("utf-16"),
        SVG.upper(),
    ],
)
@pytest.mark.parametrize("name", ["a.svg", "a.png", "a.txt", "a.svgz", "svg", "a.svg.png", "a.SVG"])
def test_an_svg_is_refused_under_any_name(data, name):
    assert told(data, name) == "file-svg"


@pytest.mark.parametrize(
    ("data", "name", "reason"),
    [
        (b"", "empty.jpg", "file-empty"),
        (b"\x1f\x8b\x08\0" + bytes(20), "drawing.svgz", "file-svg"),
        (b"<html><script>alert(1)</script>", "page.png", "file-page"),
        (b"<!doctype html><p>", "page.html", "file-page"),
        (b"<?php system($_GET['c']);", "shell.php", "file-page"),
        (b"hello <?php system('id');", "note.txt", "file-page"),
        (b"<?xml version='1.0'?><x/>", "data.txt", "file-page"),
        (b"MIME-Version: 1.0\nContent-Type: multipart/related", "page.txt", "file-page"),
        (b"alert(document.cookie)", "code.js", "file-unknown"),
        (b"alert(document.cookie)", "code.png", "file-unknown"),
        (b"import os\n", "code.py", "file-unknown"),
        (b"#!/bin/sh\nid\n", "note.txt", "file-program"),
        (b"MZ\x90\0" + bytes(60), "setup.jpg", "file-program"),
        (b"\x7fELF" + bytes(60), "tool.txt", "file-program"),
        (b"CWS\x0a" + bytes(60), "film.png", "file-program"),
        (zipped("a.html"), "site.zip", "file-archive"),
        (zipped("a.html"), "letter.docx", "file-archive"),
        (b"Rar!\x1a\x07" + bytes(9), "files.rar", "file-archive"),
        (zipped("[Content_Types].xml", "word/document.xml", "word/vbaProject.bin"), "letter.docx", "file-macros"),
        (compound("WordDocument", "_VBA_PROJECT"), "letter.doc", "file-macros"),
        (compound("Root Entry", "Setup"), "setup.msi", "file-unknown"),
        (b"PK\x03\x04" + bytes(100), "letter.docx", "file-damaged"),
        (bytes(100), "note.txt", "file-unknown"),
        (b"\x1aE\xdf\xa3\x9fB\x86\x81\x01B\x82\x88matroska", "film.mkv", "file-unknown"),
        (ftyp(b"heic"), "photo.jpg", "file-picture-format"),
        (b"BM\x36\0\0\0" + bytes(60), "photo.bmp", "file-picture-format"),
        (b"II*\0" + bytes(60), "photo.tif", "file-picture-format"),
        (b"\0\0\1\0\1\0" + bytes(60), "favicon.ico", "file-picture-format"),
    ],
)
def test_what_is_refused_is_refused_with_a_reason(data, name, reason):
    assert told(data, name) == reason


def test_a_container_with_endless_parts_is_refused_without_reading_them():
    endless = zipped("[Content_Types].xml", *(f"word/{number:>090}" for number in range(20_000)))
    assert told(endless, "letter.docx") == "file-damaged"


def test_a_directory_that_lies_about_its_place_is_damaged():
    data = bytearray(zipped("[Content_Types].xml", "word/document.xml"))
    at = data.rfind(b"PK\x05\x06")
    struct.pack_into("<L", data, at + 16, 0xFFFFFFF0)
    assert told(bytes(data), "letter.docx") == "file-damaged"


def test_every_type_has_one_ending_and_one_media_type():
    assert all(name == item.extension for name, item in TYPES.items())
    endings = [ending for item in TYPES.values() for ending in (item.extension, *item.aliases)]
    assert len(endings) == len(set(endings))
    assert "svg" not in endings
    assert not {"html", "xml", "js", "php"} & set(endings)


def test_the_stream_is_left_at_its_beginning():
    stream = io.BytesIO(drawn("PNG"))
    sniff(stream, "a.png")
    assert stream.tell() == 0


@needs.needs("data")
def test_foreign_pictures_are_told_by_their_bytes():
    folder = Path(needs.get("data"), "images")
    endings = {"jpg": "jpg", "png": "png", "pngx": "png", "gif": "gif", "webp": "webp", "avif": "avif"}
    seen = 0
    for path in sorted(folder.rglob("*.*")):
        wanted = endings.get(path.suffix[1:], "file-picture-format")
        if path.suffix == ".tsv":
            continue
        assert told(path.read_bytes(), path.name) == wanted, path.name
        seen += 1
    assert seen > 200
