"""Media: files that people upload, who may see them, and what is made from them."""

from __future__ import annotations

import importlib


def init_media(_app: object) -> None:
    """Make the permissions, sentences, jobs and uses of media files known."""
    for part in ("policies", "sentences", "jobs", "references", "holdings"):
        importlib.import_module(f"cms.media.{part}")
