"""theme.toml is read, and each fault is told in one sentence."""

from typing import Any

import pytest

from cms.theming.errors import ThemeError
from cms.theming.loader import find_theme
from cms.theming.manifest import parse_manifest
from tests.unit.theming.conftest import SHIPPED

GOOD: dict[str, Any] = {"name": "mine", "version": "1"}
ACCENT = {"type": "colour", "label": "Accent", "default": "#0b7a55", "property": "--accent"}
FONTS = {
    "type": "choice",
    "label": "Fonts",
    "default": "theme",
    "choices": {"theme": "Ours", "system": "Yours"},
    "css": {"system": {"--font-text": "Georgia,serif"}},
}


def test_the_default_theme_says_what_it_is() -> None:
    manifest = find_theme("default", [SHIPPED]).manifest
    assert (manifest.name, manifest.posts_per_page, manifest.parent) == ("default", 10, None)
    assert manifest.image_sizes == (480, 960, 1440, 2160)
    assert manifest.values({}) == {"accent": "#0b7a55", "fonts": "theme"}


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"name": "other"}, "name must be the name of its folder"),
        ({"name": "../x"}, "name must be the name of its folder"),
        ({"version": 1}, "version must be a text"),
        ({"parent": "mine"}, "parent must be the name of another theme"),
        ({"requires_cms": "1"}, "requires_cms must look like"),
        ({"requires_cms": ">=99.0"}, "needs version 99.0"),
        ({"posts_per_page": 0}, "posts_per_page must be a whole number from 1 to 100"),
        ({"posts_per_page": True}, "posts_per_page must be"),
        ({"image_sizes": []}, "image_sizes must be"),
        ({"image_sizes": [1]}, "image_sizes must be"),
        ({"colour": "red"}, "colour is not known"),
        ({"settings": []}, "settings must be a table"),
        ({"settings": {"Accent": ACCENT}}, "named in a-z"),
        ({"settings": {"a": ACCENT | {"type": "script"}}}, "type must be one of"),
        ({"settings": {"a": ACCENT | {"default": "red; } body {"}}}, "default is not a value"),
        ({"settings": {"a": ACCENT | {"property": "color"}}}, "must be a CSS custom property"),
        ({"settings": {"a": {key: ACCENT[key] for key in ("type", "label")}}}, "default is missing"),
        ({"settings": {"a": FONTS | {"choices": {}}}}, "choices belong to type choice"),
        ({"settings": {"a": FONTS | {"css": {"system": {"--x": "red}body{"}}}}}, "css must give"),
        ({"settings": {"a": FONTS | {"css": {"system": {"color": "red"}}}}}, "css must give"),
    ],
)
def test_each_fault_has_a_sentence(change: dict[str, Any], sentence: str) -> None:
    with pytest.raises(ThemeError, match=sentence):
        parse_manifest(GOOD | change, "mine")


def test_settings_become_a_stylesheet_only_where_they_differ() -> None:
    manifest = parse_manifest(GOOD | {"settings": {"accent": ACCENT, "fonts": FONTS}}, "mine")
    assert manifest.stylesheet(manifest.values({})) == ""
    chosen = manifest.values({"accent": "#ff0000", "fonts": "system"})
    assert manifest.stylesheet(chosen) == ":root{--accent:#ff0000;--font-text:Georgia,serif}\n"


@pytest.mark.parametrize("value", ["red", "#ff00", "#ff0000;}", 3, None, "url(//evil.example)"])
def test_a_value_that_does_not_fit_gives_way_to_the_default(value: object) -> None:
    manifest = parse_manifest(GOOD | {"settings": {"accent": ACCENT}}, "mine")
    assert manifest.values({"accent": value}) == {"accent": "#0b7a55"}
