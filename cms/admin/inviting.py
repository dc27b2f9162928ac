"""Inviting one person or several: reading the addresses, judging each, and telling what became of each."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from cms.accounts.actions import invite_user
from cms.accounts.models import User
from cms.accounts.queries import get_role
from cms.core.db import transaction
from cms.core.errors import CmsError, Invalid
from cms.core.i18n import Text, _

#: As many as somebody types or pastes in one go; more come from an import.
MOST_ADDRESSES = 50
_PARTS = re.compile(r"[,;\n\r]+")
_NAMED = re.compile(r"\s*\"?(?P<name>[^<>\"]*)\"?\s*<(?P<email>[^<>]+)>\s*")


@dataclass(frozen=True)
class Addressee:
    """Somebody to invite, as typed."""

    email: str
    name: str


@dataclass(frozen=True)
class Outcome:
    """What became of one address; `problem` is empty for somebody who is invited now."""

    email: str
    name: str
    problem: Text = ""


def read_addressees(text: str, name: str = "") -> list[Addressee]:
    """Return whom a text names: addresses, or "Name <address>", apart by commas, semicolons or lines; each once.

    `name` is for one alone. Without a name the part before the @ gives one. Raises Invalid for too many, and for none.
    """
    found: dict[str, Addressee] = {}
    for part in _PARTS.split(text):
        if part.strip():
            named = _NAMED.fullmatch(part)
            email = (named["email"] if named else part).strip()
            told = named["name"].strip() if named else ""
            found.setdefault(email.casefold(), Addressee(email, told or _name_of(email)))
    if not found:
        raise Invalid(fields={"email": _("Whom should the invitation go to?")})
    if len(found) > MOST_ADDRESSES:
        raise Invalid(fields={"email": _("At most %(most)s people are invited at once.", most=MOST_ADDRESSES)})
    people = list(found.values())
    if len(people) == 1 and name.strip():
        return [Addressee(people[0].email, name)]
    return people


def _name_of(email: str) -> str:
    words = re.split(r"[._+-]+", email.partition("@")[0])
    return " ".join(word[:1].upper() + word[1:] for word in words if word)


def invite_each(people: Iterable[Addressee], role: str, *, by: User) -> list[Outcome]:
    """Invite people, each in a transaction of their own, and return what became of each."""
    return [_invite(someone, role, by) for someone in people]


def _invite(someone: Addressee, role: str, by: User) -> Outcome:
    try:
        with transaction():
            invite_user(email=someone.email, name=someone.name, roles=[get_role(role)] if role else [], by=by)
    except Invalid as error:
        sentences: Sequence[Text] = list(error.fields.values()) or [error.message]
        return Outcome(someone.email, someone.name, " ".join(str(sentence) for sentence in sentences))
    except CmsError as error:
        return Outcome(someone.email, someone.name, error.message)
    return Outcome(someone.email, someone.name)
