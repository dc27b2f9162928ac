"""Addresses that a document may hold: a short list of schemes, checked after undoing every disguise."""

import html
import re
from typing import Literal
from urllib.parse import quote, unquote

Use = Literal["link", "media"]

#: Schemes by use; an address without a scheme is relative and allowed for both.
SCHEMES: dict[Use, frozenset[str]] = {
    "link": frozenset({"http", "https", "mailto", "tel", "cms"}),
    "media": frozenset({"http", "https", "cms"}),
}
MAX_LENGTH = 4000

# What browsers drop from an address (WHATWG URL, 4.4): tabs and line ends anywhere, C0 controls and spaces
# at the ends. Format characters (zero width, direction) go too: they only serve to hide something.
_INVISIBLE = re.compile(
    "[\x00-\x1f\x7f-\x9f\xad\u061c\u180e\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff0-\uffff\ud800-\udfff]"
)
_SCHEME = re.compile(r"([^/?#]*?):", re.DOTALL)
_WEB = re.compile(
    r"https?://(?:[^/?#@]*@)?(?:[^/?#@:\[\]]+|\[[0-9a-f:.]+\])(?::[0-9]*)?(?:[/?#]|$)",
    re.IGNORECASE,
)
_OWN = re.compile(r"cms:(entry|media)/([1-9][0-9]{0,14})(?:$|(?=#))")
_UNSAFE = re.compile(r"[\s\"<>\\^`{|}]")
_NAMED_COLON = re.compile(r"&(?:colon|tab|newline)", re.IGNORECASE)


def clean_url(value: object, use: Use = "link") -> str | None:
    """Return the address made safe, or None when it is not one that a document may hold.

    White space, quotes, angle brackets and backslashes come back percent-encoded; other letters stay
    readable. The result never changes when cleaned again.
    """
    if not isinstance(value, str) or len(value) > MAX_LENGTH:
        return None
    url = _INVISIBLE.sub("", value).strip()
    if not url or len(url) > MAX_LENGTH:
        return None
    if not _allowed(url, use) or any(not _harmless(shape, use) for shape in _disguises(url)):
        return None
    return _UNSAFE.sub(lambda match: quote(match.group(), safe=""), url)


def own_reference(url: str | None) -> tuple[str, int] | None:
    """Split ``cms:entry/7`` or ``cms:media/12`` into its kind and number; None for any other address."""
    match = _OWN.fullmatch(url) if url else None
    return (match.group(1), int(match.group(2))) if match else None


def _allowed(url: str, use: Use) -> bool:
    match = _SCHEME.match(url)
    if match is None:
        return True
    scheme = match.group(1).lower()
    if scheme not in SCHEMES[use]:
        return False
    if scheme in ("http", "https"):
        return _WEB.match(url) is not None
    if scheme == "cms":
        return _OWN.match(url) is not None
    return len(url) > len(scheme) + 1


def _harmless(url: str, use: Use) -> bool:
    """Tell whether a decoded shape of an address still has no scheme, or one of ours."""
    match = _SCHEME.match(_INVISIBLE.sub("", url).strip())
    return match is None or match.group(1).strip().lower() in SCHEMES[use]


def _disguises(url: str) -> list[str]:
    """Return what lenient software might make of the address: entities and percent signs decoded, twice.

    Only the part before the first ``/``, ``?`` or ``#`` can name a scheme; an ordinary address such as
    ``?to=a%3Ab`` must not suffer from the decoding of the rest.
    """
    head = re.split(r"[/?#]", url, maxsplit=1)[0] if not _NAMED_COLON.search(url) else url
    shapes = [html.unescape(url) if "&" in head or url.startswith("&") else head, unquote(head)]
    shapes.append(unquote(html.unescape(shapes[1])))
    return [shape for shape in shapes if shape not in ("", url)]
