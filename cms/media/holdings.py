"""What people uploaded."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import partial
from typing import Any

from sqlalchemy import func, select

from cms.core.db import current_session
from cms.core.i18n import _
from cms.core.privacy import DataSubject, HeldFile, Holding, register_holding
from cms.media.files import open_original
from cms.media.models import MediaFile


def _theirs(subject: DataSubject) -> Iterable[MediaFile]:
    if subject.user_id is None:
        return []
    query = select(MediaFile).where(MediaFile.uploaded_by_id == subject.user_id).order_by(MediaFile.id)
    return current_session().scalars(query)


def _count(subject: DataSubject) -> int:
    theirs = select(func.count()).select_from(MediaFile).where(MediaFile.uploaded_by_id == subject.user_id)
    return (current_session().scalar(theirs) or 0) if subject.user_id is not None else 0


def _rows(subject: DataSubject) -> Iterable[Mapping[str, Any]]:
    for media in _theirs(subject):
        yield {
            "file": _path(media),
            "filename": media.filename,
            "media_type": media.media_type,
            "bytes": media.bytes,
            "alt": media.alt,
            "caption": media.caption,
            "created_at": media.created_at.isoformat(),
        }


def _files(subject: DataSubject) -> Iterable[HeldFile]:
    for media in _theirs(subject):
        yield HeldFile(_path(media), partial(open_original, media))


def _path(media: MediaFile) -> str:
    """The name in the export: a number first, for names may be alike, and no name can leave the folder."""
    return f"media/{media.id}.{media.extension}"


register_holding(Holding("media", _("Files they uploaded"), _count, _rows, _files))
