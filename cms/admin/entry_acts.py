"""What can be done with an entry by a button: on its page after a save, in a list for the ticked rows."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any

from cms.accounts.models import User
from cms.admin.entry_form import read_moment
from cms.admin.widgets import exact
from cms.content import policies, states
from cms.content.actions.archive_entry import archive_entry
from cms.content.actions.bin_entry import bin_entry
from cms.content.actions.date_entry import date_entry
from cms.content.actions.erase_entry import erase_entry
from cms.content.actions.publish_entry import publish_entry
from cms.content.actions.restore_entry import restore_entry
from cms.content.actions.return_entry import return_entry
from cms.content.actions.schedule_entry import schedule_entry
from cms.content.actions.submit_entry import submit_entry
from cms.content.actions.unpublish_entry import unpublish_entry
from cms.content.models import Entry
from cms.core.errors import Invalid
from cms.core.i18n import LazyString, Text, _
from cms.lib.clock import utcnow

#: What is told after a button on the page of an entry.
TOLD: dict[str, LazyString] = {
    "save": _("Saved."),
    "publish": _("Saved and published."),
    "publish_now": _("Published. Readers see it now."),
    "schedule": _("Scheduled."),
    "submit": _("Submitted for review. An editor will look at it."),
    "return": _("It is a draft again."),
    "unpublish": _("Taken from readers; it is a draft again."),
    "archive": _("Archived. Readers do not find it any more."),
}

#: Acts that need nothing besides the entry; also those of lists.
PLAIN: dict[str, Callable[..., object]] = {
    "publish": publish_entry,
    "publish_now": publish_entry,
    "submit": submit_entry,
    "return": return_entry,
    "unpublish": unpublish_entry,
    "archive": archive_entry,
    "bin": bin_entry,
    "restore": restore_entry,
    "erase": erase_entry,
}
_ON_PAGE = frozenset(TOLD)


def told(act: str, entry: Entry) -> Text:
    """Return what to tell after the button `act` did its work on `entry`."""
    if act in ("publish", "schedule") and entry.published_at and not states.is_out(entry, utcnow()):
        return _("Saved. Readers see it from %(when)s on.", when=exact(entry.published_at))
    return TOLD.get(act, TOLD["save"])


def dated(form: Any, entry: Entry) -> datetime | None:
    """Return the date that was typed; the entry's own, to the second, where the field shows it or is not there."""
    typed, known = read_moment(form), entry.published_at
    if not form.published_at.raw_data:
        return known
    if typed is not None and known is not None and known.replace(second=0, microsecond=0) == typed:
        return known
    return typed


def act_on(entry: Entry, act: str, *, at: datetime | None, by: User) -> None:
    """Do what the button `act` says with a saved entry; `at` is the date typed beside it. Raises as the actions do."""
    if act not in _ON_PAGE:
        raise Invalid(_("There is no such button. Reload the page and try again."))
    if act == "save":
        if not states.is_live(entry) and policies.may_publish(by, entry):
            date_entry(entry, at=at, by=by)
    elif act == "schedule":
        if at is None or at <= utcnow():
            raise Invalid(fields={"published_at": _("Choose a date and time to come.")})
        schedule_entry(entry, at=at, by=by)
    elif act == "publish" and at is not None and (at > utcnow() or at != entry.published_at):
        schedule_entry(entry, at=at, by=by)
    else:
        PLAIN[act](entry, by=by)
