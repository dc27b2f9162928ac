"""What strangers read is kept and given again until something it was made of changes, as pages of the site are."""

from __future__ import annotations

from collections.abc import Callable

from werkzeug.wrappers import Response

from cms.api.access import caller
from cms.api.routes import takes_json
from cms.cache.pages import cached_page

#: What a kept answer may have been asked with; anything else is answered anew: words, moments and places in a list, of
#: which anybody makes up as many as they like and hardly anybody asks for the same twice.
_ARGUMENTS = (
    "page", "per_page", "total", "slug", "sort", "state", "visibility", "author_id", "category_id", "tag_id",
    "parent_id", "fields", "include", "format", "view",
)  # fmt: skip


def kept_for_strangers(make: Callable[[], Response]) -> Response:
    """Return what `make` answers, for strangers from the store if nothing has changed since (`cms.cache.pages`)."""
    if caller() is not None or not takes_json():
        return make()
    found: Response = cached_page(make, args=_ARGUMENTS)()
    found.vary.update(("Authorization", "Accept"))
    return found
