"""Built files of the back office: their addresses with a fingerprint, and the icon sprite."""

from __future__ import annotations

import json
from functools import lru_cache
from pathlib import Path

from flask import Blueprint, Response, send_from_directory, url_for
from markupsafe import Markup

from cms.core.permissions import public_route

FOLDER = Path(__file__).parent / "static"
#: A year: the address of a file changes with its content.
IMMUTABLE = "public, max-age=31536000, immutable"

#: Outside /admin: the sign-in pages use the same files, and a stranger under /admin is only ever redirected.
blueprint = Blueprint("admin_assets", __name__, url_prefix="/static/admin", template_folder="templates")


@blueprint.get("/<path:filename>")
@public_route
def file(filename: str) -> Response:
    """Send a built file, to be kept for a year where its name says its content; 404 outside the folder."""
    response = send_from_directory(FOLDER, filename, conditional=True)
    response.headers["Cache-Control"] = IMMUTABLE if filename in _manifest().values() else "no-cache"
    response.headers["X-Content-Type-Options"] = "nosniff"
    return response


@lru_cache(maxsize=1)
def _manifest() -> dict[str, str]:
    source = FOLDER / "manifest.json"
    return dict(json.loads(source.read_text())) if source.is_file() else {}


@lru_cache(maxsize=64)
def asset(name: str) -> str:
    """Return the address of a built file by its plain name, such as `admin.css`."""
    return url_for("admin_assets.file", filename=_manifest().get(name, name))


@lru_cache(maxsize=256)
def icon(name: str, size: int = 16) -> Markup:
    """Return an icon of the sprite, as decoration beside words or on a labelled button; size 16, 18 or 20 px."""
    kind = f" mh-icon--{size}" if size != 16 else ""
    markup = Markup('<svg class="mh-icon{}" aria-hidden="true"><use href="{}#{}"></use></svg>')
    return markup.format(kind, asset("icons.svg"), name)


#: What the first page shows in text of its own size: fetched before the style sheet asks for it.
_PRELOADED = ("fonts/schibsted-grotesk-latin.woff2", "fonts/newsreader-latin.woff2")


def preload_fonts() -> list[str]:
    """Return the addresses of the fonts that every page needs at once."""
    return [asset(name) for name in _PRELOADED if name in _manifest()]
