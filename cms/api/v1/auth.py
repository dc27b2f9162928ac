"""`/auth`: signing in, by which programs get the tokens that open everything else."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flask.views import MethodView
from werkzeug.wrappers import Response

from cms.accounts import passwords, trying
from cms.accounts.devices import come_with
from cms.accounts.freshness import FRESH_FOR, note_confirmed
from cms.accounts.program_renewal import renew_tokens, sign_out
from cms.accounts.program_sign_ins import Tokens
from cms.accounts.program_signing_in import SignedInProgram, sign_in_with_password, take_second_step
from cms.accounts.registration import ask_for_account
from cms.api.access import looks_at_no_token, not_by_token, person, reads_its_token, shown_token
from cms.api.problems import say_of_no_token
from cms.api.routes import ApiBlueprint, answer, empty
from cms.api.spec_parts import second_factor_answer
from cms.api.v1.me import present_me
from cms.api.v1.schemas.auth import (
    AcceptedSchema,
    ConfirmBody,
    ConfirmedSchema,
    LoginBody,
    RefreshBody,
    RegisterBody,
    SecondFactorBody,
    SignedInSchema,
    TokensSchema,
)
from cms.core.errors import Invalid, Unauthenticated
from cms.core.i18n import _, gettext
from cms.core.permissions import public_route, signed_in

blueprint = ApiBlueprint("auth", __name__, url_prefix="/auth", description="Signing in and out.")

_SECRET = {"Cache-Control": "no-store"}
_SETUP = "A role asks for a second factor, and none is set up."


@blueprint.route("/login")
class Login(MethodView):
    """Signing in with the password."""

    @public_route
    @looks_at_no_token
    @blueprint.arguments(LoginBody)
    @blueprint.response(200, SignedInSchema)
    @blueprint.alt_response(403, description=_SETUP)
    @blueprint.doc(responses={"401": second_factor_answer()})
    def post(self, body: Mapping[str, str]) -> Response:
        """Sign in with mail address and password.

        Where the account asks for a second factor, or this program is not known yet, the answer is 401 with the code
        `second_factor_required`: `challenge` and `ways` say how to go on at `/auth/second-factor`.
        """
        come_with(body["device"])
        return _answer_signed_in(sign_in_with_password(body["email"], body["password"]))


@blueprint.route("/second-factor")
class SecondFactor(MethodView):
    """The second step of signing in."""

    @public_route
    @looks_at_no_token
    @blueprint.arguments(SecondFactorBody)
    @blueprint.response(200, SignedInSchema)
    @blueprint.alt_response(401, description="The code is wrong, or signing in has to begin anew.")
    @blueprint.alt_response(403, description=_SETUP)
    def post(self, body: Mapping[str, str]) -> Response:
        """Show the second factor, after the password.

        Five codes may be tried; then signing in begins anew. Passkeys need a browser.
        """
        come_with(body["device"])
        return _answer_signed_in(take_second_step(body["challenge"], body["way"], body["code"].strip()))


@blueprint.route("/refresh")
class Refresh(MethodView):
    """Other tokens for the refresh token."""

    @public_route
    @reads_its_token
    @blueprint.arguments(RefreshBody, required=False)
    @blueprint.response(200, TokensSchema)
    def post(self, body: Mapping[str, str]) -> Response:
        """Get other tokens for the refresh token, sent in the body or shown as `Authorization: Bearer`.

        With one in the body the header means nothing: programs show their access token everywhere. It works once. One
        that comes again was copied: the sign-in ends, for whoever holds its tokens.
        """
        sent = body.get("refresh_token")
        if sent is not None:
            say_of_no_token()
        token = sent if sent is not None else shown_token()
        if token is None:
            raise Unauthenticated(_("Send the refresh token."))
        return answer(_present(renew_tokens(token)), headers=_SECRET)


@blueprint.route("/logout")
class Logout(MethodView):
    """Signing out."""

    @signed_in
    @not_by_token(_("This is a personal token, which is revoked in the back office, or at /api/v1/me/tokens."))
    @blueprint.response(204)
    def post(self) -> Response:
        """Sign out: the access token and the refresh token are worth nothing from now on."""
        sign_out(person().id)
        return empty()


@blueprint.route("/confirm")
class Confirm(MethodView):
    """Showing once more that it is you."""

    @signed_in
    @not_by_token(_("A personal token needs no confirming: what it may do was confirmed when it was made."))
    @blueprint.arguments(ConfirmBody)
    @blueprint.response(200, ConfirmedSchema)
    def post(self, body: Mapping[str, str]) -> Response:
        """Confirm that it is you, before what matters, with your password."""
        user = person()
        if not trying.is_confirmed(user, lambda: passwords.is_right(user, body["password"])):
            raise Invalid(fields={"password": _("This is not your password.")})
        note_confirmed()
        return answer({"expires_in": int(FRESH_FOR.total_seconds())}, headers=_SECRET)


@blueprint.route("/register")
class Register(MethodView):
    """Asking for an account."""

    @public_route
    @looks_at_no_token
    @blueprint.arguments(RegisterBody)
    @blueprint.response(202, AcceptedSchema)
    @blueprint.alt_response(403, description="The site does not take registrations.")
    def post(self, body: Mapping[str, str]) -> Response:
        """Ask for an account, while registration is open.

        The answer is the same whether or not the address has an account: all that follows comes by mail.
        """
        ask_for_account(name=body["name"], email=body["email"], password=body.get("password"))
        told = gettext("A mail is on its way to this address. Its link leads on.")
        return answer({"detail": told}, status=202, headers=_SECRET)


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
