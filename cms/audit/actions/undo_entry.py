"""Take back an act from its entry in the record."""

from __future__ import annotations

from sqlalchemy import select

from cms.audit import policies
from cms.audit.models import AuditEntry
from cms.audit.queries import Kept, find_undoing, get_entry, list_batch
from cms.audit.writing import count_gathered, forget_gathered, undoing
from cms.core.db import current_session
from cms.core.errors import CmsError, Conflict
from cms.core.i18n import Text, _
from cms.core.permissions import Actor, require
from cms.core.trail import Act, find_act


def undo_entry(number: int, *, by: Actor) -> None:
    """Bring the thing of the entry `number` back to what it was before, through the actions of its feature.

    These check, as of now, what `by` may do and whether the thing is still as the act left it; what they record names
    the entry that it takes back. Raises NotFound, Forbidden, and Conflict with the reason: taken back already, moved
    on, nothing that can be taken back.
    """
    require(policies.may_list_record(by), _("You may not read the record. An admin can."))
    current_session().execute(select(AuditEntry.number).where(AuditEntry.number == number).with_for_update())
    entry = get_entry(number)
    require(policies.may_undo(by, entry.actor_id), _("You may not take this back. An admin can."))
    act = undoable(entry)
    if find_undoing([number]):
        raise Conflict(_("This has been taken back already."))
    _take_back(act, entry, by)


def undoable(entry: Kept) -> Act:
    """Return the act of an entry that can be taken back; raises Conflict that says why it cannot."""
    act = find_act(entry.act)
    if act is None:
        raise Conflict(_("The part of the program that did this is not there any more, so it cannot be taken back."))
    if act.undo is None:
        raise Conflict(act.final)
    if entry.is_erased:
        raise Conflict(_("What was there before has been erased, so this cannot be taken back."))
    return act


def _take_back(act: Act, entry: Kept, by: Actor) -> None:
    before = count_gathered()
    with undoing(entry.number):
        if act.undo is not None:
            act.undo(entry.trace(), by)
        current_session().flush()
    if count_gathered() == before:
        raise Conflict(_("There is nothing to take back: it is as it was before."))


def undo_one(number: int, *, by: Actor) -> tuple[int, list[tuple[Kept, Text]]]:
    """Take back one act (see `undo_entry`), and tell of it as `undo_batch` does."""
    undo_entry(number, by=by)
    return 1, []


def undo_batch(number: int, *, by: Actor) -> tuple[int, list[tuple[Kept, Text]]]:
    """Take back everything that was done together with the entry `number`, the last first.

    Returns how much was taken back, and what stays with the reason why. Raises as `undo_entry` does when nothing
    could be.
    """
    require(policies.may_list_record(by), _("You may not read the record. An admin can."))
    together = list_batch(get_entry(number))
    taken = find_undoing([entry.number for entry in together])
    done, left = 0, list[tuple[Kept, Text]]()
    session = current_session()
    for entry in reversed(together):
        if entry.number in taken:
            continue
        gathered = count_gathered()
        try:
            with session.begin_nested():
                undo_entry(entry.number, by=by)
        except CmsError as error:
            # Some of it may have been done, and told, before it was refused.
            forget_gathered(gathered)
            left.append((entry, error.args[0]))
        else:
            done += 1
    if not done:
        raise Conflict(left[0][1] if left else _("This has been taken back already."))
    return done, left
