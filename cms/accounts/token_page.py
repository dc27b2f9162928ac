"""Personal tokens as pages show them: what each may do in plain words, and what a new one could."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from cms.accounts.models import PersonalToken, User
from cms.accounts.permission_groups import grouped
from cms.accounts.personal_tokens import list_tokens
from cms.accounts.places import Place, known_places
from cms.accounts.rights import describe_extents
from cms.core.i18n import Text, _
from cms.core.permissions import ALL, OWN, extents_of, registry


@dataclass(frozen=True)
class TokenRight:
    """A right in words, and how far it reaches (empty: everywhere)."""

    name: str
    sentence: Text
    extent: str
    #: Whether the person holds it now; a token with a right that they lost goes without it.
    is_held: bool = True


@dataclass(frozen=True)
class TokenRights:
    """The rights of one area."""

    label: Text
    rights: Sequence[TokenRight]


@dataclass(frozen=True)
class ShownToken:
    """A token in the list; its secret is nowhere but with its person."""

    id: int
    name: str
    #: The end of the secret.
    hint: str
    rights: Sequence[TokenRight]
    created_at: datetime
    expires_at: datetime
    last_used_at: datetime | None
    #: Where the last use came from; empty when nobody knows.
    last_used_ip: str


def shown_tokens(user: User) -> list[ShownToken]:
    """Return the tokens of `user` that work, the newest first; one query, and another where rights end at places."""
    tokens = list_tokens(user.id)
    places = _places(user, {name for token in tokens for name in token.scopes})
    return [_shown(token, user, places) for token in tokens]


def shown_token(token: PersonalToken, user: User) -> ShownToken:
    """Return one token of `user` as pages show it."""
    return _shown(token, user, _places(user, set(token.scopes)))


def _shown(token: PersonalToken, user: User, places: Mapping[str, Place]) -> ShownToken:
    named = set(token.scopes)
    # In the order in which people know rights; names of features that are not there now come last.
    names = [name for name in registry.names() if name in named] + [
        name for name in token.scopes if name not in registry
    ]
    return ShownToken(
        token.id,
        token.name,
        token.hint,
        [_right(name, user, places) for name in names],
        token.created_at,
        token.expires_at,
        token.last_used_at,
        token.last_used_ip or "",
    )


def held_rights(user: User) -> list[TokenRights]:
    """Return what `user` may do, in areas: what a token of theirs could."""
    held = [item for item in registry if extents_of(user, item.name)]
    places = _places(user, {item.name for item in held})
    return [TokenRights(label, [_right(item.name, user, places) for item in items]) for label, items in grouped(held)]


def _right(name: str, user: User, places: Mapping[str, Place]) -> TokenRight:
    if name not in registry:
        return TokenRight(name, name, "", is_held=False)
    extents = extents_of(user, name)
    return TokenRight(name, registry.get(name).sentence, _reach(extents, places), bool(extents))


def _reach(extents: Collection[str], places: Mapping[str, Place]) -> str:
    """Return how far a right of one's own reaches: "Only your own", "In the category Kitchen"; empty for everywhere."""
    if ALL in extents:
        return ""
    elsewhere = describe_extents([extent for extent in extents if extent != OWN], places)
    if OWN not in extents:
        return elsewhere
    return str(_("Your own, and: %(places)s", places=elsewhere) if elsewhere else _("Only your own"))


def _places(user: User, names: Collection[str]) -> Mapping[str, Place]:
    """Return every place there is if one of these rights ends at a place, else none."""
    known = (extents_of(user, name) for name in names if name in registry)
    return known_places() if any(":" in extent for extents in known for extent in extents) else {}
