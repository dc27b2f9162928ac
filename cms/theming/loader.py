"""Finding themes and their files: the theme, then its parent, then `default`."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from functools import lru_cache
from pathlib import Path

from jinja2 import BaseLoader, Environment, TemplateNotFound

from cms.theming.errors import ThemeError
from cms.theming.manifest import Manifest, read_manifest

#: The theme that everything missing elsewhere is taken from.
DEFAULT = "default"
#: A theme and its ancestors, at most.
MAX_PARENTS = 5
#: Bytes that a template may have.
MAX_TEMPLATE = 256 * 1024


@dataclass(frozen=True)
class Theme:
    """A theme with its ancestors; files are looked up along `folders`, the theme's own first."""

    manifest: Manifest
    folders: tuple[Path, ...]

    @property
    def name(self) -> str:
        """The theme's name."""
        return self.manifest.name

    def find(self, kind: str, path: str) -> Path | None:
        """Return the file `path` below the folder `kind` (templates, partials, static …), or None."""
        for folder in self.folders:
            base = folder / kind
            file = inside(base, path)
            if file is not None:
                return file
        return None

    @property
    def assets(self) -> Mapping[str, str]:
        """Plain names of built static files and the names with a hash that they are served under."""
        manifests = [folder / "static" / "manifest.json" for folder in reversed(self.folders)]
        # A new build of the files is noticed without a restart.
        return _read_assets(tuple((file, file.stat().st_mtime_ns) for file in manifests if file.is_file()))

    def asset(self, name: str) -> str:
        """Return the address of a static file below the theme's own; raises ThemeError if there is none."""
        built = self.assets.get(name)
        if built is not None:
            return built
        file = self.find("static", name)
        if file is None:
            raise ThemeError(f"The theme {self.name} has no static file {name}.")
        return f"{name}?v={hashlib.sha256(file.read_bytes()).hexdigest()[:10]}"

    def is_immutable(self, path: str) -> bool:
        """Tell whether a static file carries a hash of its content in its name, so that it never changes."""
        return path in self.assets.values()


@lru_cache(maxsize=32)
def _read_assets(manifests: tuple[tuple[Path, int], ...]) -> dict[str, str]:
    found: dict[str, str] = {}
    for file, _changed in manifests:
        found |= {str(name): str(built) for name, built in json.loads(file.read_text(encoding="utf-8")).items()}
    return found


def inside(base: Path, path: str) -> Path | None:
    """Return the file `path` below `base`, or None; nothing outside is found, also not through a link."""
    if not path or "\\" in path or "\0" in path or any(part in ("", ".", "..") for part in path.split("/")):
        return None
    file = base / path
    if not file.is_file() or not file.resolve().is_relative_to(base.resolve()):
        return None
    return file


def find_theme(name: str, roots: Iterable[Path]) -> Theme:
    """Return the theme `name` from one of the folders `roots`; raises ThemeError in one sentence.

    Its settings are its own and those of its parents.
    """
    places = tuple(roots)
    folders: list[Path] = []
    manifests: list[Manifest] = []
    wanted: str | None = name
    while wanted is not None:
        folder = next((root / wanted for root in places if (root / wanted / "theme.toml").is_file()), None)
        if folder is None:
            raise ThemeError(f"There is no theme called {wanted!r}.")
        if folder in folders or len(folders) > MAX_PARENTS:
            raise ThemeError(f"The parents of the theme {name} run in a circle or are too many.")
        folders.append(folder)
        manifests.append(read_manifest(folder))
        wanted = manifests[-1].parent or (DEFAULT if wanted != DEFAULT else None)
    settings = {setting.key: setting for one in reversed(manifests) for setting in one.settings}
    return Theme(replace(manifests[0], settings=tuple(settings.values())), tuple(folders))


class ThemeLoader(BaseLoader):
    """Gives Jinja the templates of a theme: `post.html` from templates/, `partials/…` from partials/."""

    def __init__(self, theme: Theme) -> None:
        self.theme = theme

    def get_source(self, environment: Environment, template: str) -> tuple[str, str, Callable[[], bool]]:
        """Return source, file name and a check for freshness; raises TemplateNotFound."""
        file = self._find(template)
        if file is None:
            raise TemplateNotFound(template)
        changed = file.stat().st_mtime_ns
        if file.stat().st_size > MAX_TEMPLATE:
            raise ThemeError(f"The template {template} is longer than {MAX_TEMPLATE // 1024} KiB.")
        return file.read_text(encoding="utf-8"), str(file), lambda: file.stat().st_mtime_ns == changed

    def _find(self, template: str) -> Path | None:
        kind, _, rest = template.partition("/")
        return self.theme.find("partials", rest) if kind == "partials" else self.theme.find("templates", template)
