"""The list of people, and what the page of one of them shows."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from flask import url_for
from sqlalchemy import func, select

from cms.accounts import policies
from cms.accounts.lists import VIEWS, PersonFilter, count_views, list_people
from cms.accounts.models import User
from cms.accounts.queries import list_roles
from cms.accounts.roles import ADMIN, DEFAULT_ROLES, role_description, role_label
from cms.admin.entry_marks import StateMark
from cms.admin.lists import Address, Chip, Choice, Column, Empty, Link, ListPage, Search, Tab, pager
from cms.admin.widgets import distance, exact
from cms.content.addresses import author_path
from cms.content.models import EntryAuthor
from cms.core.db import current_session
from cms.core.i18n import Text, _

NAMES = ("view", "role", "q", "sort", "after", "before", "count")
PAGE_SIZE = 40
_TABS: dict[str, Text] = {
    "staff": _("Staff"),
    "readers": _("Readers with an account"),
    "invited": _("Invited"),
    "inactive": _("Inactive"),
}


@dataclass(frozen=True)
class RoleTag:
    """A role as a tag; the admin's is strong."""

    label: str
    strong: bool


@dataclass(frozen=True)
class UserRow:
    """A person as their row shows them."""

    user: User
    address: str
    is_me: bool
    roles: Sequence[RoleTag]
    mark: StateMark | None
    entries: int
    seen: datetime | None
    entries_address: str
    public_address: str


@dataclass(frozen=True)
class RoleBox:
    """A role to tick; `may` is whether the signed-in person may give and take it."""

    name: str
    label: str
    description: str
    ticked: bool
    may: bool


@dataclass(frozen=True)
class AccountAct:
    """Something that can be done with an account; `page` leads to a page that asks first."""

    title: Text
    text: Text
    verb: Text
    address: str
    page: bool = False


@dataclass(frozen=True)
class AccountPage:
    """What the page of a person shows besides the form."""

    facts: Sequence[tuple[Text, Text]]
    role_boxes: Sequence[RoleBox]
    acts: Sequence[AccountAct]
    public_address: str | None


def user_list(me: User) -> ListPage:
    """Return the list of people that the address of this request names."""
    address = Address.read(NAMES)
    labels = {role.name: role.label for role in DEFAULT_ROLES}
    wanted = PersonFilter(
        address.one_of("view", VIEWS, "staff"),
        address.get("q"),
        address.one_of("role", tuple(labels)),
        address.one_of("sort", ("name", "-name", "seen", "-seen"), "name"),
    )
    counted = address.get("count") == "1"
    cursor = address.get("after") or address.get("before")
    batch = list_people(wanted, user=me, cursor=cursor, limit=PAGE_SIZE, count=counted)
    views = count_views() if counted else {}
    counts = _entries_of([user.id for user in batch])
    invite = Link(_("Invite somebody"), url_for("admin_users.create_view"), "user-plus")
    return ListPage(
        title=_("People"),
        rows=[_row(user, me, counts) for user in batch],
        columns=[
            address.column(_("Name"), "name", wanted.sort),
            Column(_("Role")),
            Column(_("Sign-in")),
            Column(_("Posts"), "mh-col-num mh-col-wide"),
            address.column(_("Last seen"), "seen", wanted.sort, first="-seen"),
        ],
        search=Search(
            _("Search people"), _("Name or mail address"), address.get("q"), address.kept("q", "count", "role")
        ),
        pager=pager(address, batch, descending=False),
        empty=Empty(_("Nobody here"), _("Nobody belongs to this view yet.")),
        caption=_("People"),
        primary=invite if policies.may_invite(me) else None,
        tabs=[
            Tab(label, Address(address.path).to(view=name), wanted.view == name, views.get(name))
            for name, label in _TABS.items()
        ],
        chips=[Chip(_("Role"), labels[wanted.role], address.to(role=None))] if wanted.role else [],
        filters=[Choice("role", _("Role"), _("Any"), list(labels.items()), wanted.role)],
        narrowed=bool(address.parameters),
        cleared=address.path,
        total=batch.total,
        table_class="mh-users",
    )


def _row(user: User, me: User, counts: Mapping[int, int]) -> UserRow:
    return UserRow(
        user,
        url_for("admin_users.edit_view", key=user.id),
        user.id == me.id,
        [RoleTag(role_label(role), role.name == ADMIN) for role in user.roles],
        account_mark(user),
        counts.get(user.id, 0),
        user.current_login_at,
        url_for("admin_posts.index_view", author=user.id),
        author_path(user.slug),
    )


def account_mark(user: User) -> StateMark | None:
    """Return what is special about an account: closed, or invited and not accepted; None for an ordinary one."""
    if not user.active:
        return StateMark("archived", "lock", _("Inactive"))
    if user.password is None and user.invited_at is not None:
        return StateMark("review", "mail", _("Invited %(when)s", when=distance(user.invited_at)))
    return StateMark("review", "mail", _("Has no password yet")) if user.password is None else None


def _entries_of(user_ids: Sequence[int]) -> dict[int, int]:
    query = select(EntryAuthor.user_id, func.count()).where(EntryAuthor.user_id.in_(user_ids))
    return dict(current_session().execute(query.group_by(EntryAuthor.user_id)).all())


def account_page(user: User, me: User, ticked: set[str]) -> AccountPage:
    """Return what the page of `user` shows to `me`."""
    touched = policies.may_change_roles(me, user)
    boxes = [
        RoleBox(
            role.name,
            role_label(role),
            role_description(role),
            role.name in ticked,
            touched and policies.may_assign_roles(me, [role]),
        )
        for role in list_roles()
    ]
    mark = account_mark(user)
    facts: list[tuple[Text, Text]] = [
        (_("Signs in as"), user.email),
        (_("Account"), mark.word if mark is not None else _("Active")),
        (_("Last seen"), exact(user.current_login_at) if user.current_login_at else _("Never")),
        (_("Since"), exact(user.created_at)),
    ]
    return AccountPage(facts, boxes, _acts(user, me), author_path(user.slug))


def _acts(user: User, me: User) -> list[AccountAct]:
    acts = list[AccountAct]()
    if not policies.may_deactivate(me, user):
        return acts

    def act(name: str, title: Text, text: Text, verb: Text) -> None:
        acts.append(AccountAct(title, text, verb, url_for("admin_users.account", key=user.id, act=name)))

    if user.active and user.password is None:
        text = _("A new link to choose a password; older ones stop working.")
        act("invite", _("Invite again"), text, _("Send the invitation"))
    elif user.active:
        text = _("A mail with a link to choose a new password; the old one works until then.")
        act("reset", _("Reset the password"), text, _("Send the link"))
    if user.active and user.id != me.id:
        text = _("Signed out at once and unable to sign in. What the person made stays.")
        act("deactivate", _("Close the account"), text, _("Close it"))
    elif not user.active:
        act("reactivate", _("Open the account again"), _("With the roles and the password it had."), _("Open it"))
    if policies.may_delete_user(me, user) and user.id != me.id:
        text = _("Somebody else takes over what the person made.")
        acts.append(
            AccountAct(
                _("Delete the account"), text, _("Delete…"), url_for("admin_users.delete_view", key=user.id), page=True
            )
        )
    return acts
