"""The list of people in the back office: by filter, sorted, in batches by cursor; counted only when asked."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import ColumnElement, Integer, Select, and_, func, literal, or_, select
from sqlalchemy.orm import joinedload, selectinload

from cms.accounts.factors import has_second_factor
from cms.accounts.models import Authenticator, Passkey, Role, SignIn, User, every_role, groups_users
from cms.accounts.policies import may_list_people
from cms.accounts.roles import SUBSCRIBER
from cms.core.db import LARGEST_KEY, UtcDateTime, current_session
from cms.core.errors import NotFound
from cms.core.keysets import whole_text
from cms.core.pagination import LONGEST_IN_CURSOR, Batch, decode_cursor, encode_cursor
from cms.core.permissions import Actor

#: Everybody at work here, readers with an account, who was invited and has not come yet, closed accounts, everybody.
VIEWS = ("staff", "readers", "invited", "inactive", "everybody")
_NEVER = literal(datetime(1970, 1, 1, tzinfo=UTC), UtcDateTime)
#: What the list may be sorted by; `-` before the name turns it round. Who never signed in was seen longest ago.
SORTS: Mapping[str, ColumnElement[Any]] = {
    "name": func.lower(User.name),
    "seen": func.coalesce(User.current_login_at, _NEVER),
    "created": User.created_at.expression,
}
LONGEST_SEARCH = 200


@dataclass(frozen=True)
class PersonFilter:
    """What the list is narrowed to: one of VIEWS, words in name or mail address, the name of a role, a group.

    A role counts that comes through a group too. `second_factor` is whether the person has one, `active` whether the
    account is open; None for either.
    """

    view: str = ""
    search: str = ""
    role: str = ""
    sort: str = "name"
    group_id: int | None = None
    second_factor: bool | None = None
    active: bool | None = None


def list_people(
    wanted: PersonFilter,
    *,
    user: Actor,
    cursor: str | None = None,
    offset: int = 0,
    limit: int = 25,
    count: bool = False,
    groups: bool = False,
    rights: bool = False,
) -> Batch[User]:
    """Return a batch of people with their roles, at most 200 at once, in a fixed number of queries.

    Without a cursor `offset` people are passed over. With `groups` and `rights` these are loaded too, for who asks
    for them of each.

    Raises NotFound for somebody who may not see the list, and for a cursor that cannot be one of this list.
    """
    if not may_list_people(user):
        raise NotFound
    limit = max(1, min(limit, 200))
    name, falling = wanted.sort.removeprefix("-"), wanted.sort.startswith("-")
    key = SORTS.get(name, SORTS["name"])
    values = decode_cursor(cursor, 3)
    backwards = values is not None and values[0] == "before"
    down = falling != backwards
    query = select(User, key).where(*_conditions(wanted)).options(joinedload(User.roles))
    if groups:
        query = query.options(joinedload(User.groups))
    if rights:
        query = query.options(selectinload(User.held))
    if values is not None:
        query = query.where(_beyond(key, values[1], values[2], dated=name in ("seen", "created"), falling=down))
    order = (key.desc(), User.id.desc()) if down else (key.asc(), User.id.asc())
    query = query.order_by(*order).limit(limit + 1).offset(offset if values is None else 0)
    rows = list(current_session().execute(query).unique())
    more, rows = len(rows) > limit, rows[:limit]
    if backwards:
        rows.reverse()
    has_next, has_previous = (True, more) if backwards else (more, values is not None or offset > 0)
    return Batch(
        [row[0] for row in rows],
        _cursor("after", rows[-1]) if rows and has_next else None,
        _cursor("before", rows[0]) if rows and has_previous else None,
        count_people(wanted) if count else None,
    )


def count_people(wanted: PersonFilter, most: int | None = None) -> int:
    """Count the people of a list, only asked for when somebody wants to know: at most `most`, all for None."""
    found = select(User.id).where(*_conditions(wanted)).limit(most)
    return current_session().scalar(select(func.count()).select_from(found.subquery())) or 0


def count_views() -> dict[str, int]:
    """Count the people of each view, in one query."""
    sums = [func.coalesce(func.sum(and_(True, *_in_view(view)).cast(Integer)), 0) for view in VIEWS]
    row = current_session().execute(select(*sums).select_from(User)).one()
    return {view: int(number) for view, number in zip(VIEWS, row, strict=True)}


def last_seen(user_ids: Iterable[int]) -> dict[int, datetime]:
    """Return when people were last seen in a browser where they are still signed in, by id, in one query."""
    query = select(SignIn.user_id, func.max(SignIn.last_seen_at)).where(SignIn.user_id.in_(list(user_ids)))
    return dict(current_session().execute(query.group_by(SignIn.user_id)).all())


def _conditions(wanted: PersonFilter) -> list[ColumnElement[bool]]:
    found = _in_view(wanted.view)
    for word in wanted.search[:LONGEST_SEARCH].replace("\0", "").lower().split()[:8]:
        in_name = func.lower(User.name).contains(word, autoescape=True)
        found.append(or_(in_name, User.email.contains(word, autoescape=True)))
    if wanted.role:
        found.append(_holds(Role.name == wanted.role.replace("\0", "")))
    if wanted.active is not None:
        found.append(User.active.is_(wanted.active))
    if wanted.group_id is not None:
        found.append(User.id.in_(select(groups_users.c.user_id).where(groups_users.c.group_id == wanted.group_id)))
    if wanted.second_factor is not None:
        has_one = or_(User.id.in_(select(Passkey.user_id)), User.id.in_(_with_authenticator()))
        found.append(has_one if wanted.second_factor else ~has_one)
    return found


def _with_authenticator() -> Select[int]:
    return select(Authenticator.user_id).where(Authenticator.confirmed_at.is_not(None))


def who_has_second_factor(user_ids: Iterable[int]) -> frozenset[int]:
    """Return which of these people have a passkey or an app, in one query."""
    query = select(User.id).where(User.id.in_(list(user_ids)), has_second_factor(User.id))
    return frozenset(current_session().scalars(query))


def second_factors(user_ids: Iterable[int]) -> tuple[Select[int, str, int], Select[int, str, int]]:
    """Return the queries of what people have besides a password: id, `passkey` or `app`, and 1; for one union."""
    ids = list(user_ids)
    passkeys = select(Passkey.user_id, literal("passkey"), literal(1)).where(Passkey.user_id.in_(ids)).distinct()
    apps = select(Authenticator.user_id, literal("app"), literal(1)).where(
        Authenticator.user_id.in_(ids), Authenticator.confirmed_at.is_not(None)
    )
    return passkeys, apps


def load_rights(users: Iterable[User]) -> None:
    """Load what each of these people holds, in one query."""
    ids = [user.id for user in users]
    current_session().scalars(select(User).where(User.id.in_(ids)).options(selectinload(User.held))).all()


def _holds(which: ColumnElement[bool]) -> ColumnElement[bool]:
    """Return the condition that somebody holds such a role, by themselves or through a group."""
    return User.id.in_(select(every_role.c.user_id).join(Role, Role.id == every_role.c.role_id).where(which))


def _in_view(view: str) -> list[ColumnElement[bool]]:
    works_here = _holds(Role.name != SUBSCRIBER)
    if view == "staff":
        return [User.active.is_(True), works_here]
    if view == "readers":
        return [User.active.is_(True), ~works_here]
    if view == "invited":
        return [User.active.is_(True), User.password.is_(None), User.invited_at.is_not(None)]
    if view == "inactive":
        return [User.active.is_(False)]
    return []


def _beyond(key: ColumnElement[Any], raw: Any, row_id: Any, *, dated: bool, falling: bool) -> ColumnElement[bool]:
    if not isinstance(row_id, int) or isinstance(row_id, bool) or abs(row_id) > LARGEST_KEY:
        raise NotFound
    value = _moment(str(raw)) if dated else whole_text(key, User.id, _text(str(raw)), row_id)
    further = key < value if falling else key > value
    return or_(further, and_(key == value, User.id < row_id if falling else User.id > row_id))


def _moment(raw: str) -> datetime:
    try:
        found = datetime.fromisoformat(raw)
        if found.tzinfo is not None:
            return found.astimezone(UTC)
    except (ValueError, OverflowError):
        pass
    raise NotFound


def _text(raw: str) -> str:
    try:
        raw.encode()
    except UnicodeEncodeError:
        raise NotFound from None
    return raw.replace("\0", "")


def _cursor(way: str, row: tuple[User, Any]) -> str:
    value = row[1].isoformat() if isinstance(row[1], datetime) else row[1][:LONGEST_IN_CURSOR]
    return encode_cursor(way, value, row[0].id)
