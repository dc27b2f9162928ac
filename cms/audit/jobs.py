"""What is done with the record while time passes."""

from __future__ import annotations

import logging
from datetime import timedelta

from sqlalchemy import select

from cms.audit.actions.prune_record import AT_ONCE, prune_record
from cms.audit.models import AuditEntry
from cms.core.db import current_session, transaction
from cms.core.jobs.queue import periodic
from cms.core.permissions import system_user
from cms.lib.clock import utcnow
from cms.settings.queries import get_settings

_log = logging.getLogger("cms.audit")


@periodic("tell_audit_head", every=timedelta(hours=1))
def tell_head() -> None:
    """Tell the log how far the record has come, so that whoever keeps the log elsewhere has its end there too."""
    session = current_session()
    last = select(AuditEntry.number, AuditEntry.hash, AuditEntry.key_id).order_by(AuditEntry.number.desc()).limit(1)
    row = session.execute(last).first()
    session.rollback()
    if row is not None:
        _log.info("the record ends with entry %s, hash %s, key %s", row.number, row.hash, row.key_id)


@periodic("prune_audit", every=timedelta(days=1))
def prune_old_entries() -> None:
    """Remove entries whose time is over, as the settings say; none where they are kept for ever."""
    days = get_settings().audit_keep_days
    if not days:
        return
    before = utcnow() - timedelta(days=days)
    removed = AT_ONCE
    while removed == AT_ONCE:
        with transaction():
            removed = prune_record(before=before, by=system_user())
