"""Compressed answers: Zstandard, Brotli or gzip, which the reader likes best (RFC 9110, 8.4.1 and 12.5.3; RFC 9659).

Files are compressed once for each process, as small as possible; pages each time, quickly. HEAD tells of the same
answer as GET, and a 304 of the validator that the reader knows.
"""

import gzip

import brotli
import zstandard
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
#: The one we like best first: Zstandard takes half the time of Brotli for about the same size.
_ENCODINGS = ("zstd", "br", "gzip")
_KEPT = 128


def init_compression(app: Flask) -> None:
    """Compress the answers of an application; must be joined first, so that it sees each answer last."""
    kept: dict[tuple[str, str, str], bytes] = {}

    @app.after_request
    def compress(response: Response) -> Response:
        if not _is_text(response):
            return response
        response.vary.add("Accept-Encoding")
        if response.status_code == 304:
            return _as_known(response)
        encoding = chosen_encoding()
        if encoding is None or not _is_at_hand(response):
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


def chosen_encoding() -> str | None:
    """Return how the reader likes answers best; None for uncompressed.

    What was not named has the quality of `*`; uncompressed is always acceptable, and liked less than what was named
    unless it was named, too.
    """
    qualities = {name.lower(): quality for name, quality in request.accept_encodings}
    unnamed = qualities.get("*", 0)
    # Of equals, the first.
    best = max(_ENCODINGS, key=lambda encoding: qualities.get(encoding, unnamed))
    quality = qualities.get(best, unnamed)
    return best if quality > 0 and quality >= qualities.get("identity", 0) else None


def _is_text(response: Response) -> bool:
    """Tell whether an answer is text that nobody compressed, or says that such a text has not changed."""
    textual = (response.mimetype or "").startswith("text/") or response.mimetype in _TYPES
    plain = "Content-Encoding" not in response.headers and not response.cache_control.no_transform
    return textual and plain and response.status_code not in {204, 206} and "Content-Range" not in response.headers


def _is_at_hand(response: Response) -> bool:
    """Tell whether the whole answer may be held in memory: a stream is sent as it comes, and so is a large file."""
    return not response.is_streamed or (response.direct_passthrough and 0 < (response.content_length or 0) <= LARGEST)


def _as_known(response: Response) -> Response:
    """Name the validator as the reader was told it: weak where the answer was compressed (RFC 9110, 15.4.5)."""
    etag, is_weak = response.get_etag()
    if etag is not None and not is_weak and request.if_none_match.is_weak(etag):
        response.set_etag(etag, weak=True)
    return response


def _encode(data: bytes, encoding: str, *, small: bool) -> bytes:
    if encoding == "zstd":
        # What is at most LARGEST keeps to the window of 8 MB that browsers have.
        return zstandard.ZstdCompressor(level=19 if small else 6).compress(data)
    if encoding == "br":
        return bytes(brotli.compress(data, quality=9 if small else 5))
    # Without a time inside, equal pages stay equal bytes.
    return gzip.compress(data, compresslevel=9 if small else 6, mtime=0)
