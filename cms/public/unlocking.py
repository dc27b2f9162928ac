"""Entries with a password: what a reader has opened is kept in a signed cookie of its own, not in a session."""

from __future__ import annotations

import hashlib
from datetime import timedelta

from flask import Response
from flask_security.utils import verify_password
from itsdangerous import BadSignature
from sqlalchemy import select

from cms.content.models import Entry
from cms.core.cookies import keep_cookie, read_cookie
from cms.core.db import current_session
from cms.core.secrets import CurrentSerializer

COOKIE = "masthead_pass"
_LASTS = timedelta(days=10)
#: Entries that one cookie remembers, the last ones opened.
_MOST = 20


_signer = CurrentSerializer("masthead-unlocked")


def _fingerprint(entry_id: int, password_hash: str) -> str:
    """Return what stands in the cookie for a password, so that a changed password closes the entry again."""
    return hashlib.sha256(f"{entry_id}:{password_hash}".encode()).hexdigest()[:24]


def _kept() -> dict[str, str]:
    """Return what the reader's cookie says: entry ids and fingerprints; nothing if it is not ours."""
    try:
        value = _signer.loads(read_cookie(COOKIE), max_age=int(_LASTS.total_seconds()))
    except BadSignature:
        return {}
    return {str(key): str(mark) for key, mark in value.items()} if isinstance(value, dict) else {}


def is_unlocked(entry: Entry) -> bool:
    """Tell whether the reader has given the password that the entry has now."""
    if entry.password_hash is None:
        return False
    return _kept().get(str(entry.id)) == _fingerprint(entry.id, entry.password_hash)


def unlocked_entry_ids() -> frozenset[int]:
    """Return the entries whose present password the reader has given. At most one query."""
    kept = _kept()
    ids = [int(key) for key in kept if key.isascii() and key.isdigit()]
    if not ids:
        return frozenset()
    rows = current_session().execute(select(Entry.id, Entry.password_hash).where(Entry.id.in_(ids[:_MOST])))
    return frozenset(key for key, secret in rows if secret and kept[str(key)] == _fingerprint(key, secret))


def is_password(entry: Entry, password: str) -> bool:
    """Tell whether `password` opens the entry."""
    return bool(entry.password_hash and 0 < len(password) <= 200 and verify_password(password, entry.password_hash))


def unlock(entry: Entry, response: Response) -> None:
    """Remember in the reader's browser that they have given the entry's password."""
    kept = _kept()
    kept.pop(str(entry.id), None)
    kept = dict(list(kept.items())[-(_MOST - 1) :]) | {str(entry.id): _fingerprint(entry.id, entry.password_hash or "")}
    keep_cookie(response, COOKIE, _signer.dumps(kept), lasts=_LASTS)
