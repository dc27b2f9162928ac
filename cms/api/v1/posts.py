"""`/posts`."""

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
    PostChanges,
    PostListArguments,
    PostWhole,
    PostWrite,
    ReadArguments,
)
from cms.core.limits import takes_long_texts
from cms.core.permissions import permission, public_route

blueprint = ApiBlueprint("posts", __name__, url_prefix="/posts", description="Posts: dated, in lists and feeds.")


@blueprint.route("")
class Posts(EntriesView):
    """All posts."""

    kind = "post"

    @public_route
    @blueprint.arguments(PostListArguments, location="query")
    @blueprint.response(200, EntryList)
    def get(self, arguments: Mapping[str, Any]) -> Response:
        """List posts: for readers those on the site, for who writes their own and those they edit, too."""
        return self.list_them(arguments)

    @permission("content:post:create")
    @may_need(BEGINNING)
    @idempotent
    @takes_long_texts
    @blueprint.arguments(PostWrite)
    @blueprint.response(201, EntrySchema)
    def post(self, sent: Mapping[str, Any]) -> Response:
        """Begin a post, as a draft."""
        return self.begin_one(sent)

    @permission("content:post:edit")
    @may_need(CHANGING["post"])
    @takes_long_texts
    @blueprint.arguments(PostChanges)
    @blueprint.response(200, EntryChangeResults)
    def patch(self, sent: Mapping[str, Any]) -> Response:
        """Change several posts, each by itself."""
        return self.change_some(sent)


@blueprint.route("/<int:entry_id>")
class Post(EntryView):
    """One post."""

    kind = "post"

    @public_route
    @blueprint.arguments(ReadArguments, location="query")
    @blueprint.response(200, EntrySchema)
    @blueprint.alt_response(200, schema=TEXT, content_type="text/markdown", success=True)
    @blueprint.alt_response(200, schema=TEXT, content_type="text/html", success=True)
    def get(self, arguments: Mapping[str, Any], entry_id: int) -> Response:
        """Read a post."""
        return self.show_one(arguments, entry_id)

    @permission("content:post:edit")
    @may_need(CHANGING["post"])
    @takes_long_texts
    @blueprint.arguments(PostWhole)
    @blueprint.response(200, EntrySchema)
    def put(self, sent: Mapping[str, Any], entry_id: int) -> Response:
        """Save a post as it is sent; what is not sent goes back to its default, authors and slug apart."""
        return self.save_one(sent, entry_id, whole=True)

    @permission("content:post:edit")
    @may_need(CHANGING["post"])
    @takes_long_texts
    @blueprint.arguments(PostWrite)
    @blueprint.response(200, EntrySchema)
    def patch(self, sent: Mapping[str, Any], entry_id: int) -> Response:
        """Change what is sent about a post, and leave the rest."""
        return self.save_one(sent, entry_id, whole=False)

    @permission("content:post:delete")
    @may_need(REMOVING["post"])
    @blueprint.arguments(DeleteArguments, location="query")
    @blueprint.response(204)
    def delete(self, arguments: Mapping[str, Any], entry_id: int) -> Response:
        """Put a post into the bin."""
        return self.remove_one(arguments, entry_id)


open_acts(blueprint, "post")
