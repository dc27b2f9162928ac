"""How acts on second factors are kept: what happened, to whom, and never a secret."""

from __future__ import annotations

from typing import Any

from cms.accounts import factor_events as events
from cms.accounts.records import trace_of
from cms.core.i18n import LazyString, _
from cms.core.trail import Act, Trace, Values, keep

_OWN = _("Only the person themselves can set up how they sign in, on their own page.")
_USED = _("What was used is used up.")


def _about(event: Any, before: Values | None = None, after: Values | None = None) -> Trace:
    return trace_of(event.user_id, event.user_id, before, after)


def _keep(kind: type, name: str, sentence: LazyString, describe: Any, why: LazyString = _OWN) -> None:
    keep(kind, Act(name, sentence, describe, final=why))


_keep(
    events.PasskeyAdded,
    "user.passkey_added",
    _("added a passkey"),
    lambda event: _about(event, after={"passkey": event.name}),
)
_keep(
    events.PasskeyRenamed,
    "user.passkey_renamed",
    _("gave a passkey another name"),
    lambda event: _about(event, {"passkey": event.before}, {"passkey": event.after}),
)
_keep(
    events.PasskeyRemoved,
    "user.passkey_removed",
    _("removed a passkey"),
    lambda event: _about(event, before={"passkey": event.name}),
)
_keep(
    events.PasskeyCopied,
    "user.passkey_copied",
    _("was refused with a passkey that seems to be copied"),
    lambda event: _about(event, after={"passkey": event.name}),
    _USED,
)
_keep(
    events.AuthenticatorTurnedOn,
    "user.authenticator_on",
    _("turned on codes of an authenticator app"),
    lambda event: _about(event, {"authenticator": False}, {"authenticator": True}),
)
_keep(
    events.AuthenticatorTurnedOff,
    "user.authenticator_off",
    _("turned off codes of an authenticator app"),
    lambda event: _about(event, {"authenticator": True}, {"authenticator": False}),
)
_keep(
    events.RecoveryCodesMade,
    "user.recovery_codes_made",
    _("made new recovery codes"),
    lambda event: _about(event, after={"recovery_codes": event.count}),
)
_keep(
    events.RecoveryCodeUsed,
    "user.recovery_code_used",
    _("signed in with a recovery code"),
    lambda event: _about(event, after={"recovery_codes": event.left}),
    _USED,
)
_keep(
    events.FactorsReset,
    "user.factors_reset",
    _("reset the second factors of %(title)s"),
    lambda event: trace_of(
        event.user_id,
        event.by_id,
        {"passkeys": event.passkeys, "authenticator": event.had_app},
        {"passkeys": 0, "authenticator": False},
    ),
)
