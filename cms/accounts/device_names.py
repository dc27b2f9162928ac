"""How people call a device."""

from __future__ import annotations

from cms.core.i18n import Text, _
from cms.lib.browsers import name_browser


def name_device(user_agent: str) -> Text:
    """Return how people call a browser, from its User-Agent header ("Firefox on Windows"), as far as it says."""
    browser, system = name_browser(user_agent)
    if browser and system:
        return _("%(browser)s on %(system)s", browser=browser, system=system)
    return browser or system or _("Unknown device")
