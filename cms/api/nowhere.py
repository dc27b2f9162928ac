"""What is at no address of the API: 404, or 405 where another method would do. The site's own pages end at /api."""

from __future__ import annotations

from flask import Blueprint, Flask, current_app, request
from werkzeug.exceptions import MethodNotAllowed
from werkzeug.routing import Rule
from werkzeug.wrappers import Response

from cms.api.access import PREFIX, is_api
from cms.api.cors import asks_first
from cms.core.errors import NotFound
from cms.core.permissions import public_route

blueprint = Blueprint("api", __name__, url_prefix=PREFIX)
METHODS = ("GET", "POST", "PUT", "PATCH", "DELETE")
#: Whoever asks which methods there are is told that there is nothing, too.
_ALL = (*METHODS, "OPTIONS")


@blueprint.route("", methods=_ALL, provide_automatic_options=False)
@blueprint.route("/", methods=_ALL, provide_automatic_options=False)
@blueprint.route("/<path:rest>", methods=_ALL, provide_automatic_options=False)
@public_route
def nowhere(rest: str = "") -> Response:
    """Raise MethodNotAllowed where an address takes other methods, NotFound elsewhere.

    A page that may use the API is let ask: it would hear of a failed connection where it can read that nothing is here.
    """
    del rest
    if asks_first() and current_app.config["CMS_API_ORIGINS"]:
        return Response(status=204)
    adapter = current_app.create_url_adapter(request)
    if adapter is None:
        raise NotFound
    for method in METHODS:
        rule, _arguments = adapter.match(method=method, return_rule=True)
        if rule.endpoint != f"{blueprint.name}.nowhere":
            raise MethodNotAllowed(valid_methods=allowed(rule))
    raise NotFound


def allowed(rule: Rule) -> list[str]:
    """Return the methods that a rule takes, in order."""
    return sorted(rule.methods or ())


def init_nowhere(app: Flask) -> None:
    """Join the end of the API to the application."""
    app.register_blueprint(blueprint)
    app.before_request(_find_methods)


def _find_methods() -> None:
    """Say of a method that nobody takes anywhere (TRACE, PROPFIND) what an address takes, as of any other."""
    if is_api(request.path) and isinstance(request.routing_exception, MethodNotAllowed):
        nowhere()
