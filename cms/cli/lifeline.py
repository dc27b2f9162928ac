"""How a child process notices that its supervisor is gone, even after a kill -9.

The supervisor holds the writing end of a pipe and nobody else does. Its children wait on the reading end:
when the supervisor ends, in whatever way, the system closes the pipe and the waiting thread wakes up. (A
signal on the parent's death would do on Linux alone.)
"""

import os
import threading
from collections.abc import Callable

VARIABLE = "MASTHEAD_LIFELINE"


def watch(on_end: Callable[[], None]) -> None:
    """Call on_end, in a thread, once the supervisor is gone; do nothing where there is none."""
    number = os.environ.get(VARIABLE, "")
    if number.isdecimal():
        threading.Thread(target=_wait, args=(int(number), on_end), name="lifeline", daemon=True).start()


def _wait(descriptor: int, on_end: Callable[[], None]) -> None:
    # Nothing is ever written: read() returns (with nothing) only when the other end is closed.
    os.read(descriptor, 1)
    on_end()
