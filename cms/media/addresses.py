"""Addresses of media files: `/media/<key>/<shown name>`, and `/media/<key>/<width>.webp` for variants."""

from __future__ import annotations

from urllib.parse import quote

from cms.media.models import MediaFile
from cms.media.variants import THUMBNAIL_WIDTH, allowed_widths, variant_widths


def media_address(media: MediaFile, width: int | None = None) -> str:
    """Return the address of a file, or of the narrowest variant that is at least `width` pixels wide.

    A picture that has no such variant (too small, moving, no picture at all) is its own best variant.
    """
    if width is not None:
        fitting = next((known for known in variant_widths(media) if known >= width), None)
        if fitting is not None:
            return f"/media/{media.key}/{fitting}.webp"
    return f"/media/{media.key}/{quote(media.filename, safe='')}"


def thumbnail_address(media: MediaFile) -> str | None:
    """Return the address of a small picture of the file, None for what is no picture."""
    return media_address(media, THUMBNAIL_WIDTH) if media.kind == "image" else None


def srcset(media: MediaFile) -> str:
    """Return the candidates of a picture for the attribute `srcset`, empty when there is but one.

    The original is among them unless it is wider than anything a page has use for.
    """
    widths = variant_widths(media)
    candidates = [f"/media/{media.key}/{width}.webp {width}w" for width in widths]
    if candidates and media.width and media.width <= allowed_widths()[-1]:
        candidates.append(f"{media_address(media)} {media.width}w")
    return ", ".join(candidates)
