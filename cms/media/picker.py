"""A media file as the editor's picker is told of it."""

from __future__ import annotations

from typing import TypedDict

from cms.media.addresses import media_address, thumbnail_address
from cms.media.models import MediaFile


class PickerItem(TypedDict):
    """One file to choose; `thumbnail` is None for what is no picture, sizes are in pixels."""

    id: int
    url: str
    thumbnail: str | None
    filename: str
    alt: str
    kind: str
    media_type: str
    bytes: int
    width: int | None
    height: int | None


def picker_item(media: MediaFile) -> PickerItem:
    """Return what the picker shows and the editor inserts, as plain values for JSON."""
    return {
        "id": media.id,
        "url": media_address(media),
        "thumbnail": thumbnail_address(media),
        "filename": media.filename,
        "alt": media.alt,
        "kind": media.kind,
        "media_type": media.media_type,
        "bytes": media.bytes,
        "width": media.width,
        "height": media.height,
    }
