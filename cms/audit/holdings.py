"""What the record tells of a person: their acts, and acts done to them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from cms.audit.actions.erase_person_details import erase_person_details
from cms.audit.queries import RecordFilter, list_former_ids, stream_entries
from cms.core.i18n import _
from cms.core.permissions import system_user
from cms.core.privacy import DataSubject, Holding, register_holding


def _rows(subject: DataSubject) -> Iterable[Mapping[str, Any]]:
    for user_id in _ids(subject):
        yield from _rows_of(user_id)


def _ids(subject: DataSubject) -> Sequence[int]:
    """The account, or those that are gone and had this mail address."""
    return [subject.user_id] if subject.user_id is not None else list_former_ids(subject.email)


def _rows_of(user_id: int) -> Iterable[Mapping[str, Any]]:
    for entry in stream_entries(RecordFilter(person_id=user_id)):
        own = entry.actor_id == user_id
        # Where somebody else acted from, and what they are called, are that person's data; so is what tells of others.
        hidden = set[str]() if own else {"actor", "ip", "user_agent", "request_id"}
        if entry.seen_by_id not in (None, user_id):
            hidden |= {"ip", "user_agent", "request_id"}
        if set(entry.told("about") or ()) - {user_id}:
            hidden |= {"title", "before", "after", "about"}
        told = {name: value for name, value in entry.details.items() if name not in hidden}
        yield {"number": entry.number, "at": entry.at.isoformat(), "act": entry.act, "own": own, "details": told}


def _count(subject: DataSubject) -> int:
    return sum(1 for _row in _rows(subject))


def _erase(subject: DataSubject) -> int:
    """Whoever erases was asked for their right before: here the product itself takes the names out."""
    return sum(erase_person_details(user_id, by=system_user()) for user_id in _ids(subject))


register_holding(Holding("record", _("Acts in the record"), _count, _rows, erase=_erase))
