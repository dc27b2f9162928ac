"""`/settings`."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flask.views import MethodView
from werkzeug.wrappers import Response

from cms.api.access import caller, person
from cms.api.conditions import require_version
from cms.api.freshness import require_fresh
from cms.api.routes import ApiBlueprint, answer
from cms.api.v1.schemas.settings import SettingsSchema, SettingsWrite
from cms.core.db import transaction
from cms.core.permissions import permission, public_route
from cms.settings.actions import change_settings
from cms.settings.policies import CHANGE_SETTINGS, may_change_settings
from cms.settings.queries import get_settings, settings_version
from cms.settings.registry import REGISTRY, THAT_MATTER, SiteSettings

blueprint = ApiBlueprint("settings", __name__, url_prefix="/settings", description="What an admin sets about the site.")
#: What every page of the site tells.
FOR_ALL = ("name", "description", "language", "time_zone")
_IF_MATCH = {
    "in": "header",
    "name": "If-Match",
    "required": False,
    "description": "Change these settings alone: the `ETag` of what was read. Others are answered with 412.",
    "schema": {"type": "string"},
}


@blueprint.route("")
class Settings(MethodView):
    """The settings of the site."""

    @public_route
    @blueprint.response(200, SettingsSchema)
    def get(self) -> Response:
        """Read the settings: all with the right to change them, else those that every page tells."""
        if not may_change_settings(caller()):
            return answer(show_settings(get_settings(), FOR_ALL))
        # Asked first: a change in between makes the values newer than this says, never older.
        version = settings_version()
        return answer(show_settings(get_settings()), version=version)

    @permission(CHANGE_SETTINGS)
    @blueprint.arguments(SettingsWrite)
    @blueprint.response(200, SettingsSchema)
    @blueprint.alt_response(412, description="Somebody else changed settings in the meantime. Nothing was changed.")
    @blueprint.doc(parameters=[_IF_MATCH])
    def patch(self, sent: Mapping[str, Any]) -> Response:
        """Change the settings that are sent; if one cannot be taken, none is changed."""
        now = get_settings()
        if any(key in sent and sent[key] != getattr(now, key) for key in THAT_MATTER):
            require_fresh()
        with transaction():
            require_version(settings_version(hold=True))
            changed = change_settings(sent, by=person())
            return answer(show_settings(changed), version=settings_version())


def show_settings(settings: SiteSettings, keys: tuple[str, ...] = tuple(REGISTRY)) -> Mapping[str, Any]:
    """Return settings with what they mean, in the order of the form."""
    return {
        "items": [
            {
                "key": key,
                "section": REGISTRY[key].section,
                "label": str(REGISTRY[key].label),
                "help": str(REGISTRY[key].help),
                "value": getattr(settings, key),
            }
            for key in keys
        ],
        "values": {key: getattr(settings, key) for key in keys},
    }
