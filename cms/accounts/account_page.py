"""The person's own page, `/account/`: made of sections, to which each part of signing in adds its own."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from cms.accounts.models import User

#: Where sections stand; a new one takes a number of its own in between.
OVERVIEW, PASSKEYS, AUTHENTICATOR, RECOVERY_CODES = 0, 10, 20, 30
PASSWORD, EMAIL, CONNECTED, SIGN_INS, TOKENS, DEVICES = 40, 50, 60, 70, 75, 80


@dataclass(frozen=True)
class Section:
    """A part of the page: its template is given, as `section`, what `build_context` makes for the person.

    Where that is None, the page goes without the section.
    `key` is the id of the section, so that `/account/#key` leads to it.
    """

    key: str
    template: str
    build_context: Callable[[User], object]


@dataclass(frozen=True)
class ShownSection:
    """A section filled in for one person."""

    key: str
    template: str
    context: object


_sections: dict[str, tuple[int, Section]] = {}


def register_section(position: int, section: Section) -> None:
    """Add a section to the page, those with a lower position above it; one of the same key takes its place."""
    _sections[section.key] = (position, section)


def build_sections(user: User) -> Sequence[ShownSection]:
    """Return the sections of the page for `user`, from the top."""
    ordered = sorted(_sections.values(), key=lambda item: (item[0], item[1].key))
    made = [ShownSection(item.key, item.template, item.build_context(user)) for _position, item in ordered]
    return [section for section in made if section.context is not None]
