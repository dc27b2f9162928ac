"""`/preview/<id>`: a draft in the theme, for those who may edit it."""

from __future__ import annotations

from flask import Response
from sqlalchemy import select

from cms.content import policies
from cms.content.drafts import preview_of
from cms.content.models import Entry
from cms.content.queries import with_parts
from cms.core.db import current_session
from cms.core.errors import NotFound
from cms.core.permissions import public_route
from cms.public.entries import show_preview
from cms.public.frame import viewer
from cms.public.routes import blueprint


@blueprint.get("/preview/<int:entry_id>")
@public_route
def preview(entry_id: int) -> Response:
    """Show the newest draft of an entry; for everybody else there is nothing at this address."""
    someone = viewer()
    found = _find(entry_id) if someone is not None else None
    if found is None or not policies.may_see(someone, found):
        raise NotFound()
    draft, body_html = preview_of(found)
    response = Response(show_preview(draft, body_html))
    response.headers["Cache-Control"] = "private, no-store"
    response.headers["X-Robots-Tag"] = "noindex, nofollow"
    response.headers["Referrer-Policy"] = "no-referrer"
    return response


def _find(entry_id: int) -> Entry | None:
    return current_session().scalars(with_parts(select(Entry).where(Entry.id == entry_id))).unique().one_or_none()
