"""Restoring: a file comes back from the bin as it was."""

from __future__ import annotations

from cms.core.db import current_session
from cms.core.events import record
from cms.core.i18n import _
from cms.core.permissions import Actor, require
from cms.lib.clock import utcnow
from cms.media import policies
from cms.media.events import MediaRestored
from cms.media.models import MediaFile


def restore_media(media: MediaFile, *, by: Actor) -> MediaFile:
    """Take a file out of the bin. Raises Forbidden."""
    require(policies.may_delete(by, media), _("You may not restore this file. Whoever uploaded it, or an editor, can."))
    if media.deleted_at is not None:
        media.deleted_at = None
        current_session().flush()
        shown = {"filename": media.filename, "binned": False}
        record(MediaRestored(media.id, utcnow(), by.id, before={**shown, "binned": True}, after=shown))
    return media
