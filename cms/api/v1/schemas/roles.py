"""Roles and permissions as they are sent and answered."""

from __future__ import annotations

from typing import Any

from marshmallow import Schema, fields, validate

from cms.accounts.queries import ROLE_SORTS
from cms.accounts.rights import MOST_RIGHTS
from cms.api.json_fields import BoundedList, JsonBoolean
from cms.api.lists import ListArguments, ListEnvelope, Sort
from cms.api.v1.schemas.entries import told


class GrantSchema(Schema):
    """A permission, and how far it reaches."""

    permission = fields.String(
        required=True, validate=validate.Length(1, 120), metadata=told("See `/permissions`.", "content:post:edit")
    )
    extent = fields.String(
        load_default="all",
        validate=validate.Length(1, 40),
        metadata=told("`all`, `own`, or a place: `category:7`, `section:9`.", "own"),
    )


class RoleSchema(Schema):
    """A role: a bundle of rights that people hold."""

    name = fields.String(required=True, metadata=told("What it is called by programs; it never changes.", "author"))
    label = fields.String(required=True, metadata=told("What it is called by people.", "Author"))
    description = fields.String(required=True)
    requires_second_factor = fields.Boolean(required=True, metadata=told("Whoever holds it signs in with two factors."))
    is_built_in = fields.Boolean(required=True, metadata=told("It came with the product, and stays."))
    grants = fields.List(fields.Nested(GrantSchema), required=True)
    people = fields.Integer(required=True, metadata=told("How many hold it, by themselves or in a group.", 2))
    version = fields.Integer(required=True, metadata=told("Counts changes; the first part of the ETag."))
    created_at = fields.AwareDateTime(required=True)
    updated_at = fields.AwareDateTime(required=True)


class RoleList(ListEnvelope):
    """A page of roles."""

    items = fields.List(fields.Nested(RoleSchema), required=True)


class RoleListArguments(ListArguments):
    """How roles are listed."""

    sort = Sort(
        ROLE_SORTS,
        load_default="position",
        metadata=told("`-` turns it round; `position` has the most powerful first."),
    )


def _label(**options: Any) -> fields.String:
    return fields.String(
        validate=validate.Length(1, 200), metadata=told("What people call it.", "Section editor"), **options
    )


def _grants(**options: Any) -> fields.List[Any]:
    return BoundedList(
        fields.Nested(GrantSchema),
        validate=validate.Length(0, MOST_RIGHTS),
        metadata=told("Everything it allows, never more than you hold yourself."),
        **options,
    )


class RoleWrite(Schema):
    """A role as it is to be; what is not sent is empty."""

    label = _label(required=True)
    description = fields.String(load_default="", validate=validate.Length(0, 2000))
    requires_second_factor = JsonBoolean(load_default=False)
    grants = _grants(required=True)


class RoleChange(Schema):
    """What is to change about a role; what is left out stays."""

    label = _label()
    description = fields.String(validate=validate.Length(0, 2000))
    requires_second_factor = JsonBoolean()
    grants = _grants()


class RoleDeleteArguments(Schema):
    """What its people hold instead."""

    replacement = fields.String(
        validate=validate.Length(1, 80),
        metadata=told("Name of the role that people and groups hold in its place; without it: nothing.", "subscriber"),
    )


class PermissionSchema(Schema):
    """Something that can be allowed."""

    name = fields.String(required=True, metadata=told("", "content:post:edit"))
    sentence = fields.String(required=True, metadata=told("What it allows, for people."))
    extents = fields.List(
        fields.String(),
        required=True,
        metadata=told("How far it can reach: `all`, `own`, or sorts of places.", ["all", "own", "category"]),
    )
    held = fields.List(
        fields.String(), required=True, metadata=told("How far you hold it with the token in hand; empty: not at all.")
    )


class PermissionList(ListEnvelope):
    """A page of permissions."""

    items = fields.List(fields.Nested(PermissionSchema), required=True)
