"""The gate: a route that declares no permission stays closed."""

from __future__ import annotations

import logging

from flask import Flask, abort, current_app, request

from cms.core.permissions import route_permission

_log = logging.getLogger("cms.gate")


def init_gate(app: Flask) -> None:
    """Answer 404 on every route that declares nothing, whoever asks."""

    @app.before_request
    def check_stamp() -> None:
        if request.endpoint is None:
            return
        if route_permission(request.endpoint, current_app.view_functions[request.endpoint]) is None:
            _log.error("the route %s declares no permission and stays closed", request.endpoint)
            abort(404)
