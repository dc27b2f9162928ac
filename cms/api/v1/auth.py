"""`/auth`: signing in, by which programs get the tokens that open everything else."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flask.views import MethodView
from werkzeug.wrappers import Response

from cms.accounts.devices import come_with
from cms.accounts.program_sign_ins import Tokens
from cms.accounts.program_signing_in import SignedInProgram, sign_in_with_password
from cms.api.routes import ApiBlueprint, answer
from cms.api.v1.me import present_me
from cms.api.v1.schemas.auth import LoginBody, SignedInSchema
from cms.core.permissions import public_route

blueprint = ApiBlueprint("auth", __name__, url_prefix="/auth", description="Signing in and out.")

_SECRET = {"Cache-Control": "no-store"}


@blueprint.route("/login")
class Login(MethodView):
    """Signing in with the password."""

    @public_route
    @blueprint.arguments(LoginBody)
    @blueprint.response(200, SignedInSchema)
    def post(self, body: Mapping[str, str]) -> Response:
        """Sign in with mail address and password."""
        come_with(body["device"])
        return _answer_signed_in(sign_in_with_password(body["email"], body["password"]))


def _answer_signed_in(found: SignedInProgram) -> Response:
    more = {"device": found.device, "user": present_me(found.user)}
    return answer(_present(found.tokens) | more, headers=_SECRET)


def _present(tokens: Tokens) -> dict[str, Any]:
    return {
        "access_token": tokens.access_token,
        "refresh_token": tokens.refresh_token,
        "token_type": "Bearer",
        "expires_in": tokens.expires_in,
    }
