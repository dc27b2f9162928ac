"""Remove the oldest entries of the record."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import delete, func, select

from cms.audit import policies
from cms.audit.events import RecordPruned
from cms.audit.models import AuditDetails, AuditEntry, AuditPerson
from cms.audit.writing import take_end
from cms.core.db import current_session
from cms.core.events import record
from cms.core.i18n import _
from cms.core.permissions import Actor, require

#: As many as are removed at once, so that writers need not wait long.
AT_ONCE = 5000


def prune_record(*, before: datetime, by: Actor) -> int:
    """Remove at most 5,000 of the oldest entries that are older than `before` (aware) and return how many went.

    An entry says up to where, with the hash that the first of the others names, so that the rest still verifies.
    Raises Forbidden.
    """
    require(policies.may_prune(by), _("Only the system removes entries, after the time that the settings say."))
    session = current_session()
    connection = session.connection()
    end, _hash = take_end(connection)
    first = session.scalar(select(func.min(AuditEntry.number)))
    if first is None:
        return 0
    # The last entry stays in any case; of those before, all that come before the first that is young enough.
    young = session.scalar(select(func.min(AuditEntry.number)).where(AuditEntry.at >= before))
    through = min(end - 1, (young or end) - 1, first + AT_ONCE - 1)
    if through < first:
        return 0
    sealed = session.scalar(select(AuditEntry.hash).where(AuditEntry.number == through))
    for model in (AuditPerson, AuditDetails, AuditEntry):
        session.execute(delete(model).where(model.number <= through), execution_options={"synchronize_session": False})
    number: int = through - first + 1
    record(RecordPruned(through, str(sealed), number, by.id))
    return number
