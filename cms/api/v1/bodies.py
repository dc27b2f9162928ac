"""The text of an entry in the forms that programs send and read; a round trip through each loses nothing."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from flask import current_app

from cms.content.rendering import fill, find_things
from cms.core.errors import Invalid
from cms.core.i18n import _, lib_message
from cms.core.permissions import Actor
from cms.lib.document import (
    Document,
    from_html,
    from_markdown,
    make_absolute,
    normalise,
    to_html,
    to_markdown,
    validate,
)
from cms.lib.errors import LibError

#: Forms that a text alone can be accepted in; where the address names another, its own media type.
MEDIA_TYPES = {"text/html": "html", "text/markdown": "markdown"}
TYPES_OF_FORMS = {"html": "text/html", "rendered": "text/html", "markdown": "text/markdown"}


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


@dataclass(frozen=True)
class Text:
    """A document, and the address of the page that shows it."""

    document: Document
    url: str


def show_bodies(texts: Mapping[int, Text], form: str, *, user: Actor | None) -> dict[int, Any]:
    """Return documents in a form: `json`, `html` and `markdown` can be sent back, `rendered` is as readers get it.

    What they name is looked up together, in at most two queries.
    """
    if form == "rendered":
        return _rendered(texts, user)
    return {key: _in_form(text.document, form) for key, text in texts.items()}


def _in_form(document: Document, form: str) -> Any:
    if form == "html":
        return to_html(document, ids=True)
    return to_markdown(document) if form == "markdown" else document


def _rendered(texts: Mapping[int, Text], user: Actor | None) -> dict[int, str]:
    chunks = [to_html(text.document) for text in texts.values()]
    filled = zip(texts.items(), fill(chunks, find_things(chunks, user=user)), strict=True)
    base_url = current_app.config["CMS_BASE_URL"]
    # Programs show it elsewhere: addresses are whole, and what leads to a note leads there in any page.
    return {key: make_absolute(html, text.url, base_url, keep_fragments=True) for (key, text), html in filled}
