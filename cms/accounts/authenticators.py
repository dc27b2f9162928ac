"""Authenticator apps: a secret that app and site share, sealed in the database, and codes that each count once."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from io import BytesIO

import segno
from sqlalchemy import update

from cms.accounts.models import Authenticator, User
from cms.core.db import current_session
from cms.core.sealed import register_sealed
from cms.core.secrets import seal, unseal
from cms.lib.clock import utcnow
from cms.lib.totp import enrolment_address, matching_step, new_secret

PURPOSE = "authenticator app"

register_sealed(Authenticator.secret, purpose=PURPOSE)


@dataclass(frozen=True)
class Enrolment:
    """What an app needs to learn: an address, as a picture too, and the secret in groups of four for typing."""

    address: str
    secret: str
    #: An SVG element.
    picture: str


def find_authenticator(user_id: int) -> Authenticator | None:
    """Return the authenticator app of a person, also one that is being set up, or None."""
    return current_session().get(Authenticator, user_id)


def begin_enrolment(user: User) -> Authenticator:
    """Give a person a secret that waits for its first code, in place of one that waited before; in a transaction."""
    session = current_session()
    found = session.get(Authenticator, user.id, with_for_update=True)
    if found is None:
        found = Authenticator(user_id=user.id, created_at=utcnow(), secret="", last_step=0)
        session.add(found)
    elif found.confirmed_at is not None:
        return found
    found.secret = seal(new_secret(), purpose=PURPOSE)
    found.created_at, found.last_step = utcnow(), 0
    session.flush()
    return found


def enrolment_of(authenticator: Authenticator, *, site: str, email: str) -> Enrolment:
    """Return what the app is shown while it is being set up."""
    secret = unseal(authenticator.secret, purpose=PURPOSE)
    address = enrolment_address(secret, issuer=site, account=email)
    picture = BytesIO()
    segno.make(address, error="m", micro=False).save(
        picture, kind="svg", border=4, xmldecl=False, svgns=True, omitsize=True, svgclass=None, lineclass=None
    )
    groups = " ".join(secret[start : start + 4] for start in range(0, len(secret), 4))
    return Enrolment(address, groups, picture.getvalue().decode())


def use_app_code(user: User, code: str, *, now: datetime | None = None, confirmed: bool = True) -> bool:
    """Tell whether a code of the person's app is right, and use it up; within a transaction.

    Compared and set by the database: of two who show the same code at once, one is right. `confirmed` is False for
    the first code, by which an app is set up.
    """
    moment = now or utcnow()
    session = current_session()
    found = session.get(Authenticator, user.id, populate_existing=True)
    if found is None or (found.confirmed_at is not None) is not confirmed:
        return False
    step = matching_step(unseal(found.secret, purpose=PURPOSE), code, moment, after=found.last_step)
    if step is None:
        return False
    used = session.execute(
        update(Authenticator)
        .where(Authenticator.user_id == user.id, Authenticator.last_step < step, Authenticator.secret == found.secret)
        .values(last_step=step, last_used_at=moment)
    )
    return bool(used.rowcount)  # type: ignore[attr-defined]  # an UPDATE gives a CursorResult
