"""What stops an import before its first change."""

from __future__ import annotations

from cms.core.errors import Invalid
from cms.core.i18n import _


class SourceError(Invalid):
    """The file cannot be imported at all; one sentence says why, and nothing has been written."""

    default = _("This file cannot be imported.")
