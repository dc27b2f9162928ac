"""Addresses of the old site: which of its things an address names, and the paths that must lead on."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Final
from urllib.parse import parse_qs, quote, unquote, urlsplit

from cms.transfer.wordpress.survey import Attachment, Survey

#: What WordPress adds to the name of an upload: the size of a copy, an edit, the mark of a reduced original.
_COPY: Final = re.compile(r"(?:-\d{1,5}x\d{1,5}|-scaled|-rotated|-e\d{10,16})(?=\.[A-Za-z0-9]{2,5}$)")
_NUMBERED: Final = ("p", "page_id", "attachment_id")
_UPLOADS: Final = "/wp-content/uploads/"
_LONGEST_PATH: Final = 1000


def path_of(address: str) -> str:
    """Return the path of an address as readers know it: decoded, with the query that names a thing, no fragment.

    An empty path is "/"; an address that cannot be read is "".
    """
    try:
        parts = urlsplit(address.strip())
    except ValueError:
        return ""
    query = parse_qs(parts.query)
    named = next((f"?{name}={query[name][0]}" for name in (*_NUMBERED, "cat") if name in query), "")
    return (unquote(parts.path) or "/") + named


def without_copy(path: str) -> str:
    """Return the path of the upload that a smaller or edited copy was made of."""
    shorter = _COPY.sub("", path)
    return shorter if shorter == path else without_copy(shorter)


@dataclass(slots=True)
class SiteMap:
    """Which entry and which attachment each address of the old site names, by their ids there."""

    hosts: frozenset[str]
    base: str
    site: str = ""
    entries: dict[str, str] = field(default_factory=dict)
    uploads: dict[str, str] = field(default_factory=dict)
    #: Uploads that were kept on other hosts (a content network), by their whole address.
    remote_uploads: dict[str, str] = field(default_factory=dict)

    @classmethod
    def of(cls, survey: Survey) -> SiteMap:
        """Return the map of a surveyed export."""
        site = urlsplit(survey.site.url)
        made = cls(hosts=_same_hosts([site.netloc]), base=site.path.rstrip("/"), site=survey.site.url)
        for mark in survey.entries.values():
            if made.is_own(mark.link):
                made.entries.setdefault(_key(path_of(mark.link)), mark.source_id)
        for attachment in survey.attachments.values():
            made._note_upload(attachment)
        return made

    def _note_upload(self, attachment: Attachment) -> None:
        parts = urlsplit(attachment.url)
        self.remote_uploads.setdefault(_without_scheme(attachment.url), attachment.source_id)
        if self.is_own(attachment.url) or _UPLOADS in parts.path:
            self.uploads.setdefault(without_copy(unquote(parts.path)), attachment.source_id)

    def is_own(self, address: str) -> bool:
        """Tell whether an address lies on the old site; one without a host does."""
        try:
            parts = urlsplit(address)
        except ValueError:
            return False
        if parts.scheme not in ("", "http", "https") or not address:
            return False
        return not parts.netloc or parts.netloc.lower() in self.hosts

    def entry_at(self, address: str) -> str | None:
        """Return the id of the entry at an address of the old site, None when it names none that is known."""
        if not self.is_own(address) or address.startswith("#"):
            return None
        path = path_of(address)
        number = re.search(r"\?(?:p|page_id)=(\d+)$", path)
        return number[1] if number else self.entries.get(_key(path))

    def upload_at(self, address: str) -> str | None:
        """Return the id of the attachment whose file, or a smaller copy of it, lies at an address."""
        if found := self.remote_uploads.get(_without_scheme(address)):
            return found
        try:
            parts = urlsplit(address)
        except ValueError:
            return None
        if not self.is_own(address) and _UPLOADS not in parts.path:
            return self.remote_uploads.get(without_copy(_without_scheme(address).partition("?")[0]))
        path = unquote(parts.path)
        return self.uploads.get(path) or self.uploads.get(without_copy(path))


def old_paths(addresses: Iterable[str], site_map: SiteMap) -> Iterator[str]:
    """Yield the paths at which the things of the old site were found, fit to be remembered."""
    for address in addresses:
        path = path_of(address) if site_map.is_own(address) else ""
        if path and path != "/" and len(path) <= _LONGEST_PATH:
            yield path


def entry_addresses(
    source_id: str, kind: str, link: str, old_slugs: Iterable[str] = (), base: str = ""
) -> Iterator[str]:
    """Yield every address under which WordPress answered for a post or page."""
    yield link
    if source_id.isdecimal():
        yield f"{base}/?p={source_id}"
        if kind == "page":
            yield f"{base}/?page_id={source_id}"
    path = urlsplit(link).path
    stem, _slash, slug = path.rstrip("/").rpartition("/")
    if not slug:
        return
    yield f"{path.rstrip('/')}/feed/"
    for old in old_slugs:
        if old and old != slug:
            yield f"{stem}/{quote(old, safe='%')}/"


def dated_archives(link: str, base: str) -> dict[str, str]:
    """Return the old archives of the year and month that a dated permalink names, with their new addresses."""
    dated = re.match(rf"{re.escape(base)}/(\d{{4}})/(?:(\d{{2}})/)?", urlsplit(link).path)
    if dated is None:
        return {}
    found = {f"{base}/{dated[1]}/": f"/archive/{dated[1]}/"}
    if dated[2]:
        found[f"{base}/{dated[1]}/{dated[2]}/"] = f"/archive/{dated[1]}/{dated[2]}/"
    return found


def term_addresses(taxonomy: str, path: str, base: str, term_id: str = "") -> Iterator[str]:
    """Yield the addresses of a category or tag: its archive, the archive's feed, and the numbered form."""
    word = "category" if taxonomy == "category" else "tag"
    yield f"{base}/{word}/{path}/"
    yield f"{base}/{word}/{path}/feed/"
    if taxonomy == "category" and term_id.isdecimal():
        yield f"{base}/?cat={term_id}"


#: Feeds of the whole site, and where they are now.
FEEDS: Final[Mapping[str, str]] = {
    "/feed/": "/feed.xml",
    "/feed/rss/": "/feed.xml",
    "/feed/rss2/": "/feed.xml",
    "/feed/atom/": "/atom.xml",
    "/comments/feed/": "/feed.xml",
    "/?feed=rss": "/feed.xml",
    "/?feed=rss2": "/feed.xml",
    "/?feed=atom": "/atom.xml",
}


def _key(path: str) -> str:
    return path.rstrip("/") or "/"


def _without_scheme(address: str) -> str:
    return re.sub(r"^https?:", "", address.strip())


def _same_hosts(hosts: Iterable[str]) -> frozenset[str]:
    found = set()
    for host in hosts:
        bare = host.lower().removeprefix("www.")
        if bare:
            found |= {bare, f"www.{bare}"}
    return frozenset(found)
