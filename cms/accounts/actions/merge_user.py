"""Making one account of two that belong to the same person."""

from __future__ import annotations

from sqlalchemy import delete, insert, update

from cms.accounts.ending import end_everything
from cms.accounts.locks import keep_admins, lock_people
from cms.accounts.models import AuthorAddress, User, groups_users
from cms.accounts.policies import may_change_roles, may_merge
from cms.accounts.queries import list_groups_of
from cms.accounts.role_events import UserMerged
from cms.accounts.snapshots import group_ids, user_values
from cms.core.db import current_session
from cms.core.errors import Conflict, NotFound
from cms.core.events import record
from cms.core.i18n import _
from cms.core.permissions import Actor, require
from cms.core.references import references_to


def merge_user(user: User, *, into: User, by: Actor) -> None:
    """Hand over everything of `user` to `into`, and delete the account of `user`.

    What was made and written, groups, and the address of the author page go over; roles, password, passkeys and
    accounts elsewhere do not: nobody gets in by what was the other's. Raises Forbidden for people with more than
    whoever acts holds, and Conflict for one and the same, for oneself, and for the last active admin.
    """
    lock_people(user, by=by)
    session = current_session()
    if session.get(User, into.id) is None:
        raise NotFound(_("This person's account was deleted just now."))
    require(may_merge(by, user, into), _("You may not merge these accounts. An admin can."))
    if into.id == user.id:
        raise Conflict(_("Choose another account to merge with."))
    if by.id == user.id:
        raise Conflict(_("Nobody deletes their own account. Merge the other way round, or ask another admin."))
    before = {**user_values(user), "into": {"name": into.name, "groups": group_ids(into)}}
    old_id, name, slug, amounts = user.id, user.name, user.slug, dict[str, int]()
    end_everything(user)
    for reference in references_to("user"):
        number = reference.count(old_id)
        take_over = reference.merge or reference.hand_over
        if number and take_over is not None:
            take_over(old_id, into.id)
            amounts[reference.key] = number
    with keep_admins():
        _hand_over_groups(user, into, by)
        session.execute(update(AuthorAddress).where(AuthorAddress.user_id == old_id).values(user_id=into.id))
        session.delete(user)
        session.flush()
    session.execute(delete(AuthorAddress).where(AuthorAddress.slug == slug))
    session.add(AuthorAddress(slug=slug, user_id=into.id))
    session.flush()
    session.expire_all()
    record(UserMerged(old_id, name, slug, into.id, before, {"handed_over": amounts}, by.id))


def _hand_over_groups(user: User, into: User, by: Actor) -> None:
    session, inside = current_session(), set(group_ids(into))
    joining = [group for group in list_groups_of(user) if group.id not in inside]
    roles = [role for group in joining for role in group.roles]
    require(
        not joining or may_change_roles(by, into, roles),
        _("You may not take somebody into these groups. An admin can."),
    )
    if joining:
        session.execute(insert(groups_users), [{"group_id": group.id, "user_id": into.id} for group in joining])
