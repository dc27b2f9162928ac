"""The built styles and scripts match their source, stay small, and do nothing that the content policy forbids."""

from __future__ import annotations

import gzip
import hashlib
import json
import os
import re
import subprocess
from pathlib import Path

import pytest
from hypothesis import HealthCheck, Phase, given, settings

from cms.lib.document import normalise
from tests.needs import needs
from tests.unit.lib.document.strategies import raw_documents

ROOT = Path(__file__).parents[2]
FRONTEND = ROOT / "frontend"
ADMIN = ROOT / "cms" / "admin" / "static"
API = ROOT / "cms" / "api" / "static"
THEME = ROOT / "themes" / "default" / "static"
TREES = (ADMIN, API, THEME)
#: Code of others that is served as it came, under a policy that keeps it from all this (tests/browser/test_api_pages).
FOREIGN = re.compile(r"swagger-ui\.\w+\.js")
KIB = 1024
#: Namespaces, the start of an address that somebody types, a page named in an error: written, never asked for.
HARMLESS = re.compile(r"http://www\.w3\.org/2000/svg|https://(\$\{\w+\}|\.)?|https://prosemirror\.net/docs/[\w/#]*")
_CLASS_IN_CSS = re.compile(r"\.([a-zA-Z_-][\w-]*)")
_WORD = re.compile(r"[a-zA-Z_-][\w-]*")
#: Lists that only lose their bullets, as every list with a class of ours does.
UNSTYLED = {"mh-nav__list"}


def manifest(tree: Path) -> dict[str, str]:
    return dict(json.loads((tree / "manifest.json").read_text("utf-8")))


def built(tree: Path, name: str) -> bytes:
    return (tree / manifest(tree)[name]).read_bytes()


def files(folder: Path) -> dict[str, bytes]:
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def wire(tree: Path, *names: str) -> int:
    """Return the bytes that go over the wire: fonts are compressed already."""
    contents = [(name, built(tree, name)) for name in names]
    return sum(len(body) if name.endswith(".woff2") else len(gzip.compress(body, 6)) for name, body in contents)


def scripts() -> list[Path]:
    found = [path for tree in TREES for path in tree.glob("*.js")]
    return sorted(path for path in found if not FOREIGN.fullmatch(path.name))


def run_node(*command: str, out: Path | None = None, text: str = "") -> subprocess.CompletedProcess[str]:
    environ = {**os.environ, **({"FRONTEND_OUT": str(out)} if out else {})}
    return subprocess.run(
        command, cwd=FRONTEND, env=environ, input=text, capture_output=True, text=True, timeout=300, check=False
    )


@needs("frontend")
def test_built_files_are_what_their_source_gives(tmp_path: Path) -> None:
    done = run_node("node", "build.mjs", out=tmp_path)
    assert done.returncode == 0, done.stderr
    for tree in TREES:
        fresh, kept = files(tmp_path / tree.relative_to(ROOT)), files(tree)
        assert sorted(fresh) == sorted(kept)
        assert [name for name in fresh if fresh[name] != kept[name]] == []


@needs("frontend")
def test_scripts_pass_their_own_tests() -> None:
    done = run_node("npm", "test")
    assert done.returncode == 0, done.stdout + done.stderr


