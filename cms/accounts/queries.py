"""Finding people and roles."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import func, literal, select
from sqlalchemy.orm import selectinload

from cms.accounts.models import AuthorAddress, Group, Role, RoleGrant, SignIn, User, every_role, groups_users
from cms.accounts.rights import extents_by_permission, sort_extents
from cms.accounts.sign_ins import lasting_sign_ins
from cms.core.db import LARGEST_KEY, current_session
from cms.core.errors import NotFound
from cms.core.i18n import LazyString, _
from cms.core.keysets import count_rows, read_batch, read_order
from cms.core.pagination import Batch
from cms.core.permissions import Grant, registry
from cms.lib.errors import LibError
from cms.lib.mail_addresses import read_mail_address

#: What a list of roles may be sorted by, `-` before the name turning it round; `position` has the most powerful first.
ROLE_SORTS: Mapping[str, Any] = {"position": Role.position, "name": Role.name, "label": Role.label}


def find_user(user_id: int) -> User | None:
    """Return the person with this id, or None."""
    # Beyond it nobody has an id, and PostgreSQL answers such a question with an error.
    return current_session().get(User, user_id) if 0 < user_id <= LARGEST_KEY else None


def get_user(user_id: int) -> User:
    """Return the person with this id; raises NotFound."""
    user = find_user(user_id)
    if user is None:
        raise NotFound(_("There is no such person."))
    return user


def find_user_by_email(email: str) -> User | None:
    """Return the person who signs in with this mail address, in any spelling, or None."""
    try:
        address = read_mail_address(email)
    except LibError:
        return None
    return current_session().scalar(select(User).where(User.email == address))


def find_user_by_slug(slug: str) -> User | None:
    """Return the person whose author page has this address, or None."""
    return current_session().scalar(select(User).where(User.slug == slug))


def find_role(name: str) -> Role | None:
    """Return the role called `name`, or None."""
    return current_session().scalar(select(Role).where(Role.name == name)) if "\0" not in name else None


def get_role(name: str) -> Role:
    """Return the role called `name`; raises NotFound."""
    role = find_role(name)
    if role is None:
        raise NotFound(_("There is no role called %(name)s.", name=name))
    return role


def list_roles() -> Sequence[Role]:
    """Return all roles with what they allow, the most powerful first."""
    return (
        current_session()
        .scalars(select(Role).options(selectinload(Role.grants)).order_by(Role.position, Role.name))
        .all()
    )


def list_names() -> tuple[list[Role], dict[int, str]]:
    """Return all roles, the most powerful first, and what each group is called, by id; for choosing. One query.

    The roles know only what they are called.
    """
    roles = select(literal("role"), Role.position, Role.id, Role.name, Role.label)
    groups = select(literal("group"), literal(0), Group.id, Group.name, func.lower(Group.name))
    rows = current_session().execute(roles.union_all(groups)).all()
    named = sorted((row for row in rows if row[0] == "role"), key=lambda row: (row[1], row[3]))
    called = sorted((row for row in rows if row[0] == "group"), key=lambda row: (row[4], row[2]))
    return [Role(name=row[3], label=row[4]) for row in named], {row[2]: row[3] for row in called}


def list_roles_in_parts(
    sort: str = "position", *, cursor: str | None = None, offset: int = 0, limit: int = 20
) -> Batch[Role]:
    """Return a batch of roles with what they allow. Raises Invalid for an order that is not offered, or NoSuchPlace."""
    query = select(Role).options(selectinload(Role.grants))
    return read_batch(query, read_order(sort, ROLE_SORTS, Role.id), cursor=cursor, offset=offset, limit=limit)


def count_roles(most: int | None = None) -> int:
    """Count the roles there are; at most `most` of them, all for None."""
    return count_rows(select(Role), most)


def count_people_by_role() -> dict[int, int]:
    """Return how many people hold each role, by themselves or through a group, by the role's id."""
    rows = current_session().execute(select(every_role.c.role_id, func.count()).group_by(every_role.c.role_id))
    return dict(rows.all())


def list_holders(role: Role, limit: int = 50) -> Sequence[User]:
    """Return at most `limit` people who hold `role`, by themselves or through a group, by name."""
    held = select(every_role.c.user_id).where(every_role.c.role_id == role.id)
    query = select(User).where(User.id.in_(held)).order_by(func.lower(User.name), User.id)
    return current_session().scalars(query.limit(limit)).all()


def list_holding_groups(role: Role) -> Sequence[Group]:
    """Return the groups whose members hold `role`, by name."""
    query = select(Group).where(Group.roles.any(Role.id == role.id)).order_by(Group.name)
    return current_session().scalars(query).all()


