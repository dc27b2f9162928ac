"""A person, as they are shown to themselves."""

from __future__ import annotations

from marshmallow import Schema, fields


class ProfileLinkSchema(Schema):
    """A link of a profile."""

    label = fields.String(required=True, metadata={"example": "Chronicle"})
    url = fields.String(required=True, metadata={"example": "https://chronicle.example"})


class HeldSchema(Schema):
    """A permission, and how far it is held."""

    permission = fields.String(required=True, metadata={"example": "content:post:edit"})
    extents = fields.List(
        fields.String(),
        required=True,
        metadata={"description": "`all`, `own`, or places: `category:7`, `section:9`.", "example": ["own"]},
    )


class MeSchema(Schema):
    """The person whose token this is."""

    id = fields.Integer(required=True)
    email = fields.String(required=True, metadata={"example": "ada@example.com"})
    name = fields.String(required=True, metadata={"example": "Ada"})
    slug = fields.String(required=True, metadata={"description": "The end of the address of the author page."})
    biography = fields.String(required=True)
    picture_id = fields.Integer(required=True, allow_none=True)
    links = fields.List(fields.Nested(ProfileLinkSchema), required=True)
    time_zone = fields.String(required=True, metadata={"description": "IANA name; empty: that of the site."})
    language = fields.String(required=True, metadata={"description": "BCP 47 tag; empty: that of the site."})
    roles = fields.List(fields.String(), required=True, metadata={"example": ["author"]})
    permissions = fields.List(
        fields.Nested(HeldSchema), required=True, metadata={"description": "What the token in hand allows."}
    )


class ProfileBody(Schema):
    """What of a profile is to change; what is left out stays."""

    name = fields.String()
    slug = fields.String()
    biography = fields.String()
    picture_id = fields.Integer(allow_none=True, strict=True)
    links = fields.List(fields.Nested(ProfileLinkSchema))
    time_zone = fields.String()
    language = fields.String()
