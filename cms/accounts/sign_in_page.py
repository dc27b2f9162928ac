"""Where a person is signed in, as pages show it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from cms.accounts.device_names import name_device, name_program
from cms.accounts.models import SignIn, User
from cms.accounts.program_sign_ins import METHOD as PROGRAM
from cms.accounts.queries import list_sign_ins
from cms.core.i18n import Text, _

_HOW: dict[str, Text] = {
    "password": _("with the password"),
    "passkey": _("with a passkey"),
    "provider": _("with an account elsewhere"),
    "invitation": _("by an invitation"),
    "link": _("by a link from a mail"),
    PROGRAM: _("with the password, for the API"),
}


@dataclass(frozen=True)
class SignInRow:
    """One browser, or one program, in which somebody is signed in."""

    id: int
    device: Text
    is_here: bool
    how: Text
    since: datetime
    seen_at: datetime
    #: Where the last click came from; empty when nobody knows.
    ip: str
    #: Until when at most it lasts.
    until: datetime
    remembered: bool


@dataclass(frozen=True)
class SignInList:
    """Where a person is signed in, the browser in hand first."""

    rows: Sequence[SignInRow]

    @property
    def others(self) -> int:
        """How many of them are not the browser in hand."""
        return sum(not row.is_here for row in self.rows)


def build_sign_ins(user: User, *, here: int) -> SignInList:
    """Return where `user` is signed in; `here` is the id of the sign-in of this request."""
    rows = [build_row(sign_in, here=here) for sign_in in list_sign_ins(user)]
    return SignInList(sorted(rows, key=lambda row: not row.is_here))


def build_row(sign_in: SignIn, *, here: int) -> SignInRow:
    """Return one sign-in as it is shown; `here` is the id of the sign-in of this request."""
    how = _HOW.get(sign_in.method, _HOW["password"])
    if sign_in.second_factor and sign_in.method != "passkey":
        how = _("%(first)s and a second factor", first=how)
    return SignInRow(
        sign_in.id,
        (name_program if sign_in.method == PROGRAM else name_device)(sign_in.user_agent),
        sign_in.id == here,
        how,
        sign_in.created_at,
        sign_in.last_seen_at,
        sign_in.last_ip or sign_in.ip or "",
        sign_in.expires_at,
        sign_in.remembered,
    )
