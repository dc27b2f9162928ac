"""What happens to settings."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class SettingsChanged:
    """Somebody changed settings; `before` and `after` hold those that differ."""

    before: Mapping[str, Any]
    after: Mapping[str, Any]
    by_id: int | None
