"""The table of attacks is complete: each pitfall and case has a row, each row a test that is there, or waits."""

from __future__ import annotations

import ast
import re
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path

import click
import pytest
from flask import Flask

ROOT = Path(__file__).parents[2]
TABLE = ROOT / "tests" / "attacks" / "README.md"
DOORS = ROOT / "tests" / "guards" / "doors.txt"
_ROW = re.compile(r"^\| (L\d+|\d+|[A-Z]{2}\d+) \|(.*)\|$", re.MULTILINE)
_TEST = re.compile(r"`([\w/]+\.py)::(test_\w+)`")
_WAITS = re.compile(r"waits for \*([^*]+)\*")

#: How many pitfalls there are of each kind.
SERIES = {
    "L": 19, "": 60, "FA": 10, "FS": 10, "FC": 7, "FR": 4, "OT": 3, "ED": 4, "TR": 14,
}  # fmt: skip

Question = Callable[[Flask, Path], bool]


def any_of(*questions: Question) -> Question:
    """Return a question: is the answer yes to one of these?"""
    return lambda app, root: any(question(app, root) for question in questions)


def has_route(pattern: str) -> Question:
    """Return a question: does an address of the site match?"""
    return lambda app, _root: any(re.search(pattern, rule.rule) for rule in app.url_map.iter_rules())


def has_code(*patterns: str) -> Question:
    """Return a question: is there such a file in the product?"""
    return lambda _app, root: any(True for pattern in patterns for _path in root.glob(pattern))


def has_command(pattern: str) -> Question:
    """Return a question: does the command line know such a command, at any depth?"""
    return lambda app, _root: any(re.search(pattern, name) for name in commands_of(app.cli))


def imports(module: str, *patterns: str) -> Question:
    """Return a question: does one of these files of the product import the module, or something from it?"""
    return lambda _app, root: any(
        module in imported or any(name.startswith(f"{module}.") for name in imported)
        for pattern in patterns
        for path in root.glob(pattern)
        for imported in [imports_of(path)]
    )


def imports_of(path: Path) -> set[str]:
    """Return all that a file imports, `from a import b` as `a.b`."""
    found: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            found |= {f"{node.module}.{alias.name}" for alias in node.names}
    return found


def commands_of(group: click.Group, before: str = "") -> Iterator[str]:
    """Yield the commands of a group and of its groups, as they are typed."""
    for name, command in group.commands.items():
        yield f"{before}{name}"
        if isinstance(command, click.Group):
            yield from commands_of(command, f"{before}{name} ")


#: Forms on pages that are kept, which hold no token, and what browsers send by themselves.
WITHOUT_TOKEN = {
    "cms.public.appearance.appearance",
    "cms.public.home.home",
    "cms.public.pages.page",
    "cms.public.posts.post",
    "cms.public.reports.csp_reports",
}

#: What rows wait for, and how to see that it has come: from then on the row needs a test.
FEATURES: dict[str, Question] = {
    "comment form": any_of(
        has_route(r"comment"), imports("cms.comments", "cms/public/**/*.py", "cms/admin/**/*.py", "cms/api/**/*.py")
    ),
    "uploaded themes": any_of(
        has_route(r"^/admin/(themes|appearance)"), imports("zipfile", "cms/theming/**/*.py", "cms/admin/**/*.py")
    ),
    "other imports": any_of(
        has_command(r"^import (?!wordpress$)"),
        has_route(r"^/admin/(import|transfer)"),
        has_code(*(f"cms/transfer/**/{name}*" for name in ("ghost", "markdown", "medium", "substack", "blogger"))),
    ),
    "webhooks": any_of(has_route(r"webhook"), has_code("cms/webhooks/**/*.py", "cms/**/*webhook*.py")),
    "preview links": has_route(r"^/preview/(?!<int:entry_id>$)"),
    "plugins": any_of(
        has_code("cms/plugins/**/*.py", "cms/core/hookspecs.py"), imports("pluggy", "cms/**/*.py"), has_route(r"plugin")
    ),
    "operations": has_command(r"\b(backup|restore)"),
}

