"""The comments that people wrote while they were signed in."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import func, select, update

from cms.comments.models import Comment
from cms.content.models import Entry
from cms.core.db import current_session
from cms.core.i18n import _
from cms.core.references import Reference, Use, register_reference


def _count(user_id: int) -> int:
    return current_session().scalar(select(func.count()).select_from(Comment).where(Comment.user_id == user_id)) or 0


def _list(user_id: int, limit: int) -> Sequence[Use]:
    rows = current_session().execute(
        select(Entry.id, Entry.title, Comment.status)
        .join(Comment, Comment.entry_id == Entry.id)
        .where(Comment.user_id == user_id)
        .order_by(Comment.id)
        .limit(limit)
    )
    return [Use("entry", entry_id, title, is_public=status == "approved") for entry_id, title, status in rows]


def _merge(user_id: int, into_id: int) -> None:
    """Give the comments to the other account of the same person; nobody else ever takes over what somebody wrote."""
    theirs = update(Comment).where(Comment.user_id == user_id)
    current_session().execute(theirs.values(user_id=into_id, updated_at=Comment.updated_at))


register_reference(
    Reference("user", "comments.comments", _("Comments they wrote"), _count, _list, merge=_merge),
)
