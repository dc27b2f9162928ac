"""`flask jobs run`: the job runner as a process of its own."""

import os
import signal
from types import FrameType

import click
from flask import current_app
from flask.cli import with_appcontext

from cms.cli import lifeline
from cms.core.jobs import Runner


@click.group("jobs")
def jobs() -> None:
    """Work that is done in the background."""


@jobs.command("run")
@with_appcontext
def run_jobs() -> None:
    """Do what is due, and what becomes due, until told to stop (`flask serve` starts this by itself)."""
    # The runner makes a fresh context for each piece of work, from the application itself.
    runner = Runner(current_app._get_current_object())  # type: ignore[attr-defined]  # a proxy's own method

    def stop(_number: int, _frame: FrameType | None) -> None:
        runner.stop()

    for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
        signal.signal(number, stop)
    lifeline.watch(lambda: os.kill(os.getpid(), signal.SIGTERM))
    runner.run()


COMMANDS = (jobs,)
