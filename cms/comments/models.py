"""The comments of entries, as they are stored."""

from __future__ import annotations

from datetime import datetime
from typing import Final

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from cms.core.db import Base, IntegerKey, Timestamps, UtcDateTime

STATUSES: Final = ("approved", "pending", "spam", "trash")
KINDS: Final = ("comment", "pingback", "trackback")


class Comment(IntegerKey, Timestamps, Base):
    """One comment under an entry; `parent_id` names the comment it answers.

    `written_at` is the time a reader sees: an imported comment keeps the one it had.
    The writer's network address is not stored.
    """

    __tablename__ = "comments"
    __table_args__ = (
        CheckConstraint("status IN ('approved', 'pending', 'spam', 'trash')", name="status_known"),
        CheckConstraint("kind IN ('comment', 'pingback', 'trackback')", name="kind_known"),
        # A post's page asks for one entry's approved comments in the order of time.
        Index("ix_comments_entry_id_status_written_at", "entry_id", "status", "written_at"),
    )

    entry_id: Mapped[int] = mapped_column(ForeignKey("entries.id", ondelete="CASCADE"))
    # A deleted comment leaves its answers in the thread.
    parent_id: Mapped[int | None] = mapped_column(
        ForeignKey("comments.id", ondelete="SET NULL"), index=True, default=None
    )
    user_id: Mapped[int | None] = mapped_column(ForeignKey("users.id", ondelete="SET NULL"), index=True, default=None)
    kind: Mapped[str] = mapped_column(String(10), default="comment")
    status: Mapped[str] = mapped_column(String(10), default="pending", index=True)
    author_name: Mapped[str] = mapped_column(String(255), default="")
    author_mail: Mapped[str] = mapped_column(String(320), default="")
    author_url: Mapped[str] = mapped_column(String(2000), default="")
    # As the writer typed it, and the cleaned HTML made from it, the only form ever shown.
    body: Mapped[str] = mapped_column(Text, default="")
    body_html: Mapped[str] = mapped_column(Text, default="")
    written_at: Mapped[datetime] = mapped_column(UtcDateTime)
