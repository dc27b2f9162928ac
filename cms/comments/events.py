"""What happens to comments."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True)
class CommentAdded:
    """A comment stands under an entry; readers see it when its status is `approved`."""

    comment_id: int
    entry_id: int
    status: str
    at: datetime
    by_id: int | None
