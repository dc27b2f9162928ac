"""The store of the page cache: one SQLite file shared by all processes of an installation.

The law (ARCHITECTURE.md has the trials behind it): a reader takes the store's sequence before it renders; a
writer, after its commit and before it answers, raises the sequence and stamps the tags it changed; a page is
valid while every stamp on its tags is at most the sequence it started from. Before the commit the writer
announces its tags: as long as the announcement stands no page with such a tag is served, so that a process
killed between commit and stamp leaves a cold page, never a stale one.
"""

from __future__ import annotations

import json
import os
import secrets
import sqlite3
import threading
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

from flask import Flask
from flask_caching.backends.base import BaseCache

#: Beyond this many pages the oldest ones go.
MOST_PAGES = 20_000
#: A writer that announced a change this long ago (seconds) has died; its announcement becomes a stamp.
LONGEST_WRITE = 120
_SCHEMA = """
CREATE TABLE IF NOT EXISTS state (name TEXT PRIMARY KEY, value);
CREATE TABLE IF NOT EXISTS stamps (tag TEXT PRIMARY KEY, sequence INTEGER NOT NULL) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS pending (writer TEXT, tag TEXT, since REAL, PRIMARY KEY (tag, writer)) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS pages
(key TEXT PRIMARY KEY, start INTEGER, tags TEXT, expires REAL, stored REAL, value BLOB);
CREATE INDEX IF NOT EXISTS pages_stored ON pages (stored);
"""
_VALID = """
SELECT value FROM pages WHERE key = ? AND (expires = 0 OR expires > ?)
AND NOT EXISTS (SELECT 1 FROM json_each(pages.tags) AS t JOIN stamps AS s ON s.tag = t.value
WHERE s.sequence > pages.start)
AND NOT EXISTS (SELECT 1 FROM json_each(pages.tags) AS t JOIN pending AS p ON p.tag = t.value)
"""


@dataclass(frozen=True)
class Start:
    """Where the store stood before a page was rendered; worth nothing in a store made anew since (`epoch`)."""

    epoch: str
    sequence: int


class StoreError(Exception):
    """The store cannot be written."""


