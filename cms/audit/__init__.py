"""The record of everything that was changed, and of what private was read."""

from __future__ import annotations

import importlib


def init_audit(_app: object) -> None:
    """Make known how the features below keep what happens in them, and begin to listen."""
    for feature in ("settings", "accounts", "media", "content", "comments"):
        importlib.import_module(f"cms.{feature}.records")
    for part in ("writing", "records", "jobs", "holdings"):
        importlib.import_module(f"cms.audit.{part}")
    importlib.import_module("cms.accounts.origins")
    importlib.import_module("cms.audit.checks")
