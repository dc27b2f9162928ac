"""The HTML of comments: a few ways to mark up a sentence, and links that recommend nothing."""

from __future__ import annotations

from typing import Final

import nh3

_TAGS: Final = frozenset(
    {"a", "abbr", "b", "blockquote", "br", "cite", "code", "del", "em", "i", "ins", "li", "ol", "p", "pre", "q", "s"}
    | {"strong", "sub", "sup", "ul"}
)
_ATTRIBUTES: Final = {"a": {"href"}, "abbr": {"title"}}


def clean_comment_html(html: str) -> str:
    """Return the HTML with nothing but text, links to http(s) and mail addresses, and simple markup."""
    return nh3.clean(
        html,
        tags=set(_TAGS),
        attributes={name: set(allowed) for name, allowed in _ATTRIBUTES.items()},
        url_schemes={"http", "https", "mailto"},
        # Who comments decides where these links lead: search engines are told so (HTML Standard, link types).
        link_rel="nofollow ugc noopener",
    )
