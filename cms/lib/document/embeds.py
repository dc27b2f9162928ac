"""Pages of other sites that may be shown inside ours, loaded only when the reader asks for it.

`recognise` knows an address by its provider and says which frame shows it. No request is ever made here.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal
from urllib.parse import parse_qs, quote

from cms.lib.document.urls import clean_url

Kind = Literal["video", "audio", "post", "document"]


@dataclass(frozen=True)
class Embed:
    """An address that may be embedded: `url` is the page for people, `frame` the address of the frame."""

    provider: str
    kind: Kind
    url: str
    frame: str


@dataclass(frozen=True)
class _Address:
    host: str
    path: str
    query: dict[str, str]
    url: str


PROVIDERS: dict[str, str] = {
    "youtube": "YouTube",
    "vimeo": "Vimeo",
    "dailymotion": "Dailymotion",
    "ted": "TED",
    "videopress": "VideoPress",
    "twitch": "Twitch",
    "soundcloud": "SoundCloud",
    "spotify": "Spotify",
    "mixcloud": "Mixcloud",
    "bandcamp": "Bandcamp",
    "twitter": "X",
    "tiktok": "TikTok",
    "instagram": "Instagram",
    "codepen": "CodePen",
    "openstreetmap": "OpenStreetMap",
}

#: Hosts that a page may frame (for the content security policy).
FRAME_HOSTS: tuple[str, ...] = (
    "www.youtube-nocookie.com",
    "player.vimeo.com",
    "www.dailymotion.com",
    "embed.ted.com",
    "video.wordpress.com",
    "clips.twitch.tv",
    "w.soundcloud.com",
    "open.spotify.com",
    "www.mixcloud.com",
    "bandcamp.com",
    "platform.twitter.com",
    "www.tiktok.com",
    "www.instagram.com",
    "codepen.io",
    "www.openstreetmap.org",
)

_WEB = re.compile(
    r"(?:https?:)?//(?:www\.|m\.|mobile\.)?([A-Za-z0-9.-]+)(?::(?:80|443))?(/[^?#]*)?(?:\?([^#]*))?(?:#.*)?"
)
_YOUTUBE_PATH = re.compile(r"/(?:embed|v|shorts|live)/([A-Za-z0-9_-]{6,20})/?")
_PLAIN = re.compile(r"[A-Za-z0-9_-]{1,60}")


def recognise(url: object) -> Embed | None:
    """Return the embed that an address of a page or a player stands for, or None for any other address."""
    cleaned = clean_url(url, "media")
    match = _WEB.fullmatch(cleaned) if cleaned else None
    if match is None:
        return None
    query = {name: values[0] for name, values in parse_qs(match.group(3) or "").items()}
    address = _Address(match.group(1).lower(), match.group(2) or "/", query, cleaned or "")
    for host, reader in _READERS.items():
        if address.host == host or address.host.endswith(f".{host}"):
            return reader(address)
    return None


def _youtube(address: _Address) -> Embed | None:
    found = _YOUTUBE_PATH.fullmatch(address.path)
    video = found.group(1) if found else address.query.get("v", "")
    if address.host == "youtu.be":
        video = address.path.strip("/")
    if video == "videoseries" or (not video and address.path in ("/playlist", "/embed/")):
        playlist = address.query.get("list", "")
        if not _PLAIN.fullmatch(playlist):
            return None
        return Embed(
            "youtube",
            "video",
            f"https://www.youtube.com/playlist?list={playlist}",
            f"https://www.youtube-nocookie.com/embed/videoseries?list={playlist}",
        )
    if not re.fullmatch(r"[A-Za-z0-9_-]{6,20}", video):
        return None
    start = _seconds(address.query.get("start") or address.query.get("t") or "")
    return Embed(
        "youtube",
        "video",
        f"https://www.youtube.com/watch?v={video}" + (f"&t={start}" if start else ""),
        f"https://www.youtube-nocookie.com/embed/{video}" + (f"?start={start}" if start else ""),
    )


def _seconds(text: str) -> int:
    match = re.fullmatch(r"(?:(\d{1,3})h)?(?:(\d{1,4})m)?(?:(\d{1,6})s?)?", text)
    if match is None:
        return 0
    hours, minutes, seconds = (int(part or 0) for part in match.groups())
    return hours * 3600 + minutes * 60 + seconds


def _pattern(provider: str, kind: Kind, path: str, page: str, frame: str) -> Callable[[_Address], Embed | None]:
    """Make a reader for addresses whose path alone says what is meant."""
    expression = re.compile(path)

    def read(address: _Address) -> Embed | None:
        match = expression.fullmatch(address.path)
        if match is None:
            return None
        parts = [part or "" for part in match.groups()]
        return Embed(provider, kind, page.format(*parts), frame.format(*parts))

    return read


def _by_url(provider: str, kind: Kind, path: str, frame: str) -> Callable[[_Address], Embed | None]:
    """Make a reader for players that are told the whole address of the page."""
    expression = re.compile(path)

    def read(address: _Address) -> Embed | None:
        inner = address.query.get("url") or address.query.get("feed")
        if inner and address.path.startswith(("/player", "/widget")):
            return recognise(inner) if not inner.startswith(address.url) and "?" not in inner else None
        if expression.fullmatch(address.path) is None:
            return None
        page = f"https://{address.host}{address.path}"
        return Embed(provider, kind, page, frame.format(quote(page, safe="")))

    return read


def _bandcamp(address: _Address) -> Embed | None:
    if address.host != "bandcamp.com" or not re.fullmatch(r"/EmbeddedPlayer/[A-Za-z0-9=/_.-]{1,300}", address.path):
        return None
    page = f"https://bandcamp.com{address.path}"
    return Embed("bandcamp", "audio", page, page)


def _map(address: _Address) -> Embed | None:
    box = address.query.get("bbox", "")
    if address.path != "/export/embed.html" or not re.fullmatch(r"[-0-9.,]{7,120}", box):
        return None
    page = f"https://www.openstreetmap.org/export/embed.html?bbox={quote(box, safe='')}"
    return Embed("openstreetmap", "document", page, page)


_VIMEO_PAGE, _VIMEO_FRAME = "https://vimeo.com/{0}", "https://player.vimeo.com/video/{0}"
_READERS: dict[str, Callable[[_Address], Embed | None]] = {
    "youtube.com": _youtube,
    "youtube-nocookie.com": _youtube,
    "youtu.be": _youtube,
    "vimeo.com": _pattern(
        "vimeo",
        "video",
        r"/(?:video/|channels/[\w-]+/|groups/[\w-]+/videos/)?(\d{3,12})/?",
        _VIMEO_PAGE,
        _VIMEO_FRAME,
    ),
    "dailymotion.com": _pattern(
        "dailymotion",
        "video",
        r"/(?:embed/)?video/([A-Za-z0-9]{4,20})(?:_[^/]*)?/?",
        "https://www.dailymotion.com/video/{0}",
        "https://www.dailymotion.com/embed/video/{0}",
    ),
    "ted.com": _pattern(
        "ted",
        "video",
        r"/talks/(?:lang/[a-z-]+/)?([a-z0-9_]{3,120})(?:\.html)?/?",
        "https://www.ted.com/talks/{0}",
        "https://embed.ted.com/talks/{0}",
    ),
    "videopress.com": _pattern(
        "videopress",
        "video",
        r"/(?:v|embed)/([A-Za-z0-9]{4,20})/?",
        "https://videopress.com/v/{0}",
        "https://video.wordpress.com/embed/{0}",
    ),
    "clips.twitch.tv": _pattern(
        "twitch",
        "video",
        r"/(?!embed)([A-Za-z0-9_-]{4,100})/?",
        "https://clips.twitch.tv/{0}",
        "https://clips.twitch.tv/embed?clip={0}",
    ),
    "soundcloud.com": _by_url("soundcloud", "audio", r"/[\w-]+/[\w/-]+", "https://w.soundcloud.com/player/?url={0}"),
    "open.spotify.com": _pattern(
        "spotify",
        "audio",
        r"/(?:embed/)?(?:user/[\w-]+/)?(track|album|playlist|episode|show|artist)/([A-Za-z0-9]{8,40})/?",
        "https://open.spotify.com/{0}/{1}",
        "https://open.spotify.com/embed/{0}/{1}",
    ),
    "mixcloud.com": _by_url(
        "mixcloud", "audio", r"/[\w%-]+/[\w%-]+/", "https://www.mixcloud.com/widget/iframe/?feed={0}"
    ),
    "bandcamp.com": _bandcamp,
    "tiktok.com": _pattern(
        "tiktok",
        "video",
        r"/@([\w.-]{1,60})/video/(\d{6,24})/?",
        "https://www.tiktok.com/@{0}/video/{1}",
        "https://www.tiktok.com/embed/v2/{1}",
    ),
    "instagram.com": _pattern(
        "instagram",
        "post",
        r"/(?:[\w.]{1,40}/)?(p|reel|tv)/([\w-]{5,40})(?:/embed)?/?",
        "https://www.instagram.com/{0}/{1}/",
        "https://www.instagram.com/{0}/{1}/embed",
    ),
    "codepen.io": _pattern(
        "codepen",
        "document",
        r"/([\w-]{1,60})/(?:pen|embed|details|full)/([A-Za-z]{4,40})/?",
        "https://codepen.io/{0}/pen/{1}",
        "https://codepen.io/{0}/embed/{1}",
    ),
    "openstreetmap.org": _map,
}
_tweet = _pattern(
    "twitter",
    "post",
    r"/(?:#!/)?(\w{1,20})/status(?:es)?/(\d{2,25})(?:/[\w/]*)?",
    "https://x.com/{0}/status/{1}",
    "https://platform.twitter.com/embed/Tweet.html?id={1}",
)
_READERS |= {"twitter.com": _tweet, "x.com": _tweet}
