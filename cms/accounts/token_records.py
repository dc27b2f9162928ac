"""How acts on personal tokens are kept: which token, with which rights, and never its secret."""

from __future__ import annotations

from cms.accounts import token_events as events
from cms.accounts.records import trace_of
from cms.core.i18n import _
from cms.core.trail import Act, Trace, keep

_REVOKED = _("A revoked token is gone for ever. Its person can make a new one.")


def _created(event: events.TokenCreated) -> Trace:
    after = {
        "token": event.name,
        "token_id": event.token_id,
        "scopes": list(event.scopes),
        "expires_at": event.expires_at.isoformat(),
    }
    return trace_of(event.user_id, event.by_id, after=after)


def _revoked(event: events.TokenRevoked) -> Trace:
    return trace_of(event.user_id, event.by_id, {"token": event.name, "token_id": event.token_id})


def _all_revoked(event: events.TokensRevoked) -> Trace:
    return trace_of(event.user_id, event.by_id, {"tokens": event.count}, {"tokens": 0})


keep(
    events.TokenCreated,
    Act(
        "user.token_created",
        _("made a personal token"),
        _created,
        final=_("Revoke the token: its person on the page about signing in, somebody else on the person’s page."),
    ),
)
keep(
    events.TokenRevoked,
    Act("user.token_revoked", _("revoked a personal token of %(title)s"), _revoked, final=_REVOKED),
)
keep(
    events.TokensRevoked,
    Act("user.tokens_revoked", _("revoked the personal tokens of %(title)s"), _all_revoked, final=_REVOKED),
)
