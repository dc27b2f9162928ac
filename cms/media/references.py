"""The pictures of people: where media files are used on the floor below, which cannot tell by itself."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import ColumnElement, func, select, update

from cms.accounts.events import ProfileEdited
from cms.accounts.models import User
from cms.core.db import current_session
from cms.core.errors import Invalid
from cms.core.events import on
from cms.core.i18n import _
from cms.core.references import Reference, Use, register_reference
from cms.media import policies
from cms.media.models import MediaFile
from cms.media.queries import find_media
from cms.media.visibility import Viewer, register_visibility


def _count(media_id: int) -> int:
    return current_session().scalar(select(func.count()).select_from(User).where(User.picture_id == media_id)) or 0


def _list(media_id: int, limit: int) -> Sequence[Use]:
    rows = current_session().execute(
        select(User.id, User.name, User.active).where(User.picture_id == media_id).order_by(User.id).limit(limit)
    )
    return [Use("user", user_id, name, is_public=active) for user_id, name, active in rows]


def _is_portrait(media_id: ColumnElement[int], _viewer: Viewer) -> ColumnElement[bool]:
    return select(User.id).where(User.picture_id == media_id, User.active).correlate_except(User).exists()


def _count_uploads(user_id: int) -> int:
    uploads = select(func.count()).select_from(MediaFile).where(MediaFile.uploaded_by_id == user_id)
    return current_session().scalar(uploads) or 0


def _list_uploads(user_id: int, limit: int) -> Sequence[Use]:
    rows = current_session().execute(
        select(MediaFile.id, MediaFile.filename)
        .where(MediaFile.uploaded_by_id == user_id)
        .order_by(MediaFile.id.desc())
        .limit(limit)
    )
    return [Use("media", media_id, filename) for media_id, filename in rows]


def _hand_over_uploads(user_id: int, heir_id: int) -> None:
    """Make another person the owner of what this one uploaded."""
    theirs = update(MediaFile).where(MediaFile.uploaded_by_id == user_id)
    current_session().execute(theirs.values(uploaded_by_id=heir_id, updated_at=MediaFile.updated_at))


@on(ProfileEdited)
def _check_portrait(event: ProfileEdited) -> None:
    """Refuse as a portrait what whoever chose it may not see: a portrait is for everybody to fetch."""
    if "picture_id" not in event.fields or event.by_id is None:
        return
    session = current_session()
    media = find_media(session.get_one(User, event.user_id).picture_id or 0)
    if media is not None and not policies.may_see(session.get(User, event.by_id), media):
        raise Invalid(fields={"picture_id": _("There is no such picture, or it is not yours to use.")})


register_reference(Reference("media", "accounts.pictures", _("Pictures of people"), _count, _list))
register_reference(
    Reference(
        "user", "media.uploads", _("Media files they uploaded"), _count_uploads, _list_uploads, _hand_over_uploads
    )
)
register_visibility("accounts.pictures", _is_portrait)
