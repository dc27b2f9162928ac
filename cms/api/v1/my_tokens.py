"""`/me/tokens`: the personal tokens of whoever asks, for who signed in and not for tokens themselves."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flask.views import MethodView
from werkzeug.wrappers import Response

from cms.accounts.actions.create_token import create_token
from cms.accounts.actions.revoke_token import revoke_token
from cms.accounts.factors import factors_of
from cms.accounts.models import PersonalToken
from cms.accounts.people import current_sign_in_id
from cms.accounts.personal_tokens import count_tokens, get_token, list_tokens_in_parts
from cms.accounts.queries import get_user
from cms.accounts.sign_ins import was_second_factor_shown
from cms.api.access import not_by_token, person
from cms.api.conditions import require_version
from cms.api.freshness import require_fresh
from cms.api.lists import Found, answer_list, count_up_to, read_slice
from cms.api.routes import ApiBlueprint, answer, below_here, empty, steady_version
from cms.api.v1.presenting import moment
from cms.api.v1.schemas.my_tokens import NewTokenSchema, TokenCreate, TokenList, TokenListArguments, TokenSchema
from cms.core.db import transaction
from cms.core.errors import Forbidden
from cms.core.i18n import _
from cms.core.limits import SOME, takes_at_most
from cms.core.permissions import signed_in

blueprint = ApiBlueprint("my_tokens", __name__, url_prefix="/me/tokens", description="Your personal tokens.")
_with_password = not_by_token(_("A personal token does not look after tokens. Sign in with your password."))


def show_token(token: PersonalToken) -> dict[str, Any]:
    """Return a token as plain values, never its secret."""
    return {
        "id": token.id,
        "name": token.name,
        "hint": token.hint,
        "scopes": list(token.scopes),
        "created_at": moment(token.created_at),
        "expires_at": moment(token.expires_at),
        "last_used_at": moment(token.last_used_at),
        "last_used_ip": token.last_used_ip,
    }


def _version_of(shown: Mapping[str, Any]) -> str:
    return steady_version(shown, {"token", "last_used_at", "last_used_ip"})


def _require_both_factors() -> None:
    """Raise Forbidden for who has a second factor by now, and signed in without showing it."""
    if not was_second_factor_shown(current_sign_in_id()) and factors_of(person().id).any:
        raise Forbidden(_("Sign in again, with your second factor, to make a personal token."))


@blueprint.route("")
class MyTokens(MethodView):
    """The tokens that work."""

    @signed_in
    @_with_password
    @blueprint.arguments(TokenListArguments, location="query")
    @blueprint.response(200, TokenList)
    def get(self, arguments: Mapping[str, Any]) -> Response:
        """List your tokens that work, the newest first."""
        my_id, cut = person().id, read_slice(arguments)
        batch = list_tokens_in_parts(my_id, cursor=cut.cursor, offset=cut.offset, limit=cut.limit)
        total = count_up_to(lambda most: count_tokens(my_id, most), asked=cut.count)
        shown = [show_token(token) for token in batch]
        return answer_list(Found(shown, batch.cursor_next, batch.cursor_previous, total), cut)

    @signed_in
    @_with_password
    @takes_at_most(SOME)
    @blueprint.arguments(TokenCreate)
    @blueprint.response(201, NewTokenSchema)
    def post(self, sent: Mapping[str, Any]) -> Response:
        """Make a token; its secret is in the answer, this once."""
        require_fresh()
        _require_both_factors()
        with transaction():
            token, secret = create_token(get_user(person().id), **sent, by=person())
            made = {**show_token(token), "token": secret}
        headers = {"Location": below_here(made["id"]), "Cache-Control": "no-store"}
        return answer(made, status=201, version=_version_of(made), headers=headers)


@blueprint.route("/<int:token_id>")
class MyToken(MethodView):
    """One token."""

    @signed_in
    @_with_password
    @blueprint.response(200, TokenSchema)
    def get(self, token_id: int) -> Response:
        """Read what a token is called and may do."""
        shown = show_token(get_token(token_id, of=person()))
        return answer(shown, version=_version_of(shown))

    @signed_in
    @blueprint.response(204)
    @blueprint.alt_response(403, description="A personal token revokes itself and no other.")
    def delete(self, token_id: int) -> Response:
        """Revoke a token: it opens nothing any more. One may revoke itself."""
        with transaction():
            token = get_token(token_id, of=person())
            require_version(_version_of(show_token(token)))
            revoke_token(token, by=person())
        return empty()
