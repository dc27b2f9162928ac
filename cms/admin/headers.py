"""Which answers are private: the back office and the sign-in pages; `core.headers` says what that means."""

from __future__ import annotations

from flask import Response, request

from cms.admin.access import is_back_office
from cms.core.headers import close, csp_nonce

__all__ = ["close_page", "csp_nonce"]

#: The sign-in pages stand in the same look and under the same rules.
_CLOSED_TOO = frozenset({"accounts", "security"})


def close_page(response: Response) -> Response:
    """Give every answer of the back office and the sign-in pages the strict headers."""
    inside = is_back_office(request.path)
    if inside or request.blueprint in _CLOSED_TOO:
        close(response, edits=inside)
    return response
