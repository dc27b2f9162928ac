"""Pictures, sound, film, files, tables and what comes from elsewhere, as HTML."""

from __future__ import annotations

from html import escape

from cms.lib.document import icons
from cms.lib.document.context import Attributes, Context
from cms.lib.document.embeds import PROVIDERS, recognise
from cms.lib.document.html_blocks import ALIGN_CLASSES, lang, loose
from cms.lib.document.html_inline import image_attributes, inline
from cms.lib.document.html_tags import element, void
from cms.lib.document.schema import Node
from cms.lib.document.tables import head_rows, usual_scope

_LAYOUTS = {"wide": "is-wide", "full": "is-full", "start": "align-start", "end": "align-end"}
_CELL_ALIGN = {**ALIGN_CLASSES, "right": "num"}
_UNITS = ("B", "kB", "MB", "GB", "TB")


def image(node: Node, root: Attributes, context: Context) -> str:
    """Write a picture with its caption."""
    figure = {"class": _LAYOUTS.get(node["attrs"].get("layout")), **root}
    return element("figure", figure, _picture(node, context) + _caption(node, context))


def _picture(node: Node, context: Context) -> str:
    attrs = node["attrs"]
    picture = void("img", {**image_attributes(attrs, context), "loading": "lazy", "decoding": "async"})
    return element("a", {"href": attrs["href"]}, picture) if "href" in attrs else picture


def _caption(node: Node, context: Context) -> str:
    content = node.get("content", [])
    return element("figcaption", {}, inline(content, context)) if content else ""


def gallery(node: Node, root: Attributes, context: Context) -> str:
    """Write pictures side by side."""
    attrs = node.get("attrs", {})
    items = [
        element(
            "li",
            lang(picture),
            element("figure", {}, _picture(picture, context) + _caption(picture, context)),
        )
        if "content" in picture
        else element("li", lang(picture), _picture(picture, context))
        for picture in node["content"]
    ]
    number = attrs.get("columns")
    pictures = element("ul", {"class": f"gallery gallery-{number}" if number else "gallery"}, "".join(items))
    caption = element("figcaption", {}, escape(attrs["caption"], quote=False)) if "caption" in attrs else ""
    return element("figure", {"class": "is-wide", **root}, pictures + caption)


def _source(attrs: Node, context: Context) -> Attributes:
    media_id = attrs.get("mediaId")
    if media_id is None:
        return {"src": attrs["src"]}
    own = f"cms:media/{media_id}"
    return {"data-media": media_id, "src": attrs.get("src", own)} if context.ids else {"src": own}


def audio(node: Node, root: Attributes, context: Context) -> str:
    """Write a player for sound under its title."""
    attrs = node["attrs"]
    parts = [element("strong", {}, escape(attrs["title"], quote=False))] if "title" in attrs else []
    if node.get("content"):
        parts.append(element("span", {"class": "caption"}, inline(node["content"], context)))
    head = element("p", {}, " · ".join(parts)) if parts else ""
    player = element("audio", {"controls": True, "preload": "none", **_source(attrs, context)}, "")
    return element("figure", {"class": "media-card", **root}, head + player)


def video(node: Node, root: Attributes, context: Context) -> str:
    """Write a player for film with its caption."""
    attrs = node["attrs"]
    poster: Attributes = {"poster": attrs.get("poster")}
    if "posterId" in attrs:
        own = f"cms:media/{attrs['posterId']}"
        poster = (
            {"poster": attrs.get("poster", own), "data-poster": attrs["posterId"]} if context.ids else {"poster": own}
        )
    size = {name: attrs.get(name) for name in ("width", "height", "title")}
    player = {"controls": True, "preload": "none", **size, **poster, **_source(attrs, context)}
    return element("figure", root, element("video", player, "") + _caption(node, context))


