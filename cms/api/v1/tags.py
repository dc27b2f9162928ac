"""`/tags`."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from werkzeug.wrappers import Response

from cms.api.idempotency import idempotent
from cms.api.routes import ApiBlueprint
from cms.api.v1.schemas.terms import (
    TagChangeResults,
    TagChanges,
    TagList,
    TagListArguments,
    TagReadArguments,
    TagSchema,
    TagWrite,
)
from cms.api.v1.terms import TermsView, TermView
from cms.core.limits import MANY, takes_at_most
from cms.core.permissions import permission, public_route

blueprint = ApiBlueprint("tags", __name__, url_prefix="/tags", description="Tags: words that posts have in common.")


@blueprint.route("")
class Tags(TermsView):
    """All tags."""

    kind = "tag"

    @public_route
    @blueprint.arguments(TagListArguments, location="query")
    @blueprint.response(200, TagList)
    def get(self, arguments: Mapping[str, Any]) -> Response:
        """List tags."""
        return self.list_them(arguments)

    @permission("content:term:create")
    @idempotent
    @blueprint.arguments(TagWrite)
    @blueprint.response(201, TagSchema)
    def post(self, sent: Mapping[str, Any]) -> Response:
        """Make a tag, at a free address near its slug or name."""
        return self.make_one(sent)

    @permission("content:term:edit")
    @takes_at_most(MANY)
    @blueprint.arguments(TagChanges)
    @blueprint.response(200, TagChangeResults)
    def patch(self, sent: Mapping[str, Any]) -> Response:
        """Change several tags, each by itself."""
        return self.change_some(sent)


@blueprint.route("/<int:term_id>")
class Tag(TermView):
    """One tag."""

    kind = "tag"

    @public_route
    @blueprint.arguments(TagReadArguments, location="query")
    @blueprint.response(200, TagSchema)
    def get(self, arguments: Mapping[str, Any], term_id: int) -> Response:
        """Read a tag."""
        return self.show_one(arguments, term_id)

    @permission("content:term:edit")
    @blueprint.arguments(TagWrite)
    @blueprint.response(200, TagSchema)
    def put(self, sent: Mapping[str, Any], term_id: int) -> Response:
        """Save a tag as it is sent; what is not sent goes back to its default, the address apart."""
        return self.save_one(sent, term_id)

    @permission("content:term:edit")
    @blueprint.arguments(TagWrite(partial=True))
    @blueprint.response(200, TagSchema)
    def patch(self, sent: Mapping[str, Any], term_id: int) -> Response:
        """Change what is sent about a tag, and leave the rest; an old address leads to the new one."""
        return self.save_one(sent, term_id)

    @permission("content:term:edit")
    @blueprint.response(204)
    def delete(self, term_id: int) -> Response:
        """Delete a tag: posts lose it and stay."""
        return self.delete_one(term_id)
