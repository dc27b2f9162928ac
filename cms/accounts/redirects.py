"""Where one may be sent after signing in or out: within the site, in words that no proxy reads otherwise."""

from __future__ import annotations

import re
from urllib.parse import unquote, urlsplit

#: A path of ordinary segments; the query may hold what it likes, as long as it is printable.
_SAFE = re.compile(r"/(?:[^/\\\s\x00-\x20\x7f?#]+/)*[^/\\\s\x00-\x20\x7f?#]*(?:\?[\x21-\x7e]*)?(?:#[\x21-\x7e]*)?")


def is_safe_target(target: str, host: str = "") -> bool:
    """Tell whether `target` is a path of this site, or a full address of `host`, in every reading of it.

    Refused are other schemes and hosts, `//`, backslashes, control characters and dot segments, also when they
    are percent-encoded once or twice.
    """
    if len(target) > 2000:
        return False
    path = target
    if not target.startswith("/"):
        try:
            parts = urlsplit(target)
        except ValueError:
            return False
        if parts.scheme not in ("http", "https") or not host or parts.netloc != host:
            return False
        path = target[target.index(host) + len(host) :] or "/"
    once = unquote(path.partition("?")[0])
    readings = (path, path.partition("?")[0], once, unquote(once))
    return bool(_SAFE.fullmatch(path)) and all(_is_plain(reading) for reading in readings[1:])


def _is_plain(path: str) -> bool:
    if not path.startswith("/") or path.startswith(("//", "/\\")) or "\\" in path or "//" in path:
        return False
    if any(ord(letter) < 0x20 or letter in "\x7f\u2028\u2029\ufffd" for letter in path):
        return False
    return not any(segment.strip() in (".", "..") for segment in path.split("/"))
