"""How what happens around signing in is kept."""

from __future__ import annotations

from typing import Any

from cms.accounts import safety_events as events
from cms.accounts.models import User
from cms.core.db import current_session
from cms.core.i18n import LazyString, _
from cms.core.trail import Act, Trace, Values, keep

_SIGNING_IN = _("A sign-in that ended is worth nothing any more. The person can sign in again.")
_NOBODY_GOT_IN = _("Nobody got in. Whoever keeps trying has to wait longer and longer.")


def _trace(user_id: int, by_id: int | None, after: Values | None = None) -> Trace:
    user = current_session().get(User, user_id)
    return Trace("user", user_id, user.name if user is not None else "", {}, after or {}, by_id, (user_id,))


def _failed(event: events.TriesFailed) -> Trace:
    return _trace(event.user_id, None, {"what": event.what, "tries": event.count})


def _stranger(event: events.StrangerFailed) -> Trace:
    return Trace("user", None, after={"what": event.what, "tries": event.count})


def _by_somebody(event: Any) -> Trace:
    return _trace(event.user_id, event.by_id)


def _others(event: events.OtherSignInsEnded) -> Trace:
    return _trace(event.user_id, event.by_id, {"sign_ins": event.count})


def _email(event: Any) -> Trace:
    return _trace(event.user_id, event.by_id, {"email": event.email})


def _nobody_known(event: events.TokenReused) -> Trace:
    return _trace(event.user_id, None)


def _own(event: events.AccountSecured) -> Trace:
    return _trace(event.user_id, event.user_id)


def _final(kind: type, name: str, sentence: LazyString, describe: Any, why: LazyString) -> None:
    keep(kind, Act(name, sentence, describe, final=why))


_final(events.TriesFailed, "user.tries_failed", _("tried to be %(title)s, and failed"), _failed, _NOBODY_GOT_IN)
_final(
    events.StrangerFailed,
    "user.stranger_failed",
    _("tried to sign in with a mail address that has no account"),
    _stranger,
    _NOBODY_GOT_IN,
)
_final(events.SignInEnded, "user.sign_in_ended", _("ended a sign-in of %(title)s"), _by_somebody, _SIGNING_IN)
_final(
    events.OtherSignInsEnded,
    "user.other_sign_ins_ended",
    _("ended the other sign-ins of %(title)s"),
    _others,
    _SIGNING_IN,
)
_final(
    events.TokenReused,
    "user.token_reused",
    _("showed a refresh token of %(title)s a second time, which ended that sign-in"),
    _nobody_known,
    _SIGNING_IN,
)
_final(
    events.SignInsSeen,
    "user.sign_ins_seen",
    _("looked up where %(title)s is signed in"),
    _by_somebody,
    _("Looking changed nothing."),
)
_final(
    events.EmailChangeAsked,
    "user.email_change_asked",
    _("asked to sign in with another mail address"),
    _email,
    _("Nothing has changed yet. The person can cancel it on their own page."),
)
_final(
    events.EmailChangeCancelled,
    "user.email_change_cancelled",
    _("kept the mail address after all"),
    _email,
    _("Nothing has changed. The person can ask again."),
)
_final(
    events.AccountSecured,
    "user.secured",
    _("said that somebody else had signed in, and ended every sign-in"),
    _own,
    _SIGNING_IN,
)
