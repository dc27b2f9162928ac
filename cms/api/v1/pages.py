"""`/pages`."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from werkzeug.wrappers import Response

from cms.api.access import may_need
from cms.api.idempotency import idempotent
from cms.api.routes import ApiBlueprint
from cms.api.v1.entries import EntriesView, EntryView
from cms.api.v1.entry_acts import open_acts
from cms.api.v1.entry_rights import BEGINNING, CHANGING, REMOVING
from cms.api.v1.schemas.entries import (
    TEXT,
    DeleteArguments,
    EntryChangeResults,
    EntryList,
    EntrySchema,
    PageChanges,
    PageListArguments,
    PageWhole,
    PageWrite,
    ReadArguments,
)
from cms.core.limits import takes_long_texts
from cms.core.permissions import permission, public_route

blueprint = ApiBlueprint(
    "pages", __name__, url_prefix="/pages", description="Pages: in a tree, outside the stream of posts."
)


@blueprint.route("")
class Pages(EntriesView):
    """All pages."""

    kind = "page"

    @public_route
    @blueprint.arguments(PageListArguments, location="query")
    @blueprint.response(200, EntryList)
    def get(self, arguments: Mapping[str, Any]) -> Response:
        """List pages: for readers those on the site, for who writes their own and those they edit, too."""
        return self.list_them(arguments)

    @permission("content:page:create")
    @may_need(BEGINNING)
    @idempotent
    @takes_long_texts
    @blueprint.arguments(PageWrite)
    @blueprint.response(201, EntrySchema)
    def post(self, sent: Mapping[str, Any]) -> Response:
        """Begin a page, as a draft."""
        return self.begin_one(sent)

    @permission("content:page:edit")
    @may_need(CHANGING["page"])
    @takes_long_texts
    @blueprint.arguments(PageChanges)
    @blueprint.response(200, EntryChangeResults)
    def patch(self, sent: Mapping[str, Any]) -> Response:
        """Change several pages, each by itself."""
        return self.change_some(sent)


@blueprint.route("/<int:entry_id>")
class Page(EntryView):
    """One page."""

    kind = "page"

    @public_route
    @blueprint.arguments(ReadArguments, location="query")
    @blueprint.response(200, EntrySchema)
    @blueprint.alt_response(200, schema=TEXT, content_type="text/markdown", success=True)
    @blueprint.alt_response(200, schema=TEXT, content_type="text/html", success=True)
    def get(self, arguments: Mapping[str, Any], entry_id: int) -> Response:
        """Read a page."""
        return self.show_one(arguments, entry_id)

    @permission("content:page:edit")
    @may_need(CHANGING["page"])
    @takes_long_texts
    @blueprint.arguments(PageWhole)
    @blueprint.response(200, EntrySchema)
    def put(self, sent: Mapping[str, Any], entry_id: int) -> Response:
        """Save a page as it is sent; what is not sent goes back to its default, authors and slug apart."""
        return self.save_one(sent, entry_id, whole=True)

    @permission("content:page:edit")
    @may_need(CHANGING["page"])
    @takes_long_texts
    @blueprint.arguments(PageWrite)
    @blueprint.response(200, EntrySchema)
    def patch(self, sent: Mapping[str, Any], entry_id: int) -> Response:
        """Change what is sent about a page, and leave the rest."""
        return self.save_one(sent, entry_id, whole=False)

    @permission("content:page:delete")
    @may_need(REMOVING["page"])
    @blueprint.arguments(DeleteArguments, location="query")
    @blueprint.response(204)
    def delete(self, arguments: Mapping[str, Any], entry_id: int) -> Response:
        """Put a page into the bin."""
        return self.remove_one(arguments, entry_id)


open_acts(blueprint, "page")
