"""Reading the record."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Row, Select, func, or_, select

from cms.accounts.models import User
from cms.audit.models import AuditDetails, AuditEntry, AuditPerson
from cms.audit.sealing import moment
from cms.core.db import current_session
from cms.core.errors import NotFound
from cms.core.pagination import Batch, decode_cursor, encode_cursor
from cms.core.trail import Trace

#: As many rows as one request's acts are looked for in, before and behind one of them.
_NEAR = 5000
_AT_ONCE = 500


@dataclass(frozen=True)
class Kept:
    """An entry of the record as people read it."""

    number: int
    at: datetime
    act: str
    actor_id: int | None
    seen_by_id: int | None
    token_id: int | None
    subject: str
    subject_id: int | None
    undoes: int | None
    hash: str
    previous_hash: str
    key_id: str
    details: Mapping[str, Any] = field(repr=False)

    def told(self, name: str) -> Any:
        """Return one of the details, or None."""
        return self.details.get(name)

    @property
    def actor(self) -> str:
        """The name of whoever did it, as it was then; empty for the system and where it was erased."""
        return str(self.details.get("actor") or "")

    @property
    def title(self) -> str:
        """What the thing was called then."""
        return str(self.details.get("title") or "")

    @property
    def before(self) -> Mapping[str, Any]:
        """The values before."""
        return self.details.get("before") or {}

    @property
    def after(self) -> Mapping[str, Any]:
        """The values after."""
        return self.details.get("after") or {}

    @property
    def is_erased(self) -> bool:
        """Whether personal data were taken out of the details."""
        return bool(self.details.get("erased"))

    def trace(self) -> Trace:
        """Return what was told about the act when it happened."""
        return Trace(self.subject, self.subject_id, self.title, self.before, self.after, self.actor_id)

    def row(self) -> dict[str, Any]:
        """Return the entry as plain values for an export."""
        names = ("number", "act", "actor_id", "seen_by_id", "token_id", "subject", "subject_id", "undoes")
        told = {name: getattr(self, name) for name in names} | {"at": moment(self.at)}
        return told | {"details": dict(self.details), "key_id": self.key_id, "hash": self.hash}


@dataclass(frozen=True)
class RecordFilter:
    """What of the record is asked for; what is empty does not narrow it."""

    actor_id: int | None = None
    act: str = ""
    subject: str = ""
    subject_id: int | None = None
    way: str = ""
    since: datetime | None = None
    until: datetime | None = None
    words: str = ""
    #: A person, as whoever acted or as whom it was about.
    person_id: int | None = None


_COLUMNS = (
    AuditEntry.number, AuditEntry.at, AuditEntry.act, AuditEntry.actor_id, AuditEntry.seen_by_id, AuditEntry.token_id,
    AuditEntry.subject, AuditEntry.subject_id, AuditEntry.undoes, AuditEntry.hash, AuditEntry.previous_hash,
    AuditEntry.key_id, AuditDetails.details,
)  # fmt: skip


def _select() -> Select[Any]:
    return select(*_COLUMNS).outerjoin(AuditDetails, AuditDetails.number == AuditEntry.number)


def _kept(row: Row[Any]) -> Kept:
    values = dict(row._mapping)
    return Kept(**values | {"details": values["details"] or {"erased": True}})


def get_entry(number: int) -> Kept:
    """Return one entry; raises NotFound."""
    row = current_session().execute(_select().where(AuditEntry.number == number)).first()
    if row is None:
        raise NotFound
    return _kept(row)


def find_undoing(numbers: list[int]) -> dict[int, int]:
    """Return, for each of `numbers` that was taken back, the entry that did it."""
    asked = select(AuditEntry.undoes, AuditEntry.number).where(AuditEntry.undoes.in_(numbers))
    rows = current_session().execute(asked.order_by(AuditEntry.number.desc()))
    return {undone: number for undone, number in rows if undone is not None}


def list_entries(
    asked: RecordFilter, *, after: str | None = None, before: str | None = None, limit: int = 50, count: bool = False
) -> Batch[Kept]:
    """Return a part of the record, the newest first: behind the cursor `after`, or in front of `before`."""
    conditions = _conditions(asked)
    older, newer = decode_cursor(after, 1), decode_cursor(before, 1)
    backwards = newer is not None and isinstance(newer[0], int)
    query = _select().where(*conditions)
    if backwards and newer is not None:
        query = query.where(AuditEntry.number > newer[0]).order_by(AuditEntry.number)
    else:
        query = query.order_by(AuditEntry.number.desc())
        if older is not None and isinstance(older[0], int):
            query = query.where(AuditEntry.number < older[0])
    session = current_session()
    rows = [_kept(row) for row in session.execute(query.limit(limit + 1))]
    more, rows = len(rows) > limit, rows[:limit]
    if backwards:
        rows.reverse()
    has_newer = more if backwards else older is not None
    has_older = True if backwards else more
    total = None
    if count:
        counted = (
            select(func.count())
            .select_from(AuditEntry)
            .outerjoin(AuditDetails, AuditDetails.number == AuditEntry.number)
        )
        total = session.scalar(counted.where(*conditions))
    return Batch(
        rows,
        encode_cursor(rows[-1].number) if rows and has_older else None,
        encode_cursor(rows[0].number) if rows and has_newer else None,
        total,
    )


def stream_entries(asked: RecordFilter) -> Iterator[Kept]:
    """Yield the entries asked for, the oldest first, some hundred at a time."""
    last = 0
    session = current_session()
    while True:
        query = _select().where(*_conditions(asked), AuditEntry.number > last).order_by(AuditEntry.number)
        rows = [_kept(row) for row in session.execute(query.limit(_AT_ONCE))]
        yield from rows
        if len(rows) < _AT_ONCE:
            return
        last = rows[-1].number


def _conditions(asked: RecordFilter) -> list[ColumnElement[bool]]:
    found: list[ColumnElement[bool]] = []
    same = {name: getattr(asked, name) for name in ("actor_id", "act", "subject", "subject_id")}
    found += [getattr(AuditEntry, name) == value for name, value in same.items() if value]
    if asked.since is not None:
        found.append(AuditEntry.at >= asked.since)
    if asked.until is not None:
        found.append(AuditEntry.at < asked.until)
    if asked.way:
        found.append(AuditDetails.details["way"].as_string() == asked.way)
    if asked.person_id is not None:
        about = select(AuditPerson.number).where(AuditPerson.user_id == asked.person_id)
        subject = (AuditEntry.subject == "user") & (AuditEntry.subject_id == asked.person_id)
        found.append(or_(AuditEntry.actor_id == asked.person_id, subject, AuditEntry.number.in_(about)))
    words = asked.words.casefold().split()[:8]
    return found + [AuditDetails.words.contains(word, autoescape=True) for word in words]


def list_former_ids(email: str) -> list[int]:
    """Return the ids of accounts that are gone and went with this mail address."""
    there = select(User.id).where(User.id == AuditEntry.subject_id).exists()
    query = (
        select(AuditEntry.subject_id, AuditDetails.details)
        .join(AuditDetails, AuditDetails.number == AuditEntry.number)
        .where(AuditEntry.subject == "user", AuditDetails.words.contains(email.casefold(), autoescape=True), ~there)
    )
    rows = current_session().execute(query)
    told = ((key, {(details.get(when) or {}).get("email") for when in ("before", "after")}) for key, details in rows)
    return sorted({key for key, addresses in told if key is not None and email in addresses})


def list_batch(entry: Kept) -> list[Kept]:
    """Return what was done together with `entry`, by the same request, itself among it, the oldest first."""
    request_id = entry.told("request_id")
    if not request_id:
        return [entry]
    near = AuditEntry.number.between(entry.number - _NEAR, entry.number + _NEAR)
    together = _select().where(near, AuditEntry.act == entry.act, AuditEntry.subject == entry.subject)
    actor = AuditEntry.actor_id.is_(None) if entry.actor_id is None else AuditEntry.actor_id == entry.actor_id
    same = AuditDetails.details["request_id"].as_string() == request_id
    rows = current_session().execute(together.where(actor, same).order_by(AuditEntry.number))
    return [_kept(row) for row in rows]


def list_actors(limit: int = 200) -> list[tuple[int, str]]:
    """Return the ids and names of those with an account who did something that is kept, by name."""
    acted = select(AuditEntry.actor_id).where(AuditEntry.actor_id == User.id).exists()
    asked = select(User.id, User.name).where(acted).order_by(User.name, User.id).limit(limit)
    return [(int(user_id), name) for user_id, name in current_session().execute(asked)]
