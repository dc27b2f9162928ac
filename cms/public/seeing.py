"""The banner over the site while somebody sees it as somebody else: put in by the product, whatever the theme."""

from __future__ import annotations

import re

from flask import Flask, Response, render_template, request, url_for

from cms.accounts.people import current_person
from cms.accounts.seeing import seen_by
from cms.core.permissions import public_route
from cms.public.frame import viewer
from cms.public.routes import blueprint

#: Pages of these stand in the frame of the back office, which has a banner of its own.
_ELSEWHERE = ("admin", "accounts", "security")
_BODY = re.compile(r"<body\b[^>]*>", re.I)
_STYLE = """.masthead-seeing { display: flex; flex-wrap: wrap; gap: 8px 16px; align-items: center; padding: 8px 16px;
 background: #2b2416; color: #fff6df; font: 15px/1.4 system-ui, sans-serif; position: sticky; inset-block-start: 0;
 z-index: 1000; }
.masthead-seeing form { margin: 0; margin-inline-start: auto; }
.masthead-seeing button { min-height: 32px; padding: 4px 12px; border: 1px solid currentColor; border-radius: 4px;
 background: transparent; color: inherit; font: inherit; cursor: pointer; }
@media print { .masthead-seeing { display: none; } }
"""


def init_seeing(app: Flask) -> None:
    """Put the banner over every page of the site that somebody sees as somebody else."""
    app.after_request(_put_banner)


@blueprint.get("/see-as.css")
@public_route
def seeing_stylesheet() -> Response:
    """Send the few rules of the banner."""
    response = Response(_STYLE, content_type="text/css; charset=utf-8")
    response.headers["Cache-Control"] = "public, max-age=3600"
    return response


def _put_banner(response: Response) -> Response:
    # Only a page made for somebody can hold it: what is streamed, cached or stored is for nobody in particular.
    if response.mimetype != "text/html" or response.is_streamed or (request.blueprint or "").startswith(_ELSEWHERE):
        return response
    if viewer() is None or seen_by() is None:
        return response
    page = response.get_data(as_text=True)
    someone = current_person()
    banner = render_template("seeing.html", name=someone.name if someone else "")
    style = f'<link rel="stylesheet" href="{url_for("public.seeing_stylesheet")}">'
    page = page.replace("</head>", f"{style}</head>", 1)
    body = _BODY.search(page)
    if body is not None:
        page = page[: body.end()] + banner + page[body.end() :]
    response.set_data(page)
    response.headers["Cache-Control"] = "private, no-store"
    return response
