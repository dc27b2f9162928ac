"""Who may fetch a file: whoever may see something that uses it.

A feature above tells, by a condition in SQL, when the things it knows make a file visible; one query asks all.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from sqlalchemy import ColumnElement, or_, select

from cms.core.db import current_session
from cms.core.permissions import Actor
from cms.media import policies
from cms.media.models import MediaFile


@dataclass(frozen=True)
class Viewer:
    """Whoever asks for a file: a person or nobody, and the entries whose password they have given."""

    user: Actor | None = None
    unlocked_entry_ids: frozenset[int] = field(default_factory=frozenset)


#: A visitor of whom nothing is known: what they may see, everybody may.
STRANGER = Viewer()
Condition = Callable[[ColumnElement[int], Viewer], ColumnElement[bool]]
_conditions: dict[str, Condition] = {}


def register_visibility(name: str, condition: Condition) -> None:
    """Have `condition` (of a media id and a viewer) make files visible; a name given again replaces the first."""
    _conditions[name] = condition


def is_public(media: MediaFile) -> bool:
    """Tell whether everybody may fetch the file. One query."""
    return media.deleted_at is None and _is_used_for(media, STRANGER)


def is_visible(media: MediaFile, viewer: Viewer) -> bool:
    """Tell whether this viewer may fetch the file. At most one query."""
    if policies.may_see(viewer.user, media):
        return True
    return media.deleted_at is None and _is_used_for(media, viewer)


def _is_used_for(media: MediaFile, viewer: Viewer) -> bool:
    if not _conditions:
        return False
    of_this = MediaFile.__table__.c.id
    visible = or_(*(condition(of_this, viewer) for condition in _conditions.values()))
    return current_session().scalar(select(MediaFile.id).where(MediaFile.id == media.id, visible)) is not None
