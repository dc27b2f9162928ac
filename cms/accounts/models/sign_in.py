"""Who is signed in where, which devices are known, and what waits for a second step."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, Boolean, ForeignKey, Integer, String
from sqlalchemy.orm import Mapped, mapped_column, relationship

from cms.accounts.models.role import Role
from cms.accounts.models.user import User
from cms.core.db import Base, IntegerKey, UtcDateTime


class SignIn(IntegerKey, Base):
    """A browser or a program in which a person is signed in; without its row cookie and tokens are worth nothing."""

    __tablename__ = "sign_ins"

    #: Whether a role asks for a second factor that was not shown; told by `sign_ins.find_sign_in`, not kept.
    is_confined = False

    user_id: Mapped[int] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"), index=True)
    #: SHA-256 of the key in the cookie, so that a copy of the database signs nobody in; of a program, something that
    #: no such key has (`program_sign_ins`).
    key_hash: Mapped[str] = mapped_column(String(64), unique=True)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    last_seen_at: Mapped[datetime] = mapped_column(UtcDateTime)
    expires_at: Mapped[datetime] = mapped_column(UtcDateTime, index=True)
    remembered: Mapped[bool] = mapped_column(Boolean, default=False)
    ip: Mapped[str | None] = mapped_column(String(64), default=None)
    user_agent: Mapped[str] = mapped_column(String(255), default="")
    #: Address and browser of the last click.
    last_ip: Mapped[str | None] = mapped_column(String(64), default=None)
    #: The first factor: `password`, `passkey`, `provider`, `invitation`, `link`; `api` for a program.
    method: Mapped[str] = mapped_column(String(20), default="password")
    #: Whether a second factor (or a passkey, which is two) was shown.
    second_factor: Mapped[bool] = mapped_column(Boolean, default=False)
    #: When the person last showed that it is them, for acts that matter.
    confirmed_at: Mapped[datetime | None] = mapped_column(UtcDateTime, default=None)
    #: Whom or which role an admin sees the site as, and whose sign-in this stays.
    seen_as_user_id: Mapped[int | None] = mapped_column(ForeignKey("users.id", ondelete="SET NULL"), default=None)
    seen_as_role_id: Mapped[int | None] = mapped_column(ForeignKey("roles.id", ondelete="SET NULL"), default=None)
    user: Mapped[User] = relationship(foreign_keys=[user_id], lazy="raise_on_sql")
    seen_as_user: Mapped[User | None] = relationship(foreign_keys=[seen_as_user_id], lazy="raise_on_sql")
    seen_as_role: Mapped[Role | None] = relationship(foreign_keys=[seen_as_role_id], lazy="raise_on_sql")


class Device(IntegerKey, Base):
    """A browser or a program that a person has signed in with before; its key alone opens nothing."""

    __tablename__ = "devices"

    user_id: Mapped[int] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"), index=True)
    #: SHA-256 of the key in the cookie, or that the program was told.
    key_hash: Mapped[str] = mapped_column(String(64), index=True)
    user_agent: Mapped[str] = mapped_column(String(255), default="")
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    last_seen_at: Mapped[datetime] = mapped_column(UtcDateTime)
    expires_at: Mapped[datetime] = mapped_column(UtcDateTime, index=True)


class Challenge(IntegerKey, Base):
    """Something that is asked of one browser and ends soon: a second step, a passkey's question, a code by mail.

    The browser holds the key, the row the rest; a code is kept as a hash, and a row is used once.
    """

    __tablename__ = "challenges"

    #: `second_step`, `passkey`, `enrolment`, `provider` …
    kind: Mapped[str] = mapped_column(String(40))
    #: SHA-256 of the key that the browser's session holds.
    key_hash: Mapped[str] = mapped_column(String(64), unique=True)
    user_id: Mapped[int | None] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"), index=True, default=None)
    code_hash: Mapped[str | None] = mapped_column(String(64), default=None)
    attempts: Mapped[int] = mapped_column(Integer, default=0)
    data: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    expires_at: Mapped[datetime] = mapped_column(UtcDateTime, index=True)


class Limit(Base):
    """How often something was tried in the window that began at `since`; shared by all workers and nodes."""

    __tablename__ = "limits"

    #: `<what>:<whom>`, the second part hashed with a key.
    key: Mapped[str] = mapped_column(String(160), primary_key=True)
    count: Mapped[int] = mapped_column(Integer, default=0)
    since: Mapped[datetime] = mapped_column(UtcDateTime)
    blocked_until: Mapped[datetime | None] = mapped_column(UtcDateTime, default=None)
    expires_at: Mapped[datetime] = mapped_column(UtcDateTime, index=True)
