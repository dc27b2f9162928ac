"""Take somebody's personal data out of the record."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from sqlalchemy import delete, insert, or_, select, update

from cms.audit import policies
from cms.audit.events import DetailsErased
from cms.audit.models import AuditDetails, AuditEntry, AuditPerson
from cms.audit.sealing import digest, new_salt, words_of
from cms.core.db import current_session
from cms.core.events import record
from cms.core.i18n import _
from cms.core.permissions import Actor, require
from cms.core.secrets import audit_key
from cms.lib.batches import batched

#: Seals that one entry holds.
_AT_ONCE = 500
#: What tells who somebody is, of their own acts.
_OF_ACTOR = ("actor", "ip", "user_agent")
#: What tells of whoever was really there while somebody else was seen as.
_OF_BROWSER = ("ip", "user_agent")
#: What tells of somebody whom an act was done to.
_OF_SUBJECT = ("title", "before", "after")


def erase_person_details(user_id: int, *, by: Actor) -> int:
    """Take names, addresses and values that tell of a person out of the record, and return from how many entries.

    Acts, numbers and ids stay, and so does the chain: entries of the act `audit.details_erased` seal what is left.
    Raises Forbidden.
    """
    require(policies.may_erase_details(by), _("You may not erase somebody's data. An admin can."))
    touched = 0
    for rows in batched(_changed(user_id), _AT_ONCE):
        digests: dict[str, str] = {}
        for number, details in rows:
            digests[str(number)] = _replace(number, details)
        record(DetailsErased(user_id, digests, by.id))
        touched += len(digests)
    return touched


def _changed(user_id: int) -> Iterator[tuple[int, dict[str, Any]]]:
    """Yield each entry that tells of the person, with what is left of its details."""
    session, last = current_session(), 0
    about = select(AuditPerson.number).where(AuditPerson.user_id == user_id)
    theirs = or_(
        AuditEntry.actor_id == user_id, AuditEntry.seen_by_id == user_id, AuditEntry.number.in_(about)
    )  # fmt: skip
    while True:
        query = (
            select(AuditEntry.number, AuditEntry.actor_id, AuditEntry.seen_by_id, AuditDetails.details)
            .join(AuditDetails, AuditDetails.number == AuditEntry.number)
            .where(theirs, AuditEntry.number > last)
            .order_by(AuditEntry.number)
            .limit(_AT_ONCE)
        )
        rows = session.execute(query).all()
        for number, actor_id, seen_by_id, details in rows:
            left = _without(details, user_id, is_actor=actor_id == user_id, was_there=seen_by_id == user_id)
            if left != details:
                yield number, left
        if len(rows) < _AT_ONCE:
            return
        last = rows[-1].number


def _without(details: Mapping[str, Any], user_id: int, *, is_actor: bool, was_there: bool) -> dict[str, Any]:
    """Return details without what tells of the person."""
    is_subject = user_id in details.get("about", [])
    gone = {
        *(_OF_ACTOR if is_actor else ()),
        *(_OF_BROWSER if was_there else ()),
        *(_OF_SUBJECT if is_subject else ()),
    }
    left = {name: value for name, value in details.items() if name not in gone}
    about = [person for person in left.pop("about", []) if person != user_id]
    if about:
        left["about"] = about
    return left if left == details else left | {"erased": True}


def _replace(number: int, details: dict[str, Any]) -> str:
    """Write what is left of the details, and return their seal."""
    session, salt = current_session(), new_salt()
    values = {"salt": salt, "details": details, "words": words_of(details)}
    session.execute(
        update(AuditDetails).where(AuditDetails.number == number).values(**values),
        execution_options={"synchronize_session": False},
    )
    session.execute(delete(AuditPerson).where(AuditPerson.number == number))
    people = [{"number": number, "user_id": user_id} for user_id in details.get("about", [])]
    if people:
        session.execute(insert(AuditPerson), people)
    _key_id, key = audit_key()
    return digest(key, salt, details)
