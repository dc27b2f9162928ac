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
import shutil
import sqlite3
import threading
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any, TypeVar

from flask import Flask
from flask_caching.backends.base import BaseCache

Result = TypeVar("Result")
#: Beyond this many pages, or bytes of them, the oldest ones go: asking for what nobody asked for fills nothing.
MOST_PAGES, MOST_BYTES = 20_000, 256 * 1024**2
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
_OLDEST = """
DELETE FROM pages WHERE key IN (SELECT key FROM (
SELECT key, ROW_NUMBER() OVER newest AS place, SUM(LENGTH(value)) OVER newest AS bytes
FROM pages WINDOW newest AS (ORDER BY stored DESC, key ROWS UNBOUNDED PRECEDING))
WHERE place > :pages OR bytes > :bytes)
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
        self._inherited: list[sqlite3.Connection] = []

    @classmethod
    def factory(cls, _app: Flask, config: dict[str, Any], _args: list[Any], _kwargs: dict[str, Any]) -> SharedStore:
        """Make the store as Flask-Caching asks for it; opens nothing."""
        return cls(config["CACHE_DIR"], config["CACHE_DEFAULT_TIMEOUT"])

    # -- the law ---------------------------------------------------------------------------------------------

    def start(self) -> Start | None:
        """Return where the store stands, to be taken before rendering; None when it does not answer."""
        query = "SELECT (SELECT value FROM state WHERE name='epoch'), (SELECT value FROM state WHERE name='sequence')"
        try:
            return Start(*self._connection().execute(query).fetchone())
        except (sqlite3.Error, OSError):
            return None

    def load(self, key: str) -> bytes | None:
        """Return the page stored under `key` if nothing it was made from has changed since."""
        try:
            row = self._connection().execute(_VALID, (key, time.time())).fetchone()
        except (sqlite3.Error, OSError):
            return None
        return None if row is None else bytes(row[0])

    def save(self, key: str, value: bytes, *, start: Start | None, tags: Iterable[str], expires: float = 0) -> None:
        """Keep a page that was rendered from `start` on, until `expires` (seconds since 1970; 0: no such end)."""
        if start is None:
            return
        row = (key, start.sequence, json.dumps(sorted(set(tags))), expires, time.time(), value)
        try:
            with self._writing() as connection:
                if connection.execute("SELECT value FROM state WHERE name='epoch'").fetchone()[0] != start.epoch:
                    return
                connection.execute("INSERT OR REPLACE INTO pages VALUES (?, ?, ?, ?, ?, ?)", row)
                # Without this a dead writer's pages would stay cold until somebody writes again.
                self._settle(connection, time.time())
                # The larger the page, the sooner: what is kept grows by a few megabytes between two looks at most.
                if secrets.randbelow(100) == 0 or secrets.randbelow(4 * 1024**2) < len(value):
                    self._tidy(connection)
        except (sqlite3.Error, OSError):
            return

    def announce(self, tags: Iterable[str]) -> str:
        """Say, before a commit, which tags it will change; returns the name to stamp with.

        Raises StoreError when that cannot be written: the change must wait, or readers would see old pages.
        """
        writer, now = secrets.token_hex(8), time.time()
        rows = [(writer, tag, now) for tag in set(tags)]

        def write(connection: sqlite3.Connection) -> None:
            connection.executemany("INSERT INTO pending VALUES (?, ?, ?)", rows)
            self._settle(connection, now)

        self._surely(write)
        return writer

    def stamp(self, tags: Iterable[str], writer: str | None = None) -> None:
        """Say, after a commit and before the answer, that everything made from `tags` is old.

        Raises StoreError when that cannot be written; pages stay cold then, for the announcement stands.
        """
        changed = set(tags)

        def write(connection: sqlite3.Connection) -> None:
            self._stamp(connection, changed)
            connection.execute("DELETE FROM pending WHERE writer = ?", (writer,))

        self._surely(write)

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
        connection.execute(_OLDEST, {"pages": MOST_PAGES, "bytes": MOST_BYTES})

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
        start = self.start()
        self.save(f"user:{key}", data, start=start, tags=(), expires=time.time() + lasts if lasts else 0)
        return start is not None

    def add(self, key: str, value: Any, timeout: int | timedelta | None = None) -> bool:
        """Keep a value unless there is one."""
        return not self.has(key) and self.set(key, value, timeout)

    def has(self, key: str) -> bool:
        """Tell whether there is a value under `key`."""
        return self.load(f"user:{key}") is not None

    def delete(self, key: str) -> bool:
        """Forget what was set under `key`."""
        query = "DELETE FROM pages WHERE key = ?"
        return bool(self._surely(lambda connection: connection.execute(query, (f"user:{key}",)).rowcount > 0))

    def clear(self) -> bool:
        """Forget every page and value; what is being rendered now is not kept either."""

        def write(connection: sqlite3.Connection) -> None:
            connection.execute("DELETE FROM pages")
            connection.execute("UPDATE state SET value = ? WHERE name = 'epoch'", (secrets.token_hex(8),))

        self._surely(write)
        return True

    # -- the file -----------------------------------------------------------------------------------------------

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

    def _surely(self, work: Callable[[sqlite3.Connection], Result]) -> Result | None:
        """Write, or throw the store away and write to a new one; None when there is no store any more.

        An empty store is slow, one that missed a stamp is wrong. Raises StoreError when it can be neither written
        nor thrown away.
        """
        for _attempt in range(2):
            known = None
            try:
                known = self._inode()
                with self._writing() as connection:
                    return work(connection)
            except (sqlite3.Error, OSError):
                self._throw_away(known)
        return None

    def _throw_away(self, known: int | None) -> None:
        """Remove the store, unless another process has done so since it was the file `known`.

        Its folder is renamed: the file, its log and its index go at once. A new file beside the index of an old
        one, which other processes still hold open, could neither be read nor written.
        """
        folder = self._path.parent
        grave = folder.with_name(f"{folder.name}-{secrets.token_hex(8)}")
        try:
            present = self._inode()
            if present is None or known not in (None, present):
                return
            folder.rename(grave)
        except FileNotFoundError:
            return
        except OSError as error:
            raise StoreError(str(error)) from error
        shutil.rmtree(grave, ignore_errors=True)

    def _connection(self) -> sqlite3.Connection:
        """Return this thread's connection, opened anew after a fork or when the file was replaced."""
        process, inode = os.getpid(), self._inode()
        known: sqlite3.Connection | None = getattr(self._local, "connection", None)
        if known is not None and inode is not None and self._local.mark == (process, inode):
            return known
        if known is not None:
            self._let_go(known, process)
        connection, inode = self._open()
        self._local.connection, self._local.mark = connection, (process, inode)
        return connection

    def _let_go(self, connection: sqlite3.Connection, process: int) -> None:
        self._local.connection = None
        if self._local.mark[0] == process:
            connection.close()
        else:
            # SQLite must not close, in a child, what its parent opened: it stays, unused.
            self._inherited.append(connection)

    def _open(self) -> tuple[sqlite3.Connection, int]:
        """Open the file that is there now; a file that is no database makes room for a new one."""
        for _attempt in range(10):
            self._path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
            before = self._inode()
            connection = sqlite3.connect(self._path, timeout=5, isolation_level=None, check_same_thread=False)
            try:
                self._prepare(connection)
            except sqlite3.OperationalError:
                connection.close()
                raise
            except sqlite3.DatabaseError:
                connection.close()
                self._throw_away(before)
                continue
            # Replaced while it was opened, the file would be taken for the new one, and never be stamped again.
            if before is not None and self._inode() == before:
                return connection, before
            connection.close()
        raise sqlite3.OperationalError("The page store is replaced faster than it can be opened.")

    def _inode(self) -> int | None:
        try:
            return self._path.stat().st_ino
        except (FileNotFoundError, NotADirectoryError):
            return None

    def _prepare(self, connection: sqlite3.Connection) -> None:
        connection.execute("PRAGMA journal_mode=WAL")
        # What a power cut may lose is only a cache: the server begins with an empty one.
        connection.execute("PRAGMA synchronous=OFF")
        connection.executescript(_SCHEMA)
        connection.execute("INSERT OR IGNORE INTO state VALUES ('epoch', ?)", (secrets.token_hex(8),))
        connection.execute("INSERT OR IGNORE INTO state VALUES ('sequence', 1)")
