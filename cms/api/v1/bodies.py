"""The text of an entry in the forms that programs send and read; a round trip through each loses nothing."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from cms.content.rendering import fill, find_things
from cms.core.errors import Invalid
from cms.core.i18n import _, lib_message
from cms.core.permissions import Actor
from cms.lib.document import Document, from_html, from_markdown, normalise, to_html, to_markdown, validate
from cms.lib.errors import LibError

MEDIA_TYPES = {"text/html": "html", "text/markdown": "markdown", "application/json": "json"}


def read_body(sent: Any, form: str | None, *, previous: Document | None) -> Document:
    """Return the document that was sent in a form; blocks of a text keep their ids in `previous`.

    Raises Invalid, naming what is wrong.
    """
    if isinstance(sent, Mapping):
        if form not in (None, "json"):
            raise Invalid(fields={"body_format": _("A document is sent as json; a text as html or markdown.")})
        try:
            validate(sent)
            return normalise(sent, previous=previous)
        except LibError as error:
            raise Invalid(fields={"body": lib_message(error)}) from None
    if not isinstance(sent, str):
        raise Invalid(fields={"body": _("Send a document (an object) or a text.")})
    if form == "html":
        return from_html(sent, previous=previous)
    if form == "markdown":
        return from_markdown(sent, previous=previous)
    raise Invalid(fields={"body_format": _("Say whether this text is html or markdown.")})


def show_body(document: Document, form: str, *, user: Actor | None) -> Any:
    """Return a document in a form: `json`, `html` and `markdown` can be sent back, `rendered` is as readers get it."""
    if form == "html":
        return to_html(document, ids=True)
    if form == "markdown":
        return to_markdown(document)
    if form == "rendered":
        html = to_html(document)
        return fill([html], find_things([html], user=user))[0]
    return document
