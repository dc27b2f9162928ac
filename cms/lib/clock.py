"""The clock: aware times in UTC."""

from __future__ import annotations

from datetime import UTC, datetime

#: Years of dates that people choose: near the first and the last date there are, clocks of other zones fail.
EARLIEST, LATEST = 1000, 9000


def utcnow() -> datetime:
    """Return the present moment, aware, in UTC."""
    return datetime.now(UTC)
