"""Texts for people: lazy translation, so that a text is turned into words in the reader's language when shown."""

from __future__ import annotations

from flask_babel import gettext, ngettext
from flask_babel.speaklater import LazyString
from markupsafe import Markup, escape

from cms.lib.errors import LibError

__all__ = ["LazyString", "Text", "_", "_n", "gettext", "lib_message", "ngettext"]

#: What a text for people may be: translated already, or to be translated when shown.
Text = str | LazyString


class Translated(LazyString):
    """A text to be translated when shown, which a template escapes like any other.

    Flask-Babel's own passes for safe HTML, also where a parameter holds what somebody typed.
    """

    def __html__(self) -> Markup:
        """Return the text with its parameters escaped."""
        return escape(str(self))


def _(message: str, **parameters: object) -> LazyString:
    """Mark `message` for translation and return it lazily, with `%(name)s` parameters filled in when shown."""
    return Translated(gettext, message, **parameters)


def _n(singular: str, plural: str, number: int, **parameters: object) -> LazyString:
    """Mark a counted message; `%(num)s` is the number."""
    return Translated(ngettext, singular, plural, number, **parameters)


#: `lib` knows no translation: it raises ids, and here each id has its sentence.
_LIB_MESSAGES: dict[str, LazyString] = {}


def register_lib_messages(messages: dict[str, LazyString]) -> None:
    """Give message ids raised by `cms.lib` their sentences (`%(name)s` takes the error's parameters)."""
    _LIB_MESSAGES.update(messages)


def lib_message(error: LibError) -> str:
    """Return the sentence for an error of `cms.lib` in the current language; an unknown id is returned as it is."""
    sentence = _LIB_MESSAGES.get(error.message_id)
    return gettext(str(sentence), **error.params) if sentence is not None else error.message_id
