"""schemathesis, which knows nothing but the document, finds nothing: all its checks, as a stranger and as an admin.

What it cannot know is explained beside each exception, in `fuzzing/`.
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
import tomllib
from collections import defaultdict
from collections.abc import Callable
from pathlib import Path

import pytest
from flask import Flask, Response, request

from tests.factories import make_page, make_post, make_term
from tests.factories.media import make_media
from tests.functional.api.client import ApiClient
from tests.functional.api.conftest import Server
from tests.people import ADA

pytestmark = pytest.mark.long
ROOT = Path(__file__).parents[3]
FUZZING = Path(__file__).with_name("fuzzing")
#: What ends the very sign-in that the run goes by; strangers may try it.
ENDS_IT = ("logout", "delete_my_sign_in")


def answered(app: Flask) -> dict[tuple[str, str], set[int]]:
    """Note from now on with which statuses each operation answers."""
    found: dict[tuple[str, str], set[int]] = defaultdict(set)

    def note(response: Response) -> Response:
        rule = request.url_rule
        if rule is not None and (request.endpoint or "").startswith("api_v1."):
            found[request.method, rule.rule].add(response.status_code)
        return response

    app.after_request(note)
    return found


def fuzz(server: Server, folder: Path, config: str, *more_words: str, own_id: int = 0) -> str:
    """Run schemathesis on all there is and return what it said; AssertionError when it finds anything."""
    settings = folder / "schemathesis.toml"
    settings.write_text(config)
    assert tomllib.loads(config)
    more = os.environ.get("CMS_TEST_HYPOTHESIS") == "long"
    many = ["--max-examples", "100"] if more else ["--max-examples", "10", "--seed", "1"]
    tool = Path(sys.executable).with_name("schemathesis")
    command = [tool, "--config-file", settings, "--no-color", "run", f"{server.url}/api/v1/openapi.json", *many]
    hooks = {"SCHEMATHESIS_HOOKS": "tests.functional.api.fuzzing.hooks", "FUZZ_SELF": str(own_id)}
    environ = {**os.environ, "PYTHONPATH": str(ROOT), **hooks}
    done = subprocess.run(
        [*command, *more_words], cwd=folder, env=environ, capture_output=True, text=True, timeout=3000, check=False
    )
    said = done.stdout + done.stderr
    found = re.search(r"=+ (ERRORS|FAILURES) =+", said)
    assert done.returncode == 0, said[found.start() if found else 0 :][:40_000]
    assert re.search(r"Tested: (\d+)", said), said
    return said


@pytest.fixture
def exceptions() -> str:
    """What is explained to schemathesis."""
    return (FUZZING / "schemathesis.toml").read_text("utf-8")


@pytest.fixture
def fill(server: Server) -> Callable[[], None]:
    """Give the site a few things of each sort."""

    def make() -> None:
        with server.app.app_context():
            terms = [make_term("category", "Kitchen"), make_term("tag", "Bread")]
            make_post("Knots", terms=terms, featured_media_id=make_media().id)
            make_post("Sails", state="draft")
            make_page("About")

    return make


def test_it_finds_nothing_as_a_stranger(
    server: Server, tmp_path: Path, exceptions: str, fill: Callable[[], None]
) -> None:
    fill()
    seen = answered(server.app)
    fuzz(server, tmp_path, exceptions)
    assert sum(401 in statuses for statuses in seen.values()) >= 50
    assert 200 in seen["GET", "/api/v1/posts"]
    assert not any(status >= 500 for statuses in seen.values() for status in statuses)


def test_it_finds_nothing_as_an_admin(
    server: Server, tmp_path: Path, exceptions: str, fill: Callable[[], None]
) -> None:
    seen = answered(server.app)
    fill()
    ada = ApiClient(server.app).sign_in(ADA)
    own_id = ada.get("/users/me").json["id"]
    seen.clear()
    shown = f'\n[auth.openapi.bearer]\nbearer = "{ada.token}"\n'
    left_out = [word for name in ENDS_IT for word in ("--exclude-operation-id", name)]
    fuzz(server, tmp_path, exceptions + shown, *left_out, own_id=own_id)
    went_well = [operation for operation, statuses in seen.items() if statuses & {200, 201, 202, 204}]
    # Else it would have looked at closed doors alone.
    assert len(went_well) >= 0.6 * len(seen), sorted(set(seen) - set(went_well))
    assert not any(status >= 500 for statuses in seen.values() for status in statuses), seen
    assert ada.get("/users/me").status_code == 200
