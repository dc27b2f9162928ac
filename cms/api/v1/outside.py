"""`/links` and `/embeds`: what takes long because others have to answer is asked side by side."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextvars import copy_context
from functools import partial
from typing import Any

from flask.views import MethodView
from marshmallow import Schema, fields, validate
from werkzeug.wrappers import Response

from cms.api.access import changes_nothing
from cms.api.json_fields import BoundedList
from cms.api.rates import limited
from cms.api.routes import ApiBlueprint, answer
from cms.api.v1.schemas.entries import told
from cms.content.outside import LinkCheck, check_link, find_outside
from cms.core.limits import LONGEST_IN_ADDRESS, SOME, takes_at_most
from cms.core.permissions import permission

#: Links that one request may ask about.
MOST = 20

blueprint = ApiBlueprint(
    "outside", __name__, url_prefix="", description="What lies outside: links and pages of others."
)


class LinksWrite(Schema):
    """Links to look at."""

    urls = BoundedList(
        fields.String(validate=validate.Length(1, 2000), metadata=told("", "https://example.com/")),
        required=True,
        validate=validate.Length(1, MOST),
    )


class LinkResult(Schema):
    """What became of a link."""

    url = fields.String(required=True, metadata=told("The link, as it was sent.", "https://example.org/ferries"))
    ok = fields.Boolean(required=True, metadata=told("Whether it leads to something."))
    status = fields.Integer(allow_none=True, required=True, metadata=told("What it answered; null: nothing."))
    problem = fields.String(allow_none=True, required=True)


class LinkResults(Schema):
    """What became of each link, in the order they came."""

    results = fields.List(fields.Nested(LinkResult), required=True)


class EmbedArguments(Schema):
    """Which page is meant."""

    url = fields.String(
        required=True,
        validate=validate.Length(1, LONGEST_IN_ADDRESS),
        metadata=told("Address of a page.", "https://example.com/"),
    )


class EmbedSchema(Schema):
    """What another site says about a page."""

    url = fields.String(
        required=True, metadata=told("The page, on the other site.", "https://video.example.org/watch/7")
    )
    provider = fields.String(required=True)
    kind = fields.String(required=True, metadata=told("", "video"))
    title = fields.String(required=True)
    author = fields.String(required=True)
    thumbnail_url = fields.String(required=True)
    frame = fields.String(allow_none=True, required=True, metadata=told("A player for readers; null: none."))


async def _at_once(ask: Callable[[str], LinkCheck], urls: Sequence[str]) -> Sequence[LinkCheck]:
    """Ask about all addresses at the same time; the threads that asyncio has of its own are few."""
    loop = asyncio.get_running_loop()
    with ThreadPoolExecutor(len(urls)) as threads:
        return await asyncio.gather(
            *[loop.run_in_executor(threads, copy_context().run, partial(ask, url)) for url in urls]
        )


@blueprint.route("/links/check")
class LinkChecks(MethodView):
    """Looking at links."""

    @permission("content:post:edit")
    @changes_nothing
    @limited("30 per minute")
    @blueprint.doc(operationId="check_links")
    @takes_at_most(SOME)
    @blueprint.arguments(LinksWrite)
    @blueprint.response(200, LinkResults)
    async def post(self, sent: Mapping[str, Any]) -> Response:
        """Look whether links lead anywhere, all at the same time."""
        found = await _at_once(check_link, sent["urls"])
        results = [
            {
                "url": check.url,
                "ok": check.leads_somewhere,
                "status": check.status,
                "problem": str(check.problem) if check.problem is not None else None,
            }
            for check in found
        ]
        return answer({"results": results})


@blueprint.route("/embeds")
class Embeds(MethodView):
    """Pages of other sites."""

    @permission("content:post:edit")
    @limited("30 per minute")
    @blueprint.doc(operationId="get_embed")
    @blueprint.arguments(EmbedArguments, location="query")
    @blueprint.response(200, EmbedSchema)
    async def get(self, arguments: Mapping[str, Any]) -> Response:
        """Ask another site what it says about a page of its own (oEmbed)."""
        found = await asyncio.to_thread(find_outside, arguments["url"])
        return answer({name: getattr(found, name) for name in EmbedSchema().fields})
