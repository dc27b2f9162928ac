"""What a change of a role would do, before it is kept: rights gained and lost in sentences, and whom it touches."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from cms.accounts.factor_policy import what_asking_means
from cms.accounts.models import Role
from cms.accounts.policies import ENTER
from cms.accounts.queries import count_people_by_role, list_holders
from cms.accounts.rights import RightChanges, compare_rights
from cms.accounts.role_checks import RoleRead
from cms.accounts.roles import role_description, role_label
from cms.admin.access import person
from cms.admin.role_form import Typed
from cms.core.i18n import Text, _
from cms.core.permissions import Grant

_NAMED = 12


@dataclass(frozen=True)
class WordChange:
    """A name, a description or the second factor that becomes another."""

    label: Text
    before: Text
    after: Text


@dataclass(frozen=True)
class Review:
    """Everything the page of a review says."""

    heading: Text
    label: str
    is_new: bool
    words: Sequence[WordChange]
    changes: RightChanges
    people: int
    names: Sequence[str]
    warnings: Sequence[Text]

    @property
    def is_empty(self) -> bool:
        """Whether nothing would change at all."""
        return not self.is_new and not self.words and not self.changes


def review_new(read: RoleRead, typed: Typed) -> Review:
    """Return what a new role allows."""
    words = [_factor(False, after=True)] if typed.requires_second_factor else []
    changes = compare_rights((), read.rights)
    heading = _("Make the role “%(name)s”?", name=read.label)
    return Review(heading, read.label, True, words, changes, 0, (), _warnings(read, None, typed))


def review_of(role: Role, read: RoleRead, typed: Typed) -> Review:
    """Return what would change with a role, and for whom."""
    words = list[WordChange]()
    if read.label != role.label:
        words.append(WordChange(_("Name"), role_label(role), read.label))
    if read.description != role.description:
        words.append(WordChange(_("What it is for"), role_description(role), read.description))
    if typed.requires_second_factor != role.requires_second_factor:
        words.append(_factor(role.requires_second_factor, after=typed.requires_second_factor))
    return Review(
        _("What would change with “%(name)s”", name=role_label(role)),
        role_label(role),
        False,
        words,
        compare_rights(role.rights, read.rights),
        count_people_by_role().get(role.id, 0),
        [user.name for user in list_holders(role, _NAMED)],
        _warnings(read, role, typed),
    )


def _factor(before: bool, *, after: bool) -> WordChange:
    words: dict[bool, Text] = {True: _("Required"), False: _("Not required")}
    return WordChange(_("Second factor"), words[before], words[after])


def _warnings(read: RoleRead, role: Role | None, typed: Typed) -> list[Text]:
    found = list[Text]()
    if read.rights and Grant(ENTER) not in read.rights and any(_is_office(right) for right in read.rights):
        found.append(_("Whoever holds this role alone cannot enter the back office, where most of these rights are."))
    if role is not None and typed.requires_second_factor and not role.requires_second_factor:
        sentence = what_asking_means(role, person()).sentence
        if sentence is not None:
            found.append(sentence)
    return found


def _is_office(right: Grant) -> bool:
    return right.permission not in ("content:members:read", "content:private:read", "accounts:user:edit")
