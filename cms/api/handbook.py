"""Pages about the API, for people: a reference to read, made without any script, and one on which to try it out.

They lie beside the API and show nothing but its document, so that whoever may read that may read them.
"""

from __future__ import annotations

import json
from functools import lru_cache
from pathlib import Path

from flask import Blueprint, Response, current_app, make_response, render_template, send_from_directory, url_for

from cms.api.reference import build_reference
from cms.core.headers import console_policy, csp_nonce, reference_policy
from cms.core.permissions import public_route

FOLDER = Path(__file__).parent / "static"
#: A year: the address of a file changes with its content.
_IMMUTABLE = "public, max-age=31536000, immutable"

blueprint = Blueprint("handbook", __name__, template_folder="templates")


@blueprint.get("/reference")
@public_route
def reference() -> Response:
    """Show everything that the API can do, to read."""
    site = str(current_app.config["CMS_BASE_URL"]).rstrip("/")
    return _page("api/reference.html", reference_policy(), reference=build_reference(), site=site)


@blueprint.get("/docs")
@public_route
def docs() -> Response:
    """Show the page on which one tries the API."""
    return _page("api/console.html", console_policy(csp_nonce()))


def _page(template: str, policy: str, **values: object) -> Response:
    made = make_response(render_template(template, api_asset=asset, **values))
    made.headers["Content-Security-Policy"] = policy
    made.headers["X-Frame-Options"] = "DENY"
    made.headers["Cache-Control"] = "private, no-cache"
    return made


@blueprint.get("/static/<path:filename>")
@public_route
def file(filename: str) -> Response:
    """Send a file of these pages, to be kept for a year where its name says its content; 404 outside the folder."""
    made = send_from_directory(FOLDER, filename, conditional=True)
    made.headers["Cache-Control"] = _IMMUTABLE if filename in _manifest().values() else "no-cache"
    return made


@lru_cache(maxsize=1)
def _manifest() -> dict[str, str]:
    return dict(json.loads((FOLDER / "manifest.json").read_text("utf-8")))


def asset(name: str) -> str:
    """Return the address of a built file by its plain name, such as `api.css`."""
    return url_for("api_v1.handbook.file", filename=_manifest().get(name, name))
