"""`flask dev`: the development server of Flask, with the job runner beside it."""

import os
import sys
from pathlib import Path

import click
from flask import current_app
from flask.cli import with_appcontext

from cms.cli.supervisor import Child, Supervisor

ROOT = Path(__file__).resolve().parents[2]


@click.command("dev")
@with_appcontext
def dev() -> None:
    """Run the site for development: reloading, with a debugger, reachable from this machine only."""
    if current_app.config["CMS_ENV"] == "production":
        raise click.ClickException("The development server is not for CMS_ENV=production; use flask serve.")
    flask = (sys.executable, "-m", "flask", "--app", str(ROOT / "app.py"))
    # Whatever CMS_BIND says: Werkzeug's debugger runs code for whoever reaches it.
    here = ("--host", "127.0.0.1", "--port", str(current_app.config["PORT"]))
    children = (
        Child("the web server", (*flask, "run", "--debug", *here)),
        Child("the job runner", (*flask, "jobs", "run")),
    )
    Supervisor(children, folder=ROOT, environ=os.environ).run(lambda: None)


COMMANDS = (dev,)
