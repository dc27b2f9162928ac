"""What is told after an act: a short message, with a way back where there is one."""

from __future__ import annotations

from collections.abc import Sequence

from flask import flash

from cms.core.i18n import Text, gettext


def tell(sentence: Text) -> None:
    """Show a sentence on the next page."""
    flash(str(sentence), "message")


def tell_error(sentence: Text) -> None:
    """Show on the next page what did not work."""
    flash(str(sentence), "error")


def tell_with_undo(sentence: Text, address: str, fields: Sequence[tuple[str, str]]) -> None:
    """Show a sentence with a button that takes the act back by sending `fields` to `address`."""
    note = {"text": str(sentence), "address": address, "fields": list(fields), "label": gettext("Undo")}
    flash(note, "undo")  # type: ignore[arg-type]  # a message is anything the session can hold
