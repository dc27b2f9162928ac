"""The blueprint of the public site, and what its routes share."""

from __future__ import annotations

import re
import unicodedata

from flask import Blueprint, Response, redirect, request
from werkzeug.wrappers import Response as AnyResponse

from cms.accounts import limits
from cms.content import policies
from cms.content.addresses import find_redirect, term_path, to_url
from cms.content.models import Entry
from cms.content.queries import find_published
from cms.core.db import transaction
from cms.core.errors import NotFound
from cms.media.addresses import media_address
from cms.media.visibility import Viewer, is_visible
from cms.public.entries import show_entry, show_protected
from cms.public.errors import answer
from cms.public.frame import viewer
from cms.public.unlocking import is_password, is_unlocked, unlock, unlocked_entry_ids

blueprint = Blueprint("public", __name__, template_folder="templates")

#: Parameters by which older systems name a page: `/?p=12`.
_OLD_PARAMETERS = ("p", "page_id", "attachment_id", "cat", "tag", "author", "m", "feed")


def answer_entry(entry: Entry, *, path: str = "") -> AnyResponse:
    """Answer with an entry, or with the form for its password; a right password leads back to the entry."""
    if entry.visibility != "password":
        response = Response(show_entry(entry, path=path))
        if entry.visibility != "public":
            _keep_private(response)
        return response
    if request.method == "POST":
        return _take_password(entry)
    response = Response(show_entry(entry, path=path) if is_unlocked(entry) else show_protected(entry))
    _keep_private(response)
    return response


def _take_password(entry: Entry) -> AnyResponse:
    try:
        attempt = limits.begin(limits.PAGE_PASSWORD, account=f"{entry.id} {request.remote_addr}")
    except limits.TooManyTries as error:
        waiting = answer(error.status, error.message)
        waiting.headers["Retry-After"] = str(error.retry_after)
        return waiting
    if is_password(entry, request.form.get("password", "")):
        with transaction():
            attempt.succeeded()
        opened = Response(status=303, headers={"Location": to_url(entry.address or "/")})
        unlock(entry, opened)
        _keep_private(opened)
        return opened
    response = Response(show_protected(entry, is_wrong=True), status=403)
    _keep_private(response)
    return response


def _keep_private(response: AnyResponse) -> None:
    response.headers["Cache-Control"] = "private, no-store"


def old_address(path: str) -> AnyResponse:
    """Lead from an old address to where its thing lives now (301); raises NotFound if nothing readable does."""
    candidates = [path, f"{path.rstrip('/')}/"]
    # Letters are put together here (NFC); some systems send them taken apart.
    plain = unicodedata.normalize("NFC", path).lower()
    if path != plain:
        candidates += [plain, f"{plain.rstrip('/')}/"]
        living = find_published(candidates[-1], user=viewer())
        if living is not None:
            return redirect(to_url(living.address or "/"), 301)
    for candidate in dict.fromkeys(candidates):
        target = _target(candidate)
        if target is not None and target != to_url(request.path):
            return redirect(target, 301)
    raise NotFound()


def old_query() -> AnyResponse | None:
    """Lead from an old address with a query (`/?p=12`) to its thing; None if the request has none."""
    for name in _OLD_PARAMETERS:
        value = request.args.get(name, "")
        if value and len(value) <= 100:
            target = _target(f"{request.path}?{name}={value}")
            if target is not None:
                return redirect(target, 301)
    return None


def _target(path: str) -> str | None:
    if len(path) > 1000 or "\0" in path:
        return None
    found = find_redirect(path)
    if found is None:
        return None
    known, entry, term, media = found
    if entry is not None:
        return to_url(entry.address) if entry.address and policies.may_read(viewer(), entry) else None
    if term is not None:
        return to_url(term_path(term))
    if media is not None:
        # The file's address is its secret: whoever may not fetch it does not learn it either.
        seen = media.deleted_at is None and is_visible(media, Viewer(viewer(), unlocked_entry_ids()))
        return media_address(media) if seen else None
    return to_url(known.target) if known.target and re.match(r"/(?![/\\])", known.target) else None
