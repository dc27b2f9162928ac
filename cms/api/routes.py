"""The blueprint that every resource's is made of, and the answer that views give."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Collection, Mapping
from typing import Any

from flask import current_app, request
from flask_smorest import Blueprint
from werkzeug.wrappers import Response

from cms.api.parsing import StrictParser


class ApiBlueprint(Blueprint):
    """A blueprint whose input is read strictly and whose routes are documented by their schemas."""

    ARGUMENTS_PARSER = StrictParser()


def takes_json() -> bool:
    """Tell whether JSON is accepted at least as gladly as a text alone (RFC 9110, 12.5.1).

    HTML counts only beside JSON that is named: browsers would rather have it of everything, and take anything.
    """
    accepted = request.accept_mimetypes
    json_quality = accepted.quality("application/json")
    named = {name for name, _quality in accepted}
    texts = {"text/markdown", "text/html"} if named & {"application/json", "application/*"} else {"text/markdown"}
    return not accepted or (0 < json_quality >= max((accepted.quality(text) for text in texts & named), default=0))


def answer(
    data: Mapping[str, Any],
    *,
    status: int = 200,
    version: int | str | None = None,
    headers: Mapping[str, str] | None = None,
) -> Response:
    """Return plain values as JSON; a reader who has the same already gets 304.

    The validator is `"<hash>"`, with `version` `"<version>.<hash>"`: changing asks for the version alone
    (`conditions`), reading for all that is shown. RFC 9110, 8.8.3 and 13.1. The version is the number of a thing that
    counts its saves, else what `steady_version` tells.
    """
    made = Response(_written(data), status=status, content_type="application/json")
    return finish(made, version=version, headers=headers)


def below_here(name: int | str = "") -> str:
    """Return the absolute address of what `name` names below this request's, or of the request's own.

    It goes by the site's own address, not by the host that was asked: what is kept is given to whoever asks by another.
    """
    here = f"{current_app.config['CMS_BASE_URL']}{request.path}"
    return f"{here}/{name}" if name else here


def steady_version(data: Mapping[str, Any], unsteady: Collection[str]) -> str:
    """Return the version of a thing that counts none: a hash of what is shown but for what nobody changes by hand.

    `unsteady` names that: when a thing was last seen or used, say.
    """
    return _digest(_written({name: value for name, value in data.items() if name not in unsteady}))


def _written(data: Mapping[str, Any]) -> bytes:
    return json.dumps(data, ensure_ascii=False, separators=(",", ":")).encode()


def _digest(body: bytes) -> str:
    return hashlib.sha256(body).hexdigest()[:20]


def finish(made: Response, *, version: int | str | None = None, headers: Mapping[str, str] | None = None) -> Response:
    """Give an answer its validator and headers, and make it a 304 where the reader has it already."""
    made.headers.update(headers or {})
    made.headers.setdefault("Cache-Control", "private, no-cache")
    made.vary.update(("Authorization", "Accept"))
    if request.method in ("GET", "HEAD", "PUT", "PATCH", "POST") and 200 <= made.status_code < 300:
        digest = _digest(made.get_data())
        made.set_etag(digest if version is None else f"{version}.{digest}")
    if request.method in ("GET", "HEAD"):
        made.make_conditional(request)
    return made


def empty() -> Response:
    """Return the answer of what was done and has nothing more to say (204)."""
    return Response(status=204, headers={"Cache-Control": "no-store"})