#: How each of them comes, at its smallest: an address, a file or a command.
LANDINGS: dict[str, tuple[str, ...]] = {
    "comment form": ("route /posts/<slug>/comments", "file cms/public/remarks.py from cms.comments import actions"),
    "uploaded themes": ("route /admin/themes/new/", "file cms/theming/archive.py import zipfile"),
    "other imports": ("command import ghost", "file cms/transfer/ghost/reader.py pass"),
    "webhooks": ("route /admin/webhooks/", "file cms/core/jobs/webhooks.py pass"),
    "preview links": ("route /preview/<token>", "route /preview/shared/<key>"),
    "plugins": ("file cms/plugins/loader.py pass", "file cms/core/hooks.py import pluggy"),
    "operations": ("command backup now", "command restore"),
}

#: Who asks other hosts, and the tests that tell how: cases 18 to 20 hold for each.
CALLERS = {
    "cms/accounts/providers/asking.py": "functional/accounts/providers/test_takeovers.py",
    "cms/content/outside.py": "functional/api/test_outside.py",
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
    assert {name: feature for name, feature in waiting.items() if FEATURES[feature](app, ROOT)} == {}


@pytest.mark.parametrize(
    ("feature", "landing"), [(feature, landing) for feature, ways in LANDINGS.items() for landing in ways]
)
def test_a_feature_is_seen_when_it_comes(tmp_path: Path, feature: str, landing: str) -> None:
    site = Flask("site", static_folder=None)
    assert not FEATURES[feature](site, tmp_path)
    kind, name, *rest = landing.split(" ", 2)
    if kind == "route":
        site.add_url_rule(name, "new", view_func=str)
    elif kind == "file":
        path = tmp_path / name
        path.parent.mkdir(parents=True)
        path.write_text(" ".join(rest), "utf-8")
    else:
        group: click.Group = site.cli
        if rest:
            group = click.Group(name)
            site.cli.add_command(group)
        group.add_command(click.Command(rest[0] if rest else name))
    assert FEATURES[feature](site, tmp_path)


def test_each_feature_is_tried(app: Flask) -> None:
    assert LANDINGS.keys() == FEATURES.keys()
    csrf = app.extensions["csrf"]
    # Tests open routes of their own in this process.
    ours = {view for view in csrf._exempt_views if view.startswith("cms.")}
    assert ours == WITHOUT_TOKEN, "a new route without a token: cases 26, 27, 33 and 34 are about it"


def test_every_way_in_was_thought_about(app: Flask) -> None:
    """Whatever lands brings a package, a command or an address: its author looks through the cases before it passes."""
    known: dict[str, set[str]] = {"packages": set(), "commands": set(), "addresses": set()}
    for kind, names in re.findall(r"^(\w+): (.*)$", DOORS.read_text("utf-8"), re.MULTILINE):
        known[kind] |= set(names.split())
    assert {
        "packages": {path.parent.name for path in (ROOT / "cms").glob("*/__init__.py")},
        "commands": set(app.cli.commands),
        "addresses": {first_parts(rule.rule) for rule in app.url_map.iter_rules()},
    } == known, "name its cases in attacks/README.md, then itself in guards/doors.txt"


def first_parts(rule: str) -> str:
    """Return the first part of an address, in the back office the first two."""
    parts = rule.lstrip("/").split("/")
    return "/".join(parts[:2]) if parts[0] == "admin" else parts[0] or "."


def test_everybody_who_asks_other_hosts_has_a_test() -> None:
    paths = [path for path in (ROOT / "cms").rglob("*.py") if path.name not in ("fetch.py", "fetch_transport.py")]
    found = {path.relative_to(ROOT).as_posix() for path in paths if "cms.core.fetch" in " ".join(imports_of(path))}
    assert found == CALLERS.keys(), "cases 18, 19, 20 and 24 hold for it: name its tests in the table, then here"
    assert {path: test for path, test in CALLERS.items() if test not in rows()["18"]} == {}


def test_every_file_of_attacks_is_in_the_table() -> None:
    named = {f"attacks/{path.name}" for path in (ROOT / "tests" / "attacks").glob("test_*.py")}
    assert named - {path for rest in rows().values() for path, _test in _TEST.findall(rest)} == set()


@pytest.mark.parametrize("feature", FEATURES)
def test_what_is_waited_for_is_not_forgotten(feature: str) -> None:
    assert f"*{feature}*" in TABLE.read_text("utf-8")
