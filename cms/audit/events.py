"""What happens to the record itself, and what private was read."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True)
class PrivateRead:
    """Somebody looked at something private; `what` says at what of it (`sign-ins`, `export` …)."""

    subject: str
    subject_id: int | None
    title: str
    what: str
    about: tuple[int, ...]
    by_id: int | None


@dataclass(frozen=True)
class RecordExported:
    """Somebody took entries of the record along."""

    form: str
    narrowed: Mapping[str, Any]
    by_id: int | None


@dataclass(frozen=True)
class RecordPruned:
    """The oldest entries are gone: all up to `through`, whose hash the next one names."""

    through: int
    hash: str
    number: int
    by_id: int | None


@dataclass(frozen=True)
class DetailsErased:
    """Personal data were taken out of the details of entries; `digests` seal what is left of each."""

    user_id: int | None
    digests: Mapping[str, str] = field(default_factory=dict)
    by_id: int | None = None
