"""Personal tokens as they are sent and answered."""

from __future__ import annotations

from marshmallow import Schema, fields, validate

from cms.accounts.actions.create_token import LONGEST_NAME, MOST
from cms.accounts.personal_tokens import LONGEST
from cms.api.json_fields import BoundedList, JsonInteger
from cms.api.lists import ListArguments, ListEnvelope
from cms.api.v1.schemas.entries import told


class TokenSchema(Schema):
    """A personal token; its secret is told once, when it is made."""

    id = fields.Integer(required=True)
    name = fields.String(required=True, metadata=told("", "Backup"))
    hint = fields.String(required=True, metadata=told("The end of the secret, to tell one from another.", "x7Qa"))
    scopes = fields.List(fields.String(), required=True, metadata=told("Names of permissions.", ["content:post:edit"]))
    created_at = fields.AwareDateTime(required=True)
    expires_at = fields.AwareDateTime(required=True)
    last_used_at = fields.AwareDateTime(allow_none=True, required=True, metadata=told("To five minutes; null: never."))
    last_used_ip = fields.String(allow_none=True, required=True)


class NewTokenSchema(TokenSchema):
    """A personal token that was just made, with its secret."""

    token = fields.String(
        required=True, metadata=told("The secret: `Authorization: Bearer mhp_…`. It is told here and never again.")
    )


class TokenList(ListEnvelope):
    """A page of personal tokens."""

    items = fields.List(fields.Nested(TokenSchema), required=True)


class TokenListArguments(ListArguments):
    """How personal tokens are listed: the newest first."""


class TokenCreate(Schema):
    """A personal token that is to be made."""

    name = fields.String(
        required=True, validate=validate.Length(1, LONGEST_NAME), metadata=told("What it is for.", "Backup")
    )
    scopes = BoundedList(
        fields.String(validate=validate.Length(1, 120)),
        required=True,
        validate=validate.Length(1, 500),
        metadata=told("What it may do: permissions that you hold. See `/permissions`.", ["content:post:edit"]),
    )
    days = JsonInteger(
        load_default=30,
        validate=validate.Range(1, LONGEST.days),
        metadata=told(f"How long it lasts. Nobody has more than {MOST}.", 30),
    )
