"""The commands of docs/api.md do what the page says, in the order in which somebody tries them."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

from flask import Flask
from PIL import Image

from cms.core.limits import SMALL
from cms.core.stamps import stamp_of
from tests import needs
from tests.functional.api.conftest import Server
from tests.functional.api.test_document import operations

PAGE = Path(__file__).parents[3] / "docs" / "api.md"
#: A block of commands, and what it prints where the page shows that right below.
_BLOCK = re.compile(r"```sh\n(.*?)```(?:\n\n```(?:text|json)\n(.*?)```)?", re.DOTALL)
_NEXT = "== next =="


@needs.needs("curl")
def test_every_command_of_the_page_does_what_it_says(server: Server, tmp_path: Path) -> None:
    blocks = _BLOCK.findall(PAGE.read_text("utf-8"))
    assert len(blocks) >= 10
    Image.linear_gradient("L").convert("RGB").save(tmp_path / "harbour.jpg")
    script = f"\necho '{_NEXT}'\n".join(commands for commands, _shown in blocks)
    script = script.replace("SITE=http://localhost:8000", f"SITE={server.url}")
    done = subprocess.run(
        ["bash", "-euo", "pipefail", "-c", script],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    printed = done.stdout.split(f"{_NEXT}\n")
    for (commands, shown), told in zip(blocks, printed, strict=True):
        assert "null" not in told.split(), f"{commands}\n{told}"
        if shown:
            assert told == shown, commands


def test_what_the_page_shows_of_statuses_is_all_there_is() -> None:
    rows = re.findall(r"^\| ([\d, ]+) \|", PAGE.read_text("utf-8"), re.MULTILINE)
    told = {int(status) for row in rows for status in row.split(",")}
    answered = {int(status) for _path, _method, operation in operations() for status in operation["responses"]}
    # What no operation takes is at no operation of the document.
    assert told == {status for status in answered if status >= 400} | {405}


def test_what_the_page_says_of_bodies_is_what_is_taken(app: Flask) -> None:
    row = next(line for line in PAGE.read_text("utf-8").splitlines() if line.startswith("| bodies |"))
    limits = {"long": "`CMS_MAX_FORM_BYTES`", "files": "`CMS_MAX_UPLOAD_BYTES`"}
    views = [view for endpoint, view in app.view_functions.items() if endpoint.startswith("api_v1.")]
    taken = {stamp_of(view, method, "__cms_takes__") or SMALL for view in views for method in ("POST", "PUT", "PATCH")}
    said = {
        limits[size] if isinstance(size, str) else f"{size // 1024} KB" if size < 1024**2 else f"{size // 1024**2} MB"
        for size in taken
        if isinstance(size, int | str)
    }
    assert said == set(re.findall(r"\d+ KB|\b8 MB|`CMS_\w+`", row))
