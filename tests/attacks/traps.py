"""Servers on this machine that note who calls, and answer as a hostile site would."""

from __future__ import annotations

import contextlib
import socket
import ssl
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

Answer = Callable[[socket.socket, bytes], None]


@dataclass
class Trap:
    """A listening server: its port, what it was sent, and how it answers the n-th call."""

    host: str
    port: int
    calls: list[bytes] = field(default_factory=list)
    connections: int = 0

    @property
    def address(self) -> str:
        """Its address, as a URL without a path."""
        return f"http://127.0.0.1:{self.port}"

    def caught(self) -> int:
        """Return how many connections there have been, when all that were made until now are counted.

        It makes one of its own, which is served after them.
        """
        before = self.connections
        with socket.create_connection((self.host, self.port), timeout=20) as connection:
            connection.sendall(b"HEAD / HTTP/1.1\r\n\r\n")
            connection.recv(1)
        assert self.connections > before
        return self.connections - 1


def say(status: str, body: bytes = b"", **headers: str) -> Answer:
    """Return an answer that is said at once, whole."""
    lines = [f"HTTP/1.1 {status}", f"Content-Length: {len(body)}", "Connection: close"]
    lines += [f"{name.replace('_', '-')}: {value}" for name, value in headers.items()]

    def answer(connection: socket.socket, _call: bytes) -> None:
        connection.sendall("\r\n".join(lines).encode() + b"\r\n\r\n" + body)

    return answer


def begin(head: bytes, again: bytes, pause: float = 0.0) -> Answer:
    """Return an answer that begins with `head` and goes on with `again` until nobody listens (15 s at most)."""
    stop = threading.Event()

    def answer(connection: socket.socket, _call: bytes) -> None:
        end = time.monotonic() + 15
        connection.sendall(head)
        while again and not stop.wait(pause) and time.monotonic() < end:
            connection.sendall(again)
        if not again:
            connection.recv(1)  # silence, until the caller hangs up

    return answer


@contextlib.contextmanager
def trap(
    answer: Answer | None = None, *, address: str = "127.0.0.1", tls: ssl.SSLContext | None = None
) -> Iterator[Trap]:
    """Run a trap, which answers 200 unless told otherwise."""
    listener = socket.create_server((address, 0), family=socket.AF_INET6 if ":" in address else socket.AF_INET)
    found = Trap(address, listener.getsockname()[1])

    def serve(connection: socket.socket) -> None:
        with contextlib.suppress(OSError), tls.wrap_socket(connection, server_side=True) if tls else connection as line:
            call = b""
            while b"\r\n\r\n" not in call and (piece := line.recv(65536)):
                call += piece
            found.calls.append(call)
            (answer or say("200 OK", b"caught"))(line, call)

    def accept() -> None:
        with contextlib.suppress(OSError):
            while True:
                connection, _from = listener.accept()
                connection.settimeout(15)
                found.connections += 1
                threading.Thread(target=serve, args=(connection,), daemon=True).start()

    threading.Thread(target=accept, daemon=True).start()
    try:
        yield found
    finally:
        # Closing alone would let the thread that waits for a connection take one more.
        listener.shutdown(socket.SHUT_RDWR)
        listener.close()
