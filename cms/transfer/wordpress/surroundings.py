"""What the body of an item refers to and does not hold itself."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field

from cms.transfer.wordpress.survey import Attachment, Survey


@dataclass(slots=True)
class Library:
    """The attachments and the reusable blocks of an export."""

    attachments: dict[str, Attachment] = field(default_factory=dict)
    patterns: dict[str, str] = field(default_factory=dict)
    _by_parent: dict[str, list[Attachment]] = field(default_factory=dict)

    @classmethod
    def of(cls, survey: Survey) -> Library:
        """Return the library of a surveyed export."""
        by_parent: defaultdict[str, list[Attachment]] = defaultdict(list)
        for attachment in sorted(survey.attachments.values(), key=lambda item: item.menu_order):
            by_parent[attachment.parent_id].append(attachment)
        return cls(survey.attachments, survey.patterns, dict(by_parent))

    def chosen(self, ids: Iterable[str]) -> list[Attachment]:
        """Return the attachments with these ids, in this order, without those that the export lacks."""
        return [self.attachments[name] for name in ids if name in self.attachments]

    def uploaded_to(self, item_id: str) -> list[Attachment]:
        """Return the attachments that were uploaded to an item, in their order there."""
        return self._by_parent.get(item_id, [])


@dataclass(slots=True)
class Surroundings:
    """The library around one item, and a count of what its body asks for and a document cannot show."""

    item_id: str
    library: Library = field(default_factory=Library)
    left_out: Counter[str] = field(default_factory=Counter)
    #: Reusable blocks being shown just now, so that one that holds itself ends.
    showing: list[str] = field(default_factory=list)
