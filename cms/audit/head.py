"""The end of the chain as this machine knows it, kept in a file beside the database.

A chain shows that a row in it was changed, but not that its last rows are gone: without them it is a chain as well.
Therefore each machine notes, apart from the table, how far the record had come when it last wrote to it:

- `settled`: the end of the chain after a commit of this machine;
- `lost`: an end that was settled once and was not in the table any more when this machine next wrote to it.

How to read it: everything up to `settled` has to be in the table, with that very hash. Whatever lies beyond was written
by other machines, or by a process that ended between its commit and its note, and is as it should be. The note is made
after the commit, never before: what a crash leaves is a note that lies behind, which asks for less than it could, never
one that asks for what was not committed. (A note before the commit would have to be believed or not, and tell as much.)
So a crash never looks like a removal. And a removal never looks like a crash: what is taken away after it was settled
is missed by `verify`, and each writer looks, while it holds the chain's lock, whether what was settled is still there,
so that what is written afterwards does not cover it up (`lost`).

The file is replaced, never written into, and not waited for to reach the disk: after a power cut it may lie behind,
too. Only its loss as a whole has to be told to a person. Where nothing may be written beside the database, the log
says so.
"""

from __future__ import annotations

import fcntl
import json
import logging
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from cms.core.instance import instance_folder

FILE = "audit-head.json"
_LOCK = "audit-head.lock"
_log = logging.getLogger("cms.audit")


@dataclass(frozen=True)
class Head:
    """An end of the chain: the last number, its hash, and the key the hash is made with."""

    number: int
    hash: str
    key_id: str


@dataclass(frozen=True)
class Heads:
    """What the file says."""

    settled: Head | None = None
    lost: Head | None = None


class UnreadableHeadError(ValueError):
    """There is a file, but it is none of ours, or cut off."""


def head_path() -> Path:
    """Return where the file is."""
    return instance_folder() / FILE


def read_head() -> Heads | None:
    """Return what this machine knows, or None when there is no file; raises UnreadableHeadError."""
    try:
        text = head_path().read_text("utf-8")
    except FileNotFoundError:
        return None
    except (OSError, UnicodeDecodeError) as error:
        raise UnreadableHeadError(str(error)) from error
    try:
        told = json.loads(text)
        return Heads(*(_head(told.get(name)) for name in ("settled", "lost")))
    except (ValueError, TypeError, AttributeError, KeyError) as error:
        raise UnreadableHeadError(f"{FILE} is not what was written there.") from error


def _head(told: Any) -> Head | None:
    if told is None:
        return None
    return Head(int(told["number"]), str(told["hash"]), str(told["key_id"]))


def find_lost(end: Head, hash_of: Callable[[int], str | None]) -> Head | None:
    """Return an end that was settled and is not in the table, while the chain's lock is held and it ends at `end`.

    `hash_of` tells the hash of an entry that is in the table.
    """
    try:
        heads = read_head()
    except UnreadableHeadError as error:
        _log.error("what was noted of the end of the record cannot be read: %s", error)
        return None
    known = heads.settled if heads is not None else None
    if known is None or _holds(known, end, hash_of):
        return None
    _log.error("entry %s of the record was written and is not in the table any more", known.number)
    return known


def _holds(known: Head, end: Head, hash_of: Callable[[int], str | None]) -> bool:
    if known.number == end.number:
        return known.hash == end.hash
    if known.number > end.number:
        return False
    found = hash_of(known.number)
    # The oldest entries go when their time is over; that it was so, verifying looks after.
    return found is None or found == known.hash


def settle(end: Head, lost: Head | None = None) -> None:
    """Note, after the commit, that the chain has come to `end`; what was lost before is kept in mind."""
    with _changing() as heads:
        if heads is None:
            return
        # A process that was faster may have come further, unless what it had come to is lost.
        if lost is not None or heads.settled is None or heads.settled.number < end.number:
            _write(Heads(end, heads.lost or lost))


def accept_head(end: Head | None) -> None:
    """Take `end` as the end that has to be there from now on, and forget what was lost."""
    with _changing() as heads:
        if heads is not None:
            _write(Heads(end))


@contextmanager
def _changing() -> Iterator[Heads | None]:
    """Hold the file alone and give what it says; None, after a line in the log, where it cannot be written."""
    try:
        lock = os.open(instance_folder() / _LOCK, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    except OSError as error:
        _log.error("the end of the record cannot be noted beside the database: %s", error)
        yield None
        return
    try:
        fcntl.flock(lock, fcntl.LOCK_EX)
        try:
            heads = read_head() or Heads()
        except UnreadableHeadError as error:
            _log.error("what was noted of the end of the record cannot be read: %s", error)
            heads = Heads()
        yield heads
    except OSError as error:
        _log.error("the end of the record cannot be noted beside the database: %s", error)
    finally:
        os.close(lock)


def _write(heads: Heads) -> None:
    """Replace the file."""
    path = head_path()
    draft = path.with_name(f".{FILE}.{os.getpid()}")
    handle = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_CLOEXEC, 0o600)
    try:
        os.write(handle, json.dumps(asdict(heads)).encode() + b"\n")
    finally:
        os.close(handle)
    draft.replace(path)
