"""How acts on entries and terms are kept, and taken back."""

from __future__ import annotations

from datetime import datetime
from functools import partial
from typing import Any

from cms.content import events
from cms.content.actions.bin_entry import bin_entry
from cms.content.actions.date_entry import date_entry
from cms.content.actions.delete_term import delete_term
from cms.content.actions.edit_entry import edit_entry
from cms.content.actions.edit_term import edit_term
from cms.content.actions.restore_entry import restore_entry
from cms.content.actions.restore_term import restore_term
from cms.content.actions.return_entry import return_entry
from cms.content.actions.revert_entry import revert_entry
from cms.content.actions.submit_entry import submit_entry
from cms.content.models import Category, Entry, Term
from cms.content.saving import facts, fields_of
from cms.content.terms import term_facts
from cms.core.db import current_session
from cms.core.errors import Conflict, NotFound
from cms.core.i18n import LazyString, _
from cms.core.permissions import Actor
from cms.core.trail import Act, Trace, keep


def _differing(event: Any) -> tuple[dict[str, Any], dict[str, Any]]:
    before = {name: value for name, value in event.before.items() if event.after.get(name, ...) != value}
    after = {name: value for name, value in event.after.items() if event.before.get(name, ...) != value}
    return before, after


def _entry(event: events.EntryEvent) -> Trace:
    before, after = _differing(event)
    # What was written stands beside what readers see; both say the same unless a draft waits.
    before |= {name: values[0] for name, values in event.written.items()}
    after |= {name: values[1] for name, values in event.written.items()}
    after["kind"] = event.kind
    title = str(event.after.get("title") or event.before.get("title") or after.get("title") or "")
    return Trace("entry", event.entry_id, title, before, after, event.by_id)


def _term(event: events.TermEvent) -> Trace:
    before, after = _differing(event)
    after["kind"] = event.kind
    title = str(event.after.get("name") or event.before.get("name") or "")
    return Trace("term", event.term_id, title, before, after, event.by_id)


def _find_entry(trace: Trace) -> Entry:
    """Return the entry as the act left it; raises NotFound, and Conflict when something happened to it since."""
    entry = current_session().get(Entry, trace.subject_id, with_for_update=True)
    if entry is None:
        raise NotFound(_("This entry was deleted for good since."))
    now = facts(entry)
    row = {name: value for name, value in trace.after.items() if name in now and name in trace.before}
    # Of a save that waits as a draft, the row tells nothing but its number.
    names = row.keys() & {"newest_revision"} if "newest_revision" in row and "revision" not in row else row.keys()
    if any(now[name] != row[name] for name in names):
        raise Conflict(_("This entry was changed again since. Look at its own page."))
    return entry


def _undo_standing(trace: Trace, by: Actor) -> None:
    revert_entry(_find_entry(trace), trace.before, by=by)


def _undo_save(trace: Trace, by: Actor) -> None:
    entry = _find_entry(trace)
    number = trace.before.get("newest_revision")
    if isinstance(number, int) and number > 0:
        edit_entry(entry, fields_of(entry, number), by=by)
    elif "published_at" in trace.before:
        moment = trace.before["published_at"]
        date_entry(entry, at=datetime.fromisoformat(moment) if moment else None, by=by)


def _undo_by(action: Any) -> Any:
    def undo(trace: Trace, by: Actor) -> None:
        action(_find_entry(trace), by=by)

    return undo


def _undo_begin(trace: Trace, by: Actor) -> None:
    entry = _find_entry(trace)
    if entry.working_revision_number > 1 or entry.binned_at is not None:
        raise Conflict(_("This entry was changed since. Put it into the bin on its own page."))
    bin_entry(entry, by=by)


def _find_term(trace: Trace) -> Term:
    term = current_session().get(Term, trace.subject_id, with_for_update=True)
    if term is None:
        raise NotFound(_("This term was deleted since."))
    now = term_facts(term)
    if any(now[name] != value for name, value in trace.after.items() if name in now):
        raise Conflict(_("This term was changed again since. Look at its own page."))
    return term


def _undo_term(trace: Trace, by: Actor) -> None:
    term = _find_term(trace)
    was = {**term_facts(term), **trace.before}
    above = current_session().get(Category, was["parent_id"]) if was["parent_id"] is not None else None
    if above is None and was["parent_id"] is not None:
        raise Conflict(_("The category above this one is gone. Bring that back first."))
    edit_term(
        term, name=was["name"], slug=was["slug"], parent=above, description=was["description"], by=by
    )  # fmt: skip


def _undo_new_term(trace: Trace, by: Actor) -> None:
    delete_term(_find_term(trace), by=by)


def _undo_deleted_term(trace: Trace, by: Actor) -> None:
    if trace.subject_id is None:
        raise NotFound
    restore_term(trace.subject_id, str(trace.after.get("kind")), trace.before, by=by)


def _keep_entry(kind: type, name: str, sentence: LazyString, undo: Any, final: LazyString | None = None) -> None:
    keep(kind, Act(f"entry.{name}", sentence, _entry, undo, final))


_keep_entry(events.EntryCreated, "created", _("began %(title)s"), _undo_begin)
_keep_entry(events.EntrySaved, "saved", _("saved %(title)s"), _undo_save)
_keep_entry(events.EntrySubmitted, "submitted", _("submitted %(title)s for review"), _undo_by(return_entry))
_keep_entry(events.EntryReturned, "returned", _("returned %(title)s to its authors"), _undo_by(submit_entry))
_keep_entry(events.EntryPublished, "published", _("published %(title)s"), _undo_standing)
_keep_entry(events.EntryScheduled, "scheduled", _("scheduled %(title)s"), _undo_standing)
_keep_entry(events.EntryUnpublished, "unpublished", _("made %(title)s a draft again"), _undo_standing)
_keep_entry(events.EntryArchived, "archived", _("archived %(title)s"), _undo_standing)
_keep_entry(events.EntryReverted, "reverted", _("brought %(title)s back to where it stood"), _undo_standing)
_keep_entry(events.EntryBinned, "binned", _("put %(title)s into the bin"), _undo_by(restore_entry))
_keep_entry(events.EntryRestored, "restored", _("took %(title)s out of the bin"), _undo_by(bin_entry))
_keep_entry(
    events.EntryDeleted,
    "deleted",
    _("deleted %(title)s for good"),
    None,
    _("Its text and its history are gone, and the record does not hold them. They may be in a backup."),
)

_act = partial(Act, describe=_term)
keep(events.TermCreated, _act("term.created", _("made %(title)s"), undo=_undo_new_term))
keep(events.TermEdited, _act("term.edited", _("changed %(title)s"), undo=_undo_term))
keep(events.TermDeleted, _act("term.deleted", _("deleted %(title)s"), undo=_undo_deleted_term))
keep(events.TermRestored, _act("term.restored", _("brought %(title)s back"), undo=_undo_new_term))
