"""`/categories`."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from werkzeug.wrappers import Response

from cms.api.idempotency import idempotent
from cms.api.routes import ApiBlueprint
from cms.api.v1.schemas.terms import (
    CategoryChangeResults,
    CategoryChanges,
    CategoryList,
    CategoryListArguments,
    CategoryReadArguments,
    CategorySchema,
    CategoryWrite,
)
from cms.api.v1.terms import TermsView, TermView
from cms.core.limits import MANY, takes_at_most
from cms.core.permissions import permission, public_route

blueprint = ApiBlueprint(
    "categories", __name__, url_prefix="/categories", description="Categories: a tree in which posts lie."
)


@blueprint.route("")
class Categories(TermsView):
    """All categories."""

    kind = "category"

    @public_route
    @blueprint.arguments(CategoryListArguments, location="query")
    @blueprint.response(200, CategoryList)
    def get(self, arguments: Mapping[str, Any]) -> Response:
        """List categories."""
        return self.list_them(arguments)

    @permission("content:term:create")
    @idempotent
    @blueprint.arguments(CategoryWrite)
    @blueprint.response(201, CategorySchema)
    def post(self, sent: Mapping[str, Any]) -> Response:
        """Make a category, at a free address near its slug or name."""
        return self.make_one(sent)

    @permission("content:term:edit")
    @takes_at_most(MANY)
    @blueprint.arguments(CategoryChanges)
    @blueprint.response(200, CategoryChangeResults)
    def patch(self, sent: Mapping[str, Any]) -> Response:
        """Change several categories, each by itself."""
        return self.change_some(sent)


@blueprint.route("/<int:term_id>")
class Category(TermView):
    """One category."""

    kind = "category"

    @public_route
    @blueprint.arguments(CategoryReadArguments, location="query")
    @blueprint.response(200, CategorySchema)
    def get(self, arguments: Mapping[str, Any], term_id: int) -> Response:
        """Read a category."""
        return self.show_one(arguments, term_id)

    @permission("content:term:edit")
    @blueprint.arguments(CategoryWrite)
    @blueprint.response(200, CategorySchema)
    def put(self, sent: Mapping[str, Any], term_id: int) -> Response:
        """Save a category as it is sent; what is not sent goes back to its default, the address apart."""
        return self.save_one(sent, term_id)

    @permission("content:term:edit")
    @blueprint.arguments(CategoryWrite(partial=True))
    @blueprint.response(200, CategorySchema)
    def patch(self, sent: Mapping[str, Any], term_id: int) -> Response:
        """Change what is sent about a category, and leave the rest; an old address leads to the new one."""
        return self.save_one(sent, term_id)

    @permission("content:term:edit")
    @blueprint.response(204)
    def delete(self, term_id: int) -> Response:
        """Delete a category: posts lose it and stay, categories below it move up one level."""
        return self.delete_one(term_id)
