"""How acts on media files are kept, and taken back."""

from __future__ import annotations

from functools import partial
from typing import Any

from cms.core.db import current_session
from cms.core.errors import Conflict, NotFound
from cms.core.i18n import _
from cms.core.permissions import Actor
from cms.core.trail import Act, Trace, keep
from cms.media.actions.delete_media import delete_media
from cms.media.actions.edit_media import edit_media
from cms.media.actions.restore_media import restore_media
from cms.media.events import MediaBinned, MediaEdited, MediaErased, MediaEvent, MediaRestored, MediaUploaded
from cms.media.models import MediaFile


def _describe(event: MediaEvent) -> Trace:
    title = event.after.get("filename") or event.before.get("filename")
    if title is None:
        media = current_session().get(MediaFile, event.media_id)
        title = media.filename if media is not None else ""
    before = {name: value for name, value in event.before.items() if event.after.get(name, ...) != value}
    after = {name: value for name, value in event.after.items() if event.before.get(name, ...) != value}
    owner = before.get("uploaded_by_id")
    about = (owner,) if isinstance(owner, int) else ()
    return Trace("media", event.media_id, title, before, after, event.by_id, about)


def _undo(trace: Trace, by: Actor) -> None:
    media = current_session().get(MediaFile, trace.subject_id, with_for_update=True)
    if media is None:
        raise NotFound(_("This file was deleted for good since."))
    now: dict[str, Any] = {"binned": media.deleted_at is not None}
    if any(now.get(name, getattr(media, name, None)) != value for name, value in trace.after.items()):
        raise Conflict(_("This file was changed again since. Change it on its own page."))
    texts = {name: trace.before[name] for name in ("alt", "caption", "filename") if name in trace.before}
    if texts:
        edit_media(media, by=by, **texts)
    if trace.before.get("binned") is True:
        delete_media(media, by=by)
    elif trace.before.get("binned") is False:
        restore_media(media, by=by)


def _undo_upload(trace: Trace, by: Actor) -> None:
    media = current_session().get(MediaFile, trace.subject_id, with_for_update=True)
    if media is None or media.deleted_at is not None:
        raise Conflict(_("This file lies in the bin already, or is gone."))
    delete_media(media, by=by)


_act = partial(Act, describe=_describe, undo=_undo)

keep(MediaUploaded, Act("media.uploaded", _("uploaded %(title)s"), _describe, _undo_upload))
keep(MediaEdited, _act("media.edited", _("changed what is said about %(title)s")))
keep(MediaBinned, _act("media.binned", _("put %(title)s into the bin")))
keep(MediaRestored, _act("media.restored", _("took %(title)s out of the bin")))
keep(
    MediaErased,
    Act(
        "media.erased",
        _("deleted %(title)s for good"),
        _describe,
        final=_("The file itself is gone, and the record does not hold it. It may be in a backup."),
    ),
)
