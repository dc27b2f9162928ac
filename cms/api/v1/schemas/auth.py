"""What is sent and answered when programs sign in."""

from __future__ import annotations

from marshmallow import Schema, fields, validate

from cms.accounts.passwords import LONGEST
from cms.accounts.second_step import APP, MAIL, RECOVERY
from cms.api.v1.schemas.me import MeSchema

LONGEST_EMAIL = 320
_KEY = validate.Regexp(r"[A-Za-z0-9_-]{1,100}\Z", error="This is not a key that was given out.")
_A_DEVICE = "n0pXw6cVb2T9aKdJr4LqSg"


def _device() -> fields.String:
    return fields.String(
        load_default="",
        validate=_KEY,
        metadata={
            "description": "The `device` of the last time, by which this program is known: it is asked for codes by "
            "mail once, and not held up while others guess at the password.",
            "example": _A_DEVICE,
        },
    )


def _email(example: str = "ada@example.com") -> fields.String:
    return fields.String(required=True, validate=validate.Length(1, LONGEST_EMAIL), metadata={"example": example})


def _password(**more: str) -> fields.String:
    # Longer ones than can be are taken and are wrong, so that they count as tries.
    return fields.String(
        required=True, validate=validate.Length(1, 8 * LONGEST), metadata={"format": "password", **more}
    )


class LoginBody(Schema):
    """Mail address and password."""

    email = _email()
    password = _password()
    device = _device()


class SecondFactorBody(Schema):
    """The second factor, after the password was right."""

    challenge = fields.String(
        required=True,
        validate=_KEY,
        metadata={
            "description": "As the error `second_factor_required` has it.",
            "example": "mJ4tVx0sQ2a8LrWc6yBn",
        },
    )
    way = fields.String(
        required=True,
        validate=validate.OneOf((APP, RECOVERY, MAIL)),
        metadata={"description": "One of the `ways` of the error."},
    )
    code = fields.String(
        required=True,
        validate=validate.Length(1, 100),
        metadata={
            "description": "What the app shows, one of the recovery codes, or the mailed code.",
            "example": "123456",
        },
    )
    device = _device()


class RefreshBody(Schema):
    """The refresh token, where it does not come in the header."""

    may_be_absent = True

    refresh_token = fields.String(
        validate=validate.Length(1, 4000),
        metadata={
            "description": "As the last answer had it; each works once.",
            "example": "eyJhbGciOiJIUzI1NiJ9.e30.c2ln",
        },
    )


class ConfirmBody(Schema):
    """The password once more."""

    password = _password()


class ConfirmedSchema(Schema):
    """That it is you."""

    expires_in = fields.Integer(required=True, metadata={"description": "Seconds for which it counts.", "example": 900})


class RegisterBody(Schema):
    """Who wants an account."""

    name = fields.String(required=True, validate=validate.Length(1, 200), metadata={"example": "Nell"})
    email = _email("nell@example.com")
    password = fields.String(
        validate=validate.Length(1, 8 * LONGEST),
        metadata={
            "format": "password",
            "description": "Looked at by the rules for passwords, and not kept: the password that counts is chosen by "
            "whoever reads the mail, so that nobody makes an account for the address of somebody else.",
        },
    )


class TokensSchema(Schema):
    """Tokens of a program that signed in."""

    access_token = fields.String(required=True, metadata={"description": "Opens the API: `Authorization: Bearer`."})
    refresh_token = fields.String(
        required=True,
        metadata={"description": "Gives other tokens, once. One that is used again ends the sign-in."},
    )
    token_type = fields.String(required=True, validate=validate.Equal("Bearer"), metadata={"example": "Bearer"})
    expires_in = fields.Integer(
        required=True, metadata={"description": "Seconds the access token lasts.", "example": 3600}
    )


class SignedInSchema(TokensSchema):
    """What a program is told that has signed in."""

    device = fields.String(
        required=True, metadata={"description": "Keep it, and send it with the next sign-in.", "example": _A_DEVICE}
    )
    user = fields.Nested(MeSchema, required=True)


class AcceptedSchema(Schema):
    """What becomes of it is told by mail."""

    detail = fields.String(required=True)
