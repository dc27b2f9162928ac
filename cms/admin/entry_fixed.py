"""Groups of fields that a person may not change: what stands in their place, as text."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from cms.admin.access import person
from cms.admin.entry_marks import VISIBILITY_LABELS
from cms.admin.entry_terms import show_terms
from cms.admin.widgets import exact, number
from cms.content import states
from cms.content.field_rules import fields_of
from cms.content.models import Entry
from cms.content.moving import begin_fields
from cms.content.saving import working_fields
from cms.core.i18n import Text, _

_SHOWN = {
    "term_ids": ("categories", "tags", "new_category"),
    "password_hash": ("password",),
}
_NONE: Text = _("None")


def closed_groups(form: Any, locked: Mapping[str, Text]) -> dict[str, Text]:
    """Return the groups to show as text: those `locked`, but for one in which something was typed and refused."""
    return {group: reason for group, reason in locked.items() if not _is_refused(form, group)}


def refill(form: Any, kind: str, entry: Entry | None, closed: Mapping[str, Text]) -> None:
    """Put into a form that was sent what stood on its page as text, and so did not arrive."""
    fields = working_fields(entry) if entry is not None else begin_fields(kind, by=person())
    for name in fields_of(closed):
        if name in form:
            form[name].data = getattr(fields, name)
    if "terms" in closed and "categories" in form:
        show_terms(form, fields.term_ids)


def _is_refused(form: Any, group: str) -> bool:
    names = {"published_at"} if group == "dates" else fields_of([group])
    shown = [item for name in names for item in _SHOWN.get(name, (name,))]
    return any(item in form and form[item].errors for item in shown)


def fixed_texts(form: Any, entry: Entry | None, closed: Mapping[str, Text]) -> dict[str, Text]:
    """Return what the fields of the `closed` groups hold, in words, by the name of the field."""
    found: dict[str, Text] = {}
    if "visibility" in closed:
        found["visibility"] = VISIBILITY_LABELS.get(form.visibility.data or "public", "")
    if "slug" in closed:
        found["slug"] = form.slug.data or (entry.slug if entry is not None else "")
    # Of what is live, the facts above tell the date.
    if "dates" in closed and (entry is None or not states.is_live(entry)):
        found["published_at"] = exact(entry.published_at) if entry is not None and entry.published_at else _NONE
    if "tree" in closed:
        chosen = form.parent_id.data
        words = dict(form.parent_id.choices or {}).get(str(chosen or ""), _NONE) if chosen else _("Nothing: at the top")
        found["parent_id"] = str(words).strip()
        found["menu_order"] = number(form.menu_order.data or 0)
    if "terms" in closed:
        found["tags"] = form.tags.data or _NONE
    for name in ("seo_title", "seo_description", "canonical_url"):
        if "seo" in closed:
            found[name] = form[name].data or _NONE
    return found
