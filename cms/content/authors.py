"""Whom readers know as an author: whoever has written a post that they may find."""

from __future__ import annotations

from sqlalchemy import select

from cms.content.models import Post
from cms.content.queries import has_author, is_listed
from cms.core.db import current_session
from cms.core.permissions import Actor
from cms.lib.clock import utcnow


def is_known_author(user_id: int, *, user: Actor | None) -> bool:
    """Tell whether lists show `user` (None: nobody) a post by a person, who has an author page then. One query."""
    found = select(Post.id).where(is_listed(user, utcnow()), has_author(user_id)).limit(1)
    return current_session().scalar(found) is not None
