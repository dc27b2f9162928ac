"""`/users/me`: the person whose token this is, and what the token allows."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flask.views import MethodView
from werkzeug.wrappers import Response

from cms.accounts.actions.edit_profile import edit_profile
from cms.accounts.models import User
from cms.accounts.rights import extents_by_permission, sort_extents
from cms.api.access import person
from cms.api.routes import ApiBlueprint, answer
from cms.api.v1.schemas.me import MeSchema, ProfileBody
from cms.core.db import transaction
from cms.core.permissions import signed_in

blueprint = ApiBlueprint("me", __name__, url_prefix="/users/me", description="Whose token this is.")


def present_me(user: User) -> Mapping[str, Any]:
    """Return everything that somebody is told of themselves."""
    held = extents_by_permission(user.grants)
    return {
        "id": user.id,
        "email": user.email,
        "name": user.name,
        "slug": user.slug,
        "biography": user.biography,
        "picture_id": user.picture_id,
        "links": list(user.links),
        "time_zone": user.time_zone,
        "language": user.language,
        "roles": list(user.role_names),
        "permissions": [
            {"permission": name, "extents": list(sort_extents(extents))} for name, extents in sorted(held.items())
        ],
    }


@blueprint.route("")
class Me(MethodView):
    """The person whose token this is."""

    @signed_in
    @blueprint.response(200, MeSchema)
    def get(self) -> Response:
        """Read who you are."""
        return answer(present_me(person()))

    @signed_in
    @blueprint.arguments(ProfileBody)
    @blueprint.response(200, MeSchema)
    def patch(self, body: Mapping[str, Any]) -> Response:
        """Change your own profile."""
        with transaction() as session:
            user = session.get_one(User, person().id)
            edit_profile(user, body, by=user)
            return answer(present_me(user))
