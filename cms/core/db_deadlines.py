"""A PostgreSQL that falls silent: who asks it waits for seconds, never without end.

Its own limits (`statement_timeout`) are worth nothing while its host is paused or the way there swallows what is said:
nothing refuses, nothing ends, and a thread would wait as long as the system lets it. So each wait for the server has a
limit here, too, after which the connection counts as lost: SQLAlchemy then gives up all that rest in the pool, and who
asks next has to open one. A server that takes no connection in time is left alone for a moment, then tried by one.
"""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Generator, Iterator
from contextlib import contextmanager
from typing import Any, TypeVar

import psycopg
from psycopg.rows import TupleRow
from sqlalchemy import Dialect, Engine, QueuePool, event
from sqlalchemy.exc import InvalidatePoolError

#: Seconds that the server is given to take a connection, and gives itself for a statement and for another's lock.
CONNECT, STATEMENT, LOCK = 3, 15, 10
#: Seconds of silence after which nobody is there: in the midst of a statement, and where the answer costs nothing.
#: Of a batch of statements (`executemany`) the first word is heard when all are done.
SILENCE, PING = STATEMENT + 3.0, 2.0
#: Seconds for which no connection is asked for after one was not given in time.
PAUSE = 2.0
Result = TypeVar("Result")
_log = logging.getLogger("cms.db")


class LimitedConnection(psycopg.Connection[TupleRow]):
    """A connection that is lost once the server has said nothing for too long."""

    has_served = False
    _limit: float | None = None

    def wait(self, gen: Generator[Any, Any, Result], *args: Any, **options: Any) -> Result:
        """Wait as long as something comes; raises OperationalError, and is closed, after too long a silence."""
        return super().wait(self._listen(gen), *args, **options)

    def _listen(self, gen: Generator[Any, Any, Result]) -> Generator[Any, Any, Result]:
        # Between what is said the driver comes by with nothing, ten times a second.
        try:
            wanted = next(gen)
            heard = time.monotonic()
            while True:
                ready = yield wanted
                if ready:
                    heard = time.monotonic()
                elif time.monotonic() - heard > (SILENCE if self._limit is None else self._limit):
                    self.pgconn.finish()
                    raise psycopg.OperationalError("the server has fallen silent")
                wanted = gen.send(ready)
        except StopIteration as end:
            result: Result = end.value
            return result

    @contextmanager
    def _at_once(self) -> Iterator[None]:
        self._limit = PING
        try:
            yield
        finally:
            self._limit = None

    def rollback(self) -> None:
        """Roll back, which costs a server nothing."""
        with self._at_once():
            super().rollback()

    def ping(self) -> None:
        """Raise OperationalError unless the server is there."""
        before = self.autocommit
        if not before:
            self.autocommit = True
        try:
            with self._at_once():
                self.execute("SELECT 1", prepare=False)
        finally:
            if not before and not self.closed:
                self.autocommit = False


class LimitedPool(QueuePool):
    """A pool that pings what has rested in it, as `pool_pre_ping` does, with less patience."""


@event.listens_for(LimitedPool, "checkout")
def _ping(connection: Any, _record: Any, _fairy: Any) -> None:
    if not isinstance(connection, LimitedConnection):
        return
    if connection.has_served:
        try:
            connection.ping()
        except psycopg.Error as error:
            # All the others go with it: each ping of a silent server would cost as much again.
            raise InvalidatePoolError from error
    connection.has_served = True


class Access:
    """How one server takes connections: all come, or none for a pause, or one that finds out for all."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._closed_until = 0.0

    def open(self, *args: Any, **options: Any) -> LimitedConnection:
        """Open a connection; raises OperationalError, at once while the server is left alone."""
        self._take_turn()
        began = time.monotonic()
        try:
            connection = LimitedConnection.connect(*args, **options)
        except psycopg.Error:
            # Who refuses does so at once, and may be asked again by everybody.
            waited = time.monotonic() - began > CONNECT * 0.9
            if waited and not self._closed_until:
                _log.warning("PostgreSQL takes no connection in time; it is left alone for a moment")
            self._closed_until = time.monotonic() + PAUSE if waited else 0.0
            raise
        except BaseException:
            self._closed_until = 0.0
            raise
        self._closed_until = 0.0
        return connection

    def _take_turn(self) -> None:
        with self._lock:
            now = time.monotonic()
            if now < self._closed_until:
                raise psycopg.OperationalError("the server took no connection in time a moment ago")
            if self._closed_until:
                self._closed_until = now + CONNECT + PAUSE


#: By host and port.
_ACCESS: dict[tuple[Any, ...], Access] = {}


@event.listens_for(Engine, "do_connect")
def _connect(dialect: Dialect, _record: Any, args: Any, options: Any) -> LimitedConnection | None:
    if dialect.name != "postgresql":
        return None
    server = (options.get("host"), options.get("port"))
    return _ACCESS.setdefault(server, Access()).open(*args, **options)


def postgres_options() -> dict[str, Any]:
    """Return the engine options for PostgreSQL: its limits, ours, and what the system does about a silent line."""
    return {
        "poolclass": LimitedPool,
        "pool_size": 8,
        "max_overflow": 8,
        "pool_timeout": 5,
        "connect_args": {
            "connect_timeout": CONNECT,
            "options": f"-c statement_timeout={STATEMENT}s -c lock_timeout={LOCK}s",
            "keepalives_idle": 10,
            "keepalives_interval": 3,
            "keepalives_count": 3,
            "tcp_user_timeout": int(SILENCE * 1000),
        },
    }
