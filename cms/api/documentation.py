"""`/openapi.json`: the document that tools, clients and the pages about the API are made from."""

from __future__ import annotations

import json
from functools import cache

from flask.views import MethodView
from werkzeug.wrappers import Response

from cms.api.routes import ApiBlueprint, finish
from cms.api.spec import build_document
from cms.core.permissions import public_route

blueprint = ApiBlueprint("documentation", __name__, description="This document, for programs.")

_DOCUMENT = {"type": "object", "description": "An OpenAPI 3.1 document.", "additionalProperties": True}


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
