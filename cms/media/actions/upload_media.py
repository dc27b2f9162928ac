"""Uploading: the row of a file that was received."""

from __future__ import annotations

from cms.core.db import after_rollback, current_session
from cms.core.events import record
from cms.core.i18n import _
from cms.core.permissions import Actor, require
from cms.lib.clock import utcnow
from cms.media import policies
from cms.media.actions.edit_media import clean_texts
from cms.media.events import MediaUploaded
from cms.media.files import remove_files
from cms.media.intake import ReceivedFile
from cms.media.models import MediaFile


def upload_media(received: ReceivedFile, *, by: Actor, alt: str = "", caption: str = "") -> MediaFile:
    """Give a received file its row; the file goes if the transaction is given up.

    Where nobody can tell whether it was committed, the file stays: a row without it would be broken for good, and a
    file without a row goes with the sweep.

    Raises Forbidden, or Invalid for an alt text or caption that is too long.
    """
    require(policies.may_upload(by), _("You may not upload files. An editor can."))
    texts = clean_texts(alt=alt, caption=caption)
    session = current_session()
    media = MediaFile(
        key=received.key,
        filename=received.filename,
        kind=received.kind,
        media_type=received.media_type,
        extension=received.extension,
        bytes=received.bytes,
        width=received.width,
        height=received.height,
        animated=received.animated,
        sha256=received.sha256,
        uploaded_by_id=by.id,
        **texts,
    )
    after_rollback(lambda: remove_files(received.key, received.extension))
    received.kept = True
    session.add(media)
    session.flush()
    told = ("filename", "kind", "bytes", "alt", "caption", "sha256")
    after = {name: getattr(media, name) for name in told}
    record(MediaUploaded(media.id, utcnow(), by.id, after=after))
    return media
