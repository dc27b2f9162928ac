"""Categories and pages as places that a right can be limited to."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import select

from cms.accounts.forgetting import forget_place
from cms.accounts.places import Place, PlaceSort, register_place_sort
from cms.content.events import EntryDeleted, TermDeleted
from cms.content.models import Page
from cms.content.queries import list_terms
from cms.core.db import current_session
from cms.core.events import on
from cms.core.i18n import _
from cms.core.permissions import CATEGORY, SECTION, place


def _categories() -> Sequence[Place]:
    return [Place(place(CATEGORY, term.id), term.name, term.path.count("/")) for term in list_terms("category")]


def _sections() -> Sequence[Place]:
    rows = select(Page.id, Page.title, Page.address, Page.parent_id).where(Page.binned_at.is_(None))
    pages = current_session().execute(rows.order_by(Page.address)).all()
    depth: dict[int | None, int] = {None: -1}
    for page in pages:
        depth[page.id] = depth.get(page.parent_id, -1) + 1
    return [Place(place(SECTION, page.id), page.title or str(page.address), depth[page.id]) for page in pages]


register_place_sort(PlaceSort(CATEGORY, _("Categories"), _("In the category %(name)s"), _categories))
register_place_sort(PlaceSort(SECTION, _("Sections"), _("In the section %(name)s"), _sections))


@on(TermDeleted)
def forget_category(event: TermDeleted) -> None:
    """Let no role keep a right in a category that is gone: its number may be given again."""
    forget_place(place(CATEGORY, event.term_id), by_id=event.by_id)


@on(EntryDeleted)
def forget_section(event: EntryDeleted) -> None:
    """Let no role keep a right in a section that is gone."""
    if event.kind == "page":
        forget_place(place(SECTION, event.entry_id), by_id=event.by_id)
