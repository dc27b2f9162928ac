"""The table of attacks is complete: each pitfall and case has a row, each row a test that is there, or waits."""

from __future__ import annotations

import ast
import re
from collections.abc import Callable
from functools import cache
from pathlib import Path

import pytest
from flask import Flask

ROOT = Path(__file__).parents[2]
TABLE = ROOT / "tests" / "attacks" / "README.md"
_ROW = re.compile(r"^\| (L\d+|\d+|[A-Z]{2}\d+) \|(.*)\|$", re.MULTILINE)
_TEST = re.compile(r"`([\w/]+\.py)::(test_\w+)`")
_WAITS = re.compile(r"waits for \*([^*]+)\*")

#: How many pitfalls there are of each kind.
SERIES = {
    "L": 19, "": 60, "FA": 10, "FS": 10, "FC": 7, "FR": 4, "OT": 3, "ED": 4, "TR": 14,
}  # fmt: skip


def has_route(pattern: str) -> Callable[[Flask], bool]:
    """Return a question: does an address of the site match?"""
    return lambda app: any(re.search(pattern, rule.rule) for rule in app.url_map.iter_rules())


def has_code(*patterns: str) -> Callable[[Flask], bool]:
    """Return a question: is there such a file in the product?"""
    return lambda _app: any(True for pattern in patterns for _path in (ROOT / "cms").glob(pattern))


def has_command(*names: str) -> Callable[[Flask], bool]:
    """Return a question: does the command line know one of these?"""
    return lambda app: bool(set(names) & set(app.cli.commands))


#: What rows wait for, and how to see that it has come: from then on the row needs a test.
FEATURES: dict[str, Callable[[Flask], bool]] = {
    "comment form": has_route(r"comment"),
    "API": has_route(r"^/api(/|$)"),
    "passkeys and codes": has_route(r"^/(tf|wan|mf|us)-|passkey|totp"),
    "sign-in limits": has_code("accounts/*limit*.py", "accounts/*throttl*.py", "accounts/*attempt*.py"),
    "other sign-ins": has_route(r"oidc|oauth|saml"),
    "uploaded themes": has_route(r"^/admin/(themes|appearance)"),
    "other imports": has_code("transfer/ghost*", "transfer/markdown*", "transfer/medium*"),
    "fetching addresses": has_code("lib/fetch*.py", "core/fetch*.py", "core/http*.py", "core/outgoing*.py"),
    "webhooks": has_code("webhooks/*.py", "**/webhook*.py"),
    "preview links": has_route(r"^/preview/<(string:)?\w*(token|key)"),
    "export": has_route(r"export"),
    "plugins": has_code("plugins/*.py"),
    "operations": has_command("backup", "restore"),
}


@cache
def names_in(path: Path) -> frozenset[str]:
    """Return the names of the tests in a file."""
    tree = ast.parse(path.read_text("utf-8"))
    return frozenset(node.name for node in ast.walk(tree) if isinstance(node, ast.FunctionDef))


def rows() -> dict[str, str]:
    """Return each row of the table by its number."""
    found = _ROW.findall(TABLE.read_text("utf-8"))
    named = [name for name, _rest in found]
    assert len(set(named)) == len(named), "a number stands twice"
    return dict(found)


def test_every_pitfall_and_case_has_a_row() -> None:
    wanted = {f"{series}{number}" for series, most in SERIES.items() for number in range(1, most + 1)}
    assert set(rows()) == wanted


def test_every_row_names_a_test_or_what_it_waits_for() -> None:
    assert [name for name, rest in rows().items() if not _TEST.search(rest) and not _WAITS.search(rest)] == []


def test_every_test_in_the_table_is_there() -> None:
    missing = [
        f"{name}: {path}::{test}"
        for name, rest in rows().items()
        for path, test in _TEST.findall(rest)
        if not (ROOT / "tests" / path).is_file() or test not in names_in(ROOT / "tests" / path)
    ]
    assert missing == []


def test_nothing_waits_for_what_has_come(app: Flask) -> None:
    """When a feature lands, its cases get their tests."""
    waiting = {name: feature for name, rest in rows().items() for feature in _WAITS.findall(rest)}
    assert set(waiting.values()) <= set(FEATURES)
    assert {name: feature for name, feature in waiting.items() if FEATURES[feature](app)} == {}


def test_every_file_of_attacks_is_in_the_table() -> None:
    named = {f"attacks/{path.name}" for path in (ROOT / "tests" / "attacks").glob("test_*.py")}
    assert named - {path for rest in rows().values() for path, _test in _TEST.findall(rest)} == set()


@pytest.mark.parametrize("feature", FEATURES)
def test_what_is_waited_for_is_not_forgotten(feature: str) -> None:
    assert f"*{feature}*" in TABLE.read_text("utf-8")
