"""Roles, groups and people as plain values: what the record of acts keeps of them, and what brings them back."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlalchemy import select

from cms.accounts.models import Group, Role, User, group_roles, groups_users, roles_users
from cms.accounts.rights import to_words
from cms.core.db import current_session


def role_values(role: Role) -> dict[str, Any]:
    """Return what a role is, its rights in words."""
    return {
        "name": role.name,
        "label": role.label,
        "description": role.description,
        "requires_second_factor": role.requires_second_factor,
        "rights": to_words(role.rights),
    }


def role_holders(role: Role) -> dict[str, list[int]]:
    """Return who holds a role: ids of people by themselves, and of groups."""
    session = current_session()
    people = select(roles_users.c.user_id).where(roles_users.c.role_id == role.id).order_by(roles_users.c.user_id)
    groups = select(group_roles.c.group_id).where(group_roles.c.role_id == role.id).order_by(group_roles.c.group_id)
    return {"people": list(session.scalars(people)), "groups": list(session.scalars(groups))}


def group_values(group: Group) -> dict[str, Any]:
    """Return what a group is, without its members."""
    return {"name": group.name, "description": group.description, "roles": [role.name for role in group.roles]}


def member_ids(group: Group) -> list[int]:
    """Return the ids of the members of a group."""
    query = select(groups_users.c.user_id).where(groups_users.c.group_id == group.id)
    return list(current_session().scalars(query.order_by(groups_users.c.user_id)))


def group_ids(user: User) -> list[int]:
    """Return the ids of the groups a person is in."""
    query = select(groups_users.c.group_id).where(groups_users.c.user_id == user.id)
    return list(current_session().scalars(query.order_by(groups_users.c.group_id)))


def user_values(user: User) -> dict[str, Any]:
    """Return what an account was, without anything that signs in with it."""
    return {
        "name": user.name,
        "email": user.email,
        "slug": user.slug,
        "roles": list(user.role_names),
        "groups": group_ids(user),
        "active": user.active,
    }


def differing(before: Mapping[str, Any], after: Mapping[str, Any]) -> tuple[dict[str, Any], dict[str, Any]]:
    """Return of both only what differs."""
    names = [name for name in after if before.get(name) != after[name]]
    return {name: before.get(name) for name in names}, {name: after[name] for name in names}
