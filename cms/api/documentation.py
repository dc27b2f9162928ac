"""`/openapi.json`, the document that tools, clients and the pages about the API are made from, and how to find it."""

from __future__ import annotations

import json
from functools import cache

from flask.views import MethodView
from marshmallow import Schema, fields
from werkzeug.wrappers import Response

from cms.api.routes import ApiBlueprint, answer, below_here, finish
from cms.api.spec import VERSION, build_document
from cms.core.permissions import public_route

blueprint = ApiBlueprint("documentation", __name__, description="This document, for programs.")

_PAGES = {"openapi": "openapi.json", "reference": "reference", "docs": "docs"}
_DOCUMENT = {"type": "object", "description": "An OpenAPI 3.1 document.", "additionalProperties": True}


def _address(path: str) -> dict[str, str]:
    return {"format": "uri", "example": f"https://example.com/api/v1/{path}"}


class Beginning(Schema):
    """Where to read about the API."""

    version = fields.String(required=True, metadata={"description": "The version that is at this address."})
    openapi = fields.String(required=True, metadata={"description": "For programs.", **_address("openapi.json")})
    reference = fields.String(required=True, metadata={"description": "To read.", **_address("reference")})
    docs = fields.String(required=True, metadata={"description": "To try it out.", **_address("docs")})


@blueprint.route("")
class Index(MethodView):
    """Where the API begins."""

    @public_route
    @blueprint.doc(operationId="get_index")
    @blueprint.response(200, Beginning)
    def get(self) -> Response:
        """Read where the API is described."""
        pages = {name: below_here(page) for name, page in _PAGES.items()}
        return answer({"version": VERSION, **pages}, headers={"Cache-Control": "public, no-cache"})


@blueprint.route("/openapi.json")
class Document(MethodView):
    """What the API can do, for programs."""

    @public_route
    @blueprint.doc(operationId="get_document")
    @blueprint.response(200, _DOCUMENT)
    def get(self) -> Response:
        """Read this document."""
        made = Response(written_document(), content_type="application/json")
        return finish(made, headers={"Cache-Control": "public, no-cache"})


@cache
def written_document() -> bytes:
    """Return the document as it is sent."""
    return json.dumps(build_document(), ensure_ascii=False, separators=(",", ":")).encode()
