"""What somebody finds of media files, by whatever way they look: what readers see, and what the back office shows."""

from __future__ import annotations

from sqlalchemy import select

from cms.core.db import current_session
from cms.core.errors import Forbidden, NotFound
from cms.core.i18n import _
from cms.core.permissions import Actor
from cms.media import policies
from cms.media.models import MediaFile
from cms.media.queries import get_media
from cms.media.visibility import Viewer, is_visible


def get_visible(media_id: int, *, user: Actor | None) -> MediaFile:
    """Return a file that `user` sees in what they read, or in the back office; raises NotFound, whatever the reason."""
    media = get_media(media_id)
    if not is_visible(media, Viewer(user)):
        raise NotFound
    return media


def get_for_change(media_id: int, *, user: Actor | None) -> MediaFile:
    """Return a file that `user` sees in the back office, before anybody else changes it; what may be done comes later.

    Raises Forbidden for what `user` sees as a reader alone, NotFound for everything else.
    """
    media = get_visible(media_id, user=user)
    if not policies.may_see(user, media):
        raise Forbidden(_("You may see this file, but not change it. Whoever uploaded it, or an editor, can."))
    latest = select(MediaFile).where(MediaFile.id == media_id).execution_options(populate_existing=True)
    found = current_session().scalar(latest.with_for_update())
    if found is None:
        raise NotFound
    return found
