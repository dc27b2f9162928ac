"""What lies outside: whether an address leads anywhere, and what another site says about a page (oEmbed 1.0).

Every question goes out by `core.fetch`: public addresses only, little of it, and not for long.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote, urljoin, urlsplit

from selectolax.lexbor import LexborHTMLParser

from cms.core.errors import Invalid
from cms.core.fetch import Fetched, FetchError, RefusedError, TooSlowError, fetch
from cms.core.i18n import Text, _
from cms.lib.document import recognise
from cms.lib.document.characters import one_line
from cms.lib.networks import TargetError, read_target

#: Seconds and bytes for one question.
DEADLINE, LIMIT = 5.0, 256 * 1024
_ENDPOINTS = {
    "youtube": "https://www.youtube.com/oembed?format=json&url={}",
    "vimeo": "https://vimeo.com/api/oembed.json?url={}",
    "dailymotion": "https://www.dailymotion.com/services/oembed?format=json&url={}",
    "ted": "https://www.ted.com/services/v1/oembed.json?url={}",
    "soundcloud": "https://soundcloud.com/oembed?format=json&url={}",
    "spotify": "https://open.spotify.com/oembed?url={}",
    "mixcloud": "https://www.mixcloud.com/oembed/?format=json&url={}",
    "tiktok": "https://www.tiktok.com/oembed?url={}",
    "codepen": "https://codepen.io/api/oembed?format=json&url={}",
}
#: Characters of a text, and of an address.
_LONGEST, _LONGEST_ADDRESS = 300, 2000
_UNREADABLE = _("What this page says about itself cannot be read.")
#: Statuses by which servers say that they do not answer HEAD, or not to programs.
_ASK_AGAIN = frozenset({403, 405, 406, 501})


@dataclass(frozen=True)
class LinkCheck:
    """What became of a link: whether it leads to something, by which status, and the sentence where it does not."""

    url: str
    leads_somewhere: bool
    status: int | None
    problem: Text | None


@dataclass(frozen=True)
class Outside:
    """What another site says about a page of its own; texts are texts, never HTML."""

    url: str
    provider: str
    kind: str
    title: str
    author: str
    thumbnail_url: str
    #: The address of a player that readers may be shown, None for what is only a link.
    frame: str | None


def check_link(url: str) -> LinkCheck:
    """Ask an address whether there is something; nothing is raised."""
    try:
        found = fetch(url, method="HEAD", deadline=DEADLINE, limit=LIMIT)
        if found.status in _ASK_AGAIN:
            found = fetch(url, deadline=DEADLINE, limit=LIMIT)
    except RefusedError:
        return LinkCheck(url, False, None, _("This is no public address of the web."))
    except TooSlowError:
        return LinkCheck(url, False, None, _("It did not answer in time."))
    except FetchError:
        return LinkCheck(url, False, None, _("It could not be reached."))
    if found.status < 400:
        return LinkCheck(url, True, found.status, None)
    return LinkCheck(url, False, found.status, _("It answers that there is nothing (%(status)s).", status=found.status))


def find_outside(url: str) -> Outside:
    """Return what the site of a page says about it; raises Invalid when it says nothing, or cannot be asked."""
    known = recognise(url)
    if known is not None:
        told = (
            _ask(_ENDPOINTS[known.provider].format(quote(known.url, safe=""))) if known.provider in _ENDPOINTS else {}
        )
        return _outside(known.url, told, provider=known.provider, kind=known.kind, frame=known.frame)
    return _outside(url, _ask(_discover(url)), provider=urlsplit(url).hostname or "", kind="", frame=None)


def _discover(url: str) -> str:
    """Return the address that a page names for programs that want to know about it (oEmbed 1.0, 4)."""
    page = LexborHTMLParser(_get(url).body)
    links = page.css('link[rel~="alternate"][type="application/json+oembed"]')
    try:
        address = next((link.attributes.get("href") or "" for link in links), "")
        whole = urljoin(url, address)
    except ValueError:
        # No address, or bytes that are no text.
        raise Invalid(fields={"url": _UNREADABLE}) from None
    if not address:
        raise Invalid(fields={"url": _("This page says nothing about itself for other sites.")})
    return whole


def _ask(address: str) -> dict[str, Any]:
    try:
        told = json.loads(_get(address).body)
    except (ValueError, RecursionError):
        told = None
    if not isinstance(told, dict):
        raise Invalid(fields={"url": _UNREADABLE})
    return told


def _get(url: str) -> Fetched:
    try:
        found = fetch(url, deadline=DEADLINE, limit=LIMIT)
    except FetchError:
        raise Invalid(fields={"url": _("This address could not be reached.")}) from None
    if found.status >= 400:
        raise Invalid(fields={"url": _("There is nothing at this address.")})
    return found


def _outside(url: str, told: dict[str, Any], *, provider: str, kind: str, frame: str | None) -> Outside:
    def text(name: str) -> str:
        value = told.get(name)
        return one_line(value)[:_LONGEST].rstrip() if isinstance(value, str) else ""

    return Outside(
        url=url,
        provider=text("provider_name") or provider,
        kind=kind or text("type") or "link",
        title=text("title"),
        author=text("author_name"),
        thumbnail_url=_picture(told.get("thumbnail_url")),
        frame=frame,
    )


def _picture(told: object) -> str:
    """Return the address of a picture as it was told, or nothing where it is no sound one of the web."""
    if not isinstance(told, str) or len(told) > _LONGEST_ADDRESS:
        return ""
    address = told.strip()
    try:
        return address if read_target(address).scheme == "https" and one_line(address) == address else ""
    except TargetError:
        return ""
