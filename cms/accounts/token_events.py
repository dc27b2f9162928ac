"""What happens to personal tokens: ids and plain values, and never a secret."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True)
class TokenCreated:
    """Somebody made a personal token, by which a program acts for them with the rights in `scopes`."""

    user_id: int
    token_id: int
    name: str
    scopes: tuple[str, ...]
    expires_at: datetime
    by_id: int | None


@dataclass(frozen=True)
class TokenRevoked:
    """A personal token opens nothing any more."""

    user_id: int
    token_id: int
    name: str
    by_id: int | None


@dataclass(frozen=True)
class TokensRevoked:
    """None of somebody's personal tokens opens anything any more; `count` worked until then."""

    user_id: int
    count: int
    by_id: int | None
