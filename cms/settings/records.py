"""How changes of settings are kept, and taken back."""

from __future__ import annotations

from sqlalchemy import select

from cms.core.db import current_session
from cms.core.errors import Conflict
from cms.core.i18n import _
from cms.core.permissions import Actor
from cms.core.trail import Act, Trace, keep
from cms.settings.actions import change_settings
from cms.settings.events import SettingsChanged
from cms.settings.models import Setting
from cms.settings.registry import from_stored


def _describe(event: SettingsChanged) -> Trace:
    return Trace("settings", None, before=event.before, after=event.after, by_id=event.by_id)


def _undo(trace: Trace, by: Actor) -> None:
    rows = current_session().scalars(select(Setting).with_for_update())
    now = from_stored({row.key: row.value for row in rows})
    if any(getattr(now, key, None) != value for key, value in trace.after.items()):
        raise Conflict(_("One of these settings was changed again since. Change it on the page of the settings."))
    change_settings(dict(trace.before), by=by)


keep(SettingsChanged, Act("settings.changed", _("changed the settings"), _describe, _undo))
