"""Verifying the record: every entry against its seal, its neighbour, its details, and the noted end of the chain."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import Row, select
from sqlalchemy.orm import Session

from cms.audit.head import Head, Heads, UnreadableHeadError, read_head
from cms.audit.models import AuditDetails, AuditEntry, AuditPerson
from cms.audit.records import ERASED, PRUNED
from cms.audit.sealing import GENESIS, SEALED, chain_hash, digest, words_of
from cms.core.db import current_session
from cms.core.i18n import Text, _
from cms.core.secrets import UnknownKeyError, audit_key
from cms.lib.batches import batched

#: Rows held in memory at a time.
_AT_ONCE = 500


@dataclass(frozen=True)
class Problem:
    """The first entry that is not as it was written; `kind` is changed, removed, inserted, order, key, details."""

    number: int
    kind: str
    text: Text
    #: Whether all that is there holds, and only the noted end says that there was more: after a restored backup.
    is_end: bool = False


@dataclass(frozen=True)
class Verdict:
    """What verifying found; `end` is the last entry, `doubts` are what a person has to judge."""

    checked: int
    first: int | None
    end: Head | None
    problem: Problem | None = None
    doubts: Sequence[Text] = ()

    @property
    def holds(self) -> bool:
        """Whether every entry is as it was written, and nothing is in doubt."""
        return self.problem is None and not self.doubts


class _Broken(Exception):  # noqa: N818 -- carries the problem out of the loop
    def __init__(self, number: int, kind: str, text: Text, *, is_end: bool = False) -> None:
        super().__init__(kind)
        self.problem = Problem(number, kind, text, is_end)


@dataclass
class _Claims:
    """What entries say about others: whose details were erased to what, and up to where the oldest were removed."""

    #: By number: the seal of what is left, the key it is made with, and the entry that says so.
    erased: dict[int, tuple[str, str, int]] = field(default_factory=dict)
    pruned: dict[int, str] = field(default_factory=dict)


def verify(*, last: int | None = None) -> Verdict:
    """Verify the whole record, or its `last` entries, as it is at one moment; reads on while others write."""
    # Before the table: what is written in between is beyond this end, never short of it.
    doubts: list[Text] = []
    heads: Heads | None = None
    try:
        heads = read_head()
    except UnreadableHeadError:
        doubts.append(_("What this machine noted of the end of the record cannot be read (audit-head.json)."))
    with _one_moment() as session:
        walk = _Walk(session, heads, last)
        try:
            walk.run()
        except _Broken as broken:
            return Verdict(walk.checked, walk.first, walk.end, broken.problem, doubts)
    if heads is None and not doubts and walk.end is not None:
        doubts.append(
            _("This machine has noted no end of the record (audit-head.json), so last entries may be missing.")
        )
    return Verdict(walk.checked, walk.first, walk.end, None, doubts)


@contextmanager
def _one_moment() -> Iterator[Session]:
    """Read everything as it is at one moment, while others go on writing."""
    session = current_session()
    session.rollback()
    if session.get_bind().dialect.name == "sqlite":
        session.connection().exec_driver_sql("BEGIN")
    else:
        session.connection(execution_options={"isolation_level": "REPEATABLE READ"})
    try:
        yield session
    finally:
        session.rollback()


class _Walk:
    """One way along the chain."""

    def __init__(self, session: Session, heads: Heads | None, last: int | None) -> None:
        self._session = session
        self._heads = heads or Heads()
        self._claims = _Claims()
        self._keys: dict[str, bytes] = {}
        self._last = last
        self._other: int | None = None
        self.checked = 0
        self.first: int | None = None
        self.end: Head | None = None

    def run(self) -> None:
        """Walk from the first entry to the end; raises _Broken at the first that is wrong."""
        self._collect_claims()
        number, before = self._start()
        for rows in batched(self._rows(number), _AT_ONCE):
            people = self._people(rows[0].number, rows[-1].number)
            for row in rows:
                if self.first is None:
                    self._check_first(row)
                    if self._last is None:
                        number, before = row.number - 1, row.previous_hash
                self._check(row, number, before, people.get(row.number, []))
                number, before = row.number, row.hash
        self._check_end()

    def _rows(self, above: int) -> Iterator[Row[Any]]:
        columns = [getattr(AuditEntry, name) for name in (*SEALED, "hash")]
        query = (
            select(*columns, AuditDetails.salt, AuditDetails.details, AuditDetails.words)
            .outerjoin(AuditDetails, AuditDetails.number == AuditEntry.number)
            .order_by(AuditEntry.number)
        )
        if self._last is not None:
            query = query.where(AuditEntry.number > above)
        return iter(self._session.execute(query.execution_options(yield_per=_AT_ONCE)))

    def _people(self, first: int, last: int) -> dict[int, list[int]]:
        asked = select(AuditPerson.number, AuditPerson.user_id).where(AuditPerson.number.between(first, last))
        found: defaultdict[int, list[int]] = defaultdict(list)
        for number, user_id in self._session.execute(asked.order_by(AuditPerson.number, AuditPerson.user_id)):
            found[number].append(user_id)
        return found

    def _collect_claims(self) -> None:
        """Read what entries say was erased and removed; that they are genuine, the walk finds out as it meets them."""
        asked = (
            select(AuditEntry.number, AuditEntry.act, AuditEntry.key_id, AuditDetails.details)
            .join(AuditDetails, AuditDetails.number == AuditEntry.number)
            .where(AuditEntry.act.in_((PRUNED, ERASED)))
            .order_by(AuditEntry.number)
        )
        for number, act, key_id, details in self._session.execute(asked):
            after = details.get("after") if isinstance(details, dict) else None
            if not isinstance(after, dict):
                continue
            if act == PRUNED and isinstance(after.get("through"), int):
                self._claims.pruned[after["through"]] = str(after.get("hash"))
            for erased, sealed in (after.get("digests") or {}).items() if act == ERASED else ():
                self._claims.erased[int(erased)] = (str(sealed), key_id, number)

    def _start(self) -> tuple[int, str]:
        """Return number and hash of the entry before the first that is looked at."""
        if self._last is None:
            return 0, GENESIS
        numbers = select(AuditEntry.number, AuditEntry.hash).order_by(AuditEntry.number.desc())
        found = self._session.execute(numbers.offset(self._last).limit(1)).first()
        if found is None:
            self._last = None
            return 0, GENESIS
        return found.number, found.hash

    def _check_first(self, row: Row[Any]) -> None:
        self.first = row.number
        if self._last is not None:
            return
        if row.number < 1:
            raise _Broken(row.number, "inserted", _("There is no entry %(number)s.", number=row.number))
        if row.number == 1 and row.previous_hash == GENESIS:
            return
        if row.number == 1 or self._claims.pruned.get(row.number - 1) != row.previous_hash:
            if row.number == 1:
                raise _Broken(1, "order", _("The first entry names another one before it."))
            raise _Broken(
                1, "removed", _("Entries 1 to %(last)s are gone, and no entry says why.", last=row.number - 1)
            )

    def _check(self, row: Row[Any], number: int, before: str, people: list[int]) -> None:
        here = row.number
        if here != number + 1:
            raise _Broken(
                number + 1, "removed", _("Entries %(first)s to %(last)s are gone.", first=number + 1, last=here - 1)
            )
        key = self._key(row)
        seal = chain_hash(key, row._asdict())
        if row.hash != seal:
            raise self._forged(row, before)
        if row.previous_hash != before:
            raise _Broken(here, "order", _("Entry %(number)s belongs behind another one.", number=here))
        self._check_details(row, key, people)
        self._check_noted(row)
        self.checked += 1
        self.end = Head(here, row.hash, row.key_id)

    def _key(self, row: Row[Any]) -> bytes:
        if row.key_id not in self._keys:
            try:
                self._keys[row.key_id] = audit_key(row.key_id)[1]
            except UnknownKeyError:
                text = _("Entry %(number)s is sealed with the key “%(key)s”, which is not here.",
                         number=row.number, key=row.key_id)  # fmt: skip
                raise _Broken(row.number, "key", text) from None
        return self._keys[row.key_id]

    def _forged(self, row: Row[Any], before: str) -> _Broken:
        """Return how an entry whose seal is wrong is best called."""
        settled = self._heads.settled
        if settled is not None and row.number > settled.number:
            text = _("Entry %(number)s was put in or changed: its seal is wrong.", number=row.number)
            return _Broken(row.number, "inserted", text)
        if row.previous_hash != before:
            text = _("Entry %(number)s does not follow the one before it, and its seal is wrong.", number=row.number)
            return _Broken(row.number, "order", text)
        return _Broken(row.number, "changed", _("Entry %(number)s was changed: its seal is wrong.", number=row.number))

    def _check_details(self, row: Row[Any], key: bytes, people: list[int]) -> None:
        if not isinstance(row.details, dict) or row.salt is None:
            raise _Broken(row.number, "details", _("The details of entry %(number)s are gone.", number=row.number))
        sealed = row.details_digest
        if row.number in self._claims.erased:
            sealed, key_id, _said_by = self._claims.erased[row.number]
            if _said_by > row.number:
                key = audit_key(key_id)[1]
        try:
            found = digest(key, row.salt, row.details)
        except (TypeError, ValueError):
            found = ""
        genuine = found == sealed and row.words == words_of(row.details) and people == row.details.get("about", [])
        if not genuine:
            raise _Broken(row.number, "details", _("The details of entry %(number)s were changed.", number=row.number))

    def _check_noted(self, row: Row[Any]) -> None:
        """Remember that an entry is another one than this machine saw at its number; everything else comes first."""
        for noted in (self._heads.settled, self._heads.lost):
            if noted is not None and noted.number == row.number and noted.hash != row.hash and self._other is None:
                self._other = row.number

    def _check_end(self) -> None:
        """Compare the end of the table with the end that this machine noted."""
        settled, lost = self._heads.settled, self._heads.lost
        last = self.end.number if self.end is not None else 0
        if self._other is not None:
            text = _("Entry %(number)s is not the one that this machine wrote or saw.", number=self._other)
            raise _Broken(self._other, "changed", text, is_end=True)
        if settled is not None and settled.number > last:
            text = _("Entries %(first)s to %(last)s are gone: this machine has seen them written.",
                     first=last + 1, last=settled.number)  # fmt: skip
            raise _Broken(last + 1, "removed", text, is_end=True)
        if lost is not None:
            text = _("Entry %(number)s was gone when this machine next wrote to the record.", number=lost.number)
            raise _Broken(lost.number, "removed", text, is_end=True)
