"""`/me/sign-ins`: the browsers and programs in which whoever asks is signed in."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flask.views import MethodView
from sqlalchemy import Select, or_, select
from werkzeug.wrappers import Response

from cms.accounts.actions.end_sign_in import end_sign_in
from cms.accounts.models import SignIn, User
from cms.accounts.people import current_sign_in_id
from cms.accounts.program_sign_ins import METHOD
from cms.accounts.queries import get_user
from cms.accounts.sign_in_page import build_row
from cms.accounts.sign_ins import IDLE
from cms.api.access import not_by_token, person
from cms.api.conditions import require_digest
from cms.api.lists import Found, answer_list, count_up_to, read_slice
from cms.api.routes import ApiBlueprint, answer, digest_of, empty
from cms.api.v1.presenting import moment
from cms.api.v1.schemas.me import SignInList, SignInListArguments, SignInSchema
from cms.core.db import current_session, transaction
from cms.core.errors import NotFound
from cms.core.i18n import _
from cms.core.keysets import count_rows, read_batch, read_order
from cms.core.permissions import signed_in
from cms.lib.clock import utcnow

blueprint = ApiBlueprint("my_sign_ins", __name__, url_prefix="/me/sign-ins", description="Where you are signed in.")
#: A token is not told where its person is.
_with_password = not_by_token(_("A personal token does not look after sign-ins. Sign in with your password."))
#: The highest number that a column holds.
_HIGHEST = 2**31 - 1


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


def _mine(me: User) -> Select[SignIn]:
    now = utcnow()
    awake = or_(SignIn.remembered.is_(True), SignIn.last_seen_at > now - IDLE)
    return select(SignIn).where(SignIn.user_id == me.id, SignIn.expires_at > now, awake)


def _get(sign_in_id: int, me: User) -> SignIn:
    known = sign_in_id <= _HIGHEST
    found = current_session().scalar(_mine(me).where(SignIn.id == sign_in_id)) if known else None
    if found is None:
        raise NotFound(_("There is no such sign-in, or it has ended already."))
    return found


@blueprint.route("")
class MySignIns(MethodView):
    """Where one is signed in."""

    @signed_in
    @_with_password
    @blueprint.arguments(SignInListArguments, location="query")
    @blueprint.response(200, SignInList)
    def get(self, arguments: Mapping[str, Any]) -> Response:
        """List the browsers and programs in which you are signed in, the one last seen first."""
        query, cut = _mine(person()), read_slice(arguments)
        order = read_order("-seen", {"seen": SignIn.last_seen_at}, SignIn.id)
        batch = read_batch(query, order, cursor=cut.cursor, offset=cut.offset, limit=cut.limit)
        total = count_up_to(lambda most: count_rows(query, most), asked=cut.count)
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
        return answer(show_sign_in(_get(sign_in_id, person())))

    @signed_in
    @_with_password
    @blueprint.response(204)
    def delete(self, sign_in_id: int) -> Response:
        """End a sign-in: browser or program are out with the next request."""
        with transaction():
            me = person()
            found = _get(sign_in_id, me)
            require_digest(digest_of(show_sign_in(found)))
            end_sign_in(get_user(me.id), found.id, by=me)
        return empty()
