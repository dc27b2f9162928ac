"""What happens around signing in that its owner should know of."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class TriesFailed:
    """Somebody failed to show that they are the person, `count` times by now; `what` they tried (`sign-in` …)."""

    user_id: int
    what: str
    count: int


@dataclass(frozen=True)
class StrangerFailed:
    """Somebody failed to sign in with a mail address that has no account."""

    what: str
    count: int


@dataclass(frozen=True)
class SignInEnded:
    """Somebody was signed out in one browser, from another."""

    user_id: int
    by_id: int | None


@dataclass(frozen=True)
class OtherSignInsEnded:
    """Somebody was signed out everywhere but in the browser in hand; `count` sign-ins ended."""

    user_id: int
    by_id: int | None
    count: int


@dataclass(frozen=True)
class TokenReused:
    """A program showed a refresh token a second time: it was copied, and the sign-in it belongs to ended."""

    user_id: int


@dataclass(frozen=True)
class SignInsSeen:
    """Somebody looked up where another person is signed in."""

    user_id: int
    by_id: int | None


@dataclass(frozen=True)
class EmailChangeAsked:
    """Somebody wants to sign in with another mail address; both addresses were asked."""

    user_id: int
    by_id: int | None
    email: str


@dataclass(frozen=True)
class EmailChangeCancelled:
    """Somebody said no to another mail address."""

    user_id: int
    by_id: int | None
    email: str


@dataclass(frozen=True)
class AccountSecured:
    """Somebody said that it was not them: every sign-in ended, and another password is chosen."""

    user_id: int
