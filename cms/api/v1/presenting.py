"""What is told of things that other things name, and the forms of values: addresses, moments, links."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from flask import current_app

from cms.accounts.models import User
from cms.content.addresses import author_path, term_path, to_url
from cms.content.models import Term
from cms.media.addresses import media_address
from cms.media.models import MediaFile


def absolute(path: str) -> str:
    """Return the full address of a path of the site."""
    return f"{current_app.config['CMS_BASE_URL']}{to_url(path)}"


def moment(value: datetime | None) -> str | None:
    """Return a moment in UTC as RFC 3339 has it, None for none."""
    return value.isoformat().replace("+00:00", "Z") if value is not None else None


def person_link(user: User) -> Mapping[str, Any]:
    """Return an author as readers know them; a mail address is never among it."""
    return {"id": user.id, "name": user.name, "slug": user.slug, "url": absolute(author_path(user.slug))}


def term_link(term: Term) -> Mapping[str, Any]:
    """Return a category or a tag."""
    url = absolute(term_path(term))
    return {"id": term.id, "name": term.name, "slug": term.slug, "path": term.path, "url": url}


def picture_link(media: MediaFile | None) -> Mapping[str, Any] | None:
    """Return a picture; None for one that is gone or in the bin."""
    if media is None or media.deleted_at is not None:
        return None
    size = {"width": media.width, "height": media.height}
    return {"id": media.id, "url": absolute(media_address(media)), "alt": media.alt, **size}
