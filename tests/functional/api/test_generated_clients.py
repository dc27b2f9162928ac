"""Clients that tools of others make of the document do a day's work at a running server.

What they make is never kept: each run makes it of the document that the server gives.
"""

from __future__ import annotations

import base64
import json
import os
import subprocess
import urllib.request
from collections.abc import Mapping
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from tests import needs
from tests.functional.api.conftest import Server
from tests.people import ADA, PASSWORD

PROGRAMS = Path(__file__).parents[2] / "generated_clients"


@pytest.fixture
def document(server: Server, tmp_path: Path) -> Path:
    """The document as the server gives it to anybody."""
    file = tmp_path / "openapi.json"
    with urllib.request.urlopen(f"{server.url}/api/v1/openapi.json") as answer:  # noqa: S310 -- our own server
        file.write_bytes(answer.read())
    return file


def run(*command: str | Path, cwd: Path, more: Mapping[str, str] | None = None) -> str:
    """Run a program and return what it printed; AssertionError when it fails."""
    environ = {**os.environ, "NO_COLOR": "1", **(more or {})}
    done = subprocess.run(command, cwd=cwd, env=environ, capture_output=True, text=True, timeout=180, check=False)
    assert done.returncode == 0, done.stdout[-4000:] + done.stderr[-4000:]
    return done.stdout


def given(server: Server) -> dict[str, str]:
    """Return what a round trip is told: where, who, and a picture."""
    picture = BytesIO()
    Image.linear_gradient("L").save(picture, "PNG")
    told = {
        "site": server.url,
        "email": ADA.email,
        "password": PASSWORD,
        "picture": base64.b64encode(picture.getvalue()).decode(),
    }
    return {"ROUNDTRIP": json.dumps(told)}


def expected(title: str) -> dict[str, Any]:
    """Return what a round trip tells at its end."""
    return {"title": title, "picture": True, "listed": True, "deleted": 204, "after": 404, "code": "not_found"}


@needs.needs("python-client")
def test_python_signs_in_creates_uploads_publishes_reads_and_deletes(
    server: Server, document: Path, tmp_path: Path
) -> None:
    tool = Path(needs.get("python-client"))
    chosen = tmp_path / "config.yml"
    chosen.write_text("package_name_override: masthead_client\npost_hooks: []\n")
    made = run(tool, "generate", "--path", document, "--config", chosen, "--meta", "none", cwd=tmp_path)
    # What it cannot make it leaves out, and says so.
    assert "warning" not in made.lower(), made
    program = [tool.with_name("python"), "-W", "error", PROGRAMS / "roundtrip.py"]
    told = run(*program, cwd=tmp_path, more={**given(server), "PYTHONPATH": str(tmp_path)})
    assert json.loads(told) == expected("Made in Python")


@needs.needs("typescript-client")
def test_typescript_signs_in_creates_uploads_publishes_reads_and_deletes(
    server: Server, document: Path, tmp_path: Path
) -> None:
    """The compiler, at its strictest, holds the program against the document before it runs."""
    modules = Path(needs.get("typescript-client"))
    tools = modules / ".bin"
    (tmp_path / "node_modules").symlink_to(modules)
    for name in ("package.json", "tsconfig.json", "roundtrip.ts"):
        (tmp_path / name).write_bytes((PROGRAMS / name).read_bytes())
    run(tools / "openapi-typescript", document, "--output", "api.d.ts", cwd=tmp_path)
    run(tools / "tsc", "--project", "tsconfig.json", cwd=tmp_path)
    told = run("node", "roundtrip.js", cwd=tmp_path, more=given(server))
    assert json.loads(told) == expected("Made in TypeScript")
