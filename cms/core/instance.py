"""The folder in which one installation keeps what is its own."""

from __future__ import annotations

from pathlib import Path

from flask import current_app


def instance_folder() -> Path:
    """Return the folder of the application in hand; it need not be there yet."""
    return Path(current_app.instance_path)
