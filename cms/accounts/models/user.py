"""People with an account."""

from __future__ import annotations

import secrets
from datetime import datetime
from typing import TYPE_CHECKING, cast

from sqlalchemy import JSON, Boolean, ForeignKey, Integer, String, Text, select, union
from sqlalchemy.orm import Mapped, foreign, mapped_column, relationship

from cms.accounts.models.role import Group, Role, RoleGrant, group_roles, groups_users, roles_users
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

else:
    from flask_security import UserMixin


def new_uniquifier() -> str:
    """Return a fresh 256-bit name for a person; whoever holds an older one (links, tokens) is out."""
    return secrets.token_hex(32)


#: Who holds which role: by themselves, or as a member of a group.
every_role = union(
    select(roles_users.c.user_id, roles_users.c.role_id),
    select(groups_users.c.user_id, group_roles.c.role_id).join(
        group_roles, groups_users.c.group_id == group_roles.c.group_id
    ),
).alias("every_role")


class User(IntegerKey, Timestamps, Base, UserMixin):
    """A person with an account; on public pages known by `name` and `slug`, never by `email`."""

    __tablename__ = "users"
    # The number of an account is never given again: the record, undoing and exports know people by it.
    __table_args__ = ({"sqlite_autoincrement": True},)

    #: The permissions that count while somebody came with a personal token, whatever their roles grant; None: all.
    #: No column, so that no reading anew widens it (`personal_tokens.find_token`).
    narrowed_to = cast("frozenset[str] | None", None)

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

    #: What passkeys know this person by (64 random bytes as base64url); None before the first one is made.
    passkey_handle: Mapped[str | None] = mapped_column(String(100), unique=True, index=True, default=None)
    #: Since when the personal data of a person who left is erased; the row stays as "Somebody who left".
    erased_at: Mapped[datetime | None] = mapped_column(UtcDateTime, default=None)

    roles: Mapped[list[Role]] = relationship(secondary=roles_users, order_by=Role.position)
    groups: Mapped[list[Group]] = relationship(secondary=groups_users, order_by=Group.name, viewonly=True)
    #: The grants of all roles, own ones and those of groups, in one query; who signs in is loaded with them
    #: (`sign_ins.find_sign_in`).
    held: Mapped[list[RoleGrant]] = relationship(
        secondary=every_role,
        primaryjoin=lambda: User.id == every_role.c.user_id,
        secondaryjoin=lambda: every_role.c.role_id == foreign(RoleGrant.role_id),
        viewonly=True,
    )

    @property
    def grants(self) -> frozenset[Grant]:
        """What the person's roles allow, within `narrowed_to`; read again whenever the session forgets the person."""
        rows, only = self.held, self.narrowed_to
        known: tuple[list[RoleGrant], frozenset[str] | None, frozenset[Grant]] | None
        known = self.__dict__.get("_grants_of")
        if known is None or known[0] is not rows or known[1] != only:
            held = (Grant(row.permission, row.extent) for row in rows)
            known = (rows, only, frozenset(right for right in held if only is None or right.permission in only))
            self.__dict__["_grants_of"] = known
        return known[2]

    @property
    def role_names(self) -> tuple[str, ...]:
        """The names of the roles held, the most powerful first."""
        return tuple(role.name for role in self.roles)


class AuthorAddress(Base):
    """An old address of an author page, and whose page it leads to now."""

    __tablename__ = "author_addresses"

    slug: Mapped[str] = mapped_column(String(120), primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"), index=True)
