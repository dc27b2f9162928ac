"""Variants: smaller WebP copies of a picture at the widths of the theme, made when first asked for."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Iterable
from typing import Final

from cms.core.errors import NotFound
from cms.core.storage import storages, upload_limits
from cms.lib.errors import LibError
from cms.lib.images import make_variant
from cms.media.files import open_original, variant_name
from cms.media.models import MediaFile

#: Widths in pixels of a theme that names none (`image_sizes` in theme.toml).
DEFAULT_WIDTHS: Final = (360, 720, 1080, 1440, 2160)
#: What lists and pickers show, whatever the theme.
THUMBNAIL_WIDTH: Final = 360
_WIDEST: Final = 8192
_log = logging.getLogger("cms.media")
# Each decoding takes up to a few hundred megabytes; a page full of new pictures must not take all memory.
_at_work = threading.BoundedSemaphore(2)


def _no_theme() -> Iterable[int]:
    return DEFAULT_WIDTHS


_sources: list[Callable[[], Iterable[int]]] = [_no_theme]


def use_widths(source: Callable[[], Iterable[int]]) -> None:
    """Have `source` tell the widths of the theme in use; the last one given counts."""
    _sources[:] = [source]


def allowed_widths() -> tuple[int, ...]:
    """Return the widths that can be asked for, ascending; any other address leads nowhere."""
    wanted = {int(width) for width in _sources[0]() if 16 <= int(width) <= _WIDEST}
    return tuple(sorted(wanted | {THUMBNAIL_WIDTH}))


def variant_widths(media: MediaFile) -> tuple[int, ...]:
    """Return the widths of a picture's variants, ascending; nothing is enlarged, and what moves has none."""
    if media.kind != "image" or media.animated or not media.width:
        return ()
    return tuple(width for width in allowed_widths() if width < media.width)


def ensure_variant(media: MediaFile, width: int) -> str:
    """Return the storage name of a picture's variant, made now if it is not there yet.

    Raises NotFound for a width that the picture does not have, and when its original is lost.
    """
    if width not in variant_widths(media):
        raise NotFound()
    name = variant_name(media.key, width)
    try:
        storages().variants.make_once(name, lambda: _make(media, width))
    except FileNotFoundError as error:
        _log.error("the storage has lost media file %s", media.id)
        raise NotFound() from error
    except LibError as error:
        _log.error("media file %s cannot be decoded: %s", media.id, error.message_id)
        raise NotFound() from error
    return name


def _make(media: MediaFile, width: int) -> bytes:
    with _at_work, open_original(media) as stream:
        # What was taken once stays readable when an admin lowers the limit for new pictures.
        pixels = max(upload_limits().pixels, (media.width or 0) * (media.height or 0))
        return make_variant(stream, media.extension, width, max_pixels=pixels)
