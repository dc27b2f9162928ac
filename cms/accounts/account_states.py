"""What has become of an account, in one word."""

from __future__ import annotations

from datetime import datetime

from cms.accounts.links import invitation_lasts
from cms.accounts.models import User
from cms.lib.clock import utcnow

#: Open; open, but nobody has chosen a password: invited, invited so long ago that the link is void, or not invited
#: at all; closed; closed for ever, with the data of its person erased.
STATES = ("active", "invited", "invitation_ended", "without_password", "inactive", "erased")


def state_of(user: User, *, now: datetime | None = None) -> str:
    """Return one of STATES for an account."""
    if user.erased_at is not None:
        return "erased"
    if not user.active:
        return "inactive"
    if user.password is not None:
        return "active"
    if user.invited_at is None:
        return "without_password"
    return "invited" if user.invited_at + invitation_lasts() > (now or utcnow()) else "invitation_ended"
