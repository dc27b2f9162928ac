"""`theme.toml`: what a theme says about itself, read and checked."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from cms.theming.errors import ThemeError

#: The version of the theme contract that this CMS offers; `requires_cms` is compared with it.
CMS_VERSION = (0, 1)

_NAME = re.compile(r"[a-z][a-z0-9-]{0,39}")
_KEY = re.compile(r"[a-z][a-z0-9_]{0,39}")
_COLOUR = re.compile(r"#(?:[0-9a-fA-F]{3}|[0-9a-fA-F]{6})")
_PROPERTY = re.compile(r"--[a-z][a-z0-9-]{0,39}")
#: A CSS value that cannot leave its declaration.
_CSS_VALUE = re.compile(r"[^;{}<>\\@]{1,300}")
_REQUIRES = re.compile(r">=\s*(\d+)\.(\d+)")
_TYPES: dict[str, type] = {"text": str, "colour": str, "switch": bool, "number": int, "choice": str}
_TOP = {"name", "title", "version", "parent", "requires_cms", "posts_per_page", "image_sizes", "settings", "author"}
_SETTING = {"type", "label", "help", "default", "choices", "property", "css", "minimum", "maximum"}

Value = str | bool | int


@dataclass(frozen=True, kw_only=True)
class ThemeSetting:
    """A setting that a theme offers; the settings form is made from it."""

    key: str
    type: str
    label: str
    default: Value
    help: str = ""
    #: For `choice`: value and label.
    choices: tuple[tuple[str, str], ...] = ()
    minimum: int | None = None
    maximum: int | None = None
    #: The CSS property that takes the value.
    property: str = ""
    #: For `choice` and `switch`: CSS properties that each value sets.
    css: Mapping[str, Mapping[str, str]] | None = None

    def takes(self, value: object) -> bool:
        """Tell whether `value` is one that this setting can have."""
        if type(value) is not _TYPES[self.type]:
            return False
        if isinstance(value, str) and self.type == "colour":
            return bool(_COLOUR.fullmatch(value))
        if self.type == "choice":
            return value in {choice for choice, _ in self.choices}
        if isinstance(value, str):
            return len(value) <= 500
        if isinstance(value, int) and not isinstance(value, bool):
            return (self.minimum is None or value >= self.minimum) and (self.maximum is None or value <= self.maximum)
        return True

    def declarations(self, value: Value) -> dict[str, str]:
        """Return the CSS properties that `value` sets."""
        found = {self.property: str(value)} if self.property and _CSS_VALUE.fullmatch(str(value)) else {}
        return found | dict((self.css or {}).get(str(value).lower() if isinstance(value, bool) else str(value), {}))


@dataclass(frozen=True, kw_only=True)
class Manifest:
    """What a theme says about itself."""

    name: str
    title: str
    version: str
    parent: str | None = None
    requires_cms: tuple[int, int] = (0, 0)
    posts_per_page: int = 10
    #: Widths in pixels in which pictures are made.
    image_sizes: tuple[int, ...] = (480, 960, 1440)
    settings: tuple[ThemeSetting, ...] = ()

    def values(self, chosen: Mapping[str, object]) -> dict[str, Value]:
        """Return a value for every setting: the chosen one where it fits, else the default."""
        made: dict[str, Value] = {}
        for setting in self.settings:
            value = chosen.get(setting.key)
            made[setting.key] = value if isinstance(value, Value) and setting.takes(value) else setting.default
        return made

    def stylesheet(self, values: Mapping[str, Value]) -> str:
        """Return the settings as a stylesheet; empty if none of them differs from the default."""
        changed: dict[str, str] = {}
        for setting in self.settings:
            value = values.get(setting.key, setting.default)
            if value != setting.default:
                changed |= setting.declarations(value)
        return f":root{{{';'.join(f'{name}:{value}' for name, value in changed.items())}}}\n" if changed else ""


def read_manifest(folder: Path) -> Manifest:
    """Read and check `theme.toml` in `folder`; raises ThemeError with one sentence about the first fault."""
    path = folder / "theme.toml"
    try:
        raw = tomllib.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise ThemeError(f"The folder {folder.name} holds no theme.toml.") from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise ThemeError(f"theme.toml of {folder.name} cannot be read: {error}.") from error
    return parse_manifest(raw, folder.name)


def parse_manifest(raw: Mapping[str, Any], folder: str) -> Manifest:
    """Check what `theme.toml` in a folder called `folder` says; raises ThemeError about the first fault."""
    _only(raw, _TOP, "theme.toml")
    name = _text(raw, "name", "theme.toml")
    if not _NAME.fullmatch(name) or name != folder:
        raise ThemeError(f"theme.toml: name must be the name of its folder, {folder!r}, in a-z, 0-9 and -.")
    parent = raw.get("parent")
    if parent is not None and (not isinstance(parent, str) or not _NAME.fullmatch(parent) or parent == name):
        raise ThemeError("theme.toml: parent must be the name of another theme.")
    return Manifest(
        name=name,
        title=_text(raw, "title", "theme.toml", name),
        version=_text(raw, "version", "theme.toml"),
        parent=parent,
        requires_cms=_requires(raw),
        posts_per_page=_number(raw, "posts_per_page", 10, 1, 100),
        image_sizes=_image_sizes(raw.get("image_sizes", [480, 960, 1440])),
        settings=tuple(_setting(key, item) for key, item in _table(raw, "settings", "theme.toml").items()),
    )


def _only(raw: Mapping[str, Any], known: set[str], where: str) -> None:
    for key in raw:
        if key not in known:
            raise ThemeError(f"{where}: {key} is not known; known are {', '.join(sorted(known))}.")


def _text(raw: Mapping[str, Any], key: str, where: str, default: str | None = None) -> str:
    value = raw.get(key, default)
    if not isinstance(value, str) or not 0 < len(value) <= 300:
        raise ThemeError(f"{where}: {key} must be a text.")
    return value


def _table(raw: Mapping[str, Any], key: str, where: str) -> Mapping[str, Any]:
    value = raw.get(key, {})
    if not isinstance(value, dict):
        raise ThemeError(f"{where}: {key} must be a table.")
    return value


def _number(raw: Mapping[str, Any], key: str, default: int, low: int, high: int) -> int:
    value = raw.get(key, default)
    if type(value) is not int or not low <= value <= high:
        raise ThemeError(f"theme.toml: {key} must be a whole number from {low} to {high}.")
    return value


def _requires(raw: Mapping[str, Any]) -> tuple[int, int]:
    text = _text(raw, "requires_cms", "theme.toml", ">=0.0")
    found = _REQUIRES.fullmatch(text.strip())
    if found is None:
        raise ThemeError('theme.toml: requires_cms must look like ">=0.1".')
    wanted = (int(found[1]), int(found[2]))
    if wanted > CMS_VERSION:
        raise ThemeError(f"This theme needs version {wanted[0]}.{wanted[1]} of the CMS or newer.")
    return wanted


def _image_sizes(value: object) -> tuple[int, ...]:
    sizes = value if isinstance(value, list) else []
    if not 1 <= len(sizes) <= 8 or any(type(size) is not int or not 16 <= size <= 4096 for size in sizes):
        raise ThemeError("theme.toml: image_sizes must be one to eight widths from 16 to 4096 pixels.")
    return tuple(sorted(set(sizes)))


def _setting(key: str, raw: object) -> ThemeSetting:
    where = f"theme.toml: settings.{key}"
    if not _KEY.fullmatch(key) or not isinstance(raw, dict):
        raise ThemeError(f"{where} must be a table named in a-z, 0-9 and _.")
    _only(raw, _SETTING, where)
    kind = _text(raw, "type", where)
    if kind not in _TYPES:
        raise ThemeError(f"{where}: type must be one of {', '.join(_TYPES)}.")
    choices = _table(raw, "choices", where)
    if (kind == "choice") != bool(choices):
        raise ThemeError(f"{where}: choices belong to type choice, and only there.")
    if "default" not in raw:
        raise ThemeError(f"{where}: default is missing.")
    setting = ThemeSetting(
        key=key,
        type=kind,
        label=_text(raw, "label", where),
        help=str(raw.get("help", "")),
        default=raw["default"],
        choices=tuple((str(value), str(label)) for value, label in choices.items()),
        minimum=raw.get("minimum"),
        maximum=raw.get("maximum"),
        property=str(raw.get("property", "")),
        css=_css(raw, where),
    )
    if not setting.takes(setting.default):
        raise ThemeError(f"{where}: default is not a value that the setting can have.")
    if setting.property and not _PROPERTY.fullmatch(setting.property):
        raise ThemeError(f"{where}: property must be a CSS custom property such as --accent.")
    return setting


def _css(raw: Mapping[str, Any], where: str) -> dict[str, dict[str, str]]:
    made: dict[str, dict[str, str]] = {}
    for value, rules in _table(raw, "css", where).items():
        pairs = rules.items() if isinstance(rules, dict) else ()
        made[value] = {str(name): str(text) for name, text in pairs}
        if not pairs or not all(_PROPERTY.fullmatch(n) and _CSS_VALUE.fullmatch(t) for n, t in made[value].items()):
            raise ThemeError(f"{where}: css must give CSS custom properties and their values for each choice.")
    return made
