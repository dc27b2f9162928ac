"""The project's own source files, parsed once for all guards."""

import ast
from collections.abc import Iterator
from functools import cache
from pathlib import Path

ROOT = Path(__file__).parents[2]
CODE = ("cms", "bench", "migrations", "deploy")


@cache
def modules(*folders: str) -> tuple[Path, ...]:
    """Return the Python files under the folders (all of the product's unless some are named)."""
    found = [path for folder in folders or CODE for path in sorted((ROOT / folder).rglob("*.py"))]
    return tuple([ROOT / "app.py", *found] if not folders else found)


@cache
def tree(path: Path) -> ast.Module:
    """Return the syntax tree of a file."""
    return ast.parse(path.read_text("utf-8"), str(path))


def templates() -> Iterator[Path]:
    """Yield every Jinja template that pages are made of."""
    for folder in ("cms", "themes"):
        for suffix in ("*.html", "*.xml"):
            yield from sorted((ROOT / folder).rglob(f"templates/**/{suffix}"))
    yield from sorted((ROOT / "themes").rglob("partials/**/*.html"))


def name(path: Path) -> str:
    """Return a file's path from the top of the project."""
    return str(path.relative_to(ROOT))


def called(node: ast.Call) -> str:
    """Return the last part of what a call calls: `commit` for `db.session.commit()`."""
    function = node.func
    return function.attr if isinstance(function, ast.Attribute) else getattr(function, "id", "")
