"""Themes: the manifest, the sandbox they render in, and the contexts they are given (a contract)."""

from cms.theming.rendering import init_theming

__all__ = ["init_theming"]
