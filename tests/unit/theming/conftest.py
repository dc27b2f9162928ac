"""Themes to try things with."""

from collections.abc import Callable
from pathlib import Path

import pytest

from cms.theming.engine import ThemeEngine
from cms.theming.loader import find_theme

SHIPPED = Path(__file__).resolve().parents[3] / "themes"


@pytest.fixture
def engine() -> ThemeEngine:
    """The default theme."""
    return ThemeEngine(find_theme("default", [SHIPPED]))


@pytest.fixture
def make_theme(tmp_path: Path) -> Callable[..., Path]:
    """Write a theme from its files (path below the theme, text); the manifest is made unless given."""

    def make(name: str = "mine", *, parent: str | None = None, **files: str) -> Path:
        folder = tmp_path / name
        lines = [f'name = "{name}"', 'version = "1"', *([f'parent = "{parent}"'] if parent else [])]
        named = {"theme.toml": "\n".join(lines)} | {path.replace("__", "/"): text for path, text in files.items()}
        for path, text in named.items():
            file = folder / (path if "." in path else f"{path}.html")
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(text, encoding="utf-8")
        return folder

    return make


@pytest.fixture
def engine_of(tmp_path: Path) -> Callable[[str], ThemeEngine]:
    """Make the engine of a theme written with `make_theme`."""

    def make(name: str = "mine") -> ThemeEngine:
        return ThemeEngine(find_theme(name, [tmp_path, SHIPPED]))

    return make
