"""What some tests need from the machine: `@needs("postgres")` skips a test, saying why, where it is missing.

A plain `pytest` runs without any service. With CMS_TEST_NO_SKIP=1 a skip is a failure (see no_skip.py).
"""

import os
import shutil
from functools import cache
from pathlib import Path

import psycopg
import pytest
import redis

ROOT = Path(__file__).parents[1]

_HELP = {
    "chromium": "no Chromium found (Debian: apt install chromium)",
    "postgres": "no PostgreSQL answers; CMS_TEST_DATABASE_URL may name one",
    "redis": "no Redis answers; CMS_TEST_REDIS_URL may name one",
    "node": "no node and npm found",
    "frontend": "no packages of the editor found (needs node; cd frontend && npm ci)",
    "provider": "no OpenID provider found (needs node; cd tests/provider && npm ci)",
    "python-client": "no maker of Python clients found (make .venv/.clients)",
    "typescript-client": "no maker of TypeScript clients found (needs node; cd tests/generated_clients && npm ci)",
    "curl": "no curl and jq found (Debian: apt install curl jq)",
    "data": "no folder of foreign sites beside the project; CMS_TEST_DATA may name it",
}


def needs(name: str) -> pytest.MarkDecorator:
    """Return a mark that skips a test, saying why, where the named thing is missing."""
    return pytest.mark.skipif(find(name) is None, reason=_HELP[name])


@cache
def find(name: str) -> str | None:
    """Return where the named thing is (a path or an address), or None; KeyError for a name nobody knows."""
    finders = {
        "chromium": _find_chromium,
        "postgres": _find_postgres,
        "redis": _find_redis,
        "node": _find_node,
        "frontend": _find_frontend,
        "provider": _find_provider,
        "python-client": _find_python_client,
        "typescript-client": _find_typescript_client,
        "curl": _find_curl,
        "data": _find_data,
    }
    return finders[name]()


def get(name: str) -> str:
    """Return where the named thing is, inside a test that is marked with needs(name)."""
    found = find(name)
    assert found is not None, _HELP[name]
    return found


def _find_chromium() -> str | None:
    names = ("chromium", "chromium-browser", "google-chrome")
    found = (shutil.which(name) for name in names)
    return os.environ.get("CMS_TEST_CHROMIUM") or next((path for path in found if path), None)


def _find_postgres() -> str | None:
    given = os.environ.get("CMS_TEST_DATABASE_URL")
    usual = (
        "postgresql://postgres@127.0.0.1:5432/postgres",
        "postgresql:///postgres?host=/var/run/postgresql",
    )
    for url in (given,) if given else usual:
        try:
            with psycopg.connect(url.replace("+psycopg", ""), connect_timeout=2):
                return url.replace("postgresql://", "postgresql+psycopg://", 1)
        except psycopg.Error:
            continue
    return None


def _find_redis() -> str | None:
    url = os.environ.get("CMS_TEST_REDIS_URL", "redis://127.0.0.1:6379/15")
    try:
        with redis.Redis.from_url(url, socket_connect_timeout=1, socket_timeout=1) as client:
            client.ping()
    except redis.RedisError:
        return None
    return url


def _find_node() -> str | None:
    return shutil.which("node") if shutil.which("npm") else None


def _find_frontend() -> str | None:
    folder = ROOT / "frontend" / "node_modules"
    return str(folder) if _find_node() and (folder / ".package-lock.json").is_file() else None


def _find_provider() -> str | None:
    folder = ROOT / "tests" / "provider" / "node_modules" / "oidc-provider"
    return str(folder) if shutil.which("node") and (folder / "package.json").is_file() else None


def _find_python_client() -> str | None:
    tool = ROOT / ".venv" / "clients" / "bin" / "openapi-python-client"
    return str(tool) if tool.is_file() else None


def _find_typescript_client() -> str | None:
    folder = ROOT / "tests" / "generated_clients" / "node_modules"
    return str(folder) if shutil.which("node") and (folder / "openapi-typescript" / "package.json").is_file() else None


def _find_curl() -> str | None:
    return shutil.which("curl") if shutil.which("jq") else None


def _find_data() -> str | None:
    folder = Path(os.environ.get("CMS_TEST_DATA") or ROOT.parent / "shared" / "data")
    return str(folder) if folder.is_dir() else None
