"""Where a request comes from, for whoever keeps what it did."""

from __future__ import annotations

from flask import has_request_context, request

from cms.accounts.people import current_sign_in_id, current_token_id, current_way
from cms.accounts.seeing import seen_by
from cms.core.origin import Origin, origin_source
from cms.core.telemetry import request_id

#: As much of it as a column of ours holds.
LONGEST_AGENT = 255


@origin_source
def web_origin() -> Origin | None:
    """Return what is known of the browser that sent the request in hand; None outside a request."""
    if not has_request_context():
        return None
    someone = seen_by()
    return Origin(
        current_way(),
        ip=request.remote_addr,
        user_agent=request.user_agent.string[:LONGEST_AGENT],
        request_id=request_id(),
        sign_in_id=current_sign_in_id() or None,
        token_id=current_token_id() or None,
        seen_by_id=someone.id if someone is not None else None,
    )
