"""What it means to have a role ask for a second factor; whom it confines is in `confinement`."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import func, select

from cms.accounts.factors import has_second_factor
from cms.accounts.models import Role, User, every_role
from cms.core.db import current_session
from cms.core.i18n import LazyString, _n
from cms.core.permissions import Actor


@dataclass(frozen=True)
class Asking:
    """Whom it would concern that a role asks: who holds it, who of them has no second factor, and whether I am one."""

    people: int
    without: int
    is_me: bool

    @property
    def sentence(self) -> LazyString | None:
        """What to tell whoever is about to decide; None when everybody has a second factor already."""
        if not self.without:
            return None
        if self.is_me:
            return _n(
                "You hold it and have no second factor yet: with your next click you are led to setting one up.",
                "%(num)s people who hold it have no second factor yet, you among them: with the next click each is led "
                "to setting one up.",
                self.without,
            )
        return _n(
            "One person who holds it has no second factor yet, and is led to setting one up with the next click.",
            "%(num)s people who hold it have no second factor yet, and are led to setting one up with the next click.",
            self.without,
        )


def what_asking_means(role: Role, actor: Actor) -> Asking:
    """Return whom it would concern that `role` asks for a second factor; one query."""
    has_factor = has_second_factor(User.id)
    holders = (
        select(
            func.count(User.id),
            func.count(User.id).filter(~has_factor),
            func.count(User.id).filter(~has_factor, User.id == (actor.id or 0)),
        )
        .join(every_role, every_role.c.user_id == User.id)
        .where(every_role.c.role_id == role.id, User.active.is_(True))
    )
    people, without, mine = current_session().execute(holders).one()
    return Asking(int(people), int(without), bool(mine))
