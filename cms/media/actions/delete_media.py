"""Binning: the file is out of sight at once, and can come back."""

from __future__ import annotations

from cms.core.db import current_session
from cms.core.events import record
from cms.core.i18n import _
from cms.core.permissions import Actor, require
from cms.lib.clock import utcnow
from cms.media import policies
from cms.media.events import MediaBinned
from cms.media.models import MediaFile


def delete_media(media: MediaFile, *, by: Actor) -> MediaFile:
    """Put a file into the bin: readers and lists do not find it any more. Raises Forbidden."""
    require(policies.may_delete(by, media), _("You may not delete this file. Whoever uploaded it, or an editor, can."))
    if media.deleted_at is None:
        media.deleted_at = utcnow()
        current_session().flush()
        binned = {"filename": media.filename, "binned": True}
        record(MediaBinned(media.id, media.deleted_at, by.id, before={**binned, "binned": False}, after=binned))
    return media
