"""How imports are kept."""

from __future__ import annotations

from cms.core.i18n import _
from cms.core.trail import Act, Trace, keep
from cms.transfer.events import ImportFinished


def _describe(event: ImportFinished) -> Trace:
    counts = {f"{thing} created": number for thing, number in event.created.items()}
    counts |= {f"{thing} updated": number for thing, number in event.updated.items()}
    return Trace("import", None, event.source, after=counts, by_id=event.by_id)


keep(
    ImportFinished,
    Act(
        "import.finished",
        _("imported content from %(title)s"),
        _describe,
        final=_("What an import made has entries of its own here; each of them can be taken back."),
    ),
)
