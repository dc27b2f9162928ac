"""Compressed answers: Brotli where the browser takes it, else gzip (RFC 9110, 8.4.1 and 12.5.3).

Files are compressed once for each process, as small as possible; pages each time, quickly.
"""

import gzip

import brotli
from flask import Flask, Response, request

#: Smaller answers fit into one packet as they are.
MINIMUM = 600
#: Larger files are not read into memory.
LARGEST = 1024 * 1024
_TYPES = frozenset(
    {
        "application/atom+xml",
        "application/javascript",
        "application/json",
        "application/ld+json",
        "application/manifest+json",
        "application/problem+json",
        "application/rss+xml",
        "application/xml",
        "image/svg+xml",
    }
)
_ENCODINGS = ("br", "gzip")
_KEPT = 128


def init_compression(app: Flask) -> None:
    """Compress the answers of an application; must be joined first, so that it sees each answer last."""
    kept: dict[tuple[str, str, str], bytes] = {}

    @app.after_request
    def compress(response: Response) -> Response:
        if not _may_be_compressed(response):
            return response
        response.vary.add("Accept-Encoding")
        encoding = request.accept_encodings.best_match(_ENCODINGS)
        if encoding is None or request.method == "HEAD":
            return response
        is_file = response.direct_passthrough
        response.direct_passthrough = False
        data = response.get_data()
        if len(data) < MINIMUM:
            return response
        etag = response.get_etag()[0]
        if is_file and etag:
            key = (request.path, etag, encoding)
            if key not in kept:
                if len(kept) >= _KEPT:
                    kept.clear()
                kept[key] = _encode(data, encoding, small=True)
            response.set_data(kept[key])
        else:
            response.set_data(_encode(data, encoding, small=False))
        response.content_encoding = encoding
        if etag:
            # The same content in other bytes: a weak validator says just that, and still allows a 304.
            response.set_etag(etag, weak=True)
        return response


def _may_be_compressed(response: Response) -> bool:
    """Whether an answer is text, whole, and not compressed yet."""
    textual = (response.mimetype or "").startswith("text/") or response.mimetype in _TYPES
    whole = response.status_code not in {204, 206, 304} and "Content-Range" not in response.headers
    plain = "Content-Encoding" not in response.headers and not response.cache_control.no_transform
    # A stream is sent as it comes, and so is a large file.
    at_hand = not response.is_streamed or (
        response.direct_passthrough and 0 < (response.content_length or 0) <= LARGEST
    )
    return textual and whole and plain and at_hand


def _encode(data: bytes, encoding: str, *, small: bool) -> bytes:
    if encoding == "br":
        return bytes(brotli.compress(data, quality=9 if small else 5))
    # Without a time inside, equal pages stay equal bytes.
    return gzip.compress(data, compresslevel=9 if small else 6, mtime=0)
