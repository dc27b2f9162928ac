"""When two people saved: who did, and what differs between what is typed and what they saved."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from cms.admin.access import person
from cms.admin.entry_form import read_fields
from cms.admin.widgets import clock
from cms.content.field_rules import locked
from cms.content.models import Entry
from cms.content.saving import working_fields, working_revision
from cms.core.i18n import Text, _, gettext
from cms.lib.document import to_markdown

_TOLD: dict[str, Text] = {
    "title": _("Title"),
    "excerpt": _("Summary"),
    "slug": _("Address"),
    "visibility": _("Who may read it"),
    "seo_title": _("Title in results"),
    "seo_description": _("Description"),
    "canonical_url": _("First published at"),
}
_LONGEST = 200


@dataclass(frozen=True)
class Difference:
    """A field that differs; `theirs` is None where it is too long to show in a line."""

    label: Text
    theirs: str | None


@dataclass(frozen=True)
class Conflicting:
    """Who saved meanwhile, and what differs."""

    title: str
    lines: Sequence[Difference]
    their_text: str | None


def conflicting(form: Any, entry: Entry) -> Conflicting:
    """Compare what was typed with the newest save of `entry`."""
    theirs = working_fields(entry)
    mine = read_fields(form, theirs, locked(person(), entry.kind, entry))
    lines = [
        Difference(label, _shortened(getattr(theirs, name)))
        for name, label in _TOLD.items()
        if getattr(mine, name) != getattr(theirs, name)
    ]
    text_differs = to_markdown(dict(mine.body)) != to_markdown(dict(theirs.body))
    if text_differs:
        lines.append(Difference(_("Text"), None))
    return Conflicting(_who(entry), lines, to_markdown(dict(theirs.body)) if text_differs else None)


def _who(entry: Entry) -> str:
    revision = working_revision(entry)
    author = revision.created_by if revision is not None else None
    name = author.name if author is not None else gettext("Somebody")
    return gettext("%(name)s saved this at %(time)s, while you were writing", name=name, time=clock(entry.updated_at))


def _shortened(value: object) -> str:
    text = str(value) or gettext("(empty)")
    return text if len(text) <= _LONGEST else f"{text[:_LONGEST]}…"
