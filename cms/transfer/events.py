"""What happens when content is brought in."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True)
class ImportFinished:
    """An import ran to its end; the counts are by sort of thing (`post`, `media` …)."""

    source: str
    created: Mapping[str, int]
    updated: Mapping[str, int]
    by_id: int | None
