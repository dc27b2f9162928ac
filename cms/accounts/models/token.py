"""What programs show in place of a person: personal tokens, and what renews an access token."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import JSON, ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column

from cms.core.db import Base, IntegerKey, UtcDateTime


class PersonalToken(IntegerKey, Base):
    """A secret by which programs act for a person, with some of their rights and for a time."""

    __tablename__ = "personal_tokens"
    # The number of a token is never given again: the record names by it what an act came with.
    __table_args__ = ({"sqlite_autoincrement": True},)

    user_id: Mapped[int] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"), index=True)
    name: Mapped[str] = mapped_column(String(120))
    #: SHA-256 of the secret, so that a copy of the database acts for nobody.
    key_hash: Mapped[str] = mapped_column(String(64), unique=True)
    #: The end of the secret, for its person to tell one from another.
    hint: Mapped[str] = mapped_column(String(4))
    #: Names of permissions, sorted; what the person does not hold (any more) is none of the token's rights.
    scopes: Mapped[list[str]] = mapped_column(JSON, default=list)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    expires_at: Mapped[datetime] = mapped_column(UtcDateTime, index=True)
    last_used_at: Mapped[datetime | None] = mapped_column(UtcDateTime, default=None)
    last_used_ip: Mapped[str | None] = mapped_column(String(64), default=None)


class RefreshToken(IntegerKey, Base):
    """A token that renews the access of a sign-in once; one that is used again ends the sign-in, its family."""

    __tablename__ = "refresh_tokens"

    sign_in_id: Mapped[int] = mapped_column(ForeignKey("sign_ins.id", ondelete="CASCADE"), index=True)
    #: SHA-256 of the token's id (`jti`).
    key_hash: Mapped[str] = mapped_column(String(64), unique=True)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    expires_at: Mapped[datetime] = mapped_column(UtcDateTime, index=True)
    used_at: Mapped[datetime | None] = mapped_column(UtcDateTime, default=None)
