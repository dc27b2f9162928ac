"""Large exports: read as a stream, in little memory whatever their size."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import func, select

from cms.content.models import Post
from cms.core.db import current_session
from tests.factories.wxr import HEAD, TAIL, wxr, wxr_item

MEGABYTE = 1_000_000
#: KiB, as Linux tells the largest resident set.
LIMIT = 300 * 1024
ROOT = Path(__file__).parents[3]
SENTENCE = "Words of a long text, one after the other, and then some more of them. "

# Not getrusage(): its largest set still counts the process that this one was started from.
PEAK = """
import re
from pathlib import Path
peak = lambda: int(re.search(r"VmHWM:\\s+(\\d+) kB", Path("/proc/self/status").read_text())[1])
"""

READ = (
    PEAK
    + """
import sys
from cms.transfer.wordpress.elements import ElementReader
from cms.transfer.wordpress.reader import read_items
from cms.transfer.wordpress.survey import survey_export
path = Path(sys.argv[1])
survey = survey_export(path)
read = sum(len(item.content) for item in read_items(ElementReader(path)))
print(len(survey.entries), read, peak())
"""
)

IMPORT = (
    PEAK
    + """
import sys
from app import create_app
app = create_app({"CMS_ENV": "testing", "CMS_INSTANCE": sys.argv[2], "CMS_UPLOADS": sys.argv[3]})
result = app.test_cli_runner().invoke(args=["import", "wordpress", sys.argv[1]])
print(result.output[-2000:], file=sys.stderr)
print(result.exit_code, 0, peak())
"""
)


def write_large(path: Path, size: int, *, posts_of: int = 1) -> int:
    """Write an export of `size` bytes in which one item of `posts_of` is a post, the others old revisions."""
    written = posts = number = 0
    text = f"<p>{SENTENCE * 150}</p>\n\n" * 2
    with path.open("w", encoding="utf-8") as file:
        file.write(HEAD.format(version="1.2"))
        while written < size:
            number += 1
            is_post = number % posts_of == 0
            posts += is_post
            comments = [{"comment_id": str(number), "comment_content": "Thank you.", "comment_approved": "1"}]
            item = wxr_item(number, text, kind="post" if is_post else "revision", comments=comments)
            file.write(item)
            written += len(item)
        file.write(TAIL)
    return posts


def measure(program: str, *arguments: str) -> tuple[int, int, int]:
    """Run a program in a process of its own; return its two numbers and the most memory it held, in KiB."""
    command = [sys.executable, "-c", program, *arguments]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    first, second, peak = map(int, done.stdout.split()[-3:])
    return first, second, peak


def test_twenty_megabytes_are_read_in_little_memory(tmp_path: Path) -> None:
    path = tmp_path / "large.xml"
    posts = write_large(path, 20 * MEGABYTE)
    entries, characters, peak = measure(READ, str(path))
    assert entries == posts
    assert characters > 19 * MEGABYTE
    assert peak < LIMIT / 2


CONNECTING = """
import sys
connections = []
sys.addaudithook(lambda event, arguments: connections.append(arguments) if event == "socket.connect" else None)
from app import create_app
app = create_app({"CMS_ENV": "testing", "CMS_INSTANCE": sys.argv[2], "CMS_UPLOADS": sys.argv[3]})
result = app.test_cli_runner().invoke(args=["import", "wordpress", sys.argv[1]])
print(result.exit_code, len(connections), 0)
"""
PROBE = "http://127.0.0.1:9/x.png"


DECLARATIONS = ["", f'<!DOCTYPE rss SYSTEM "{PROBE}">', f'<!DOCTYPE rss [<!ENTITY % p SYSTEM "{PROBE}"> %p;]>']


@pytest.mark.parametrize("declaration", DECLARATIONS)
def test_an_import_connects_to_nobody(app: Flask, tmp_path: Path, declaration: str) -> None:
    fields = {"wp:attachment_url": PROBE, "guid": PROBE}
    shown = [f'<img src="{PROBE}">', f'[audio src="{PROBE}"]', f"[embed]{PROBE}[/embed]", PROBE]
    body = "\n\n".join([*shown, f'<iframe src="{PROBE}"></iframe>'])
    attachment = wxr_item(1, kind="attachment", status="inherit", link=PROBE, fields=fields)
    text = wxr(attachment, wxr_item(2, body, meta=[("_thumbnail_id", "1")]))
    path = tmp_path / "probe.xml"
    path.write_text(text.replace("<rss", f"{declaration}\n<rss", 1), "utf-8")
    folders = (str(app.config["CMS_INSTANCE"]), str(app.config["CMS_UPLOADS"]))
    exit_code, connections, _nothing = measure(CONNECTING, str(path), *folders)
    assert (exit_code, connections) == (1 if declaration else 0, 0)


@pytest.mark.long
def test_five_hundred_megabytes_are_imported_in_little_memory(app: Flask, tmp_path: Path) -> None:
    path = tmp_path / "large.xml"
    posts = write_large(path, 500 * MEGABYTE, posts_of=20)
    exit_code, _nothing, peak = measure(
        IMPORT, str(path), str(app.config["CMS_INSTANCE"]), str(app.config["CMS_UPLOADS"])
    )
    current_session().rollback()
    assert exit_code == 0
    assert current_session().scalar(select(func.count()).select_from(Post)) == posts
    assert peak < LIMIT
