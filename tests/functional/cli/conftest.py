"""What the tests of imports share: the command, and everything that is in the database."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from click.testing import Result
from flask import Flask
from sqlalchemy import select

from cms.core.db import Base, current_session
from tests.factories.wxr import write_wxr

Import = Callable[..., Result]


@pytest.fixture
def run_import(app: Flask, tmp_path: Path) -> Import:
    """Import an export made of parts, or the file at a path; options are those of the command line."""

    def run(*parts: str, path: Path | None = None, options: tuple[str, ...] = (), exit_code: int = 0) -> Result:
        file = path or write_wxr(tmp_path, *parts)
        result = app.test_cli_runner().invoke(args=["import", "wordpress", str(file), *options])
        current_session().rollback()
        current_session().expire_all()
        assert result.exit_code == exit_code, result.output
        return result

    return run


def everything(*, but: tuple[str, ...] = ()) -> dict[str, list[tuple[Any, ...]]]:
    """Return every row of every table, but of the record, which keeps that an import was run again."""
    session = current_session()
    session.rollback()
    return {
        table.name: sorted((tuple(row) for row in session.execute(select(table))), key=repr)
        for table in Base.metadata.sorted_tables
        if table.name not in but and not table.name.startswith("audit_")
    }
