"""A defence counts only when a test turns red without it: each is taken out of a copy, and the named test must fail."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests import needs
from tests.mutants.mutants import MUTANTS, Mutant

ROOT = Path(__file__).parents[2]
_TOP = ("app.py", "cms", "frontend", "instance", "migrations", "pyproject.toml", "tests", "themes", "uploads")
_LEFT_OUT = shutil.ignore_patterns("node_modules", "__pycache__", "*.db*", "secrets.toml", ".mypy_cache")


def test_there_are_enough_and_each_is_one_of_its_own() -> None:
    assert len(MUTANTS) >= 20
    assert len({mutant.defence for mutant in MUTANTS}) == len(MUTANTS)


@pytest.mark.parametrize("mutant", MUTANTS, ids=lambda mutant: mutant.defence)
def test_what_is_taken_out_is_there(mutant: Mutant) -> None:
    text = (ROOT / mutant.path).read_text("utf-8")
    assert text.count(mutant.find) == 1, f"{mutant.path} holds this {text.count(mutant.find)} times"
    assert mutant.find != mutant.replace
    for test in mutant.tests:
        path, _colons, name = test.partition("::")
        assert f"def {name.partition('[')[0]}(" in (ROOT / path).read_text("utf-8"), test


@pytest.fixture(scope="module")
def copy(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A copy of the project, to take things out of."""
    made = tmp_path_factory.mktemp("copy") / "project"
    made.mkdir()
    for name in _TOP:
        source = ROOT / name
        if source.is_dir():
            shutil.copytree(source, made / name, ignore=_LEFT_OUT)
        else:
            shutil.copy2(source, made / name)
    yield made
    shutil.rmtree(made, ignore_errors=True)


def run(folder: Path, tests: tuple[str, ...]) -> subprocess.CompletedProcess[str]:
    """Run tests in a copy, with the packages of this process."""
    environ = {**os.environ, "PYTHONDONTWRITEBYTECODE": "1"}
    data = needs.find("data")
    if data is not None:
        environ["CMS_TEST_DATA"] = data
    command = [sys.executable, "-m", "pytest", "-q", "-x", "-p", "no:cacheprovider", "-m", "", *tests]
    return subprocess.run(command, cwd=folder, env=environ, capture_output=True, text=True, timeout=300, check=False)


@pytest.mark.long
def test_everything_is_green_while_nothing_is_taken_out(copy: Path) -> None:
    """Else a red test below would say nothing."""
    tests = tuple(dict.fromkeys(test for mutant in MUTANTS for test in mutant.tests))
    done = run(copy, tests)
    assert done.returncode == 0, done.stdout[-4000:]


@pytest.mark.long
@pytest.mark.parametrize("mutant", MUTANTS, ids=lambda mutant: mutant.defence)
def test_a_test_turns_red_without_the_defence(copy: Path, mutant: Mutant) -> None:
    path = copy / mutant.path
    whole = path.read_text("utf-8")
    path.write_text(whole.replace(mutant.find, mutant.replace), "utf-8")
    try:
        for test in mutant.tests:
            done = run(copy, (test,))
            # 1: tests ran and some failed; anything else is no answer.
            assert done.returncode == 1, f"{test} does not notice: {done.stdout[-2000:]}"
            assert " failed" in done.stdout, done.stdout[-2000:]
    finally:
        path.write_text(whole, "utf-8")