def file(node: Node, root: Attributes, context: Context) -> str:
    """Write a card with a file to download."""
    attrs = node["attrs"]
    name = element("strong", {}, escape(attrs["name"], quote=False)) if "name" in attrs else ""
    facts = [attrs["mediaType"].rsplit("/", 1)[-1].upper()[:12]] if "mediaType" in attrs else []
    facts += [_size(attrs["bytes"])] if "bytes" in attrs else []
    parts = [escape(", ".join(facts), quote=False)] if facts else []
    if node.get("content"):
        parts.append(element("span", {"class": "caption"}, inline(node["content"], context)))
    text = element("p", {}, " · ".join(parts)) if parts else ""
    source = _source(attrs, context)
    link: Attributes = {
        "class": "btn btn-outline",
        "href": source["src"],
        "download": True,
        "type": attrs.get("mediaType"),
        "data-bytes": attrs.get("bytes"),
        "data-media": source.get("data-media"),
    }
    get = element("a", link, f"{icons.DOWNLOAD} {escape(context.labels.download, quote=False)}")
    return element("div", {"class": "media-card file", **root}, icons.FILE + element("div", {}, name + text) + get)


def _size(count: int) -> str:
    size, unit = float(count), 0
    while size >= 1000 and unit < len(_UNITS) - 1:
        size, unit = size / 1000, unit + 1
    return f"{size:.0f} {_UNITS[unit]}" if size >= 10 or unit == 0 else f"{size:.1f} {_UNITS[unit]}"


def table(node: Node, root: Attributes, context: Context) -> str:
    """Write a table; rows of headers at its start are its head."""
    rows, heads = node["content"], head_rows(node["content"])
    caption, label = "", {"aria-label": context.labels.table}
    if "caption" in node.get("attrs", {}):
        context.tables += 1
        name = f"table-{context.tables}"
        caption = element("caption", {"id": name}, escape(node["attrs"]["caption"], quote=False))
        label = {"aria-labelledby": name}
    written = [
        element("tr", {}, "".join(_cell(cell, usual_scope(place, heads), context) for cell in row["content"]))
        for place, row in enumerate(rows)
    ]
    head = element("thead", {}, "".join(written[:heads])) if heads else ""
    body = element("tbody", {}, "".join(written[heads:])) if written[heads:] else ""
    inner = element("table", {"class": "table"}, caption + head + body)
    return element("div", {"class": "table-wrap", "tabindex": 0, "role": "region", **label, **root}, inner)


def _cell(cell: Node, usual: str, context: Context) -> str:
    attrs = cell.get("attrs", {})
    header = cell["type"] == "tableHeader"
    values: Attributes = {
        "scope": attrs.get("scope", usual) if header else None,
        "colspan": attrs.get("colspan"),
        "rowspan": attrs.get("rowspan"),
        "class": _CELL_ALIGN.get(attrs.get("align")),
        **lang(cell),
    }
    return element("th" if header else "td", values, loose(cell["content"], context))


def embed(node: Node, root: Attributes, context: Context) -> str:
    """Write a notice in place of something from elsewhere; nothing is asked of its host before a click."""
    attrs = node["attrs"]
    found = recognise(attrs["url"])
    if found is None:  # a canonical embed is always recognised
        return ""
    provider = PROVIDERS[found.provider]
    labels = context.labels
    source: str = getattr(labels, f"{found.kind}_from").format(provider=provider)
    load: str = getattr(labels, f"load_{found.kind}")
    title = attrs.get("title")
    notice = (
        f"{source}. {labels.embed_notice.format(provider=provider)}"
        if title
        else labels.embed_notice.format(provider=provider)
    )
    link = {"class": "btn btn-outline", "href": found.url, "data-frame": found.frame, "rel": "noopener"}
    inner = (
        element("strong", {}, escape(title or source, quote=False))
        + element("p", {}, escape(notice, quote=False))
        + element("a", link, f"{icons.PLAY} {escape(load, quote=False)}")
    )
    box = {"class": "embed", "role": "group", "aria-label": title or source, "data-title": title}
    if node.get("content"):
        return element("figure", root, element("div", box, inner) + _caption(node, context))
    return element("div", {**box, **root}, inner)
