"""Comments: what readers wrote under an entry, in threads."""

from __future__ import annotations

import importlib


def init_comments(_app: object) -> None:
    """Make the permissions of comments, and where they use people, known."""
    for part in ("policies", "references", "holdings"):
        importlib.import_module(f"cms.comments.{part}")
