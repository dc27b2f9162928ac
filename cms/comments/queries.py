"""Finding comments."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import func, select

from cms.comments.models import Comment
from cms.core.db import current_session


def find_comment(comment_id: int) -> Comment | None:
    """Return the comment with this id, or None."""
    return current_session().get(Comment, comment_id)


def list_approved(entry_id: int) -> Sequence[Comment]:
    """Return what readers see under an entry, the oldest first; `parent_id` tells the threads."""
    asked = select(Comment).where(Comment.entry_id == entry_id, Comment.status == "approved")
    return current_session().scalars(asked.order_by(Comment.written_at, Comment.id)).all()


def count_comments(*, status: str) -> int:
    """Count the comments in a status (`pending`: those that wait for a decision)."""
    return current_session().scalar(select(func.count()).select_from(Comment).where(Comment.status == status)) or 0
