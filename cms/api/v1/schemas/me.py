"""A person, as they are shown to themselves, and where they are signed in."""

from __future__ import annotations

from marshmallow import Schema, fields, validate

from cms.api.lists import ListArguments, ListEnvelope
from cms.api.v1.schemas.entries import told
from cms.api.v1.schemas.users import UserChange, UserSchema


class HeldSchema(Schema):
    """A permission, and how far it is held."""

    permission = fields.String(required=True, metadata=told("", "content:post:edit"))
    extents = fields.List(
        fields.String(), required=True, metadata=told("`all`, `own`, or places: `category:7`, `section:9`.", ["own"])
    )


class MeSchema(UserSchema):
    """The person whose token this is."""

    permissions = fields.List(fields.Nested(HeldSchema), required=True, metadata=told("What the token in hand allows."))


class ProfileChange(UserChange):
    """What of one's own profile is to change; what is left out stays."""

    class Meta:
        """Mail address and roles are changed elsewhere."""

        exclude = ("email", "roles")


class SignInSchema(Schema):
    """A browser or a program in which a person is signed in."""

    id = fields.Integer(required=True)
    kind = fields.String(required=True, validate=validate.OneOf(("browser", "program")))
    device = fields.String(required=True, metadata=told("", "Firefox on Linux"))
    is_current = fields.Boolean(required=True, metadata=told("Whether the token in hand belongs to it."))
    second_factor = fields.Boolean(required=True, metadata=told("Whether a second factor was shown."))
    ip = fields.String(required=True, metadata=told("Where the last request came from; empty: nobody knows."))
    created_at = fields.AwareDateTime(required=True)
    last_seen_at = fields.AwareDateTime(required=True, metadata=told("To five minutes."))
    expires_at = fields.AwareDateTime(required=True, metadata=told("When it ends at the latest."))


class SignInList(ListEnvelope):
    """A page of sign-ins."""

    items = fields.List(fields.Nested(SignInSchema), required=True)


class SignInListArguments(ListArguments):
    """How sign-ins are listed: the one last seen first."""
