"""People, roles, what roles allow, and who is signed in where."""

from __future__ import annotations

import secrets
from datetime import datetime
from typing import TYPE_CHECKING

from sqlalchemy import JSON, Boolean, Column, ForeignKey, Integer, String, Table, Text
from sqlalchemy.orm import Mapped, foreign, mapped_column, relationship

from cms.core.db import Base, IntegerKey, Timestamps, UtcDateTime
from cms.core.permissions import Grant

if TYPE_CHECKING:

    class UserMixin:
        """What Flask-Security's mixin adds, told without its plain attributes, which would hide the columns."""

        @property
        def is_authenticated(self) -> bool:
            """Whether the account works."""
            ...

        @property
        def is_active(self) -> bool:
            """Whether the account works."""
            ...

        def get_id(self) -> str:
            """Return what the session cookie names this person by."""
            ...

        def verify_and_update_password(self, password: str) -> bool:
            """Return whether `password` is this person's; a hash made by older rules is renewed."""
            ...

    class RoleMixin:
        """See `UserMixin`."""

else:
    from flask_security import RoleMixin, UserMixin


def new_uniquifier() -> str:
    """Return a fresh 256-bit name for a person; whoever holds an older one (links, tokens) is out."""
    return secrets.token_hex(32)


roles_users = Table(
    "roles_users",
    Base.metadata,
    Column("user_id", ForeignKey("users.id", ondelete="CASCADE"), primary_key=True),
    Column("role_id", ForeignKey("roles.id", ondelete="CASCADE"), primary_key=True, index=True),
)


class RoleGrant(Base):
    """A right of a role: a permission and how far it reaches (`all`, `own`)."""

    __tablename__ = "role_grants"

    role_id: Mapped[int] = mapped_column(ForeignKey("roles.id", ondelete="CASCADE"), primary_key=True)
    permission: Mapped[str] = mapped_column(String(120), primary_key=True)
    extent: Mapped[str] = mapped_column(String(40), primary_key=True)


class Role(IntegerKey, Timestamps, Base, RoleMixin):
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
    grants: Mapped[list[RoleGrant]] = relationship(cascade="all, delete-orphan", passive_deletes=True)

    @property
    def rights(self) -> frozenset[Grant]:
        """What the role allows."""
        return frozenset(Grant(row.permission, row.extent) for row in self.grants)

    # Flask-Security compares roles by name, which asks the database about an expired row in the middle of
    # a flush; within a session identity says the same.
    __eq__ = object.__eq__
    __hash__ = object.__hash__


class User(IntegerKey, Timestamps, Base, UserMixin):
    """A person with an account; on public pages known by `name` and `slug`, never by `email`."""

    __tablename__ = "users"

    #: What the person signs in with: lower case, in Unicode normal form C (see `datastore.normalise_email`).
    email: Mapped[str] = mapped_column(String(255), unique=True)
    #: An argon2id hash; None for a person who was invited or imported and has not chosen one.
    password: Mapped[str | None] = mapped_column(String(255), default=None)
    active: Mapped[bool] = mapped_column(Boolean, default=True)
    fs_uniquifier: Mapped[str] = mapped_column(String(64), unique=True, default=new_uniquifier)
    confirmed_at: Mapped[datetime | None] = mapped_column(UtcDateTime, default=None)
    invited_at: Mapped[datetime | None] = mapped_column(UtcDateTime, default=None)
    last_login_at: Mapped[datetime | None] = mapped_column(UtcDateTime, default=None)
    current_login_at: Mapped[datetime | None] = mapped_column(UtcDateTime, default=None)
    last_login_ip: Mapped[str | None] = mapped_column(String(64), default=None)
    current_login_ip: Mapped[str | None] = mapped_column(String(64), default=None)
    login_count: Mapped[int] = mapped_column(Integer, default=0)

    name: Mapped[str] = mapped_column(String(120))
    #: Address of the author page, unique also for the eye (`skeleton`).
    slug: Mapped[str] = mapped_column(String(120), unique=True)
    #: `slug` with look-alike characters folded together.
    slug_skeleton: Mapped[str] = mapped_column(String(160), unique=True)
    biography: Mapped[str] = mapped_column(Text, default="")
    picture_id: Mapped[int | None] = mapped_column(
        ForeignKey("media_files.id", name="fk_users_picture_id_media_files", ondelete="SET NULL", use_alter=True),
        default=None,
        index=True,
    )
    #: `[{"label": "…", "url": "https://…"}]`, at most ten.
    links: Mapped[list[dict[str, str]]] = mapped_column(JSON, default=list)
    #: IANA name; empty: the zone of the site.
    time_zone: Mapped[str] = mapped_column(String(64), default="")
    #: BCP 47 tag; empty: the language of the site.
    language: Mapped[str] = mapped_column(String(35), default="")

    roles: Mapped[list[Role]] = relationship(secondary=roles_users, order_by=Role.position)
    #: The grants of all roles in one query; who signs in is loaded with them (`sign_ins.find_signed_in`).
    held: Mapped[list[RoleGrant]] = relationship(
        secondary=roles_users,
        primaryjoin=lambda: User.id == roles_users.c.user_id,
        secondaryjoin=lambda: roles_users.c.role_id == foreign(RoleGrant.role_id),
        viewonly=True,
    )

    @property
    def grants(self) -> frozenset[Grant]:
        """What the person's roles allow; read again whenever the session forgets the person."""
        rows = self.held
        known: tuple[list[RoleGrant], frozenset[Grant]] | None = self.__dict__.get("_grants_of")
        if known is None or known[0] is not rows:
            known = (rows, frozenset(Grant(row.permission, row.extent) for row in rows))
            self.__dict__["_grants_of"] = known
        return known[1]

    @property
    def role_names(self) -> tuple[str, ...]:
        """The names of the roles held, the most powerful first."""
        return tuple(role.name for role in self.roles)


class SignIn(IntegerKey, Base):
    """A browser in which a person is signed in; without its row the cookie is worth nothing."""

    __tablename__ = "sign_ins"

    user_id: Mapped[int] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"), index=True)
    #: SHA-256 of the key in the cookie, so that a copy of the database signs nobody in.
    key_hash: Mapped[str] = mapped_column(String(64), unique=True)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    last_seen_at: Mapped[datetime] = mapped_column(UtcDateTime)
    expires_at: Mapped[datetime] = mapped_column(UtcDateTime, index=True)
    remembered: Mapped[bool] = mapped_column(Boolean, default=False)
    ip: Mapped[str | None] = mapped_column(String(64), default=None)
    user_agent: Mapped[str] = mapped_column(String(255), default="")
    user: Mapped[User] = relationship(lazy="raise_on_sql")
