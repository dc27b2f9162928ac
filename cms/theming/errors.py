"""What can be wrong with a theme, each said in one sentence."""

from __future__ import annotations


class ThemeError(Exception):
    """A theme that cannot be used or rendered; the message names the file and what to change."""


class ThemeLimitError(ThemeError):
    """A template ran for too long or made too much."""
