"""A way to a real server on which things go wrong: it hangs, resets, refuses, as a test says."""

from __future__ import annotations

import contextlib
import socket
import struct
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import ModuleType
from urllib.parse import urlsplit

import pytest

SLOW = 0.1
#: What goes wrong once.
_ONCE = ("lose the answer", "lose the question")
_PORTS = {"redis": 6379, "postgresql": 5432}


class FaultyWay:
    """Listens on a port of its own and leads to `host:port` while it is told to `pass`.

    `hang`: takes connections and swallows what is said; `reset`: ends every connection at once; `refuse`: takes none;
    `slow`: leads there, each message after SLOW seconds. Once, for a database: `lose the answer` ends the connection
    instead of giving back the answer to a COMMIT, `lose the question` instead of passing a COMMIT on; `pass` follows.
    `tried` counts connections and messages that were ill-treated.
    """

    def __init__(self, host: str, port: int) -> None:
        self.mode = "pass"
        self.tried = 0
        self._there = (host, port)
        self._open: set[socket.socket] = set()
        self._committing: set[socket.socket] = set()
        self._listener: socket.socket | None = None
        self._ended = threading.Event()
        self.port = 0
        self._listen()

    def become(self, mode: str) -> None:
        """Be like that from now on, for connections that are open already, too."""
        self.mode, self.tried = mode, 0
        if mode == "refuse":
            self._close_listener()
        elif self._listener is None:
            self._listen()
        if mode in ("refuse", "reset", "pass"):
            for end in list(self._open):
                _reset(end)
            self._open.clear()

    def close(self) -> None:
        """End."""
        self._ended.set()
        self.become("refuse")

    def _listen(self) -> None:
        listener = socket.create_server(("127.0.0.1", self.port))
        self.port = listener.getsockname()[1]
        self._listener = listener
        threading.Thread(target=self._take_all, args=(listener,), daemon=True).start()

    def _close_listener(self) -> None:
        if self._listener is not None:
            # Wakes up who waits in accept(), which close() alone does not.
            with contextlib.suppress(OSError):
                self._listener.shutdown(socket.SHUT_RDWR)
            self._listener.close()
            self._listener = None

    def _take_all(self, listener: socket.socket) -> None:
        while True:
            try:
                here, _address = listener.accept()
            except OSError:
                return
            if self.mode not in ("pass", *_ONCE):
                self.tried += 1
            if self.mode == "reset":
                _reset(here)
                continue
            there = socket.create_connection(self._there)
            self._open |= {here, there}
            for source, target in ((here, there), (there, here)):
                threading.Thread(target=self._pump, args=(source, target), daemon=True).start()

    def _pump(self, source: socket.socket, target: socket.socket) -> None:
        with contextlib.suppress(OSError):
            while said := source.recv(65536):
                if self.mode == "hang":
                    self.tried += 1
                    continue
                if self.mode == "slow" and target.getpeername() == self._there:
                    self.tried += 1
                    self._ended.wait(SLOW)
                if self._loses(source, target, said):
                    break
                target.sendall(said)
        for end in (source, target):
            self._open.discard(end)
            _reset(end)

    def _loses(self, source: socket.socket, target: socket.socket, said: bytes) -> bool:
        """Tell whether this, around a COMMIT, is not passed on and the last that is said."""
        if self.mode not in _ONCE:
            return False
        if b"COMMIT" in said and source not in self._committing and self.mode == "lose the answer":
            self._committing.add(target)
            return False
        lost = source in self._committing or (b"COMMIT" in said and self.mode == "lose the question")
        if lost:
            self.mode, self.tried = "pass", self.tried + 1
            self._committing.clear()
        return lost


def _reset(end: socket.socket) -> None:
    with contextlib.suppress(OSError):
        end.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        # Closing alone says nothing while another thread is reading.
        end.shutdown(socket.SHUT_RDWR)
    end.close()


@contextmanager
def faulty_way(url: str) -> Iterator[tuple[str, FaultyWay]]:
    """Give another address for the server at `url` that leads over a faulty way, and the way."""
    parts = urlsplit(url)
    way = FaultyWay(parts.hostname or "127.0.0.1", parts.port or _PORTS[parts.scheme.partition("+")[0]])
    user = "".join(parts.netloc.rpartition("@")[:2])
    try:
        yield parts._replace(netloc=f"{user}127.0.0.1:{way.port}").geturl(), way
    finally:
        way.close()


def clock_of(module: ModuleType, monkeypatch: pytest.MonkeyPatch) -> Callable[[float], None]:
    """Give a module a clock of its own, and return what lets so many seconds pass on it."""
    passed = 0.0
    now = time.monotonic

    def wait(seconds: float) -> None:
        nonlocal passed
        passed += seconds

    class Clock:
        monotonic = staticmethod(lambda: now() + passed)

    monkeypatch.setattr(module, "time", Clock)
    return wait
