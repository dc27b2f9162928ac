"""What is held about a person with an account: profile, roles, ways of signing in, sessions, tokens, waiting mails."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import delete, func, select

from cms.accounts.models import (
    Authenticator,
    Challenge,
    Device,
    EmailChange,
    Group,
    Identity,
    Passkey,
    PersonalToken,
    RecoveryCode,
    SignIn,
    User,
    groups_users,
)
from cms.core.db import Base, current_session
from cms.core.i18n import _
from cms.core.idempotency import forget_requests_of, person_owner
from cms.core.jobs import Job
from cms.core.privacy import DataSubject, Holding, register_holding

#: What goes with an erasure, whatever it holds.
_OWN = (SignIn, PersonalToken, Device, Challenge, Passkey, Authenticator, RecoveryCode, Identity, EmailChange)


def plain(value: object) -> object:
    """Return a value of a row as JSON can hold it; times as ISO 8601 in UTC."""
    return value.isoformat() if isinstance(value, datetime) else value


def _picked(row: object, *names: str) -> dict[str, Any]:
    return {name: plain(getattr(row, name)) for name in names}


def _profile(subject: DataSubject) -> Iterable[Mapping[str, Any]]:
    user = current_session().get(User, subject.user_id) if subject.user_id is not None else None
    if user is None:
        return
    groups = select(Group.name).join(groups_users).where(groups_users.c.user_id == user.id).order_by(Group.name)
    yield {
        **_picked(
            user, "email", "name", "slug", "biography", "links", "language", "time_zone", "active", "created_at",
            "invited_at", "confirmed_at", "last_login_at", "current_login_at", "last_login_ip", "current_login_ip",
            "login_count",
        ),
        "roles": list(user.role_names),
        "groups": list(current_session().scalars(groups)),
    }  # fmt: skip


def _sessions(subject: DataSubject) -> Iterable[Mapping[str, Any]]:
    for row in _of(SignIn, subject):
        yield _picked(
            row, "created_at", "last_seen_at", "expires_at", "remembered", "ip", "last_ip", "user_agent", "method"
        )


def _devices(subject: DataSubject) -> Iterable[Mapping[str, Any]]:
    for row in _of(Device, subject):
        yield _picked(row, "created_at", "last_seen_at", "expires_at", "user_agent")


def _factors(subject: DataSubject) -> Iterable[Mapping[str, Any]]:
    """Never the secrets: they open the account, and are no use to read."""
    for passkey in _of(Passkey, subject):
        yield {"kind": "passkey", **_picked(passkey, "name", "aaguid", "backed_up", "created_at", "last_used_at")}
    for app in _of(Authenticator, subject):
        yield {"kind": "authenticator", **_picked(app, "created_at", "confirmed_at", "last_used_at")}
    for code in _of(RecoveryCode, subject):
        yield {"kind": "recovery code", **_picked(code, "created_at", "used_at")}
    for identity in _of(Identity, subject):
        yield {"kind": "account elsewhere", **_picked(identity, "provider", "issuer", "subject", "label", "created_at")}


def _tokens(subject: DataSubject) -> Iterable[Mapping[str, Any]]:
    """Never a secret, not even its hash."""
    for row in _of(PersonalToken, subject):
        yield _picked(row, "name", "hint", "scopes", "created_at", "expires_at", "last_used_at", "last_used_ip")


def _of(model: type[Any], subject: DataSubject) -> Iterable[Any]:
    if subject.user_id is None:
        return []
    key = next(iter(model.__table__.primary_key.columns))
    return current_session().scalars(select(model).where(model.user_id == subject.user_id).order_by(key))


def _count(*models: type[Base]) -> Any:
    def count(subject: DataSubject) -> int:
        if subject.user_id is None:
            return 0
        return sum(
            current_session().scalar(
                select(func.count()).select_from(model).where(model.__table__.c.user_id == subject.user_id)
            )
            or 0
            for model in models
        )

    return count


def _forget(subject: DataSubject) -> int:
    """Delete every way in and every trace of signing in."""
    if subject.user_id is None:
        return 0
    found = 0
    for model in _OWN:
        found += current_session().execute(delete(model).where(model.user_id == subject.user_id)).rowcount  # type: ignore[attr-defined]  # a DELETE tells how many
    # Answers that wait to be given once more may hold anything that the person read.
    return found + forget_requests_of(person_owner(subject.user_id))


def _mails(subject: DataSubject) -> list[Job]:
    """Letters that wait, or that the outbox still remembers; the few of them are looked through."""
    jobs = current_session().scalars(select(Job).where(Job.name == "send_mail").order_by(Job.id))
    return [job for job in jobs if job.payload.get("to") == subject.email]


def _letters(subject: DataSubject) -> Iterable[Mapping[str, Any]]:
    # Without the text: a letter may hold a link that opens the account.
    for job in _mails(subject):
        yield {"subject": job.payload.get("subject"), "state": job.state, "created_at": plain(job.created_at)}


def _forget_letters(subject: DataSubject) -> int:
    found = _mails(subject)
    for job in found:
        current_session().delete(job)
    return len(found)


register_holding(Holding("profile", _("Profile and roles"), lambda s: 1 if s.user_id is not None else 0, _profile))
register_holding(Holding("sign_ins", _("Sign-ins"), _count(SignIn), _sessions, erase=_forget))
register_holding(Holding("devices", _("Known devices"), _count(Device), _devices))
register_holding(
    Holding(
        "factors", _("Passkeys, apps and accounts elsewhere"),
        _count(Passkey, Authenticator, RecoveryCode, Identity), _factors,
    )
)  # fmt: skip
register_holding(Holding("tokens", _("Personal tokens"), _count(PersonalToken), _tokens))
register_holding(
    Holding("letters", _("Mails that are kept"), lambda s: len(_mails(s)), _letters, erase=_forget_letters)
)
