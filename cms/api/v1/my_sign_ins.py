"""`/me/sign-ins`: the browsers and programs in which whoever asks is signed in."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flask.views import MethodView
from werkzeug.wrappers import Response

from cms.accounts.actions.end_sign_in import end_sign_in
from cms.accounts.models import SignIn
from cms.accounts.people import current_sign_in_id
from cms.accounts.program_sign_ins import METHOD
from cms.accounts.queries import count_sign_ins, get_sign_in, get_user, list_sign_ins_in_parts
from cms.accounts.sign_in_page import build_row
from cms.api.access import not_by_token, person
from cms.api.conditions import require_version
from cms.api.lists import Found, answer_list, count_up_to, read_slice
from cms.api.routes import ApiBlueprint, answer, empty, steady_version
from cms.api.v1.presenting import moment
from cms.api.v1.schemas.me import SignInList, SignInListArguments, SignInSchema
from cms.core.db import transaction
from cms.core.i18n import _
from cms.core.permissions import signed_in

blueprint = ApiBlueprint("my_sign_ins", __name__, url_prefix="/me/sign-ins", description="Where you are signed in.")
#: A token is not told where its person is.
_with_password = not_by_token(_("A personal token does not look after sign-ins. Sign in with your password."))


def show_sign_in(sign_in: SignIn) -> dict[str, Any]:
    """Return a sign-in as plain values."""
    row = build_row(sign_in, here=current_sign_in_id())
    return {
        "id": row.id,
        "kind": "program" if sign_in.method == METHOD else "browser",
        "device": str(row.device),
        "is_current": row.is_here,
        "second_factor": sign_in.second_factor,
        "ip": row.ip,
        "created_at": moment(row.since),
        "last_seen_at": moment(row.seen_at),
        "expires_at": moment(row.until),
    }


def _version_of(shown: Mapping[str, Any]) -> str:
    return steady_version(shown, {"is_current", "ip", "last_seen_at", "expires_at"})


@blueprint.route("")
class MySignIns(MethodView):
    """Where one is signed in."""

    @signed_in
    @_with_password
    @blueprint.arguments(SignInListArguments, location="query")
    @blueprint.response(200, SignInList)
    def get(self, arguments: Mapping[str, Any]) -> Response:
        """List the browsers and programs in which you are signed in, the one last seen first."""
        my_id, cut = person().id, read_slice(arguments)
        batch = list_sign_ins_in_parts(my_id, cursor=cut.cursor, offset=cut.offset, limit=cut.limit)
        total = count_up_to(lambda most: count_sign_ins(my_id, most), asked=cut.count)
        shown = [show_sign_in(sign_in) for sign_in in batch]
        return answer_list(Found(shown, batch.cursor_next, batch.cursor_previous, total), cut)


@blueprint.route("/<int:sign_in_id>")
class MySignIn(MethodView):
    """One sign-in."""

    @signed_in
    @_with_password
    @blueprint.response(200, SignInSchema)
    def get(self, sign_in_id: int) -> Response:
        """Read where a sign-in is, and since when."""
        shown = show_sign_in(get_sign_in(sign_in_id, of=person()))
        return answer(shown, version=_version_of(shown))

    @signed_in
    @_with_password
    @blueprint.response(204)
    def delete(self, sign_in_id: int) -> Response:
        """End a sign-in: browser or program are out with the next request."""
        with transaction():
            me = person()
            found = get_sign_in(sign_in_id, of=me)
            require_version(_version_of(show_sign_in(found)))
            end_sign_in(get_user(me.id), found.id, by=me)
        return empty()
