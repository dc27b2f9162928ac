"""Changing only what one has read: `If-Match` (RFC 9110, 13.1.1) against the version of the thing."""

from __future__ import annotations

import re

from flask import request

from cms.core.errors import OldVersion
from cms.core.i18n import _

_ENTITY_TAG = re.compile(r'(?:W/)?"([^"]*)"')


def wanted_versions() -> frozenset[str] | None:
    """Return the validators of `If-Match`, without quotes; None when the request names none, or any (`*`).

    Raises OldVersion for what is no validator at all: going on would change what was not meant. The mark of weak ones
    is overlooked: an answer that was compressed carries it, and the version within is as strong as ever.
    """
    given = request.headers.get("If-Match")
    if given is None or given.strip() == "*":
        return None
    found = _ENTITY_TAG.findall(given)
    if not found:
        raise OldVersion(_("If-Match does not name a version. Send the ETag of what you read, in its quotes."))
    return frozenset(found)


def require_version(version: int | str) -> None:
    """Raise OldVersion unless the request asks for this version of the thing, or for none in particular."""
    wanted = wanted_versions()
    if wanted is not None and str(version) not in {version_in(tag) for tag in wanted}:
        raise OldVersion


def version_in(tag: str) -> str:
    """Return the version that a validator without its quotes names: what stands before the hash of what is shown."""
    return tag.partition(".")[0]