@needs("frontend")
def test_editor_gives_back_every_normal_document_unchanged() -> None:
    lines: list[str] = []

    @settings(
        max_examples=200,
        deadline=None,
        database=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(raw_documents)
    def collect(document: dict[str, object]) -> None:
        lines.append(json.dumps(normalise(document)))

    collect()
    done = run_node("node", "test/check-documents.mjs", text="\n".join(lines))
    assert done.returncode == 0, done.stdout[:4000] + done.stderr


def test_manifest_names_every_file_by_its_content() -> None:
    for tree in TREES:
        names = manifest(tree)
        assert sorted([*names.values(), "manifest.json", "LICENSES.txt"]) == sorted(files(tree))
        for name, hashed in names.items():
            digest = hashlib.sha256((tree / hashed).read_bytes()).hexdigest()[:10]
            stem, dot, ending = name.rpartition(".")
            assert hashed == f"{stem}.{digest}{dot}{ending}"


def test_licences_lie_beside_what_they_are_for() -> None:
    assert "@tiptap/core" in (ADMIN / "LICENSES.txt").read_text("utf-8")
    beside = (API / "LICENSES.txt").read_text("utf-8")
    assert "swagger-ui-dist 5.35.0 (Apache-2.0)" in beside
    # Its notice, and those of what is bundled into it.
    assert "SmartBear Software Inc." in beside
    assert "react.production.min.js" in beside
    for tree in (ADMIN, THEME):
        text = (tree / "LICENSES.txt").read_text("utf-8")
        assert "SIL OPEN FONT LICENSE" in text
        assert "bootstrap 5.3.8 (MIT)" in text


@pytest.mark.parametrize("path", scripts(), ids=lambda path: path.name.split(".")[0])
def test_scripts_evaluate_no_text_and_ask_no_other_host(path: Path) -> None:
    text = path.read_text("utf-8")
    assert not re.search(r"\beval\(|new Function\(|\.write\(\s*['\"`]<|sourceMappingURL", text)
    assert not re.search(r"setAttribute\(\s*['\"`]style['\"`]", text)
    foreign = [url for url in re.findall(r"https?://[^\s\"'`)\\]*", text) if not HARMLESS.fullmatch(url)]
    assert foreign == []


def test_styles_and_icons_ask_no_other_host_and_draw_no_data_addresses() -> None:
    for path in [*ADMIN.glob("*.css"), *THEME.glob("*.css")]:
        text = path.read_text("utf-8")
        addresses = re.findall(r"url\(([^)]*)\)", text)
        assert addresses
        assert [url for url in addresses if not re.fullmatch(r'"?fonts/[\w.-]+\.woff2"?', url)] == []
        assert "@import" not in text
        assert "sourceMappingURL" not in text
    assert "http" not in built(ADMIN, "icons.svg").decode().replace("http://www.w3.org/2000/svg", "")


def test_pages_of_the_back_office_stay_light() -> None:
    fonts = ("fonts/schibsted-grotesk-latin.woff2", "fonts/newsreader-latin.woff2")
    every = wire(ADMIN, "admin.css", "admin.js", "icons.svg", *fonts)
    writing = wire(
        ADMIN, "editor.js", "picker.js", "fonts/newsreader-italic-latin.woff2", "fonts/jetbrains-mono-ascii.woff2"
    )
    # The rest of the budget is for the page itself and its pictures: 220 KiB for a list, 420 KiB for the edit page.
    assert every <= 140 * KIB
    assert every + writing <= 340 * KIB


def test_public_pages_stay_light() -> None:
    bare = wire(THEME, "theme.css", "theme.js")
    fonts = ("literata-latin", "literata-italic-latin", "bricolage-latin", "plex-mono-ascii")
    # 40 KiB without fonts and 120 KiB with all four of them, less what a long post's own HTML takes.
    assert bare <= 16 * KIB
    assert bare + wire(THEME, *(f"fonts/{name}.woff2" for name in fonts)) <= 108 * KIB


def test_pages_about_the_api_stay_light() -> None:
    # What one reads; the page on which one tries takes Swagger UI besides.
    assert wire(API, "api.css") <= 4 * KIB
    assert wire(API, "console.js") <= 2 * KIB


def used_classes(path: Path) -> set[str]:
    """Return the classes that a template names in so many words, also those inside of expressions."""
    found: set[str] = set()
    for value in re.findall(r'class="([^"]*)"', path.read_text("utf-8")):
        plain = re.sub(r"\{%.*?%\}", " ", re.sub(r"\{\{.*?\}\}", "§", value))
        chosen = [word for part in re.findall(r"\{\{.*?\}\}", value) for word in re.findall(r"'([\w -]*)'", part)]
        found |= {word for word in " ".join([plain, *chosen]).split() if _WORD.fullmatch(word)}
    return found


def test_templates_of_the_back_office_use_only_classes_that_have_a_style() -> None:
    known = set(_CLASS_IN_CSS.findall(built(ADMIN, "admin.css").decode())) | UNSTYLED
    templates = [*ROOT.glob("cms/admin/templates/**/*.html"), *ROOT.glob("cms/accounts/templates/**/*.html")]
    missing = {path.name: sorted(used_classes(path) - known) for path in templates if used_classes(path) - known}
    assert missing == {}, "Bootstrap's belong into frontend/src/admin/bootstrap-classes.txt, ours into the styles there"


def test_templates_about_the_api_use_only_classes_that_have_a_style() -> None:
    styles = built(ADMIN, "admin.css").decode() + built(API, "api.css").decode()
    known = set(_CLASS_IN_CSS.findall(styles))
    found = {name for path in ROOT.glob("cms/api/templates/**/*.html") for name in used_classes(path)}
    assert found
    assert sorted(found - known) == []


def test_templates_of_the_back_office_name_only_icons_of_the_sprite() -> None:
    known = set(re.findall(r'<symbol id="([\w-]+)"', built(ADMIN, "icons.svg").decode()))
    templates = [*ROOT.glob("cms/admin/templates/**/*.html"), *ROOT.glob("cms/accounts/templates/**/*.html")]
    named = {name for path in templates for name in re.findall(r'icon\("([\w-]+)"', path.read_text("utf-8"))}
    assert named <= known, "add icons to frontend/src/admin/icons.txt"
