"""HTML for readers who find it elsewhere than on the site: every address in it is a whole one."""

from __future__ import annotations

import re
from html import unescape
from urllib.parse import urljoin
from xml.sax.saxutils import escape

_ADDRESS = re.compile(r'(\s(?:href|src|poster)=")([^"]*)"')
_SRCSET = re.compile(r'\ssrcset="([^"]*)"')
_QUOTE = {'"': "&quot;"}


def make_absolute(html: str, url: str, base_url: str, *, keep_fragments: bool = False) -> str:
    """Return the HTML of the page at `url` with whole addresses; `base_url` is that of the site.

    With `keep_fragments`, links within the page (`#notes`) stay as they are: where it is shown, they lead on.
    """

    def whole(found: re.Match[str]) -> str:
        if keep_fragments and found[2].startswith("#"):
            return found[0]
        try:
            return f'{found[1]}{escape(urljoin(url, unescape(found[2])), _QUOTE)}"'
        except ValueError:
            # An address that cannot be read leads nowhere from here either.
            return found[0]

    def whole_set(found: re.Match[str]) -> str:
        candidates = [part.strip() for part in found[1].split(",")]
        return ' srcset="' + ", ".join(base_url + part if part.startswith("/") else part for part in candidates) + '"'

    return _SRCSET.sub(whole_set, _ADDRESS.sub(whole, html))
