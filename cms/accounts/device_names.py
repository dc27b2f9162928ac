"""How people call a device."""

from __future__ import annotations

import re

from cms.core.i18n import Text, _
from cms.lib.browsers import name_browser


def name_device(user_agent: str) -> Text:
    """Return how people call a browser, from its User-Agent header ("Firefox on Windows"), as far as it says."""
    browser, system = name_browser(user_agent)
    if browser and system:
        return _("%(browser)s on %(system)s", browser=browser, system=system)
    return browser or system or _("Unknown device")


def name_program(user_agent: str) -> Text:
    """Return how people call a program that signed in, by what its User-Agent header begins with (RFC 9110, 10.1.5)."""
    browser, _system = name_browser(user_agent)
    calls_itself = re.match(r"[\w.+-]{1,40}", user_agent)
    name = browser or (calls_itself.group() if calls_itself is not None else "")
    return _("A program (%(name)s)", name=name) if name else _("A program")
