"""The settings of the site as they are sent and answered; what there is comes from their registry."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any, get_type_hints

from marshmallow import Schema, ValidationError, fields, validate

from cms.api.json_fields import JsonBoolean, JsonInteger
from cms.api.v1.schemas.entries import told
from cms.core.db import LARGEST_KEY
from cms.core.errors import Invalid
from cms.core.i18n import _
from cms.settings.registry import REGISTRY, SECTIONS, SiteSettings


class SettingSchema(Schema):
    """One setting, and what it means."""

    key = fields.String(required=True, metadata=told("What it is called when it is changed.", "posts_per_page"))
    section = fields.String(required=True, validate=validate.OneOf(tuple(SECTIONS)))
    label = fields.String(required=True, metadata=told("", "Posts on a page"))
    help = fields.String(required=True, metadata=told("", "How many posts a list shows before it turns the page."))
    value = fields.Raw(required=True, metadata=told("", 10) | {"type": ["string", "integer", "boolean", "null"]})


#: What a value has to be, as far as the document can say it; the registry says more to whoever sends one.
_WHOLE = {"minimum": 1, "maximum": LARGEST_KEY}
BOUNDS: dict[str, dict[str, Any]] = {
    "name": {"minLength": 1, "maxLength": 120},
    "description": {"maxLength": 160},
    "language": {"minLength": 2, "maxLength": 35},
    "time_zone": {"minLength": 1},
    "accent": {"pattern": r"^#([0-9A-Fa-f]{3}|[0-9A-Fa-f]{6})\Z"},
    "home_page_id": _WHOLE,
    "privacy_page_id": _WHOLE,
    "posts_per_page": {"minimum": 1, "maximum": 100},
    "invitation_days": {"minimum": 1, "maximum": 30},
    "keep_addresses_days": {"minimum": 0, "maximum": 3650},
    "audit_keep_days": {"minimum": 0, "maximum": 36500},
}


def _check(key: str, bounds: Mapping[str, Any]) -> Callable[[Any], None]:
    """Return what raises ValidationError for a value that the registry does not take, or that is out of bounds.

    The registry tidies up before it looks, and would take 121 characters of which one is a space at the end: what the
    document says no to is refused.
    """

    def check(value: Any) -> None:
        try:
            REGISTRY[key].read(value)
        except Invalid as error:
            raise ValidationError(str(error.args[0])) from None
        if not _is_within(value, bounds):
            raise ValidationError(str(_("Send this as it is kept, without spaces and invisible characters around it.")))

    return check


def _is_within(value: Any, bounds: Mapping[str, Any]) -> bool:
    size = len(value) if isinstance(value, str) else int(value)
    least, most = (bounds.get("minLength", bounds.get("minimum")), bounds.get("maxLength", bounds.get("maximum")))
    fits = re.search(bounds["pattern"], value) is not None if "pattern" in bounds else True
    return fits and (least is None or size >= least) and (most is None or size <= most)


def _field(key: str, kind: Any, bounds: Mapping[str, Any] | None) -> fields.Field[Any]:
    setting = REGISTRY[key]
    about: dict[str, Any] = {"metadata": told(f"{setting.label}. {setting.help}", setting.default) | dict(bounds or {})}
    if bounds is not None:
        about["validate"] = _check(key, bounds)
    made: dict[Any, type[fields.Field[Any]]] = {
        str: fields.String,
        bool: JsonBoolean,
        int: JsonInteger,
        int | None: JsonInteger,
    }
    return made[kind](allow_none=kind == int | None, **about)


def _schema(name: str, about: str, *, sent: bool) -> type[Schema]:
    kinds = get_type_hints(SiteSettings).items()
    made = {key: _field(key, kind, BOUNDS.get(key, {}) if sent else None) for key, kind in kinds}
    return type(name, (Schema,), {**made, "__doc__": about})


SettingValues = _schema("SettingValues", "Settings by name; those that are not told are left out.", sent=False)
SettingsWrite = _schema("SettingsWrite", "Settings to change; the others stay.", sent=True)


class SettingsSchema(Schema):
    """The settings of the site: all of them for who may change them, for others what every page tells."""

    items = fields.List(fields.Nested(SettingSchema), required=True, metadata=told("In the order of the form."))
    values = fields.Nested(
        SettingValues, required=True, metadata=told("The same by name, as they are sent to change them.")
    )
