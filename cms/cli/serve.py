"""`flask serve`: the web server and the job runner, under one supervisor."""

import contextlib
import http.client
import os
import socket
import sys
import time
from pathlib import Path
from urllib.parse import urlsplit

import click
from flask import current_app
from flask.cli import with_appcontext

from cms.cli.database import check
from cms.cli.first_admin import first_sign_in
from cms.cli.secrets import keep_secrets
from cms.cli.setup import prepare
from cms.cli.supervisor import Child, Supervisor

ROOT = Path(__file__).resolve().parents[2]


@click.command("serve")
@click.option("--setup", is_flag=True, help="First do what `flask setup` does.")
@with_appcontext
def serve(setup: bool) -> None:
    """Run the web server and the job runner until Ctrl+C."""
    config = current_app.config
    keep_secrets(current_app)
    listener = _listen(config["CMS_BIND"], config["PORT"])
    if setup:
        sign_in = prepare()
    else:
        check()
        sign_in = first_sign_in()
    # What .env and instance/config.py say holds for the server too, which reads the environment alone.
    environ = {
        **os.environ,
        "CMS_WORKERS": str(config["CMS_WORKERS"]),
        "CMS_THREADS": str(config["CMS_THREADS"]),
        "CMS_REQUEST_SECONDS": str(config["CMS_REQUEST_SECONDS"]),
        "CMS_LOG_FORMAT": config["CMS_LOG_FORMAT"],
        "PYTHONUNBUFFERED": "1",
    }
    server = [sys.executable, "-m", "gunicorn", "-c", "python:cms.cli.gunicorn_conf"]
    children = (
        Child("the web server", (*server, "--bind", f"fd://{listener.fileno()}"), (listener.fileno(),)),
        Child("the job runner", (sys.executable, "-m", "flask", "--app", str(ROOT / "app.py"), "jobs", "run")),
    )
    base_url = config["CMS_BASE_URL"]

    def announce() -> None:
        _wait_until_it_answers(listener, base_url)
        _print_addresses(base_url, sign_in)

    Supervisor(children, folder=ROOT, environ=environ).run(announce)
    listener.close()
    click.echo("Masthead has ended.")


def _listen(host: str, port: int) -> socket.socket:
    """Return a listening socket; the supervisor holds it, so that a restarted server refuses nobody.

    Raises ClickException with one sentence when the port is taken or not allowed.
    """
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    listener = socket.socket(family, socket.SOCK_STREAM)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((host, port))
    except OSError as error:
        listener.close()
        reason = f"Port {port} on {host} cannot be used ({error.strerror})"
        raise click.ClickException(f"{reason}; choose another one, for example PORT={port % 65535 + 1}.") from None
    listener.listen(2048)
    return listener


def _wait_until_it_answers(listener: socket.socket, base_url: str, *, seconds: float = 60) -> None:
    """Return as soon as the server answers on the socket, or when the time is over."""
    host, port = listener.getsockname()[:2]
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        connection = http.client.HTTPConnection("127.0.0.1" if host == "0.0.0.0" else host, port, timeout=5)  # noqa: S104 -- compared, not bound
        with contextlib.suppress(OSError, http.client.HTTPException), contextlib.closing(connection):
            connection.request("GET", "/healthz", headers={"Host": urlsplit(base_url).netloc})
            connection.getresponse().read()
            return
        time.sleep(0.1)


def _print_addresses(base_url: str, sign_in: str | None) -> None:
    click.echo("")
    click.secho("Masthead is running.", bold=True, nl=False)
    click.echo(" Ctrl+C ends it.")
    click.echo(f"  Public site   {base_url}/")
    click.echo(f"  Back office   {base_url}/admin/")
    if sign_in:
        click.echo(f"  First sign-in {sign_in}")
    click.echo("")
    sys.stdout.flush()


COMMANDS = (serve,)
