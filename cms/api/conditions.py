"""Changing only what one has read: `If-Match` (RFC 9110, 13.1.1) against the version of the thing, or its hash."""

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


def require_version(version: int) -> None:
    """Raise OldVersion unless the request asks for this version of the thing, or for none in particular."""
    wanted = wanted_versions()
    if wanted is not None and str(version) not in {tag.partition(".")[0] for tag in wanted}:
        raise OldVersion


def require_digest(digest: str) -> None:
    """Raise OldVersion unless the request asks for a thing that is shown like this, or for none in particular.

    For things that count no versions: `digest` is the validator that reading them now would give.
    """
    wanted = wanted_versions()
    if wanted is not None and digest not in wanted:
        raise OldVersion
