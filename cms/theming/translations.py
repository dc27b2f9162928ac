"""The words of a theme: `translations/<language>.po`, read as they are."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from contextvars import ContextVar
from gettext import NullTranslations, c2py

from babel.messages.pofile import PoFileError, read_po

from cms.theming.errors import ThemeError
from cms.theming.loader import Theme

_current: ContextVar[NullTranslations | None] = ContextVar("theme_translations", default=None)


class PoTranslations(NullTranslations):
    """Messages read from .po files; what is not in them is looked for in the fallback, then left as it is."""

    def __init__(self, messages: dict[str, str | tuple[str, ...]], plural: str) -> None:
        super().__init__()
        self.messages: dict[str, str | tuple[str, ...]] = messages
        self.plural = _plural_rule(plural)

    def gettext(self, message: str) -> str:
        """Return the translation of `message`."""
        found = self.messages.get(message)
        if isinstance(found, str) and found:
            return found
        return super().gettext(message)

    def ngettext(self, msgid1: str, msgid2: str, n: int) -> str:
        """Return the form of a counted message for the number `n`."""
        found = self.messages.get(msgid1)
        if isinstance(found, tuple):
            form: str = found[min(self.plural(n), len(found) - 1)]
            if form:
                return form
        return super().ngettext(msgid1, msgid2, n)


def load_translations(theme: Theme, language: str) -> NullTranslations:
    """Return the words of a theme in a language (`de-AT` falls back to `de`, a child theme to its parents).

    Raises ThemeError naming a .po file that cannot be read.
    """
    chain: NullTranslations | None = None
    names = dict.fromkeys((language.replace("-", "_"), language.partition("-")[0]))
    for name in reversed(list(names)):
        for folder in reversed(theme.folders):
            file = folder / "translations" / f"{name}.po"
            if not name.replace("_", "").isalnum() or not file.is_file():
                continue
            try:
                with file.open("rb") as stream:
                    catalog = read_po(stream, abort_invalid=True)
            except (PoFileError, UnicodeDecodeError, ValueError) as error:
                raise ThemeError(f"The translation {file.name} cannot be read: {error}.") from error
            messages = {_key(item.id): _value(item.string) for item in catalog if item.id and not item.fuzzy}
            made = PoTranslations(messages, catalog.plural_expr)
            if chain is not None:
                made.add_fallback(chain)
            chain = made
    return chain or NullTranslations()


def _key(message_id: str | tuple[str, ...] | list[str]) -> str:
    return message_id if isinstance(message_id, str) else message_id[0]


def _value(string: str | tuple[str, ...] | list[str] | None) -> str | tuple[str, ...]:
    return string if isinstance(string, str) else tuple(string or ())


def _plural_rule(expression: str) -> Callable[[int], int]:
    with suppress(ValueError):
        rule: Callable[[int], int] = c2py(expression)
        return rule
    return lambda number: int(number != 1)


def use_translations(translations: NullTranslations) -> None:
    """Let templates rendered from now on in this context speak with `translations`."""
    _current.set(translations)


def gettext(message: str) -> str:
    """Return `message` in the words of the rendering under way."""
    current = _current.get()
    return current.gettext(message) if current else message


def ngettext(singular: str, plural: str, number: int) -> str:
    """Return a counted message in the words of the rendering under way."""
    current = _current.get()
    return current.ngettext(singular, plural, number) if current else (singular if number == 1 else plural)
