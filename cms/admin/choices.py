"""What can be chosen: how a field is told, and the languages and time zones there are."""

from __future__ import annotations

from collections.abc import Iterable
from functools import lru_cache
from typing import Any

from babel import Locale, UnknownLocaleError
from flask_babel import get_locale

from cms.core.i18n import Text
from cms.settings.values import zones as zone_names

#: Languages with readers enough to be named; any other tag can be typed in the configuration.
_TAGS = (
    "ar", "bg", "bn", "ca", "cs", "da", "de", "de-AT", "de-CH", "el", "en-GB", "en-US", "es", "et", "eu", "fa", "fi",
    "fr", "fr-CA", "ga", "gl", "he", "hi", "hr", "hu", "id", "is", "it", "ja", "ko", "lt", "lv", "nb", "nl", "pl",
    "pt", "pt-BR", "ro", "ru", "sk", "sl", "sr", "sv", "th", "tr", "uk", "ur", "vi", "zh-Hans", "zh-Hant",
)  # fmt: skip


def offer(field: Any, pairs: Iterable[tuple[object, Text]]) -> None:
    """Tell a select field what can be chosen: values, each with its words in the reader's language."""
    field.choices = {str(value): str(label) for value, label in pairs}


def languages(*more: str) -> list[tuple[str, str]]:
    """Return tag and name of each language to choose, by name; `more` tags are among them."""
    here = get_locale()
    return _named(str(here) if here is not None else "en", tuple(tag for tag in more if tag and tag not in _TAGS))


@lru_cache(maxsize=32)
def _named(here: str, more: tuple[str, ...]) -> list[tuple[str, str]]:
    found = []
    for tag in (*_TAGS, *more):
        try:
            locale = Locale.parse(tag, sep="-")
        except (ValueError, UnknownLocaleError):
            continue
        own, read = locale.get_display_name(locale), locale.get_display_name(here)
        name = f"{read} ({own})" if own and own != read else str(read)
        found.append((tag, name[:1].upper() + name[1:]))
    return sorted(found, key=lambda pair: pair[1])


@lru_cache(maxsize=1)
def zones() -> list[tuple[str, str]]:
    """Return the time zones to choose."""
    return [(name, name.replace("_", " ")) for name in zone_names()]
