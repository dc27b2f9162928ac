"""Telling a sender that what came in is no document, before anything is made of it."""

from __future__ import annotations

from collections.abc import Mapping

from cms.lib.document.schema import NODES
from cms.lib.errors import LibError

MAX_NODES = 100_000
MAX_CHARACTERS = 5_000_000


def validate(document: object) -> None:
    """Check the outline of a document; its details are left to `normalise`.

    Raises LibError: `document-not-an-object`, `document-unknown-block` (`kind`), `document-too-large`
    (`nodes`, `characters`: what is allowed).
    """
    if not isinstance(document, Mapping) or document.get("type") != "doc":
        raise LibError("document-not-an-object")
    pending: list[object] = [document.get("content", [])]
    nodes = characters = 0
    while pending:
        children = pending.pop()
        if not isinstance(children, (list, tuple)):
            raise LibError("document-not-an-object")
        for child in children:
            kind = child.get("type") if isinstance(child, Mapping) else None
            if not isinstance(child, Mapping) or not isinstance(kind, str):
                raise LibError("document-not-an-object")
            if kind not in NODES:
                raise LibError("document-unknown-block", kind=kind[:60])
            nodes += 1
            text = child.get("text", "")
            characters += len(text) if isinstance(text, str) else 0
            if "content" in child:
                pending.append(child["content"])
        if nodes > MAX_NODES or characters > MAX_CHARACTERS:
            raise LibError("document-too-large", nodes=MAX_NODES, characters=MAX_CHARACTERS)
