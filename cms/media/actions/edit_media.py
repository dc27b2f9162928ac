"""Editing what is said about a media file; its bytes never change."""

from __future__ import annotations

from typing import Final

from cms.core.db import current_session
from cms.core.errors import Conflict, Invalid, WrongState
from cms.core.events import record
from cms.core.i18n import Text, _
from cms.core.permissions import Actor, require
from cms.lib.clock import utcnow
from cms.lib.filenames import display_name
from cms.lib.files import TYPES
from cms.media import policies
from cms.media.events import MediaEdited
from cms.media.models import MediaFile

LONGEST: Final = {"alt": 1000, "caption": 2000}


def edit_media(
    media: MediaFile,
    *,
    by: Actor,
    alt: str | None = None,
    caption: str | None = None,
    filename: str | None = None,
    version: int | None = None,
) -> MediaFile:
    """Change the alt text, caption or shown name of a file; what is None stays.

    Raises Forbidden, Invalid naming a field, and Conflict when `version` is not what the person had before them.
    """
    allowed = policies.may_edit_outside_bin(by, media)
    require(allowed, _("You may not change this file. Whoever uploaded it, or an editor, can."))
    if media.deleted_at is not None:
        raise WrongState(_("This file is in the bin. Restore it first."))
    if version is not None and version != media.version:
        raise Conflict()
    changes: dict[str, str] = clean_texts(alt=alt, caption=caption)
    if filename is not None and filename.strip():
        known = TYPES[media.extension]
        changes["filename"] = display_name(filename, known.extension, known.aliases, fallback=media.kind)
    changes = {name: value for name, value in changes.items() if getattr(media, name) != value}
    if not changes:
        return media
    before = {name: getattr(media, name) for name in changes}
    for name, value in changes.items():
        setattr(media, name, value)
    current_session().flush()
    record(MediaEdited(media.id, utcnow(), by.id, before=before, after=changes))
    return media


def clean_texts(**texts: str | None) -> dict[str, str]:
    """Return the texts that were given, without needless space; raises Invalid for one that is too long."""
    given = {name: " ".join(text.split()) for name, text in texts.items() if text is not None}
    errors: dict[str, Text] = {
        name: _("Please use at most %(limit)s characters.", limit=LONGEST[name])
        for name, text in given.items()
        if len(text) > LONGEST[name]
    }
    if errors:
        raise Invalid(fields=errors)
    return given
