"""A request that is worked on for too long is ended, and with it the process that hangs on it.

A thread cannot be stopped from outside, and gunicorn looks at its processes only: one that answers others is well in
its eyes. So the process says in the log where it hangs, lets the other requests finish, and ends; the database undoes
what was not committed, and the server starts another process. Waiting for a client does not count, neither for what it
sends nor for what it takes: whoever is slow would otherwise end processes at will. That is the proxy's business.
"""

from __future__ import annotations

import logging
import os
import signal
import sys
import threading
import time
import traceback
from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication

#: Seconds in which the other requests of the process may finish.
GRACE = 5.0
_log = logging.getLogger("cms.serve")


class Watchdog:
    """Knows since when each thread works on what."""

    def __init__(self, seconds: float, clock: Callable[[], float] = time.monotonic) -> None:
        self._seconds = seconds
        self._clock = clock
        self._since: dict[int, tuple[float, str]] = {}

    def watched(self, app: WSGIApplication) -> WSGIApplication:
        """Return the application with its requests watched until it has an answer."""

        def call(environ: dict[str, Any], start_response: StartResponse) -> Iterable[bytes]:
            thread = threading.get_ident()
            # Without the query: what was searched for, or a token, is not for the log.
            what = f"{environ.get('REQUEST_METHOD', '')} {environ.get('PATH_INFO', '')}"

            def note() -> None:
                self._since[thread] = (self._clock(), what)

            note()
            environ["wsgi.input"] = _Input(environ["wsgi.input"], note)
            try:
                return app(environ, start_response)
            finally:
                self._since.pop(thread, None)

        return call

    def overdue(self) -> list[tuple[int, str]]:
        """Return threads that are late by now, with what they work on."""
        known, now = list(self._since.items()), self._clock()
        return [(thread, what) for thread, (since, what) in known if now - since > self._seconds]

    def start(self, end: Callable[[], None]) -> None:
        """Look every now and then, and call `end` once when somebody is late."""
        threading.Thread(target=self._look, args=(end,), daemon=True, name="watchdog").start()

    def _look(self, end: Callable[[], None]) -> None:
        while not (late := self.overdue()):
            time.sleep(min(1.0, self._seconds / 4))
        for thread, what in late:
            frame = sys._current_frames().get(thread)
            where = "".join(traceback.format_stack(frame)) if frame else "somewhere"
            _log.error("%s takes more than %g s, and its process ends: %s", what, self._seconds, where)
        end()


class _Input:
    """The body of a request; the time starts anew whenever something of it is read."""

    def __init__(self, stream: Any, note: Callable[[], None]) -> None:
        self._stream = stream
        self._note = note

    def __getattr__(self, name: str) -> Any:
        found = getattr(self._stream, name)
        if not callable(found):
            return found

        def call(*given: Any, **more: Any) -> Any:
            try:
                return found(*given, **more)
            finally:
                self._note()

        return call

    def __iter__(self) -> Any:
        return iter(self._stream)


def end_process() -> None:
    """Take no more requests, let the others finish, and end, whatever hangs."""
    os.kill(os.getpid(), signal.SIGTERM)
    time.sleep(GRACE)
    os._exit(1)
