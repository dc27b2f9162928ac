"""The grid of media files, and the details of one of them."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from flask import url_for

from cms.accounts.models import User
from cms.admin.confirming import Confirm, Line
from cms.admin.lists import Address, Chip, Pager, Search, Tab, pager
from cms.admin.media_marks import ICONS, facts_of
from cms.admin.widgets import day
from cms.content.reach import seen_ids
from cms.core.i18n import Text, _, _n, gettext
from cms.core.permissions import may
from cms.core.references import Use
from cms.core.storage import upload_limits
from cms.lib.sizes import format_bytes
from cms.media import policies
from cms.media.addresses import media_address, thumbnail_address
from cms.media.models import MediaFile
from cms.media.queries import KINDS, MediaFilter, list_media, media_uses

NAMES = ("q", "kind", "alt", "by", "bin", "after", "before")
PAGE_SIZE = 36
ACCEPTED = "image/*,audio/*,video/*,application/pdf,.docx,.xlsx,.pptx,.odt,.ods,.odp,.txt,.csv,.zip"
KIND_LABELS: dict[str, Text] = {
    "image": _("Pictures"),
    "document": _("Documents"),
    "audio": _("Audio"),
    "video": _("Video"),
}


@dataclass(frozen=True)
class Tile:
    """One file in the grid."""

    name: str
    address: str
    thumbnail: str | None
    icon: str
    facts: Text
    warn: bool
    current: bool


@dataclass(frozen=True)
class Place:
    """Somewhere a file is used."""

    title: Text
    text: Text
    address: str | None


@dataclass(frozen=True)
class Detail:
    """The file that is chosen."""

    file: MediaFile
    preview: str | None
    address: str
    public_address: str
    delete_address: str | None
    may_edit: bool
    uses: Sequence[Place]
    facts: str
    uploaded: str


@dataclass(frozen=True)
class MediaPage:
    """Everything the page shows."""

    tiles: Sequence[Tile]
    tabs: Sequence[Tab]
    chips: Sequence[Chip]
    search: Search
    pager: Pager
    closed: str
    cleared: str
    narrowed: bool
    may_upload: bool
    max_bytes: int
    accept: str
    without_alt: int
    without_alt_address: str
    detail: Detail | None = None


def read_filter(
    words: str, kind: str, *, without_alt: bool = False, own: int | None = None, binned: bool = False
) -> MediaFilter:
    """Return what a list of files is narrowed to."""
    return MediaFilter(words, kind or None, own, without_alt, binned)


def media_page(me: User, chosen: MediaFile | None) -> MediaPage:
    """Return the grid that the address of this request names, with the details of `chosen` beside it."""
    base = Address(url_for("admin_media.index_view"), Address.read(NAMES).parameters)
    kind = base.one_of("kind", KINDS)
    where = read_filter(
        base.get("q"),
        kind,
        without_alt=base.get("alt") == "none",
        own=me.id if base.get("by") == "me" else None,
        binned=base.get("bin") == "1",
    )
    cursor = base.get("after") or base.get("before")
    batch = list_media(where=where, cursor=cursor, limit=PAGE_SIZE)
    tiles = [_tile(media, base, chosen) for media in batch]
    return MediaPage(
        tiles=tiles,
        tabs=_tabs(base, where, me),
        chips=[Chip(_("Alt text"), _("missing"), base.to(alt=None))] if where.without_alt else [],
        search=Search(_("Search media"), _("Name or alt text"), where.q, base.kept("q")),
        pager=pager(base, batch),
        closed=base.at(base.path),
        cleared=base.path,
        narrowed=bool(base.parameters),
        may_upload=policies.may_upload(me),
        max_bytes=upload_limits().bytes,
        accept=ACCEPTED,
        without_alt=0 if where.without_alt else sum(tile.warn for tile in tiles),
        without_alt_address=Address(base.path).to(alt="none"),
        detail=_detail(chosen, me, base) if chosen is not None else None,
    )


def _tile(media: MediaFile, base: Address, chosen: MediaFile | None) -> Tile:
    warn = media.kind == "image" and not media.alt
    return Tile(
        media.filename,
        base.at(url_for("admin_media.edit_view", key=media.id)) + "#detail",
        thumbnail_address(media),
        ICONS.get(media.kind, "file"),
        _("No alt text yet") if warn else facts_of(media),
        warn,
        chosen is not None and chosen.id == media.id,
    )


def _tabs(base: Address, where: MediaFilter, me: User) -> list[Tab]:
    plain = Address(base.path)
    own = where.uploaded_by_id is not None
    everything = not (where.kind or own or where.binned)
    tabs = [Tab(_("All"), plain.path, everything)]
    tabs += [Tab(label, plain.to(kind=kind), where.kind == kind) for kind, label in KIND_LABELS.items()]
    tabs.append(Tab(_("Mine"), plain.to(by="me"), own))
    if may(me, "media:file:delete") or own:
        tabs.append(Tab(_("Bin"), plain.to(bin="1"), where.binned))
    return tabs


def _detail(media: MediaFile, me: User, base: Address) -> Detail:
    deletable = policies.may_erase(me, media) if media.deleted_at is not None else policies.may_delete(me, media)
    who = media.uploaded_by.name if media.uploaded_by is not None else gettext("somebody who is gone")
    address = base.at(url_for("admin_media.edit_view", key=media.id))
    return Detail(
        file=media,
        preview=media_address(media, 720) if media.kind == "image" else None,
        address=address,
        public_address=media_address(media),
        delete_address=url_for("admin_media.delete_view", key=media.id) if deletable else None,
        may_edit=policies.may_edit(me, media),
        uses=_uses(media, me),
        facts=f"{facts_of(media)}, {format_bytes(media.bytes)}" if media.kind == "image" else facts_of(media),
        uploaded=gettext("%(day)s, by %(name)s", day=day(media.created_at), name=who),
    )


def _uses(media: MediaFile, me: User) -> list[Place]:
    """Return where a file is used; what the person may not see is counted and not named."""
    uses = media_uses(media)
    seen = seen_ids(me, [use.thing_id for use in uses if use.thing in ("post", "page")])
    places = [_place(use, seen) for use in uses]
    hidden = places.count(None)
    found = [item for item in places if item is not None]
    if hidden:
        found.append(Place(_n("One entry", "%(num)s entries", hidden), _("not public, and not yours to see"), None))
    return found


def _place(use: Use, seen: Collection[int]) -> Place | None:
    text = _("readers see it") if use.is_public else _("not public")
    if use.thing not in ("post", "page"):
        return Place(use.title, _("picture of a person") if use.thing == "user" else text, None)
    if use.thing_id not in seen and not use.is_public:
        return None
    address = url_for(f"admin_{use.thing}s.edit_view", key=use.thing_id) if use.thing_id in seen else None
    return Place(use.title or gettext("(without a title)"), text, address)


def confirm_removal(media: MediaFile, me: User) -> Confirm:
    """Return the page that says where a file is used before it goes into the bin, or for good."""
    erased = media.deleted_at is not None
    uses = _uses(media, me)
    shown = ", ".join(str(use.title) for use in uses[:3])
    used = Line(
        _("Places that show it will miss it"),
        shown,
        _n("%(num)s place", "%(num)s places", len(media_uses(media))),
        warn=True,
    )
    kept = Line(_("Nothing uses it"), kept=True)
    bytes_line = Line(_("The file and its smaller copies are gone"), amount=format_bytes(media.bytes))
    name = media.filename
    return Confirm(
        title=_("Delete “%(name)s” for good?", name=name) if erased else _("Move “%(name)s” to the bin?", name=name),
        trail=[(_("Media"), url_for("admin_media.index_view"))],
        verb=_("Delete for good") if erased else _("Move to bin"),
        lines=[used if uses else kept, *([bytes_line] if erased else [])],
        address=url_for("admin_media.delete_view", key=media.id),
        back=url_for("admin_media.edit_view", key=media.id),
        keep=_("Keep it"),
        undo=None if erased else _("You can take this back: right after, in the notice, or later from the bin."),
    )
