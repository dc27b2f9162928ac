"""What happens to media files."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any


@dataclass(frozen=True)
class MediaEvent:
    """Something happened to a media file; `before` and `after` hold the changed values, plain."""

    media_id: int
    at: datetime
    by_id: int | None
    before: Mapping[str, Any] = field(default_factory=dict)
    after: Mapping[str, Any] = field(default_factory=dict)


class MediaUploaded(MediaEvent):
    """A file was uploaded."""


class MediaEdited(MediaEvent):
    """Name, alt text or caption of a file changed."""


class MediaBinned(MediaEvent):
    """A file was put into the bin."""


class MediaRestored(MediaEvent):
    """A file came back from the bin."""


class MediaErased(MediaEvent):
    """A file in the bin was deleted for good."""
