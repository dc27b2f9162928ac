"""One process over several: it starts them, starts them again when they die, and takes them with it."""

import contextlib
import logging
import os
import signal
import subprocess
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from types import FrameType

from cms.cli.lifeline import VARIABLE

#: Seconds that children get to finish what they are doing before they are killed.
PATIENCE = 20.0
_SLOWEST = 30.0
_TICK = 0.2
_log = logging.getLogger("cms.serve")


@dataclass
class Child:
    """A process to keep alive: its name in the log, its command, and the descriptors it inherits."""

    name: str
    command: Sequence[str]
    descriptors: tuple[int, ...] = ()
    process: subprocess.Popen[bytes] | None = None
    started: float = 0.0
    pause: float = field(default=0.5)
    due: float = 0.0


class Supervisor:
    """Runs children until it is told to stop by SIGTERM or SIGINT; SIGHUP lets them take up new code."""

    def __init__(self, children: Sequence[Child], *, folder: Path, environ: Mapping[str, str]) -> None:
        self._children = children
        self._folder = folder
        self._stopping = False
        self._reloading = False
        # Never written to; children see its end when this process ends (see lifeline).
        self._reader, self._writer = os.pipe()
        self._environ = {**environ, VARIABLE: str(self._reader)}

    def run(self, when_started: Callable[[], None]) -> None:
        """Keep the children running until a signal ends it; call when_started once they were started."""
        with self._signals():
            try:
                for child in self._children:
                    self._start(child)
                when_started()
                while not self._stopping:
                    self._look_after()
                    time.sleep(_TICK)
            finally:
                self._end()

    @contextlib.contextmanager
    def _signals(self) -> Iterator[None]:
        before = {
            number: signal.signal(number, handler)
            for number, handler in (
                (signal.SIGTERM, self._stop),
                (signal.SIGINT, self._stop),
                (signal.SIGHUP, self._stop if os.isatty(0) else self._reload),
            )
        }
        try:
            yield
        finally:
            for number, handler in before.items():
                signal.signal(number, handler)

    def _stop(self, _number: int, _frame: FrameType | None) -> None:
        self._stopping = True

    def _reload(self, _number: int, _frame: FrameType | None) -> None:
        self._reloading = True

    def _start(self, child: Child) -> None:
        # A session of its own: Ctrl+C reaches the supervisor alone, which then ends the children in order.
        child.process = subprocess.Popen(
            child.command,
            cwd=self._folder,
            env=self._environ,
            stdin=subprocess.DEVNULL,
            pass_fds=(self._reader, *child.descriptors),
            start_new_session=True,
        )
        child.started = time.monotonic()

    def _look_after(self) -> None:
        now = time.monotonic()
        for child in self._children:
            if self._reloading and child.process is not None:
                child.process.send_signal(signal.SIGHUP)
            if child.process is None:
                if now >= child.due:
                    self._start(child)
            elif (status := child.process.poll()) is not None:
                child.pause = 0.5 if now - child.started > _SLOWEST else min(child.pause * 2, _SLOWEST)
                child.due = now + child.pause
                child.process = None
                _log.error("%s ended with status %s; starting it again in %.0f s", child.name, status, child.pause)
        self._reloading = False

    def _end(self) -> None:
        running = [child.process for child in self._children if child.process is not None]
        for process in running:
            process.terminate()
        deadline = time.monotonic() + PATIENCE
        for process in running:
            with contextlib.suppress(subprocess.TimeoutExpired):
                process.wait(max(0.0, deadline - time.monotonic()))
            # The whole group: a server's workers, too, should it have left any behind.
            with contextlib.suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)
            process.wait()
        os.close(self._writer)
        os.close(self._reader)
