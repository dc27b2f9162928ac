"""Nothing is unpickled: whoever can write to a cache, a queue or a cookie runs nothing here (case 58; L13)."""

from __future__ import annotations

import ast
import json
import pickle
from collections.abc import Iterator
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import PickleType
from sqlalchemy.exc import StatementError

from cms.accounts.jobs import RESET
from cms.core.db import transaction
from cms.core.jobs import enqueue
from cms.extensions import Base, cache

ROOT = Path(__file__).parents[2]
#: Modules that make objects out of bytes, by running what the bytes say.
MODULES = frozenset(
    {"pickle", "cPickle", "_pickle", "dill", "cloudpickle", "shelve", "marshal", "joblib", "jsonpickle", "yaml"}
)
#: Functions that run text.
CALLS = frozenset({"eval", "exec", "compile", "__import__"})


def code() -> Iterator[tuple[str, ast.Module]]:
    """Yield every file of the product with its syntax tree."""
    for folder in ("cms", "themes", "migrations", "deploy"):
        for path in sorted((ROOT / folder).rglob("*.py")):
            yield path.relative_to(ROOT).as_posix(), ast.parse(path.read_text("utf-8"))


def names_in(node: ast.AST) -> set[str]:
    if isinstance(node, ast.Import):
        return {alias.name.partition(".")[0] for alias in node.names}
    if isinstance(node, ast.ImportFrom):
        return {(node.module or "").partition(".")[0]}
    return set()


def test_no_module_that_unpickles_is_imported() -> None:
    found = [(path, node.lineno) for path, tree in code() for node in ast.walk(tree) if names_in(node) & MODULES]
    assert found == []


def test_no_text_is_run() -> None:
    found = [
        (path, node.lineno)
        for path, tree in code()
        for node in ast.walk(tree)
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in CALLS
    ]
    assert found == []


def test_no_column_is_a_pickle() -> None:
    columns = [str(column) for table in Base.metadata.tables.values() for column in table.columns]
    pickled = [
        str(column)
        for table in Base.metadata.tables.values()
        for column in table.columns
        if isinstance(column.type, PickleType)
    ]
    assert len(columns) > 100
    assert pickled == []


def test_no_cache_keeps_an_object(app: Flask) -> None:
    """The store takes text, bytes and JSON; an object of Python is refused or comes back as plain values."""
    for value in (Path("/x"), {"a", "b"}, object()):
        try:
            kept = cache.set("object", value) and cache.get("object")
        except (TypeError, ValueError):
            continue
        assert not kept or json.dumps(kept)


def test_no_job_carries_an_object(app: Flask) -> None:
    with pytest.raises(StatementError, match="not JSON serializable"), transaction():
        enqueue(RESET, {"email": Path("/x")})


@pytest.mark.parametrize("protocol", range(pickle.HIGHEST_PROTOCOL + 1))
def test_no_cookie_is_a_pickle(app: Flask, protocol: int) -> None:
    """The session is JSON, signed; bytes that were pickled are no session."""
    client = app.test_client()
    client.set_cookie("masthead", pickle.dumps({"_user_id": "1"}, protocol).hex())
    assert client.get("/admin/").status_code == 302
