"""Why somebody may not do something with an entry: state first, then rights, as the policies ask."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from cms.accounts.models import User
from cms.accounts.reasons import Reason, holders_of, why_not_granted, why_not_signed_in
from cms.content import policies, states
from cms.content.models import Entry
from cms.content.places import places_of
from cms.core.i18n import Text, _

_NAMED = 3


@dataclass(frozen=True)
class Act:
    """Something that is done with an entry: the policy that decides, the rights it takes, the way between states."""

    label: Text
    allowed: Callable[[User, Entry], bool]
    rights: Callable[[Entry], tuple[str, ...]]
    way: str = ""
    from_bin: bool = False


def _rights(*verbs: str) -> Callable[[Entry], tuple[str, ...]]:
    return lambda entry: tuple(verb if ":" in verb else f"content:{entry.kind}:{verb}" for verb in verbs)


def _edit_rights(entry: Entry) -> tuple[str, ...]:
    return _rights(*(("edit", "publish") if states.is_live(entry) else ("edit",)))(entry)


def _delete_rights(entry: Entry) -> tuple[str, ...]:
    return _rights(*(("delete", "publish") if entry.state in states.LIVE else ("delete",)))(entry)


ACTS: dict[str, Act] = {
    "see": Act(_("read the draft and the history"), policies.may_see, _rights("edit"), from_bin=True),
    "edit": Act(_("edit and save"), policies.may_edit, _edit_rights),
    "submit": Act(_("submit for review"), policies.may_edit, _edit_rights, "submit"),
    "publish": Act(_("publish"), policies.may_publish, _rights("publish"), "publish"),
    "schedule": Act(_("schedule"), policies.may_publish, _rights("publish"), "schedule"),
    "unpublish": Act(_("unpublish"), policies.may_publish, _rights("publish"), "unpublish"),
    "archive": Act(_("archive"), policies.may_publish, _rights("publish"), "archive"),
    "bin": Act(_("put into the bin"), policies.may_delete, _delete_rights),
    "restore": Act(_("take out of the bin"), policies.may_delete, _delete_rights, from_bin=True),
    "erase": Act(
        _("delete for good"),
        policies.may_erase,
        lambda entry: (*_delete_rights(entry), "content:entry:erase"),
        from_bin=True,
    ),
}


def why_not(person: User, name: str, entry: Entry) -> Reason | None:
    """Return why `person` may not do the act called `name` (a key of ACTS) with `entry`; None when they may.

    The first rule that stands in the way is told: the account, the state of the entry, then the rights.
    """
    act = ACTS[name]
    return why_not_signed_in(person) or _state(act, name, entry) or _right(act, person, entry)


def _state(act: Act, name: str, entry: Entry) -> Reason | None:
    title = _("“%(title)s”", title=entry.title or _("Untitled"))
    if entry.binned_at is not None and not act.from_bin:
        sentence = _("%(title)s lies in the bin; it has to be restored first.", title=title)
        return Reason(sentence, _("Whoever may put it into the bin may restore it."), _able(policies.may_delete, entry))
    if entry.binned_at is None and name in ("restore", "erase"):
        return Reason(_("%(title)s does not lie in the bin.", title=title))
    if act.way and not states.allows(entry, act.way):
        return Reason(states.refusal(act.way), _("Its state can be changed first."), _able(policies.may_publish, entry))
    return None


def _right(act: Act, person: User, entry: Entry) -> Reason | None:
    if act.allowed(person, entry):
        return None
    title = _("“%(title)s”", title=entry.title or _("Untitled"))
    for right in act.rights(entry):
        found = why_not_granted(person, right, owner_ids=entry.owner_ids, places=lambda: places_of(entry), thing=title)
        if found is not None:
            return found
    return Reason(_("A rule of %(title)s itself stands in the way.", title=title))


def _able(policy: Callable[[User, Entry], bool], entry: Entry) -> tuple[str, ...]:
    """Return the names of some who may."""
    names = (user.name for user in holders_of(f"content:{entry.kind}:edit") if policy(user, entry))
    return tuple(names)[:_NAMED]
