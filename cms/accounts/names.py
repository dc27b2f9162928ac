"""Names by which somebody could pass for somebody else: the site itself, whoever looks after it, a colleague.

Everybody chooses the name that readers see. Refused, also in letters that only look alike (`lib.confusables`):
- names of an office (admin, support …), alone or put together ("Site Admin", "Official Support Team");
- the name of the site, except for people of the back office, for many a site is called after whoever writes it;
- the name of somebody else who has a place in the back office. Two readers may both be called Maria.

It holds for those who name themselves. Who may change everybody's profile, an importer and the command line give
names as they mean them: old content is often by "admin", and two editors may really have one name.
"""

from __future__ import annotations

import re

from sqlalchemy import select

from cms.accounts import fields
from cms.accounts.models import RoleGrant, User, every_role
from cms.accounts.policies import EDIT, ENTER, may_enter_office
from cms.core.db import current_session
from cms.core.errors import Invalid
from cms.core.i18n import _
from cms.core.permissions import Actor, may
from cms.lib.confusables import skeleton
from cms.settings.queries import get_settings

_OFFICES = (
    "abuse admin admins administrator administrators bot editor editors everyone hostmaster masthead moderator "
    "moderators official owner postmaster root security staff superuser support sysadmin system team webmaster"
)
_AROUND = "a an and blog by chief desk head of office our page site the website web your"
_OFFICE = frozenset(skeleton(word) for word in _OFFICES.split())
_EITHER = _OFFICE | frozenset(skeleton(word) for word in _AROUND.split())
_BETWEEN = re.compile(r"[\W_]+")


def may_take_any_name(by: Actor) -> bool:
    """Tell whether somebody gives names as they mean them: the system, and who may change everybody's profile."""
    return may(by, EDIT)


def read_own_name(value: object) -> str:
    """Return the name that a stranger wants to be known by; raises Invalid."""
    name = fields.read_name(value)
    check_name(name)
    return name


def check_name(name: str, *, of: User | None = None) -> None:
    """Raise Invalid when a name could pass for the site, its staff, or somebody else who works here. One query."""
    looks = skeleton(name)
    site = skeleton(get_settings().name)
    if _names_an_office(name, get_settings().name):
        raise Invalid(_("Readers would take this for the site itself. Choose a name of your own."))
    if looks == site and not may_enter_office(of):
        raise Invalid(_("This is the name of the site. Choose a name of your own."))
    if looks in {skeleton(other) for other in _names_of_staff(except_id=of.id if of is not None else None)}:
        raise Invalid(_("Somebody who works here has this name, or one that looks like it. Add what tells you apart."))


def _names_an_office(name: str, site: str) -> bool:
    words = {skeleton(word) for word in _BETWEEN.split(name)} - {""}
    of_site = {skeleton(word) for word in _BETWEEN.split(site)}
    told = words - of_site
    whole = skeleton(name)
    return whole in _OFFICE or (bool(told & _OFFICE) and told <= _EITHER)


def _names_of_staff(*, except_id: int | None) -> list[str]:
    query = (
        select(User.name)
        .join(every_role, every_role.c.user_id == User.id)
        .join(RoleGrant, RoleGrant.role_id == every_role.c.role_id)
        .where(RoleGrant.permission == ENTER, User.active.is_(True))
        .distinct()
    )
    if except_id is not None:
        query = query.where(User.id != except_id)
    return list(current_session().scalars(query))
