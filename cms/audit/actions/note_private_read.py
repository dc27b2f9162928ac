"""Note that somebody looked at something private."""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import select

from cms.audit.events import PrivateRead
from cms.audit.models import AuditDetails, AuditEntry
from cms.audit.records import READ
from cms.core.db import current_session
from cms.core.errors import Forbidden
from cms.core.events import record
from cms.core.permissions import Actor, require
from cms.lib.clock import utcnow

#: Looking again within this time is the same look.
ONE_LOOK = timedelta(hours=1)


def is_noted(subject: str, subject_id: int | None, what: str, *, by: Actor) -> bool:
    """Tell whether this look of `by` was noted within the last hour."""
    asked = (
        select(AuditEntry.number)
        .join(AuditDetails, AuditDetails.number == AuditEntry.number)
        .where(
            AuditEntry.act == READ,
            AuditEntry.at > utcnow() - ONE_LOOK,
            AuditEntry.subject == subject,
            AuditEntry.subject_id == subject_id,
            AuditEntry.actor_id == by.id,
            AuditDetails.details["after"]["what"].as_string() == what,
        )
    )
    return current_session().scalar(asked.limit(1)) is not None


def note_private_read(
    subject: str, subject_id: int | None, what: str, *, title: str = "", about: tuple[int, ...] = (), by: Actor
) -> None:
    """Note that `by` looks at something private of a thing: once an hour for each person, thing and `what`.

    The surface asks whether they may look; nobody without an active account looks. Raises Forbidden for those.
    """
    require(by.is_active, Forbidden.default)
    if not is_noted(subject, subject_id, what, by=by):
        record(PrivateRead(subject, subject_id, title, what, about, by.id))
