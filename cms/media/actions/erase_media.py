"""Erasing: a file in the bin is deleted for good, with everything made from it."""

from __future__ import annotations

from cms.core.db import after_commit, current_session
from cms.core.errors import WrongState
from cms.core.events import record
from cms.core.i18n import _
from cms.core.permissions import Actor, require
from cms.lib.clock import utcnow
from cms.media import policies
from cms.media.events import MediaErased
from cms.media.files import remove_files
from cms.media.models import MediaFile


def erase_media(media: MediaFile, *, by: Actor) -> None:
    """Delete a binned file for good: the row now, the bytes once that is committed.

    Raises Forbidden, and Invalid for a file that is not in the bin.
    """
    require(policies.may_erase(by, media), _("You may not delete files for good. An editor can."))
    if media.deleted_at is None:
        raise WrongState(_("Only what lies in the bin can be deleted for good."))
    key, extension = media.key, media.extension
    told = ("filename", "kind", "bytes", "alt", "caption", "sha256", "uploaded_by_id")
    event = MediaErased(media.id, utcnow(), by.id, before={name: getattr(media, name) for name in told})
    session = current_session()
    session.delete(media)
    session.flush()
    after_commit(lambda: remove_files(key, extension))
    record(event)