class SharedStore(BaseCache):
    """A Flask-Caching backend that keeps text and bytes (and JSON for its other users), never pickles."""

    def __init__(self, folder: str, default_timeout: int = 300) -> None:
        super().__init__(default_timeout)
        self._path = Path(folder) / "pages.db"
        self._local = threading.local()

    @classmethod
    def factory(cls, _app: Flask, config: dict[str, Any], _args: list[Any], _kwargs: dict[str, Any]) -> SharedStore:
        """Make the store as Flask-Caching asks for it; opens nothing."""
        return cls(config["CACHE_DIR"], config["CACHE_DEFAULT_TIMEOUT"])

    # -- the law ---------------------------------------------------------------------------------------------

    def start(self) -> Start:
        """Return where the store stands, to be taken before rendering."""
        with self._reading() as connection:
            row = connection.execute(
                "SELECT (SELECT value FROM state WHERE name='epoch'), (SELECT value FROM state WHERE name='sequence')"
            ).fetchone()
            return Start(*row)

    def load(self, key: str) -> bytes | None:
        """Return the page stored under `key` if nothing it was made from has changed since."""
        try:
            with self._reading() as connection:
                row = connection.execute(_VALID, (key, time.time())).fetchone()
        except sqlite3.Error:
            return None
        return None if row is None else bytes(row[0])

    def save(self, key: str, value: bytes, *, start: Start, tags: Iterable[str], expires: float = 0) -> None:
        """Keep a page that was rendered from `start` on, until `expires` (seconds since 1970; 0: no such end)."""
        row = (key, start.sequence, json.dumps(sorted(set(tags))), expires, time.time(), value)
        try:
            with self._writing() as connection:
                if connection.execute("SELECT value FROM state WHERE name='epoch'").fetchone()[0] != start.epoch:
                    return
                connection.execute("INSERT OR REPLACE INTO pages VALUES (?, ?, ?, ?, ?, ?)", row)
                if secrets.randbelow(100) == 0:
                    self._tidy(connection)
        except sqlite3.Error:
            return

    def announce(self, tags: Iterable[str]) -> str:
        """Say, before a commit, which tags it will change; returns the name to stamp with.

        Raises StoreError when that cannot be written: the change must wait, or readers would see old pages.
        """
        writer, now = secrets.token_hex(8), time.time()
        with self._surely_writing() as connection:
            connection.executemany("INSERT INTO pending VALUES (?, ?, ?)", [(writer, tag, now) for tag in set(tags)])
            self._settle(connection, now)
        return writer

    def stamp(self, tags: Iterable[str], writer: str | None = None) -> None:
        """Say, after a commit and before the answer, that everything made from `tags` is old."""
        with self._surely_writing() as connection:
            self._stamp(connection, set(tags))
            connection.execute("DELETE FROM pending WHERE writer = ?", (writer,))

    def _stamp(self, connection: sqlite3.Connection, tags: set[str]) -> None:
        connection.execute("UPDATE state SET value = value + 1 WHERE name = 'sequence'")
        sequence = connection.execute("SELECT value FROM state WHERE name = 'sequence'").fetchone()[0]
        connection.executemany("INSERT OR REPLACE INTO stamps VALUES (?, ?)", [(tag, sequence) for tag in tags])

    def _settle(self, connection: sqlite3.Connection, now: float) -> None:
        dead = connection.execute("SELECT writer, tag FROM pending WHERE since < ?", (now - LONGEST_WRITE,)).fetchall()
        if dead:
            self._stamp(connection, {tag for _writer, tag in dead})
            connection.executemany("DELETE FROM pending WHERE writer = ?", [(writer,) for writer, _tag in dead])

    def _tidy(self, connection: sqlite3.Connection) -> None:
        connection.execute("DELETE FROM pages WHERE expires > 0 AND expires < ?", (time.time(),))
        excess = connection.execute("SELECT COUNT(*) FROM pages").fetchone()[0] - MOST_PAGES
        if excess > 0:
            connection.execute(
                "DELETE FROM pages WHERE key IN (SELECT key FROM pages ORDER BY stored LIMIT ?)", (excess,)
            )

    # -- what Flask-Caching's users know ------------------------------------------------------------------------

    def get(self, key: str) -> Any:
        """Return what was set under `key`, or None."""
        found = self.load(f"user:{key}")
        return None if found is None else json.loads(found)

    def set(self, key: str, value: Any, timeout: int | timedelta | None = None) -> bool:
        """Keep a JSON value for `timeout` seconds (0: without end); raises TypeError for anything else."""
        lasts = timeout.total_seconds() if isinstance(timeout, timedelta) else timeout
        lasts = self.default_timeout if lasts is None else lasts
        data = json.dumps(value, allow_nan=False).encode()
        try:
            self.save(f"user:{key}", data, start=self.start(), tags=(), expires=time.time() + lasts if lasts else 0)
        except sqlite3.Error:
            return False
        return True

    def add(self, key: str, value: Any, timeout: int | timedelta | None = None) -> bool:
        """Keep a value unless there is one."""
        return not self.has(key) and self.set(key, value, timeout)

    def has(self, key: str) -> bool:
        """Tell whether there is a value under `key`."""
        return self.load(f"user:{key}") is not None

    def delete(self, key: str) -> bool:
        """Forget what was set under `key`."""
        with self._surely_writing() as connection:
            return connection.execute("DELETE FROM pages WHERE key = ?", (f"user:{key}",)).rowcount > 0

    def clear(self) -> bool:
        """Forget every page and value; what is being rendered now is not kept either."""
        with self._surely_writing() as connection:
            connection.execute("DELETE FROM pages")
            connection.execute("UPDATE state SET value = ? WHERE name = 'epoch'", (secrets.token_hex(8),))
        return True

    # -- the file -----------------------------------------------------------------------------------------------

    @contextmanager
    def _reading(self) -> Iterator[sqlite3.Connection]:
        yield self._connection()

    @contextmanager
    def _writing(self) -> Iterator[sqlite3.Connection]:
        connection = self._connection()
        connection.execute("BEGIN IMMEDIATE")
        try:
            yield connection
        except BaseException:
            connection.rollback()
            raise
        connection.commit()

    @contextmanager
    def _surely_writing(self) -> Iterator[sqlite3.Connection]:
        """Write, or throw the store away: an empty one is slow, one that missed a stamp is wrong."""
        try:
            with self._writing() as connection:
                yield connection
        except sqlite3.Error:
            try:
                self._path.unlink(missing_ok=True)
            except OSError as error:
                raise StoreError(str(error)) from error

    def _connection(self) -> sqlite3.Connection:
        """Return this thread's connection, opened anew after a fork or when the file was replaced."""
        mark = (os.getpid(), self._inode())
        known: sqlite3.Connection | None = getattr(self._local, "connection", None)
        if known is not None and mark[1] is not None and self._local.mark == mark:
            return known
        self._path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        connection = sqlite3.connect(self._path, timeout=5, isolation_level=None, check_same_thread=False)
        try:
            self._prepare(connection)
        except sqlite3.OperationalError:
            connection.close()
            raise
        except sqlite3.DatabaseError:
            # Not a database any more: begin a new one.
            connection.close()
            self._path.unlink(missing_ok=True)
            connection = sqlite3.connect(self._path, timeout=5, isolation_level=None, check_same_thread=False)
            self._prepare(connection)
        self._local.connection, self._local.mark = connection, (os.getpid(), self._inode())
        return connection

    def _inode(self) -> int | None:
        try:
            return self._path.stat().st_ino
        except OSError:
            return None

    def _prepare(self, connection: sqlite3.Connection) -> None:
        connection.execute("PRAGMA journal_mode=WAL")
        # What a power cut may lose is only a cache: the server begins with an empty one.
        connection.execute("PRAGMA synchronous=OFF")
        connection.executescript(_SCHEMA)
        connection.execute("INSERT OR IGNORE INTO state VALUES ('epoch', ?)", (secrets.token_hex(8),))
        connection.execute("INSERT OR IGNORE INTO state VALUES ('sequence', 1)")
