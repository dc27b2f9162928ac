"""The settings of the site as they are sent and answered; what there is comes from their registry."""

from __future__ import annotations

from typing import Any, get_type_hints

from marshmallow import Schema, fields, validate

from cms.api.json_fields import JsonBoolean, JsonInteger
from cms.api.v1.schemas.entries import told
from cms.settings.registry import REGISTRY, SECTIONS, SiteSettings


class SettingSchema(Schema):
    """One setting, and what it means."""

    key = fields.String(required=True, metadata=told("What it is called when it is changed.", "posts_per_page"))
    section = fields.String(required=True, validate=validate.OneOf(tuple(SECTIONS)))
    label = fields.String(required=True, metadata=told("", "Posts on a page"))
    help = fields.String(required=True, metadata=told("", "How many posts a list shows before it turns the page."))
    value = fields.Raw(required=True, metadata=told("", 10) | {"type": ["string", "integer", "boolean", "null"]})


class SettingsSchema(Schema):
    """The settings of the site: all of them for who may change them, for others what every page tells."""

    items = fields.List(fields.Nested(SettingSchema), required=True)


def _field(key: str, kind: Any) -> fields.Field[Any]:
    setting = REGISTRY[key]
    about: dict[str, Any] = {"metadata": told(f"{setting.label}. {setting.help}", setting.default)}
    # How long, how many, or what else it has to be is told by the registry itself.
    made: dict[Any, type[fields.Field[Any]]] = {
        str: fields.String,
        bool: JsonBoolean,
        int: JsonInteger,
        int | None: JsonInteger,
    }
    return made[kind](allow_none=kind == int | None, **about)


SettingsWrite: type[Schema] = type(
    "SettingsWrite",
    (Schema,),
    {key: _field(key, kind) for key, kind in get_type_hints(SiteSettings).items()}
    | {"__doc__": "Settings to change; the others stay."},
)
