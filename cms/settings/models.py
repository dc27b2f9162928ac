"""The record behind the settings of the site."""

from __future__ import annotations

from typing import Any

from sqlalchemy import JSON, String
from sqlalchemy.orm import Mapped, mapped_column

from cms.core.db import Base, Timestamps, Versioned


class Setting(Timestamps, Versioned, Base):
    """One setting that somebody changed; what has no row has its default (`cms.settings.registry`).

    Rows are never deleted: the sum of their versions is the sequence by which every process learns that
    something changed.
    """

    __tablename__ = "settings"

    key: Mapped[str] = mapped_column(String(80), primary_key=True)
    value: Mapped[Any] = mapped_column(JSON(none_as_null=False), nullable=False)
