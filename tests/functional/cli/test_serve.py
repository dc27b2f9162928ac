"""The command line on an installation of its own: first start, second start, wrong settings, the running site."""

import contextlib
import re
import signal
import socket
import sqlite3
import stat
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.sites import PASSWORD, ROOT, Site, environment, flask


@pytest.fixture
def environ(tmp_path: Path) -> dict[str, str]:
    """The environment of a new installation."""
    return environment(tmp_path)


@pytest.fixture
def sites() -> Iterator[list[Site]]:
    """Sites that end with the test at the latest."""
    started: list[Site] = []
    yield started
    for site in started:
        if site.process.poll() is None:
            site.end()


def is_free(port: int) -> bool:
    with contextlib.closing(socket.socket()) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        return probe.connect_ex(("127.0.0.1", port)) != 0


def test_first_start_makes_everything_and_tells_the_way_in(environ: dict[str, str], sites: list[Site]) -> None:
    sites.append(site := Site(environ, "--setup"))
    base = f"http://localhost:{site.port}"
    assert f"Public site   {base}/\n" in site.said
    assert f"Back office   {base}/admin/\n" in site.said
    assert site.get("/healthz")[0] == 200
    assert site.end(signal.SIGINT) == 0
    link = re.search(rf"First sign-in {re.escape(base)}(/\S+)", site.said)
    assert link
    for name in ("secrets.toml", "masthead.db"):
        assert stat.S_IMODE((Path(environ["CMS_INSTANCE"]) / name).stat().st_mode) == 0o600

    began = time.monotonic()
    sites.append(again := Site(environ, "--setup"))
    assert time.monotonic() - began < 20
    # Nobody used the first link: there is still one, and it opens.
    link = re.search(r"First sign-in http://localhost:\d+(/\S+)", again.said)
    assert link
    assert again.get(link[1])[0] == 200


def test_first_administrator_may_be_named(environ: dict[str, str]) -> None:
    environ |= {"CMS_ADMIN_EMAIL": "ada@example.org", "CMS_ADMIN_PASSWORD": PASSWORD}
    done = flask(environ, "setup")
    assert done.returncode == 0, done.stderr
    assert PASSWORD not in done.stdout + done.stderr
    assert "First sign-in: as ada@example.org" in done.stdout
    with contextlib.closing(sqlite3.connect(Path(environ["CMS_INSTANCE"]) / "masthead.db")) as database:
        assert database.execute("SELECT email FROM users").fetchall() == [("ada@example.org",)]
    assert flask(environ, "setup").stdout == "Everything is in place.\n"


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"PORT": "x"}, "PORT must be a whole number from 1 to 65535, not 'x'."),
        ({"CMS_ADMIN_PASSWORD": "short"}, "CMS_ADMIN_PASSWORD cannot be used: "),
        ({"CMS_INSTANCE": "/proc/nowhere"}, "/proc/nowhere cannot be made: "),
        ({"CMS_DATABASE_URL": "postgresql://ada:hunter2@127.0.0.1:1/site"}, "cannot be used: "),
        ({"CMS_ENV": "production"}, "CMS_ENV=production does not start without SECRET_KEY"),
    ],
)
def test_wrong_setting_ends_in_one_sentence(environ: dict[str, str], changes: dict[str, str], sentence: str) -> None:
    done = flask(environ | changes, "setup")
    assert done.returncode != 0
    assert sentence in done.stderr
    assert "Traceback" not in done.stderr
    assert "hunter2" not in done.stderr


def test_port_in_use_ends_in_one_sentence(environ: dict[str, str]) -> None:
    with contextlib.closing(socket.socket()) as taken:
        taken.bind(("127.0.0.1", int(environ["PORT"])))
        taken.listen()
        done = flask(environ, "serve", "--setup")
    assert done.returncode == 1
    assert done.stderr.startswith(f"Error: Port {environ['PORT']} on 127.0.0.1 cannot be used")
    assert not (Path(environ["CMS_INSTANCE"]) / "masthead.db").exists()


def test_site_does_not_start_on_a_database_of_another_version(environ: dict[str, str]) -> None:
    Path(environ["CMS_INSTANCE"]).mkdir()
    done = flask(environ, "serve")
    assert done.returncode == 1
    assert done.stderr.endswith("The database is not ready for this version: run `flask setup` first.\n")


def test_nothing_outlives_a_killed_supervisor(environ: dict[str, str], sites: list[Site]) -> None:
    sites.append(site := Site(environ, "--setup"))
    site.process.kill()
    site.process.communicate()
    deadline = time.monotonic() + 30
    while not is_free(site.port):
        assert time.monotonic() < deadline


def test_importing_the_application_writes_nothing(environ: dict[str, str], tmp_path: Path) -> None:
    code = f"import sys; sys.path.insert(0, {str(ROOT)!r}); from app import create_app; create_app('development')"
    environ["PYTHONDONTWRITEBYTECODE"] = "1"
    subprocess.run([sys.executable, "-c", code], env=environ, cwd=tmp_path, check=True, timeout=60)
    assert list(tmp_path.iterdir()) == []
