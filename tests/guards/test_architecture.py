"""Sizes and rules of the house that neither the linter nor the types can hold."""

import ast
import re
import statistics

import pytest

from tests.guards.sources import ROOT, called, modules, name, tree

LONGEST_MODULE = 400
LONGEST_FUNCTION = 60
MEDIAN_MODULE = 120
_REASON = re.compile(r"#\s*(?:noqa: [\w, ]+?|type:\s*ignore\[[\w, -]+\])(?: +--| +#|  )\s*\S+\s+\S+")
#: Done by people without an account: a link from a mail, or an open registration, is what allows it.
BY_ANYBODY = {
    "cms/accounts/actions/accept_invitation.py:accept_invitation",
    "cms/accounts/actions/register_user.py:register_user",
}
_SILENCED = re.compile(r"#\s*(?:noqa|type:\s*ignore)")
_UNFINISHED = re.compile(r"\b(?:TODO|FIXME|XXX|HACK)\b")


def test_no_module_is_too_long() -> None:
    long = {
        name(path): lines
        for path in modules()
        if "versions" not in path.parts and (lines := len(path.read_text("utf-8").splitlines())) > LONGEST_MODULE
    }
    assert long == {}


def test_most_modules_are_short() -> None:
    lengths = [len(path.read_text("utf-8").splitlines()) for path in modules("cms")]
    assert statistics.median(lengths) <= MEDIAN_MODULE


def test_no_function_is_too_long() -> None:
    long = {
        f"{name(path)}:{node.name}": lines
        for path in modules()
        for node in ast.walk(tree(path))
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and "versions" not in path.parts
        if (lines := (node.end_lineno or 0) - node.lineno + 1) > LONGEST_FUNCTION
    }
    assert long == {}


def test_only_the_transaction_commits() -> None:
    committing = {
        name(path)
        for path in modules("cms")
        for node in ast.walk(tree(path))
        if isinstance(node, ast.Call) and called(node) == "commit"
    }
    # The cache keeps SQLite files of its own; signing in after an invitation ends as Flask-Security's views do,
    # with the commit of its datastore.
    elsewhere = {path for path in committing if not path.startswith("cms/cache/")}
    assert elsewhere <= {"cms/core/db.py", "cms/accounts/views.py"}


def test_only_storage_knows_upload_sets() -> None:
    importing = {
        name(path)
        for path in modules("cms")
        for node in ast.walk(tree(path))
        if (isinstance(node, ast.ImportFrom) and node.module == "flask_uploads")
        or (isinstance(node, ast.Import) and any(alias.name == "flask_uploads" for alias in node.names))
    }
    assert importing <= {"cms/core/storage.py"}


def test_times_know_their_zone() -> None:
    naive = [
        f"{name(path)}:{node.lineno}"
        for path in modules()
        for node in ast.walk(tree(path))
        if isinstance(node, ast.Call)
        if (
            called(node) in {"utcnow", "utcfromtimestamp"}
            and isinstance(node.func, ast.Attribute)
            and getattr(node.func.value, "id", "") == "datetime"
        )
        or (called(node) == "now" and not node.args and not node.keywords)
        or (called(node) == "DateTime" and not any(word.arg == "timezone" for word in node.keywords))
    ]
    assert [place for place in naive if not place.startswith("migrations/versions/")] == []


def test_each_silenced_check_has_its_reason() -> None:
    bare = [
        f"{name(path)}:{number}"
        for path in modules()
        for number, line in enumerate(path.read_text("utf-8").splitlines(), 1)
        if _SILENCED.search(line) and not _REASON.search(line)
    ]
    assert bare == []


def test_nothing_is_left_for_later() -> None:
    left = [
        f"{name(path)}:{number}"
        for path in (*modules(), *modules("tests"))
        for number, line in enumerate(path.read_text("utf-8").splitlines(), 1)
        if _UNFINISHED.search(line) and path.name != "test_architecture.py"
    ]
    assert left == []


def test_no_error_is_swallowed_silently() -> None:
    silent = [
        f"{name(path)}:{node.lineno}"
        for path in modules()
        for node in ast.walk(tree(path))
        if isinstance(node, ast.ExceptHandler)
        and (node.type is None or getattr(node.type, "id", "") in {"Exception", "BaseException"})
        and all(isinstance(line, ast.Pass | ast.Constant | ast.Continue) for line in node.body)
    ]
    assert silent == []


def test_no_test_sleeps_or_is_given_up() -> None:
    found = [
        f"{name(path)}:{node.lineno}"
        for path in modules("tests")
        for node in ast.walk(tree(path))
        if (isinstance(node, ast.Call) and called(node) == "sleep")
        or (
            isinstance(node, ast.Attribute)
            and node.attr in {"xfail", "skip"}
            and getattr(node.value, "id", "") in {"mark", "pytest"}
        )
    ]
    assert found == []


@pytest.mark.parametrize("folder", ["content", "accounts", "media", "settings", "comments"])
def test_actions_name_who_acts(folder: str) -> None:
    lacking = [
        f"{name(path)}:{node.name}"
        for path in sorted((ROOT / "cms" / folder / "actions").glob("[a-z]*.py"))
        for node in tree(path).body
        if isinstance(node, ast.FunctionDef) and node.name == path.stem
        if not any(argument.arg == "by" for argument in node.args.kwonlyargs)
    ]
    assert set(lacking) <= BY_ANYBODY
