"""Taking the list of people along as a file."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from cms.accounts.lists import PersonFilter, list_people
from cms.accounts.models import User
from cms.accounts.policies import may_export_people
from cms.accounts.role_events import PeopleExported
from cms.accounts.roles import role_label
from cms.core.errors import Invalid
from cms.core.events import record
from cms.core.i18n import _
from cms.core.permissions import Actor, require

#: The columns that leave the house, and nothing else does.
COLUMNS = ("name", "email", "roles", "groups", "state", "since", "last_seen")
#: A list of more is narrowed first.
MOST_ROWS = 50_000
_AT_ONCE = 200
Cell = str | datetime | None


def export_people(wanted: PersonFilter, *, form: str, by: Actor) -> list[tuple[Cell, ...]]:
    """Return a row of COLUMNS for each person of a list, and record that they were taken along (as `form`).

    Raises Forbidden, and Invalid for a list of more than MOST_ROWS.
    """
    require(may_export_people(by), _("You may not take the list of people along. An admin can."))
    rows = [_row(user) for user in _each(wanted, by)]
    if len(rows) > MOST_ROWS:
        raise Invalid(_("At most %(most)s people leave at once. Narrow the list first.", most=MOST_ROWS))
    narrowed = {name: value for name, value in vars(wanted).items() if value and name != "sort"}
    record(PeopleExported(by.id, form, len(rows), narrowed))
    return rows


def _each(wanted: PersonFilter, by: Actor) -> Iterator[User]:
    cursor: str | None = None
    for _batch in range(MOST_ROWS // _AT_ONCE + 1):
        batch = list_people(wanted, user=by, cursor=cursor, limit=_AT_ONCE, groups=True)
        yield from batch.items
        cursor = batch.cursor_next
        if cursor is None:
            return


def _row(user: User) -> tuple[Cell, ...]:
    groups = ", ".join(group.name for group in user.groups)
    roles = ", ".join(role_label(role) for role in user.roles)
    return (user.name, user.email, roles, groups, state_of(user), user.created_at, user.current_login_at)


def state_of(user: User) -> str:
    """Return in one word how an account is: active, invited, inactive or without a password."""
    if not user.active:
        return "inactive"
    if user.password is None:
        return "invited" if user.invited_at else "no password"
    return "active"
