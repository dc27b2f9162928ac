"""Roles, what they allow, and groups of people who hold them together."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import JSON, Boolean, Column, ForeignKey, Integer, String, Table, Text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from cms.core.db import Base, IntegerKey, Timestamps, Versioned
from cms.core.permissions import Grant

if TYPE_CHECKING:

    class RoleMixin:
        """What Flask-Security's mixin adds, which would hide the columns from the type checker."""

else:
    from flask_security import RoleMixin

roles_users = Table(
    "roles_users",
    Base.metadata,
    Column("user_id", ForeignKey("users.id", ondelete="CASCADE"), primary_key=True),
    Column("role_id", ForeignKey("roles.id", ondelete="CASCADE"), primary_key=True, index=True),
)


class RoleGrant(Base):
    """A right of a role: a permission and how far it reaches (`all`, `own`, or a place such as `category:7`)."""

    __tablename__ = "role_grants"

    role_id: Mapped[int] = mapped_column(ForeignKey("roles.id", ondelete="CASCADE"), primary_key=True)
    permission: Mapped[str] = mapped_column(String(120), primary_key=True)
    extent: Mapped[str] = mapped_column(String(40), primary_key=True)


class Role(IntegerKey, Timestamps, Versioned, Base, RoleMixin):
    """A named bundle of rights that people can hold."""

    __tablename__ = "roles"

    name: Mapped[str] = mapped_column(String(80), unique=True)
    label: Mapped[str] = mapped_column(String(120))
    description: Mapped[str] = mapped_column(Text, default="")
    #: Order in lists, the most powerful first.
    position: Mapped[int] = mapped_column(Integer, default=100)
    #: Every `permission:extent` that the product has ever given this role by default, so that a right taken
    #: away by hand does not come back with the next upgrade.
    offered: Mapped[list[str]] = mapped_column(JSON, default=list)
    #: Whoever holds the role signs in with a second factor.
    requires_second_factor: Mapped[bool] = mapped_column(Boolean, default=False)
    grants: Mapped[list[RoleGrant]] = relationship(cascade="all, delete-orphan", passive_deletes=True)

    @property
    def rights(self) -> frozenset[Grant]:
        """What the role allows."""
        return frozenset(Grant(row.permission, row.extent) for row in self.grants)

    # Flask-Security compares roles by name, which asks the database about an expired row in the middle of
    # a flush; within a session identity says the same.
    __eq__ = object.__eq__
    __hash__ = object.__hash__


groups_users = Table(
    "groups_users",
    Base.metadata,
    Column("group_id", ForeignKey("groups.id", ondelete="CASCADE"), primary_key=True),
    Column("user_id", ForeignKey("users.id", ondelete="CASCADE"), primary_key=True, index=True),
)
group_roles = Table(
    "groups_roles",
    Base.metadata,
    Column("group_id", ForeignKey("groups.id", ondelete="CASCADE"), primary_key=True),
    Column("role_id", ForeignKey("roles.id", ondelete="CASCADE"), primary_key=True, index=True),
)


class Group(IntegerKey, Timestamps, Versioned, Base):
    """People who hold the same roles together, and lose them when they leave the group."""

    __tablename__ = "groups"

    name: Mapped[str] = mapped_column(String(120), unique=True)
    description: Mapped[str] = mapped_column(Text, default="")
    roles: Mapped[list[Role]] = relationship(secondary=group_roles, order_by=Role.position)
