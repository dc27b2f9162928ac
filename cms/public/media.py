"""Media files by address: `/media/<key>/<shown name>`, and `/media/<key>/<width>.webp` for variants.

What everybody may see is served for good; what only some may see is never kept by anybody on the way; for
everybody else it is not there. Whatever a file holds, it cannot run anything on this site.
"""

from __future__ import annotations

import logging
import re
from dataclasses import dataclass

from flask import Blueprint, Response, redirect, send_file
from werkzeug.wrappers import Response as AnyResponse

from cms.core.errors import NotFound, Unavailable
from cms.core.headers import close_file
from cms.core.permissions import public_route
from cms.core.storage import Storage, storages
from cms.media.addresses import media_address
from cms.media.files import original_name
from cms.media.models import MediaFile
from cms.media.queries import find_media_by_key
from cms.media.variants import ensure_variant
from cms.media.visibility import Viewer, is_public, is_visible
from cms.public.frame import viewer
from cms.public.unlocking import unlocked_entry_ids

blueprint = Blueprint("media", __name__, url_prefix="/media")

_KEY = re.compile(r"[0-9a-f]{32}")
_VARIANT = re.compile(r"([1-9][0-9]{0,4})\.webp")
_INLINE = ("image", "audio", "video")
_FOR_GOOD = "public, max-age=31536000, immutable"
_FOR_NOBODY_ELSE = "private, no-store"
_log = logging.getLogger("cms.public")


@dataclass(frozen=True)
class _Stored:
    """What is sent: where it lies, its type, what it is called when saved, and its validator."""

    storage: Storage
    name: str
    media_type: str
    download_name: str
    etag: str


@blueprint.get("/<key>/<filename>")
@public_route
def show(key: str, filename: str) -> AnyResponse:
    """Send a media file or a variant of it; NotFound for whoever may see nothing that uses it."""
    media = find_media_by_key(key) if _KEY.fullmatch(key) else None
    if media is None:
        raise NotFound()
    # Asked first without looking at who asks, so that what is for all carries no trace of anybody.
    for_all = is_public(media)
    if not for_all and not is_visible(media, Viewer(viewer(), unlocked_entry_ids())):
        raise NotFound()
    variant = _VARIANT.fullmatch(filename)
    if variant is None and filename != media.filename:
        # The name is decoration and may have changed since somebody linked to it; the key says which file.
        return _lead_on(media, "no-cache" if for_all else _FOR_NOBODY_ELSE)
    try:
        response = _send(_variant(media, int(variant[1])) if variant else _original(media), media)
    except Unavailable:
        if variant is None:
            raise
        _log.exception("no variant of media file %s can be made; readers get the original", media.id)
        return _lead_on(media, "no-store")
    response.headers["Cache-Control"] = _FOR_GOOD if for_all else _FOR_NOBODY_ELSE
    close_file(response, for_all=for_all)
    return response


def _lead_on(media: MediaFile, caching: str) -> AnyResponse:
    response = redirect(media_address(media), 302)
    response.headers["Cache-Control"] = caching
    return response


def _original(media: MediaFile) -> _Stored:
    name = original_name(media.key, media.extension)
    return _Stored(storages().originals, name, media.media_type, media.filename, media.sha256[:32])


def _variant(media: MediaFile, width: int) -> _Stored:
    name = ensure_variant(media, width)
    shown = f"{media.filename.rpartition('.')[0]}-{width}.webp"
    return _Stored(storages().variants, name, "image/webp", shown, f"{media.sha256[:32]}-{width}")


def _send(stored: _Stored, media: MediaFile) -> Response:
    """Answer with the bytes, in parts where they are asked for in parts, or with 304 (RFC 9110, 13 and 14)."""
    try:
        source = stored.storage.path(stored.name) or stored.storage.open(stored.name)
        return send_file(
            source,
            mimetype=stored.media_type,
            as_attachment=media.kind not in _INLINE,
            download_name=stored.download_name,
            etag=stored.etag,
            last_modified=media.created_at,
            conditional=True,
        )
    except FileNotFoundError as error:
        _log.error("the storage has lost media file %s", media.id)
        raise NotFound() from error
