"""`/permissions`: everything that can be allowed, in words, and how far whoever asks holds it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flask.views import MethodView
from werkzeug.wrappers import Response

from cms.accounts.rights import sort_extents
from cms.api.access import person
from cms.api.lists import Found, ListArguments, answer_list, read_slice
from cms.api.routes import ApiBlueprint
from cms.api.v1.schemas.roles import PermissionList
from cms.core.pagination import decode_cursor, encode_cursor, foreign_cursor
from cms.core.permissions import Permission, extents_of, registry, signed_in

blueprint = ApiBlueprint("permissions", __name__, url_prefix="/permissions", description="What can be allowed.")


@blueprint.route("")
class Permissions(MethodView):
    """All permissions."""

    @signed_in
    @blueprint.arguments(ListArguments, location="query")
    @blueprint.response(200, PermissionList)
    def get(self, arguments: Mapping[str, Any]) -> Response:
        """List permissions: what roles grant, and personal tokens name as their scopes."""
        cut, known = read_slice(arguments), list(registry)
        first = cut.offset if cut.cursor is None else _position(cut.cursor, len(known))
        shown = [_show(item) for item in known[first : first + cut.limit]]
        after, before = first + cut.limit, max(0, first - cut.limit)
        found = Found(
            shown,
            encode_cursor("from", after) if after < len(known) else None,
            encode_cursor("from", before) if first > 0 else None,
            len(known),
        )
        return answer_list(found, cut)


def _position(cursor: str, most: int) -> int:
    """Return from which place in the list a cursor goes on; what can be allowed changes with the product alone."""
    _way, place = decode_cursor(cursor, 2) or ("", None)
    if not isinstance(place, int) or not 0 <= place <= most:
        raise foreign_cursor()
    return place


def _show(item: Permission) -> dict[str, Any]:
    return {
        "name": item.name,
        "sentence": str(item.sentence),
        "extents": list(item.extents),
        "held": sort_extents(extents_of(person(), item.name)),
    }
