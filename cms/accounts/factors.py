"""By what else than a password a person is known, and who has to have more than a password."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import ColumnElement, SQLColumnExpression, exists, func, or_, select

from cms.accounts.models import Authenticator, Passkey, RecoveryCode, Role, User, every_role
from cms.core.db import current_session
from cms.core.secrets import key_marks

RECOVERY_PURPOSE = "recovery code"


@dataclass(frozen=True)
class Factors:
    """How many passkeys and unused recovery codes a person has, and whether there is an authenticator app."""

    passkeys: int
    has_app: bool
    recovery_codes: int

    @property
    def any(self) -> bool:
        """Whether there is a second factor; recovery codes stand in for one and are none."""
        return self.passkeys > 0 or self.has_app


def factors_of(user_id: int) -> Factors:
    """Return the second factors of a person, in one query."""
    passkeys = select(func.count()).select_from(Passkey).where(Passkey.user_id == user_id).scalar_subquery()
    app = exists().where(Authenticator.user_id == user_id, Authenticator.confirmed_at.is_not(None))
    codes = (
        select(func.count())
        .select_from(RecoveryCode)
        .where(
            RecoveryCode.user_id == user_id,
            RecoveryCode.used_at.is_(None),
            # One whose key is gone can never be right any more.
            func.substr(RecoveryCode.code_hash, 1, 8).in_(key_marks(RECOVERY_PURPOSE)),
        )
        .scalar_subquery()
    )
    found = current_session().execute(select(passkeys, app, codes)).one()
    return Factors(int(found[0] or 0), bool(found[1]), int(found[2] or 0))


def wants_second_factor(user_id: int | SQLColumnExpression[int]) -> ColumnElement[bool]:
    """Return the condition that a person holds a role, by themselves or in a group, that asks for a second factor."""
    return exists().where(
        every_role.c.user_id == user_id, every_role.c.role_id == Role.id, Role.requires_second_factor.is_(True)
    )


def has_second_factor(user_id: int | SQLColumnExpression[int]) -> ColumnElement[bool]:
    """Return the condition that a person has a passkey, or an app that has shown its first code."""
    return or_(
        exists().where(Passkey.user_id == user_id),
        exists().where(Authenticator.user_id == user_id, Authenticator.confirmed_at.is_not(None)),
    )


def must_have_second_factor(user: User) -> bool:
    """Tell whether a role of the person asks for a second factor."""
    return bool(current_session().scalar(select(wants_second_factor(user.id))))
