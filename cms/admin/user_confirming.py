"""What the pages say that are put before an account or its tokens are closed, taken back, merged or deleted."""

from __future__ import annotations

from flask import url_for

from cms.accounts import policies
from cms.accounts.lists import PersonFilter, list_people
from cms.accounts.models import User
from cms.accounts.personal_tokens import count_tokens
from cms.accounts.queries import list_groups_of, list_sign_ins
from cms.admin.confirming import Confirm, Line, Pick
from cms.core.errors import Forbidden
from cms.core.i18n import Text, _, _n
from cms.core.references import references_to

#: People who can be chosen to take over; more are no list to choose from.
_CHOICE = 200


def _trail(user: User) -> list[tuple[Text, str]]:
    return [(_("People"), url_for("admin_users.index_view")), (user.name, _page(user))]


def _page(user: User) -> str:
    return url_for("admin_users.edit_view", key=user.id)


def _sign_ins(user: User) -> Line:
    number = len(list_sign_ins(user))
    amount = _n("%(num)s sign-in", "%(num)s sign-ins", number) if number else _("Signed in nowhere")
    return Line(_("Signed out at once, and no link in a mail works any more"), amount=amount)


def _things(user: User, *, merged: bool) -> list[Line]:
    """Return a line for each sort of things that the person made, and what becomes of them."""
    lines = []
    for reference in references_to("user"):
        number = reference.count(user.id)
        if not number:
            continue
        goes = reference.hand_over is not None or (merged and reference.merge is not None)
        text = _("Go to the other account") if merged else _("Go to who takes over")
        stays = _("Stay, under the name they were written with")
        lines.append(Line(reference.name, text if goes else stays, _n("%(num)s thing", "%(num)s things", number), True))
    return lines


def closing(user: User, me: User) -> Confirm:
    """Return the page before an account is closed; raises Forbidden."""
    if not policies.may_deactivate(me, user):
        raise Forbidden(_("You may not deactivate this person. An admin can."))
    return Confirm(
        title=_("Close the account of %(name)s?", name=user.name),
        trail=_trail(user),
        verb=_("Close the account"),
        icon="lock",
        lines=[
            _sign_ins(user),
            Line(_("Nobody can sign in with it"), user.email),
            Line(_("Roles, groups and everything the person made stay"), kept=True),
        ],
        address=url_for("admin_users.account", key=user.id, act="deactivate"),
        back=_page(user),
        keep=_("Leave it open"),
        undo=_("It can be opened again at any time, with the roles and the password it had."),
    )


def revocation(user: User, me: User) -> Confirm:
    """Return the page before the personal tokens of somebody are revoked; raises Forbidden."""
    if not policies.may_revoke_tokens(me, user):
        raise Forbidden(_("You may not revoke tokens of this person. An admin can."))
    number = count_tokens(user.id)
    amount = _n("%(num)s token", "%(num)s tokens", number) if number else _("There is none")
    return Confirm(
        title=_("Revoke the personal tokens of %(name)s?", name=user.name),
        trail=_trail(user),
        verb=_("Revoke them"),
        icon="key",
        lines=[
            Line(_("Programs that have one are refused from their next request on"), amount=amount),
            Line(_("The person stays signed in"), kept=True),
        ],
        address=url_for("admin_users.account", key=user.id, act="tokens"),
        back=_page(user),
        keep=_("Keep them"),
    )


def withdrawal(user: User, me: User) -> Confirm:
    """Return the page before an invitation is taken back; raises Forbidden."""
    if not policies.may_withdraw(me, user):
        raise Forbidden(_("You may not take back this invitation. An admin can."))
    things = _things(user, merged=False)
    account = (
        Line(_("The account stays, for things belong to it"), user.email, kept=True)
        if things
        else Line(_("The account goes: nobody has used it yet"), user.email)
    )
    return Confirm(
        title=_("Take back the invitation of %(name)s?", name=user.name),
        trail=_trail(user),
        verb=_("Take it back"),
        icon="undo-2",
        lines=[Line(_("The link in the mail is void at once")), account],
        address=url_for("admin_users.account", key=user.id, act="withdraw"),
        back=_page(user),
        keep=_("Let it stand"),
        undo=_("The person can be invited again."),
    )


def deletion(user: User, me: User) -> Confirm:
    """Return the page before an account is deleted; raises Forbidden."""
    if not policies.may_delete_user(me, user) or user.id == me.id:
        raise Forbidden(_("You may not delete this account. Another admin can."))
    needs_heir = any(reference.hand_over and reference.count(user.id) for reference in references_to("user"))
    return Confirm(
        title=_("Delete the account of %(name)s?", name=user.name),
        trail=_trail(user),
        verb=_("Delete the account"),
        lines=[
            Line(_("Nobody can sign in with it any more"), user.email),
            _sign_ins(user),
            Line(_("The author page leaves the site")),
            *_things(user, merged=False),
        ],
        address=url_for("admin_users.delete_view", key=user.id),
        back=_page(user),
        keep=_("Keep it"),
        choices=[Pick("heir", _("Who takes over"), _others(user, me))] if needs_heir else [],
    )


def merging(user: User, into: User | None, me: User) -> Confirm:
    """Return the page before two accounts become one; `into` is None while it is to be chosen. Raises Forbidden."""
    if not policies.may_delete_user(me, user) or user.id == me.id:
        raise Forbidden(_("You may not merge this account. Another admin can."))
    if into is not None and not policies.may_merge(me, user, into):
        raise Forbidden(_("You may not merge these accounts. An admin can."))
    groups = ", ".join(group.name for group in list_groups_of(user))
    lines = [
        Line(_("This account goes, and nobody can sign in with it"), user.email),
        _sign_ins(user),
        Line(_("Its password, passkeys and accounts elsewhere go with it; its roles too")),
        *_things(user, merged=True),
        Line(_("The address of the author page leads to the other’s"), kept=True),
    ]
    if groups:
        lines.append(Line(_("Groups go to the other account"), groups, kept=True))
    pick = Pick(
        "into",
        _("The account that stays"),
        [(str(into.id), into.name)] if into is not None else _others(user, me),
        _("It keeps its own mail address, roles and ways to sign in."),
    )
    return Confirm(
        title=_("Merge the account of %(name)s with another?", name=user.name),
        trail=_trail(user),
        verb=_("Merge them"),
        icon="user-check",
        lines=lines,
        address=url_for("admin_users.merge", key=user.id),
        back=_page(user),
        keep=_("Keep both"),
        choices=[pick],
    )


def _others(user: User, me: User) -> list[tuple[str, Text]]:
    found = list_people(PersonFilter(view="everybody"), user=me, limit=_CHOICE)
    people: list[tuple[str, Text]] = [
        (str(other.id), f"{other.name} <{other.email}>") for other in found if other.id != user.id and other.active
    ]
    # Nobody is chosen by forgetting to choose.
    return [("", _("Choose somebody")), *people]
