"""What an import did, for the person who started it."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Final

from cms.core.i18n import LazyString, Text, _, _n

#: How many examples of one sort are named; the rest is counted.
_NAMED: Final = 20
_THINGS: Final[Mapping[str, LazyString]] = {
    "user": _("People"),
    "term": _("Terms"),
    "media": _("Media files"),
    "post": _("Posts"),
    "page": _("Pages"),
    "comment": _("Comments"),
    "redirect": _("Old addresses"),
}


@dataclass(slots=True)
class Report:
    """Counts by thing, and everything that a person should look at.

    `skipped` maps a reason to what was left out for it; `kept` names entries that were edited both here and
    there and stayed as they are here; `missing` maps addresses of media to why they are not here.
    """

    trial: bool = False
    created: Counter[str] = field(default_factory=Counter)
    updated: Counter[str] = field(default_factory=Counter)
    unchanged: Counter[str] = field(default_factory=Counter)
    skipped: defaultdict[str, list[str]] = field(default_factory=lambda: defaultdict(list))
    kept: list[str] = field(default_factory=list)
    missing: dict[str, str] = field(default_factory=dict)
    left_out: Counter[str] = field(default_factory=Counter)
    invited: int = 0
    stripped: int = 0

    def skip(self, reason: Text, what: str) -> None:
        """Note that something was left out, and why."""
        self.skipped[str(reason)].append(what)

    def lines(self) -> Iterator[Text]:
        """Yield the report, line by line."""
        yield _("Nothing was written: this was a trial run.") if self.trial else _("The import is complete.")
        for thing, label in _THINGS.items():
            counts = (self.created[thing], self.updated[thing], self.unchanged[thing])
            if any(counts):
                yield _(
                    "%(thing)s: %(created)d created, %(updated)d updated, %(unchanged)d unchanged",
                    thing=label,
                    created=counts[0],
                    updated=counts[1],
                    unchanged=counts[2],
                )
        if self.invited:
            yield _n("%(num)d person was invited by mail.", "%(num)d people were invited by mail.", self.invited)
        yield from self._remarks()

    def _remarks(self) -> Iterator[Text]:
        for reason, what in self.skipped.items():
            yield _n("%(num)d skipped: %(reason)s", "%(num)d skipped: %(reason)s", len(what), reason=reason)
            yield from _named(what)
        if self.kept:
            yield _("Edited here since the last import, so left as they are:")
            yield from _named(self.kept)
        if self.missing:
            yield _("Media that are not here; where an entry shows one, it now holds a link:")
            # All of them: this is the list by which somebody looks for the files.
            yield from (f"  - {address} ({why})" if why else f"  - {address}" for address, why in self.missing.items())
        if self.left_out:
            counted = (f"{name} ({number})" for name, number in sorted(self.left_out.items()))
            yield _("Left out, because WordPress made it anew for each reader: %(what)s", what=", ".join(counted))
        if self.stripped:
            yield _n(
                "%(num)d character that XML does not allow was left out.",
                "%(num)d characters that XML does not allow were left out.",
                self.stripped,
            )


def _named(what: list[str]) -> Iterator[Text]:
    for name in what[:_NAMED]:
        yield f"  - {name}"
    if len(what) > _NAMED:
        yield _n("  and %(num)d more", "  and %(num)d more", len(what) - _NAMED)
