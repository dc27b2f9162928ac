"""`/search`."""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping, Sequence
from typing import Any

from flask.views import MethodView
from werkzeug.wrappers import Response

from cms.api.access import caller
from cms.api.lists import Found, answer_list, count_up_to, following, only, read_slice
from cms.api.rates import limited
from cms.api.routes import ApiBlueprint
from cms.api.v1.presenting import absolute, moment
from cms.api.v1.schemas.search import SearchArguments, SearchResultList
from cms.content.models import Entry
from cms.content.queries import words
from cms.content.searching import count_found, list_found, read_texts
from cms.core.errors import Invalid
from cms.core.i18n import _
from cms.core.permissions import public_route
from cms.lib.snippets import cut_snippet

blueprint = ApiBlueprint("search", __name__, url_prefix="/search", description="Finding posts and pages by words.")


@blueprint.route("")
class Search(MethodView):
    """What is found by words."""

    @public_route
    @limited("10 per minute", strangers_only=True)
    @blueprint.doc(operationId="search")
    @blueprint.arguments(SearchArguments, location="query")
    @blueprint.response(200, SearchResultList)
    def get(self, arguments: Mapping[str, Any]) -> Response:
        """Find posts and pages that hold all words, as the search of the site does; newest first."""
        text = unicodedata.normalize("NFC", arguments["q"])
        wanted = words(text)
        if not wanted:
            raise Invalid(fields={"q": _("Say what to look for.")})
        cut, user = read_slice(arguments), caller()
        with following(cut):
            found = list_found(text, user=user, cursor=cut.cursor, offset=cut.offset, limit=cut.limit)
        total = count_up_to(lambda most: count_found(text, user=user, most=most), asked=cut.count)
        texts = read_texts(found)
        shown = [only(show_found(entry, texts.get(entry.id, ""), wanted), arguments["fields_"]) for entry in found]
        return answer_list(Found(shown, found.cursor_next, found.cursor_previous, total), cut)


def show_found(entry: Entry, text: str, wanted: Sequence[str]) -> dict[str, Any]:
    """Return what was found, with a piece of its text (empty for what may not be shown)."""
    parts = cut_snippet(text, wanted)
    return {
        "id": entry.id,
        "type": entry.kind,
        "title": entry.title,
        "url": absolute(entry.address or "/"),
        "published_at": moment(entry.published_at),
        "snippet": "".join(part for part, _matches in parts),
        "snippet_parts": [{"text": part, "found": matches} for part, matches in parts],
    }
