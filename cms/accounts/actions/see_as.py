"""Beginning to see the back office and the site as somebody else would."""

from __future__ import annotations

from cms.accounts.events import SeeingBegan
from cms.accounts.models import Role, SignIn, User
from cms.accounts.policies import may_see_as_role, may_see_as_user
from cms.core.db import current_session
from cms.core.errors import NotFound
from cms.core.events import record
from cms.core.i18n import _
from cms.core.permissions import Actor, require

_NEVER_MORE = _("You can see as people and roles whose rights you all hold yourself, as long as they are active.")


def see_as_user(person: User, *, sign_in_id: int, by: Actor) -> None:
    """Let the sign-in `sign_in_id` of `by` see everything as `person` would, read-only, until it stops.

    Raises Forbidden for somebody who holds more than `by`, is not active, or is `by` themselves.
    """
    require(may_see_as_user(by, person), _NEVER_MORE)
    sign_in = _own(sign_in_id, by)
    sign_in.seen_as_user_id, sign_in.seen_as_role_id = person.id, None
    current_session().flush()
    record(SeeingBegan(by.id, user_id=person.id, title=person.name))


def see_as_role(role: Role, *, sign_in_id: int, by: Actor) -> None:
    """Let the sign-in `sign_in_id` of `by` see everything as somebody with `role` alone would; see `see_as_user`."""
    require(may_see_as_role(by, role), _NEVER_MORE)
    sign_in = _own(sign_in_id, by)
    sign_in.seen_as_user_id, sign_in.seen_as_role_id = None, role.id
    current_session().flush()
    record(SeeingBegan(by.id, role_id=role.id, title=role.label))


def _own(sign_in_id: int, by: Actor) -> SignIn:
    sign_in = current_session().get(SignIn, sign_in_id)
    if sign_in is None or sign_in.user_id != by.id:
        raise NotFound
    return sign_in
