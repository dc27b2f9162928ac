"""What comments hold about those who wrote them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from sqlalchemy import ColumnElement, and_, func, or_, select, update

from cms.comments.models import Comment
from cms.core.db import current_session
from cms.core.i18n import _
from cms.core.privacy import DataSubject, Holding, register_holding


def _theirs(subject: DataSubject) -> ColumnElement[bool]:
    """Comments of the account, and those that a stranger left with the same mail address."""
    by_mail = and_(func.lower(Comment.author_mail) == subject.email.lower(), Comment.author_mail != "")
    return by_mail if subject.user_id is None else or_(Comment.user_id == subject.user_id, by_mail)


def _count(subject: DataSubject) -> int:
    return current_session().scalar(select(func.count()).select_from(Comment).where(_theirs(subject))) or 0


def _rows(subject: DataSubject) -> Iterable[Mapping[str, Any]]:
    for row in current_session().scalars(select(Comment).where(_theirs(subject)).order_by(Comment.id)):
        yield {
            "entry_id": row.entry_id,
            "status": row.status,
            "author_name": row.author_name,
            "author_mail": row.author_mail,
            "author_url": row.author_url,
            "body": row.body,
            "written_at": row.written_at.isoformat(),
        }


def _erase(subject: DataSubject) -> int:
    """The words stay for those who answered them; who wrote them goes."""
    session = current_session()
    gone = {"author_name": "", "author_mail": "", "author_url": "", "user_id": None}
    count = _count(subject)
    session.execute(update(Comment).where(_theirs(subject)).values(gone))
    return count


register_holding(Holding("comments", _("Comments"), _count, _rows, erase=_erase))
