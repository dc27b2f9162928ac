"""What lies at the top of the project, and that its lists agree with each other."""

import re
import subprocess
import tomllib
from pathlib import Path

from packaging.requirements import Requirement

from cms.config import OPTIONS

ROOT = Path(__file__).parents[2]
TOP = {
    ".ci", ".editorconfig", ".env.example", ".gitignore", "ARCHITECTURE.md", "CHANGELOG.md", "CONTRIBUTING.md",
    "LICENSE", "Makefile", "README.md", "SECURITY.md", "app.py", "bench", "cms", "deploy", "docs",
    "frontend", "instance", "migrations", "pyproject.toml", "requirements.txt", "tests", "themes", "typings", "uploads",
}  # fmt: skip
_PIN = re.compile(r"^([a-z0-9-]+)(?:\[[a-z,-]+\])?==(\S+)$", re.MULTILINE)


def tracked() -> list[str]:
    """Return the files under version control, or those there are when this is no clone."""
    listed = subprocess.run(["git", "ls-files"], cwd=ROOT, capture_output=True, text=True, check=False)
    return listed.stdout.splitlines() or [str(path.relative_to(ROOT)) for path in ROOT.iterdir()]


def pins(name: str) -> dict[str, str]:
    return dict(_PIN.findall((ROOT / name).read_text("utf-8")))


def required() -> tuple[set[str], set[str]]:
    """Return the names of the packages needed to run, and of those needed to test."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))
    lists = (project["project"]["dependencies"], project["dependency-groups"]["test"])
    first, second = ({re.split(r"[\[~<>=! ]", line)[0].lower() for line in lines} for lines in lists)
    return first, second


def test_nothing_unexpected_lies_at_the_top() -> None:
    assert {path.split("/")[0] for path in tracked()} == TOP


def test_data_of_an_installation_is_not_kept_with_the_code() -> None:
    for folder in ("instance", "uploads"):
        assert [path for path in tracked() if path.startswith(f"{folder}/")] == [f"{folder}/README.md"]


def test_license_is_mit() -> None:
    text = (ROOT / "LICENSE").read_text("utf-8")
    assert text.startswith("MIT License")
    assert "The Masthead authors" in text


def test_example_of_settings_lists_all_with_their_help() -> None:
    text = (ROOT / ".env.example").read_text("utf-8")
    assert re.findall(r"^#?([A-Z_]+)=", text, re.MULTILINE) == [option.variable for option in OPTIONS]
    for option in OPTIONS:
        assert f"# {option.help}" in text
        assert all(alias in text for alias in option.aliases)


def test_handbook_explains_each_setting() -> None:
    text = (ROOT / "docs" / "configuration.md").read_text("utf-8")
    missing = [option.variable for option in OPTIONS if f"`{option.variable}`" not in text]
    assert missing == []


def test_pinned_packages_are_those_that_the_project_asks_for() -> None:
    run, test = required()
    assert run | test <= pins("requirements.txt").keys()
    assert run <= pins("deploy/requirements-runtime.txt").keys()


def test_image_gets_the_same_versions_and_no_test_packages() -> None:
    everything, image = pins("requirements.txt"), pins("deploy/requirements-runtime.txt")
    assert {name: everything.get(name) for name in image} == image
    assert not required()[1] & image.keys()


def test_pinned_packages_are_within_what_the_project_allows() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))
    pinned = pins("requirements.txt")
    for line in [*project["project"]["dependencies"], *project["dependency-groups"]["test"]]:
        wanted = Requirement(line)
        assert wanted.specifier.contains(pinned[wanted.name.lower()]), line


def test_requirements_say_why_not_the_old_upload_package() -> None:
    for name in ("requirements.txt", "deploy/requirements-runtime.txt"):
        text = (ROOT / name).read_text("utf-8")
        assert text.startswith("# Flask-Reuploaded (imported as `flask_uploads`) is the maintained successor")
