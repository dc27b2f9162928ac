"""The first pass over an export: is it whole, and what must be known before the first item is imported?"""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final
from urllib.parse import urlsplit

from cms.core.i18n import _
from cms.transfer.errors import SourceError
from cms.transfer.wordpress.elements import ElementReader, Progress
from cms.transfer.wordpress.reader import read_author, read_item, read_term
from cms.transfer.wordpress.records import Author, Item, Site, Term

VERSIONS: Final = ("1.0", "1.1", "1.2")
ENTRY_KINDS: Final = ("post", "page")
#: Hosts whose name says nothing: numbers, words without a dot, and names for private use (RFC 6761, RFC 6762).
_UNSETTLED: Final = re.compile(
    r"[0-9.]+|[0-9a-f]*:[0-9a-f:.]*|[^.]*|.*\.(?:example|home\.arpa|internal|invalid|lan|local|localhost|test)",
    re.IGNORECASE,
)
_LONGEST_SOURCE: Final = 500
_IMAGE: Final = re.compile(r"\.(jpe?g|png|gif|webp|avif|bmp|tiff?)$", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Attachment:
    """An uploaded file: where it was, what was said of it, and the entry it was uploaded to."""

    source_id: str
    url: str
    title: str
    alt: str
    caption: str
    parent_id: str
    link: str
    menu_order: int = 0

    @property
    def is_image(self) -> bool:
        """Whether its name is that of a picture."""
        return bool(_IMAGE.search(self.url.partition("?")[0]))


@dataclass(frozen=True, slots=True)
class EntryMark:
    """What must be known of a post or page while others are imported."""

    source_id: str
    kind: str
    parent_id: str
    link: str


@dataclass(slots=True)
class Survey:
    """All of an export but its texts: small enough to be kept in memory."""

    site: Site
    authors: dict[str, Author] = field(default_factory=dict)
    terms: dict[tuple[str, str], Term] = field(default_factory=dict)
    attachments: dict[str, Attachment] = field(default_factory=dict)
    entries: dict[str, EntryMark] = field(default_factory=dict)
    patterns: dict[str, str] = field(default_factory=dict)
    kinds: Counter[str] = field(default_factory=Counter)
    stripped: int = 0

    @property
    def source(self) -> str:
        """The name under which imports of this site are remembered."""
        if self.site.url and not _UNSETTLED.fullmatch(urlsplit(self.site.url).hostname or ""):
            return self.site.url[:_LONGEST_SOURCE]
        # Every site under development is called localhost: only its title tells it from another.
        return f"{self.site.url} {self.site.title}".strip()[:_LONGEST_SOURCE] or "wordpress"


def survey_export(path: Path, *, progress: Progress | None = None) -> Survey:
    """Read the whole export once and return what the import needs to know beforehand.

    Nothing is written. Raises SourceError when the file is malformed, declares entities or is not a WXR file
    of version 1.0, 1.1 or 1.2.
    """
    survey = Survey(site=Site(version=""))
    elements = ElementReader(path, progress)
    channel: dict[str, str] = {}
    for element in elements:
        if element.name == "item":
            _note_item(survey, read_item(element))
        elif element.name == "wp:author":
            _note_author(survey, read_author(element))
        elif element.name in ("wp:category", "wp:tag", "wp:term"):
            _note_term(survey, read_term(element))
        elif not element.children:
            channel.setdefault(element.name, element.text.strip())
    survey.stripped = elements.stripped
    survey.site = _read_site(channel)
    return survey


def _read_site(channel: dict[str, str]) -> Site:
    version = channel.get("wp:wxr_version", "")
    if not version:
        raise SourceError(
            _("The file does not say its WXR version, so it is not a WordPress export. Nothing was imported.")
        )
    if version not in VERSIONS:
        raise SourceError(
            _(
                "The file says that it is WXR version “%(version)s”; versions 1.0, 1.1 and 1.2 can be read. "
                "Nothing was imported.",
                version=version[:20],
            )
        )
    addresses = (channel.get(name, "") for name in ("wp:base_blog_url", "wp:base_site_url", "link"))
    return Site(
        version=version,
        title=channel.get("title", ""),
        url=next((address.rstrip("/") for address in addresses if urlsplit(address).netloc), ""),
        language=channel.get("language", ""),
    )


def _note_author(survey: Survey, author: Author) -> None:
    if author.login:
        survey.authors.setdefault(author.login, author)


def _note_term(survey: Survey, term: Term) -> None:
    if term.slug:
        survey.terms.setdefault((term.taxonomy, term.slug), term)


def _note_item(survey: Survey, item: Item) -> None:
    survey.kinds[item.kind] += 1
    # Version 1.0 has no list of authors, and other programs leave terms out of theirs.
    for term in item.terms:
        _note_term(survey, term)
    if item.kind in ENTRY_KINDS:
        survey.entries[item.source_id] = EntryMark(item.source_id, item.kind, item.parent_id, item.link)
        _note_author(survey, Author(login=item.creator))
    elif item.kind == "attachment":
        survey.attachments[item.source_id] = _attachment(item)
    elif item.kind == "wp_block":
        survey.patterns[item.source_id] = item.content


def _attachment(item: Item) -> Attachment:
    order = item.menu_order
    return Attachment(
        source_id=item.source_id,
        url=item.attachment_url or item.guid,
        title=item.title,
        alt=item.meta_value("_wp_attachment_image_alt"),
        caption=item.excerpt.strip(),
        parent_id=item.parent_id,
        link=item.link,
        menu_order=int(order) if order.isdecimal() else 0,
    )
