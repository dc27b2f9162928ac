"""The handbook: what its pages link to is there, every page is listed, and no picture lies about unused."""

from __future__ import annotations

import re
import unicodedata
from pathlib import Path

import pytest
from PIL import Image

ROOT = Path(__file__).parents[2]
DOCS = ROOT / "docs"
PAGES = sorted(
    [
        *DOCS.glob("*.md"),
        *(ROOT / name for name in ("README.md", "ARCHITECTURE.md", "SECURITY.md", "CONTRIBUTING.md", "CHANGELOG.md")),
    ]
)
_LINK = re.compile(r"\]\(([^()\s]+)\)")
_CODE = re.compile(r"```.*?```|`[^`\n]*`", re.DOTALL)
_HEADING = re.compile(r"^#+ (.+)$", re.MULTILINE)
#: In bytes; `docs/pictures.py` keeps to both, too.
LARGEST, WIDTH = 150_000, 1280


def links(page: Path) -> list[str]:
    """Return what a page links to within the project; other sites are not asked."""
    found = _LINK.findall(_CODE.sub("", page.read_text("utf-8")))
    return [target for target in found if not target.startswith(("https://", "http://", "mailto:"))]


def anchors(page: Path) -> set[str]:
    """Return the anchors of a page's headings, as forges make them."""
    text = re.sub(r"```.*?```", "", page.read_text("utf-8"), flags=re.DOTALL)
    kept = "".join
    return {
        kept(letter for letter in heading.lower().replace(" ", "-") if letter in "-_" or _is_word(letter))
        for heading in _HEADING.findall(text)
    }


def _is_word(letter: str) -> bool:
    return unicodedata.category(letter)[0] in "LN"


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_every_link_of_a_page_leads_somewhere(page: Path) -> None:
    dead = []
    for link in links(page):
        path, _mark, anchor = link.partition("#")
        target = (page.parent / path).resolve() if path else page
        if not target.exists() or (anchor and anchor not in anchors(target)):
            dead.append(link)
    assert dead == []


def test_the_first_page_lists_every_other() -> None:
    listed = set(links(DOCS / "README.md"))
    assert {page.name for page in DOCS.glob("*.md")} - {"README.md"} <= listed


def test_every_picture_is_shown_somewhere_and_small() -> None:
    shown = {(page.parent / link).resolve() for page in PAGES for link in links(page) if link.endswith(".png")}
    pictures = {path.resolve() for path in (DOCS / "images").iterdir()}
    assert pictures - shown == set()
    assert [path.name for path in pictures if path.stat().st_size > LARGEST] == []
    assert [path.name for path in pictures if width(path) != WIDTH] == []


def width(path: Path) -> int:
    with Image.open(path) as picture:
        return picture.width
