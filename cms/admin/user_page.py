"""What the page of a person shows."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from flask import url_for

from cms.accounts import policies
from cms.accounts.factors import factors_of
from cms.accounts.links import invitation_lasts
from cms.accounts.models import User
from cms.accounts.personal_tokens import count_tokens
from cms.accounts.queries import list_groups_of
from cms.admin.entry_marks import StateMark
from cms.admin.group_page import RoleBox, RoleTag, role_boxes, role_tags
from cms.admin.widgets import day, distance, exact
from cms.content.addresses import author_path
from cms.core.i18n import Text, _, _n
from cms.lib.clock import utcnow


@dataclass(frozen=True)
class GroupLine:
    """A group that the person is in, and the roles that come with it."""

    name: str
    address: str | None
    roles: Sequence[RoleTag]


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
    groups: Sequence[GroupLine]
    acts: Sequence[AccountAct]
    public_address: str | None


def account_mark(user: User) -> StateMark | None:
    """Return what is special about an account: closed, or invited and not accepted; None for an ordinary one."""
    if not user.active:
        return StateMark("archived", "lock", _("Inactive"))
    if user.password is None and user.invited_at is not None:
        until = user.invited_at + invitation_lasts()
        if until <= utcnow():
            return StateMark("error", "circle-alert", _("Invitation ended %(day)s", day=day(until)))
        return StateMark("review", "mail", _("Invited %(when)s", when=distance(user.invited_at)))
    return StateMark("review", "mail", _("Has no password yet")) if user.password is None else None


def account_page(user: User, me: User, ticked: set[str]) -> AccountPage:
    """Return what the page of `user` shows to `me`."""
    touched = policies.may_change_roles(me, user)
    boxes = [box if touched else replace(box, may=False) for box in role_boxes(me, ticked)]
    mark = account_mark(user)
    facts: list[tuple[Text, Text]] = [
        (_("Signs in as"), user.email),
        (_("Account"), mark.word if mark is not None else _("Active")),
    ]
    if user.active and user.password is None and user.invited_at is not None:
        facts.append((_("Invitation holds until"), exact(user.invited_at + invitation_lasts())))
    facts += [
        (_("Last seen"), exact(user.current_login_at) if user.current_login_at else _("Never")),
        (_("Since"), exact(user.created_at)),
    ]
    return AccountPage(facts, boxes, _groups(user, me), _acts(user, me), author_path(user.slug))


def _groups(user: User, me: User) -> list[GroupLine]:
    seen = policies.may_list_groups(me)
    return [
        GroupLine(
            group.name,
            url_for("admin_groups.edit_view", key=group.id) if seen else None,
            role_tags(group.roles),
        )
        for group in list_groups_of(user)
    ]


def _acts(user: User, me: User) -> list[AccountAct]:
    acts = list[AccountAct]()

    def act(name: str, title: Text, text: Text, verb: Text, *, page: bool = False) -> None:
        address = url_for("admin_users.account", key=user.id, act=name)
        acts.append(AccountAct(title, text, verb, address, page))

    if policies.may_deactivate(me, user):
        _add_mails(user, act)
        address, text = url_for("admin_users.sign_ins", key=user.id), _("Where and since when; each can be ended.")
        acts.append(AccountAct(_("Where they are signed in"), text, _("Show…"), address, page=True))
        if number := count_tokens(user.id):
            text = _n("A program acts for them with one.", "Programs act for them with %(num)s.", number)
            act("tokens", _("Revoke the personal tokens"), text, _("Revoke…"), page=True)
    if policies.may_view_roles(me):
        address, text = url_for("admin_why.index", person=user.id), _("The rule that stands in the way of an act.")
        acts.append(AccountAct(_("Why they may not do something"), text, _("Ask…"), address, page=True))
    if policies.may_see_as_user(me, user):
        address, text = url_for("admin_seeing.index", q=user.email), _("Every page as they find it, and no change.")
        acts.append(AccountAct(_("See as they would"), text, _("See as…"), address, page=True))
    if user.password is None and user.invited_at is not None and policies.may_withdraw(me, user):
        act("withdraw", _("Take back the invitation"), _("The link is void at once."), _("Take back…"), page=True)
    if policies.may_reset_factors(me, user) and factors_of(user.id).any:
        text = _("Passkeys, app and recovery codes are gone, and the person signs in with the password alone.")
        address = url_for("admin_users.factors", key=user.id)
        acts.append(AccountAct(_("Reset the second factors"), text, _("Reset them"), address))
    if policies.may_deactivate(me, user):
        if user.active and user.id != me.id:
            text = _("Signed out at once and unable to sign in. What the person made stays.")
            act("deactivate", _("Close the account"), text, _("Close…"), page=True)
        elif not user.active and user.erased_at is None:
            act("reactivate", _("Open the account again"), _("With the roles and the password it had."), _("Open it"))
    if policies.may_delete_user(me, user) and user.id != me.id:
        merge, delete = (url_for(f"admin_users.{name}", key=user.id) for name in ("merge", "delete_view"))
        text = _("For somebody who has two: everything goes to the other account, and this one goes away.")
        acts.append(AccountAct(_("Merge with another account"), text, _("Merge…"), merge, page=True))
        text = _("Somebody else takes over what the person made.")
        acts.append(AccountAct(_("Delete the account"), text, _("Delete…"), delete, page=True))
    return acts


def _add_mails(user: User, act: Callable[[str, Text, Text, Text], None]) -> None:
    if user.active and user.password is None:
        text = _("A new link to choose a password; older ones stop working.")
        act("invite", _("Invite again"), text, _("Send the invitation"))
    elif user.active:
        text = _("A mail with a link to choose a new password; the old one works until then.")
        act("reset", _("Reset the password"), text, _("Send the link"))
