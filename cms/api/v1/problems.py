"""`/problems/<code>`: what the `type` of an error leads to."""

from __future__ import annotations

from flask.views import MethodView
from marshmallow import Schema, fields
from werkzeug.wrappers import Response

from cms.api.problems import sentences_by_code
from cms.api.routes import ApiBlueprint, answer
from cms.core.errors import NotFound
from cms.core.permissions import public_route

blueprint = ApiBlueprint("problems", __name__, url_prefix="/problems", description="What errors mean.")


class ProblemKind(Schema):
    """A sort of error."""

    code = fields.String(required=True, metadata={"example": "not_found"})
    status = fields.Integer(required=True, metadata={"example": 404})
    meaning = fields.String(required=True, metadata={"example": "There is nothing here."})


@blueprint.route("/<code>")
class Problem(MethodView):
    """One sort of error."""

    @public_route
    @blueprint.response(200, ProblemKind)
    def get(self, code: str) -> Response:
        """Tell what a sort of error means."""
        known = sentences_by_code().get(code)
        if known is None:
            raise NotFound
        status, sentence = known
        return answer({"code": code, "status": status, "meaning": str(sentence)})
