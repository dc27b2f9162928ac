"""One process over several: restarts, an orderly end, and no child that outlives it."""

import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from threading import Event

import pytest

ROOT = Path(__file__).parents[3]
# A child writes its number into a folder, and ends by itself only through the lifeline or a signal.
CHILD = """
import os, signal, sys, threading
from cms.cli import lifeline
lifeline.watch(lambda: os.kill(os.getpid(), signal.SIGTERM))
open(f"{sys.argv[1]}/{os.getpid()}", "w").close()
threading.Event().wait()
"""
SUPERVISOR = """
import os, sys
from pathlib import Path
from cms.cli.supervisor import Child, Supervisor
child = Child("the child", (sys.executable, sys.argv[2], sys.argv[1]))
Supervisor([child], folder=Path.cwd(), environ=os.environ).run(lambda: None)
"""


def eventually(condition: Callable[[], bool], *, seconds: float = 20) -> bool:
    """Tell whether a condition comes true in time."""
    pause = Event()
    for _ in range(int(seconds * 20)):
        if condition():
            return True
        pause.wait(0.05)
    return False


def is_alive(pid: int) -> bool:
    try:
        # A child whose parent is gone may stay behind as an entry without a process.
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] not in "ZX"
    except OSError:
        return False


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    made = tmp_path / "pids"
    made.mkdir()
    return made


@pytest.fixture
def supervisor(tmp_path: Path, folder: Path) -> Iterator[subprocess.Popen[bytes]]:
    (tmp_path / "child.py").write_text(CHILD)
    command = [sys.executable, "-c", SUPERVISOR, str(folder), str(tmp_path / "child.py")]
    environ = {**os.environ, "PYTHONPATH": str(ROOT)}
    process = subprocess.Popen(command, cwd=ROOT, env=environ, stdin=subprocess.DEVNULL, stderr=subprocess.PIPE)
    assert eventually(lambda: bool(pids(folder)))
    yield process
    process.kill()
    process.wait()
    assert process.stderr is not None
    process.stderr.close()
    assert eventually(lambda: not any(map(is_alive, pids(folder))))


def pids(folder: Path) -> list[int]:
    return [int(path.name) for path in folder.iterdir()]


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_end_takes_the_children_along(
    supervisor: subprocess.Popen[bytes], folder: Path, number: signal.Signals
) -> None:
    supervisor.send_signal(number)
    assert supervisor.wait(20) == 0
    assert not any(map(is_alive, pids(folder)))


def test_no_child_outlives_a_killed_supervisor(supervisor: subprocess.Popen[bytes], folder: Path) -> None:
    supervisor.kill()
    supervisor.wait()
    assert eventually(lambda: not any(map(is_alive, pids(folder))))


def test_dead_child_is_started_again(supervisor: subprocess.Popen[bytes], folder: Path) -> None:
    first = pids(folder)
    os.kill(first[0], signal.SIGKILL)
    assert eventually(lambda: len(pids(folder)) == 2)
    supervisor.terminate()
    supervisor.wait(20)
    assert supervisor.stderr is not None
    assert b"the child ended with status -9; starting it again" in supervisor.stderr.read()
