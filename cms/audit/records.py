"""How acts on the record itself are kept."""

from __future__ import annotations

from cms.audit.events import DetailsErased, PrivateRead, RecordExported, RecordPruned
from cms.core.i18n import _
from cms.core.trail import Act, Trace, keep

PRUNED = "audit.pruned"
ERASED = "audit.details_erased"
READ = "private.read"
_GONE = _("What was removed from the record is nowhere else. It may be in an export.")
_SEEN = _("What was seen cannot be unseen.")


def _read(event: PrivateRead) -> Trace:
    return Trace(
        event.subject, event.subject_id, event.title, after={"what": event.what}, by_id=event.by_id, about=event.about
    )


def _exported(event: RecordExported) -> Trace:
    after = {"form": event.form, "narrowed": dict(event.narrowed)}
    return Trace("audit", None, after=after, by_id=event.by_id)


def _pruned(event: RecordPruned) -> Trace:
    after = {"through": event.through, "hash": event.hash, "number": event.number}
    return Trace("audit", None, after=after, by_id=event.by_id)


def _erased(event: DetailsErased) -> Trace:
    return Trace("user", event.user_id, after={"digests": dict(event.digests)}, by_id=event.by_id)


keep(PrivateRead, Act(READ, _("looked at something private of %(title)s"), _read, final=_SEEN))
keep(RecordExported, Act("audit.exported", _("took entries of the record along"), _exported, final=_SEEN))
keep(RecordPruned, Act(PRUNED, _("removed the oldest entries of the record"), _pruned, final=_GONE))
keep(DetailsErased, Act(ERASED, _("took personal data out of the record"), _erased, final=_GONE))