def find_group(group_id: int) -> Group | None:
    """Return the group with this id, or None."""
    return current_session().get(Group, group_id)


def list_groups() -> Sequence[Group]:
    """Return all groups with their roles, by name."""
    query = select(Group).options(selectinload(Group.roles)).order_by(func.lower(Group.name), Group.id)
    return current_session().scalars(query).all()


def count_members() -> dict[int, int]:
    """Return how many people are in each group, by its id."""
    query = select(groups_users.c.group_id, func.count()).group_by(groups_users.c.group_id)
    return dict(current_session().execute(query).all())


def list_members(group: Group, limit: int = 200) -> Sequence[User]:
    """Return at most `limit` members of a group with their roles and rights, by name."""
    inside = select(groups_users.c.user_id).where(groups_users.c.group_id == group.id)
    query = select(User).where(User.id.in_(inside)).options(selectinload(User.roles), selectinload(User.held))
    return current_session().scalars(query.order_by(func.lower(User.name), User.id).limit(limit)).all()


def list_groups_of(user: User) -> Sequence[Group]:
    """Return the groups that a person is in, with their roles, by name."""
    inside = select(groups_users.c.group_id).where(groups_users.c.user_id == user.id)
    query = select(Group).where(Group.id.in_(inside)).options(selectinload(Group.roles)).order_by(Group.name)
    return current_session().scalars(query).all()


def rights_of_members(group: Group) -> frozenset[Grant]:
    """Return everything that any member of a group holds, in whatever way."""
    inside = select(groups_users.c.user_id).where(groups_users.c.group_id == group.id)
    query = (
        select(RoleGrant.permission, RoleGrant.extent)
        .join(every_role, every_role.c.role_id == RoleGrant.role_id)
        .where(every_role.c.user_id.in_(inside))
        .distinct()
    )
    return frozenset(Grant(permission, extent) for permission, extent in current_session().execute(query))


def find_user_by_old_slug(slug: str) -> User | None:
    """Return the person whose author page lived at this address before their accounts were merged, or None."""
    return current_session().scalar(
        select(User).join(AuthorAddress, AuthorAddress.user_id == User.id).where(AuthorAddress.slug == slug)
    )


@dataclass(frozen=True)
class ExplainedRight:
    """A permission in words, and how far a role holds it: the widest extent first, empty for not at all."""

    permission: str
    sentence: LazyString
    extents: tuple[str, ...]

    @property
    def extent(self) -> str | None:
        """The widest extent; None for not at all."""
        return self.extents[0] if self.extents else None


def get_role_explained(role: Role) -> dict[str, list[ExplainedRight]]:
    """Return everything there is to allow, by area (`content`, `media` …), and how far `role` allows it."""
    held = extents_by_permission(role.rights)
    explained: dict[str, list[ExplainedRight]] = {}
    for item in registry:
        known = {extent for extent in held.get(item.name, ()) if extent.partition(":")[0] in item.extents}
        right = ExplainedRight(item.name, item.sentence, tuple(sort_extents(known)))
        explained.setdefault(item.name.partition(":")[0], []).append(right)
    return explained


def list_sign_ins(user: User) -> Sequence[SignIn]:
    """Return where a person is signed in, the browser last used first."""
    return current_session().scalars(lasting_sign_ins(user.id).order_by(SignIn.last_seen_at.desc())).all()


def list_sign_ins_in_parts(
    user_id: int, *, cursor: str | None = None, offset: int = 0, limit: int = 20
) -> Batch[SignIn]:
    """Return a batch of where a person is signed in, the one last seen first; raises NoSuchPlace."""
    order = read_order("-seen", {"seen": SignIn.last_seen_at}, SignIn.id)
    return read_batch(lasting_sign_ins(user_id), order, cursor=cursor, offset=offset, limit=limit)


def count_sign_ins(user_id: int, most: int | None = None) -> int:
    """Count where a person is signed in; at most `most`, all for None."""
    return count_rows(lasting_sign_ins(user_id), most)


def get_sign_in(sign_in_id: int, *, of: User) -> SignIn:
    """Return a sign-in of a person that lasts; raises NotFound for one of somebody else, too."""
    known = 0 < sign_in_id <= LARGEST_KEY
    found = current_session().scalar(lasting_sign_ins(of.id).where(SignIn.id == sign_in_id)) if known else None
    if found is None:
        raise NotFound(_("There is no such sign-in, or it has ended already."))
    return found
