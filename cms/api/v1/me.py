"""`/users/me`: the person whose token this is, and what the token allows."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flask.views import MethodView
from werkzeug.wrappers import Response

from cms.accounts.actions.edit_profile import edit_profile
from cms.accounts.locks import hold_person
from cms.accounts.models import User
from cms.accounts.policies import EDIT
from cms.accounts.queries import get_user
from cms.accounts.rights import extents_by_permission, sort_extents
from cms.api.access import may_need, person, require_some
from cms.api.conditions import require_version
from cms.api.routes import ApiBlueprint, answer
from cms.api.v1.schemas.me import MeSchema, ProfileChange
from cms.api.v1.user_showing import show_account, version_of
from cms.core.db import transaction
from cms.core.limits import SOME, takes_at_most
from cms.core.permissions import signed_in

blueprint = ApiBlueprint("me", __name__, url_prefix="/users/me", description="Whose token this is.")


def present_me(user: User) -> Mapping[str, Any]:
    """Return everything that somebody is told of themselves, and what their token allows."""
    held = extents_by_permission(user.grants)
    rights = [{"permission": name, "extents": list(sort_extents(extents))} for name, extents in sorted(held.items())]
    return {**show_account(user), "permissions": rights}


def _answer(user: User) -> Response:
    shown = present_me(user)
    return answer(shown, version=version_of(shown))


@blueprint.route("")
class Me(MethodView):
    """The person whose token this is."""

    @signed_in
    @blueprint.response(200, MeSchema)
    def get(self) -> Response:
        """Read who you are, and what your token allows."""
        return _answer(person())

    @signed_in
    @may_need({EDIT: "for the profile"})
    @takes_at_most(SOME)
    @blueprint.arguments(ProfileChange)
    @blueprint.response(200, MeSchema)
    @blueprint.alt_response(412, description="You have changed since you were read (`If-Match`).")
    def patch(self, body: Mapping[str, Any]) -> Response:
        """Change your own profile."""
        require_some(person(), EDIT)
        with transaction():
            user = get_user(person().id)
            hold_person(user, by=person())
            require_version(version_of(present_me(user)))
            edit_profile(user, body, by=person())
            return _answer(user)
