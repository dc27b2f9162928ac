"""Which ways to save an entry offers: one word for the main one, the others in a menu."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from cms.accounts.models import User
from cms.content import policies, states
from cms.content.models import Entry
from cms.core.i18n import Text, _
from cms.core.permissions import may_some
from cms.lib.clock import utcnow


@dataclass(frozen=True)
class Button:
    """A way to save: what it is called and what it does."""

    label: Text
    act: str
    icon: str = ""


@dataclass(frozen=True)
class Offer:
    """The ways to save: the main one, the quiet one, and the rest."""

    primary: Button | None
    save: Text
    more: Sequence[Button]
    may_publish: bool


_SAVE = _("Save draft")


def buttons(entry: Entry | None, kind: str, me: User) -> Offer:
    """Return the ways to save `entry` (None: a new one) that its state and the person's rights allow."""
    if entry is None:
        # Where it will lie is not known yet; nobody begins anything of which publishing is out of the question.
        publish = may_some(me, f"content:{kind}:publish")
        main = Button(_("Publish"), "publish") if publish else Button(_("Submit for review"), "submit")
        return Offer(main, _SAVE, (), publish)
    if not policies.may_edit(me, entry):
        return Offer(None, "", (), False)
    publish = policies.may_publish(me, entry)
    return Offer(_main(entry, publish), _SAVE, _more(entry, publish), publish)


def _main(entry: Entry, publish: bool) -> Button | None:
    if publish:
        return Button(_("Update") if states.is_live(entry) else _("Publish"), "publish")
    if states.allows(entry, "submit"):
        return Button(_("Submit for review"), "submit")
    return None


def _more(entry: Entry, publish: bool) -> list[Button]:
    more: list[Button] = []
    if publish and states.allows(entry, "schedule") and entry.state != states.SCHEDULED:
        more.append(Button(_("Schedule for the date given"), "schedule", "calendar-clock"))
    if publish and entry.state == states.SCHEDULED and not states.is_out(entry, utcnow()):
        more.append(Button(_("Publish now"), "publish_now", "send"))
    if publish and states.allows(entry, "submit"):
        more.append(Button(_("Submit for review"), "submit", "hourglass"))
    if states.allows(entry, "return"):
        more.append(Button(_("Return as a draft"), "return", "undo-2"))
    if publish and states.allows(entry, "unpublish"):
        more.append(Button(_("Make it a draft again"), "unpublish", "eye-off"))
    if publish and states.allows(entry, "archive"):
        more.append(Button(_("Archive"), "archive", "archive"))
    return more
