"""Whatever happens is kept in the record, in a sentence that can be translated."""

import ast
import dataclasses
import importlib
import inspect
from collections.abc import Iterator
from pathlib import Path

import pytest
from flask import Flask

from cms.core import trail
from cms.core.i18n import LazyString
from tests.guards.sources import ROOT, called, modules, name, tree

#: Events that are not kept, each with the reason.
NOT_KEPT: dict[type, str] = {}
#: Actions that record no event of their own, each with the reason.
SILENT: dict[str, str] = {
    "cms/audit/actions/undo_entry.py": "the actions that it takes things back by record what they do",
}


def _event_modules() -> list[str]:
    return [".".join(path.relative_to(ROOT).with_suffix("").parts) for path in sorted(ROOT.glob("cms/*/*events.py"))]


def _events() -> Iterator[type]:
    for module in _event_modules():
        loaded = importlib.import_module(module)
        for kind in vars(loaded).values():
            if inspect.isclass(kind) and kind.__module__ == module and dataclasses.is_dataclass(kind):
                yield kind


def test_every_event_is_kept(app: Flask) -> None:
    assert app.name
    events = set(_events())
    bases = {base for kind in events for base in kind.__mro__[1:]}
    missing = events - bases - trail.kept_events() - set(NOT_KEPT)
    assert {f"{kind.__module__}.{kind.__name__}" for kind in missing} == set()
    assert len(events) > 20


def test_no_event_is_left_out_and_kept_at_once(app: Flask) -> None:
    assert app.name
    assert set(NOT_KEPT).isdisjoint(trail.kept_events())


def _actions() -> list[Path]:
    return [path for path in modules("cms") if path.parent.name == "actions" and path.name != "__init__.py"]


def _records(path: Path) -> bool:
    """Tell whether an action records an event, or does its work by calling another action."""
    calls = {called(node) for node in ast.walk(tree(path)) if isinstance(node, ast.Call)}
    imported = {
        alias.name
        for node in ast.walk(tree(path))
        if isinstance(node, ast.ImportFrom) and node.module and ".actions" in node.module
        for alias in node.names
    }
    return "record" in calls or bool(imported & calls)


@pytest.mark.parametrize("path", _actions(), ids=name)
def test_every_action_records_what_happened(path: Path) -> None:
    assert _records(path) or name(path) in SILENT


def test_every_silent_action_is_there() -> None:
    assert {path for path in SILENT if not (ROOT / path).is_file()} == set()


def test_every_act_has_a_sentence_and_a_way_back_or_a_reason(app: Flask) -> None:
    assert app.name
    acts = list(trail.list_acts())
    assert {act.name for act in acts if not isinstance(act.sentence, LazyString)} == set()
    assert {act.name for act in acts if act.undo is None and not isinstance(act.final, LazyString)} == set()
    assert {act.name for act in acts if act.undo is not None and act.final is not None} == set()
    for act in acts:
        # Whatever is typed takes the one place there is.
        assert str(act.sentence) % {"title": "100 % of it"}
        assert str(act.sentence)[0].islower()
        assert not str(act.sentence).endswith(".")
