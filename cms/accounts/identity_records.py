"""How acts on accounts elsewhere are kept."""

from __future__ import annotations

from cms.accounts.identity_events import IdentityConnected, IdentityDisconnected
from cms.accounts.records import trace_of
from cms.core.i18n import _
from cms.core.trail import Act, Trace, keep


def _connected(event: IdentityConnected) -> Trace:
    return trace_of(event.user_id, event.by_id, after={"provider": event.provider, "account": event.label})


def _disconnected(event: IdentityDisconnected) -> Trace:
    return trace_of(event.user_id, event.by_id, {"provider": event.provider, "account": event.label})


keep(
    IdentityConnected,
    Act(
        "user.identity_connected",
        _("connected an account elsewhere with %(title)s's"),
        _connected,
        final=_("The person disconnects it on their page about signing in."),
    ),
)
keep(
    IdentityDisconnected,
    Act(
        "user.identity_disconnected",
        _("disconnected an account elsewhere from %(title)s's"),
        _disconnected,
        final=_("Only the person can prove again that the account is theirs."),
    ),
)
