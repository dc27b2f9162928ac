"""The list of people."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from flask import url_for
from sqlalchemy import func, literal, select, union_all

from cms.accounts import policies
from cms.accounts.links import invitation_lasts
from cms.accounts.lists import VIEWS, PersonFilter, count_views, list_people, load_rights, second_factors
from cms.accounts.models import User
from cms.accounts.queries import list_names
from cms.accounts.roles import role_label
from cms.admin.entry_marks import StateMark
from cms.admin.group_page import RoleTag, role_tags
from cms.admin.lists import Address, Chip, Choice, Column, Empty, Link, ListPage, Search, Tab, pager
from cms.admin.user_page import account_mark
from cms.admin.widgets import day
from cms.content.addresses import author_path
from cms.content.models import EntryAuthor
from cms.core.db import current_session
from cms.core.i18n import Text, _

NAMES = ("view", "role", "group", "factor", "q", "sort", "after", "before", "count")
PAGE_SIZE = 40
_TABS: dict[str, Text] = {
    "staff": _("Staff"),
    "readers": _("Readers with an account"),
    "invited": _("Invited"),
    "inactive": _("Inactive"),
    "everybody": _("Everybody"),
}
_FACTORS: dict[str, Text] = {"yes": _("Has one"), "no": _("Has none")}


@dataclass(frozen=True)
class UserRow:
    """A person as their row shows them; mails and pages that the reader may not use are None."""

    user: User
    address: str
    is_me: bool
    roles: Sequence[RoleTag]
    groups: Sequence[str]
    mark: StateMark | None
    until: str
    signs_in: Text
    entries: int
    seen: datetime | None
    entries_address: str
    public_address: str
    invite_address: str | None
    withdraw_address: str | None


@dataclass(frozen=True)
class Narrowed:
    """What the address of a list asks for: the filter, and what its parts are called."""

    wanted: PersonFilter
    roles: Mapping[str, str]
    groups: Mapping[str, str]


def read_filter(address: Address) -> Narrowed:
    """Return what the address of the list narrows it to; what there is not narrows nothing."""
    named, called = list_names()
    roles = {role.name: role_label(role) for role in named}
    groups = {str(key): name for key, name in called.items()}
    group = address.one_of("group", tuple(groups))
    factor = address.one_of("factor", tuple(_FACTORS))
    wanted = PersonFilter(
        address.one_of("view", VIEWS, "staff"),
        address.get("q"),
        address.one_of("role", tuple(roles)),
        address.one_of("sort", ("name", "-name", "seen", "-seen"), "name"),
        int(group) if group else None,
        factor == "yes" if factor else None,
    )
    return Narrowed(wanted, roles, groups)


def user_list(me: User) -> ListPage:
    """Return the list of people that the address of this request names."""
    address = Address.read(NAMES)
    narrowed = read_filter(address)
    wanted = narrowed.wanted
    counted = address.get("count") == "1"
    cursor = address.get("after") or address.get("before")
    batch = list_people(
        wanted,
        user=me,
        cursor=cursor,
        limit=PAGE_SIZE,
        count=counted,
        groups=bool(narrowed.groups),
    )
    if any(_is_invited(user) for user in batch):
        # Who may send another invitation, or take one back, is asked of each who has one.
        load_rights(batch)
    views = count_views() if counted else {}
    ids = [user.id for user in batch]
    counts, factors = _facts_of(ids)
    invite = Link(_("Invite somebody"), url_for("admin_users.create_view"), "user-plus")
    return ListPage(
        title=_("People"),
        rows=[
            _row(user, me, counts.get(user.id, 0), factors.get(user.id, frozenset()), bool(narrowed.groups))
            for user in batch
        ],
        columns=[
            address.column(_("Name"), "name", wanted.sort),
            Column(_("Role")),
            Column(_("Sign-in")),
            Column(_("Posts"), "mh-col-num mh-col-wide"),
            address.column(_("Last seen"), "seen", wanted.sort, first="-seen"),
        ],
        search=Search(
            _("Search people"),
            _("Name or mail address"),
            address.get("q"),
            address.kept("q", "count", "role", "group", "factor"),
        ),
        pager=pager(address, batch, descending=False),
        empty=Empty(_("Nobody here"), _("Nobody belongs to this view yet.")),
        caption=_("People"),
        primary=invite if policies.may_invite(me) else None,
        tabs=[
            Tab(label, Address(address.path).to(view=name), wanted.view == name, views.get(name))
            for name, label in _TABS.items()
        ],
        chips=_chips(address, narrowed),
        filters=_filters(narrowed),
        narrowed=bool(address.parameters),
        cleared=address.path,
        total=batch.total,
        table_class="mh-users",
    )


def export_address(me: User) -> str | None:
    """Return where the people of this list are given as a file; None for who may not have that."""
    address = Address.read(NAMES)
    return address.at(url_for("admin_users.take_along")) if policies.may_export_people(me) else None


def _filters(narrowed: Narrowed) -> list[Choice]:
    wanted = narrowed.wanted
    filters = [Choice("role", _("Role"), _("Any"), list(narrowed.roles.items()), wanted.role)]
    if narrowed.groups:
        chosen = str(wanted.group_id or "")
        filters.append(Choice("group", _("Group"), _("Any"), list(narrowed.groups.items()), chosen))
    factor = {True: "yes", False: "no", None: ""}[wanted.second_factor]
    filters.append(Choice("factor", _("Second factor"), _("Either"), list(_FACTORS.items()), factor))
    return filters


def _chips(address: Address, narrowed: Narrowed) -> list[Chip]:
    wanted, chips = narrowed.wanted, list[Chip]()
    if wanted.role:
        chips.append(Chip(_("Role"), narrowed.roles[wanted.role], address.to(role=None)))
    if wanted.group_id is not None:
        chips.append(Chip(_("Group"), narrowed.groups[str(wanted.group_id)], address.to(group=None)))
    if wanted.second_factor is not None:
        word = _FACTORS["yes" if wanted.second_factor else "no"]
        chips.append(Chip(_("Second factor"), word, address.to(factor=None)))
    return chips


def _row(user: User, me: User, entries: int, factors: frozenset[str], with_groups: bool) -> UserRow:
    invited = _is_invited(user)
    return UserRow(
        user,
        url_for("admin_users.edit_view", key=user.id),
        user.id == me.id,
        role_tags(user.roles),
        [group.name for group in user.groups] if with_groups else [],
        account_mark(user),
        day(user.invited_at + invitation_lasts()) if invited and user.invited_at is not None else "",
        _signs_in(factors),
        entries,
        user.current_login_at,
        url_for("admin_posts.index_view", author=user.id),
        author_path(user.slug),
        _act(user, "invite") if invited and policies.may_deactivate(me, user) else None,
        _act(user, "withdraw") if invited and policies.may_withdraw(me, user) else None,
    )


def _act(user: User, name: str) -> str:
    return url_for("admin_users.account", key=user.id, act=name)


def _signs_in(factors: frozenset[str]) -> Text:
    if "passkey" in factors:
        return _("Passkey")
    return _("Password and code") if factors else _("Password")


def _is_invited(user: User) -> bool:
    return user.active and user.password is None and user.invited_at is not None


def _facts_of(user_ids: Sequence[int]) -> tuple[dict[int, int], dict[int, frozenset[str]]]:
    """Return how many entries people wrote, and what they have besides a password, in one query."""
    written = select(EntryAuthor.user_id, literal("entries"), func.count()).where(EntryAuthor.user_id.in_(user_ids))
    parts = (written.group_by(EntryAuthor.user_id), *second_factors(user_ids))
    rows: Sequence[Any] = current_session().execute(union_all(*parts)).all()
    entries = {user_id: number for user_id, kind, number in rows if kind == "entries"}
    return entries, {
        user_id: frozenset(kind for other, kind, _number in rows if other == user_id and kind != "entries")
        for user_id in user_ids
    }
