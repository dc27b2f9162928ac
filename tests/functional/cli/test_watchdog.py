"""What the server does by itself: it ends a request that hangs, and refuses addresses and headers without measure."""

from __future__ import annotations

import contextlib
import http.client
import io
import json
import os
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from cms.cli.watchdog import Watchdog
from cms.core.limits import LONGEST_ADDRESS

ROOT = Path(__file__).parents[3]


@pytest.fixture
def server(tmp_path: Path) -> Iterator[int]:
    """Run the server, as shipped, with one process and a second for each request; give its port.

    The socket is the test's own: who asks while there is no process waits for the next one.
    """
    command = [sys.executable, "-m", "gunicorn", "-c", "python:cms.cli.gunicorn_conf"]
    environ = {"PATH": os.environ["PATH"], "CMS_WORKERS": "1", "CMS_THREADS": "4", "CMS_REQUEST_SECONDS": "1"}
    with socket.create_server(("127.0.0.1", 0)) as listening, (tmp_path / "log").open("w") as log:
        process = subprocess.Popen(
            [*command, "--bind", f"fd://{listening.fileno()}", "tests.functional.cli.hanging:app"],
            cwd=ROOT,
            env=environ,
            stdin=subprocess.DEVNULL,
            stderr=log,
            pass_fds=[listening.fileno()],
        )
        try:
            yield int(listening.getsockname()[1])
        finally:
            process.terminate()
            process.wait(30)


def ask(port: int, path: str, headers: dict[str, str] | None = None) -> tuple[int, bytes]:
    with contextlib.closing(http.client.HTTPConnection("127.0.0.1", port, timeout=60)) as connection:
        connection.request("GET", path, headers=headers or {})
        answer = connection.getresponse()
        return answer.status, answer.read()


def test_a_request_that_hangs_ends_with_its_process(server: int, tmp_path: Path) -> None:
    before = ask(server, "/")[1]
    with pytest.raises((OSError, http.client.HTTPException)):
        ask(server, "/hang?token=secret")
    assert ask(server, "/")[1] != before
    log = (tmp_path / "log").read_text()
    assert "GET /hang takes more than 1 s" in log
    assert "hanging.py" in log
    assert "secret" not in log


@pytest.mark.parametrize(
    ("path", "headers", "status"),
    [
        (f"/{'x' * 9000}", {}, 414),
        (f"/{'x' * (LONGEST_ADDRESS + 50)}", {}, 200),
        ("/", {"X-Long": "x" * 9000}, 431),
        ("/", {f"X-{number}": "x" for number in range(150)}, 431),
        ("/", {"X-Long": "x" * 7000}, 200),
    ],
    ids=["address", "an address of which the application tells", "a header", "headers", "as much as is taken"],
)
def test_what_has_no_measure_is_refused(server: int, path: str, headers: dict[str, str], status: int) -> None:
    found, text = ask(server, path, headers)
    assert found == status
    assert b"Traceback" not in text
    if status >= 400:
        told = json.loads(text)
        assert (told["status"], told["detail"][-1], told["message"]) == (status, ".", told["detail"])


def test_what_is_no_request_is_told_as_every_error(server: int) -> None:
    with socket.create_connection(("127.0.0.1", server), 60) as connection:
        connection.sendall(b"GET / HTTP/1.1\r\nHost: localhost\r\nTwo words: no\r\n\r\n")
        head, _blank, body = connection.makefile("rb").read().partition(b"\r\n\r\n")
    told = json.loads(body)
    assert (told["status"], told["code"]) == (400, "bad_request")
    assert head.startswith(b"HTTP/1.1 400 ")
    assert f"X-Request-ID: {told['request_id']}".encode() in head
    assert b"Two words" not in body


def watched(act: Callable[[Watchdog, list[float], Any], None]) -> Watchdog:
    """Have an application do `act` with the watchdog, its clock, and the body of the request."""
    now = [0.0]
    watchdog = Watchdog(10, clock=lambda: now[0])

    def app(environ: dict[str, Any], _start: object) -> list[bytes]:
        act(watchdog, now, environ["wsgi.input"])
        return [b""]

    environ = {"REQUEST_METHOD": "GET", "PATH_INFO": "/", "wsgi.input": io.BytesIO(b"abc")}
    list(watchdog.watched(app)(environ, lambda *_given: print))  # type: ignore[arg-type]  # nothing is started
    now[0] += 1000
    return watchdog


def test_who_works_is_late_until_there_is_an_answer() -> None:
    seen = []

    def work(watchdog: Watchdog, now: list[float], _body: object) -> None:
        for moment in (9, 11):
            now[0] = moment
            seen.append([what for _thread, what in watchdog.overdue()])

    assert watched(work).overdue() == []
    assert seen == [[], ["GET /"]]


def test_waiting_for_a_client_does_not_count() -> None:
    """Whoever sends a byte now and then would otherwise end processes at will."""
    seen = []

    def read_slowly(watchdog: Watchdog, now: list[float], body: Any) -> None:
        for moment in (9, 18, 27):
            now[0] = moment
            body.read(1)
            seen.append(watchdog.overdue())
        now[0] = 38
        seen.append([what for _thread, what in watchdog.overdue()])

    watched(read_slowly)
    assert seen == [[], [], [], ["GET /"]]
