"""Changing settings of the site."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

from sqlalchemy import select

from cms.core.db import current_session
from cms.core.errors import Invalid
from cms.core.events import record
from cms.core.i18n import Text, _, _n
from cms.core.permissions import Actor, require
from cms.settings.events import SettingsChanged
from cms.settings.models import Setting
from cms.settings.policies import may_change_settings
from cms.settings.registry import REGISTRY, SiteSettings, from_stored


def change_settings(entered: Mapping[str, object], *, by: Actor) -> SiteSettings:
    """Change the settings named in `entered` and return all of them as they are then.

    Raises Forbidden, and Invalid with a sentence for each field that cannot be taken: then nothing changes.
    """
    require(may_change_settings(by), _("Only an admin may change the settings of the site."))
    session = current_session()
    rows = {row.key: row for row in session.scalars(select(Setting).with_for_update())}
    before = asdict(from_stored({key: row.value for key, row in rows.items()}))
    changed = {key: value for key, value in _read(entered).items() if value != before[key]}
    for key, value in changed.items():
        if key in rows:
            rows[key].value = value
        else:
            session.add(Setting(key=key, value=value))
    session.flush()
    if changed:
        record(SettingsChanged({key: before[key] for key in changed}, changed, by.id))
    return SiteSettings(**{**before, **changed})


def _read(entered: Mapping[str, object]) -> dict[str, Any]:
    read: dict[str, Any] = {}
    wrong: dict[str, Text] = {}
    for key, value in entered.items():
        setting = REGISTRY.get(key)
        if setting is None:
            wrong[key] = _("There is no such setting.")
            continue
        try:
            read[key] = setting.read(value)
        except Invalid as error:
            wrong[key] = error.args[0]
    if wrong:
        sentence = _n(
            "Nothing was saved yet. One field needs you.",
            "Nothing was saved yet. %(num)s fields need you.",
            len(wrong),
        )
        raise Invalid(sentence, wrong)
    return read
