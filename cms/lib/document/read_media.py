"""Reading pictures, sound, film, files and players of other sites from HTML."""

from __future__ import annotations

import re
from collections.abc import Callable

from selectolax.lexbor import LexborNode

from cms.lib.document import dom, read_tables
from cms.lib.document.embeds import recognise
from cms.lib.document.read_blocks import blockquote, code_block
from cms.lib.document.read_pictures import image_attrs
from cms.lib.document.read_style import layout, link_attrs, root_attrs, size, source_attrs
from cms.lib.document.schema import Node
from cms.lib.document.scope import Reader, Scope

_COLUMNS = re.compile(r"(?:gallery-columns|columns|gallery)-(\d{1,2})")
_CAPTION_CLASSES = frozenset(("wp-caption-text", "blocks-gallery-caption", "gallery-caption"))
_URL = re.compile(r"\s*(https?://\S+)\s*")
_MEDIA = ("audio", "video", "iframe", "table", "pre", "blockquote", "img")


def figure(reader: Reader, node: LexborNode, scope: Scope) -> list[Node] | None:
    """Read a figure by what it holds; one that holds several things is passed through."""
    names = dom.classes(node)
    caption = _caption_of(node)
    if "wp-block-gallery" in names or _gallery_list(node) is not None:
        return gallery(reader, node, scope)
    if dom.first(node, "figure") is not None:
        return None
    inner = [child for child in _outside(node, caption) if child.is_element_node and child.tag in _MEDIA]
    embed = next((child for child in dom.descend(node, 40) if "embed" in dom.classes(child)), None)
    if embed is not None or "wp-block-embed" in names:
        return _embedded(reader, node, embed, caption, scope)
    if "media-card" in names:
        inner = [child for child in inner if child.tag in ("audio", "video")]
    if not inner:
        return None
    content = reader.inline(caption, scope.inside()) if caption is not None else []
    kind = inner[0].tag or ""
    if kind == "img":
        pictures = [child for child in inner if child.tag == "img"]
        return [_image(node, pictures[0], content)] if len(pictures) == 1 and _only(node, caption) else None
    if not names & {"code", "media-card"} and not _only(node, caption, inner[0]):
        return None
    return _FIGURES[kind](reader, node, inner[0], content, scope)


def _outside(node: LexborNode, caption: LexborNode | None) -> list[LexborNode]:
    """Return what is in a figure, without its caption."""
    skip = caption.mem_id if caption is not None else None
    parts = [child for child in dom.children(node) if child.mem_id != skip]
    return [inner for part in parts for inner in (part, *dom.descend(part))]


def _caption_of(node: LexborNode) -> LexborNode | None:
    for child in dom.elements(node):
        if child.tag == "figcaption" or dom.classes(child) & _CAPTION_CLASSES:
            return child
    return None


def _only(node: LexborNode, *parts: LexborNode | None) -> bool:
    """Tell whether a figure shows no words but those of its parts (caption, quotation, table …)."""
    return _letters(node) == sum(_letters(part) for part in parts if part is not None)


def _letters(node: LexborNode) -> int:
    return len("".join(dom.text_of(node).split()))


def _image(node: LexborNode, picture: LexborNode, content: list[Node]) -> Node:
    attrs: Node = {**root_attrs(node), **image_attrs(picture)}
    place = layout(node, picture)
    if place:
        attrs["layout"] = place
    link = picture.parent
    for _ in range(4):
        if link is None or link.mem_id == node.mem_id:
            break
        if link.tag == "a":
            attrs["href"] = _address(link)
        link = link.parent
    return {"type": "image", "attrs": attrs, "content": content}


def _address(link: LexborNode) -> str | None:
    target = link_attrs(dom.attrs(link))
    for name in ("entry", "media"):
        if f"{name}Id" in target:
            return f"cms:{name}/{target[f'{name}Id']}"
    return target.get("href")


def _gallery_list(node: LexborNode) -> LexborNode | None:
    for child in dom.elements(node, "ul"):
        if dom.classes(child) & {"gallery", "blocks-gallery-grid"}:
            return child
    return None


def gallery(reader: Reader, node: LexborNode, scope: Scope) -> list[Node] | None:
    """Read pictures side by side, in the ways that we and WordPress write them."""
    if dom.first(node, "img") is None:
        return None
    holder = _gallery_list(node) or node
    caption = _caption_of(node)
    images: list[Node] = []
    if holder.tag == "ul":
        for item in dom.elements(holder, "li"):
            images += _gallery_item(reader, item, scope)
    else:
        skip = caption.mem_id if caption is not None else None
        images = reader.blocks(node, scope.inside(), lambda child: child.mem_id == skip)
    words = dom.text_of(caption).strip() if caption is not None else ""
    rest: list[Node] = [{"type": "paragraph", "content": [{"type": "text", "text": words}]}] if words else []
    if not any(block["type"] == "image" for block in images):
        return images + rest
    match = _COLUMNS.search(f"{holder.attributes.get('class')} {node.attributes.get('class')}")
    attrs = {**root_attrs(node), "columns": match.group(1) if match else None}
    if len(words) <= _LONGEST_CAPTION:
        attrs["caption"] = words
        rest = []
    return [{"type": "gallery", "attrs": attrs, "content": images}, *rest]


def _gallery_item(reader: Reader, item: LexborNode, scope: Scope) -> list[Node]:
    """Read one picture of a gallery with its caption; whatever else stands there is read as blocks."""
    own = {name: value for name, value in root_attrs(item).items() if name != "id"}
    inner = dom.first(item, "figure") or item
    caption = _caption_of(inner)
    pictures = [child for child in _outside(inner, caption) if child.is_element_node and child.tag == "img"]
    if len(pictures) != 1 or not _only(item, caption):
        return reader.blocks(item, scope.inside())
    content = reader.inline(caption, scope.inside()) if caption is not None else []
    image = _image(inner, pictures[0], content)
    return [{**image, "attrs": {**own, **image["attrs"]}}]


_LONGEST_CAPTION = 1900


def classic_item(_reader: Reader, node: LexborNode, _scope: Scope) -> list[Node] | None:
    """Read one picture of a gallery made by WordPress' old short code (`dl`)."""
    picture = dom.first(node, "img")
    if picture is None:
        return None
    caption = dom.first(node, "dd")
    words = dom.text_of(caption) if caption is not None else ""
    return [_image(node, picture, [{"type": "text", "text": words}])]


def _embedded(
    reader: Reader, node: LexborNode, embed: LexborNode | None, caption: LexborNode | None, scope: Scope
) -> list[Node] | None:
    """Read a figure around a player: ours, or the one of WordPress around an address or a frame."""
    content = reader.inline(caption, scope.inside()) if caption is not None else []
    if embed is not None:
        return _own_embed(embed, root_attrs(node), content)
    frame = dom.first(node, "iframe")
    if frame is not None:
        return _frame(frame, root_attrs(node), content)
    skip = caption.mem_id if caption is not None else None
    parts = [child for child in dom.children(node) if child.mem_id != skip]
    words = "".join(dom.text_of(part) if part.is_element_node else part.text_content or "" for part in parts)
    address = _URL.fullmatch(words)
    if address is None:
        return None
    return [{"type": "embed", "attrs": {**root_attrs(node), "url": address.group(1)}, "content": content}]


def _own_embed(embed: LexborNode, attrs: Node, content: list[Node]) -> list[Node] | None:
    link = dom.first(embed, "a")
    if link is None:
        return None
    found = {**attrs, "url": link.attributes.get("href"), "title": embed.attributes.get("data-title")}
    return [{"type": "embed", "attrs": found, "content": content}]


def iframe(_reader: Reader, node: LexborNode, scope: Scope) -> list[Node]:
    """Read a frame: a player that we know, or else a link to what it shows."""
    return [] if scope.flat else _frame(node, root_attrs(node), [])


def _frame(node: LexborNode, attrs: Node, content: list[Node]) -> list[Node]:
    values = dom.attrs(node)
    address = next((values[name] for name in ("data-src", "data-lazy-src", "src") if values.get(name)), None)
    if address and address.startswith("//"):
        address = f"https:{address}"
    if address is None or address.startswith("about:"):
        return [{"type": "paragraph", "content": content}]
    title = values.get("title")
    usual = recognise(address)
    if usual is not None and title and title.lower() in ("youtube video player", "vimeo video player"):
        title = None
    return [{"type": "embed", "attrs": {**attrs, "url": address, "title": title}, "content": content}]


def player(_reader: Reader, node: LexborNode, scope: Scope) -> list[Node] | None:
    """Read `audio` or `video` that stands by itself."""
    if scope.flat:
        return []
    return [_player(node, root_attrs(node), [])]


def _player(node: LexborNode, attrs: Node, content: list[Node]) -> Node:
    values = dom.attrs(node)
    found: Node = {**attrs, **source_attrs(values, "src")}
    sources = [source_attrs(dom.attrs(child), "src") for child in dom.elements(node, "source")]
    if not found.keys() & {"src", "mediaId"} and sources:
        found |= sources[0]
    if values.get("title"):
        found["title"] = values["title"]
    if node.tag == "video":
        poster = source_attrs({"data-media": values.get("data-poster", ""), "src": values.get("poster", "")}, "src")
        sizes = {name: size(values.get(name)) for name in ("width", "height")}
        found |= {"posterId": poster.get("mediaId"), "poster": poster.get("src"), **sizes}
    return {"type": node.tag, "attrs": found, "content": content}


def _figure_player(
    reader: Reader, node: LexborNode, inner: LexborNode, content: list[Node], scope: Scope
) -> list[Node] | None:
    attrs = root_attrs(node)
    if "media-card" in dom.classes(node):
        title, content = _card_text(reader, node, scope)
        attrs |= {"title": title} if title else {}
    return [_player(inner, attrs, content)]


def _card_text(reader: Reader, node: LexborNode, scope: Scope) -> tuple[str | None, list[Node]]:
    """Return title and description from a card: the first in `strong`, the second in `span.caption`."""
    title: str | None = None
    content: list[Node] = []
    for child in dom.descend(node, 40):
        if child.tag == "strong" and title is None and not content:
            title = dom.text_of(child)
        if child.tag == "span" and "caption" in dom.classes(child):
            content = reader.inline(child, scope.inside())
            break
    return title, content


def _figure_frame(_: Reader, node: LexborNode, inner: LexborNode, content: list[Node], _scope: Scope) -> list[Node]:
    return _frame(inner, root_attrs(node), content)


def _figure_code(_: Reader, node: LexborNode, inner: LexborNode, content: list[Node], _scope: Scope) -> list[Node]:
    name = next((child for child in dom.descend(node, 20) if "filename" in dom.classes(child)), None)
    own = "code" in dom.classes(node)
    attrs: Node = {**root_attrs(node), **({"filename": dom.text_of(name)} if name is not None else {})}
    block = code_block(inner, attrs, exact=own)
    return [block] if own else [block, {"type": "paragraph", "content": content}]


def _figure_quote(
    reader: Reader, node: LexborNode, inner: LexborNode, content: list[Node], scope: Scope
) -> list[Node] | None:
    """Read a quotation in a figure, the figure's caption being its source."""
    quote = blockquote(reader, inner, scope)[0]
    words = "".join(item.get("text", " ") for item in content).strip()
    if words and "attribution" not in quote["attrs"] and len(words) <= _LONGEST_CAPTION // 2:
        quote["attrs"]["attribution"] = words
        content = []
    return [{**quote, "attrs": {**quote["attrs"], **root_attrs(node)}}, {"type": "paragraph", "content": content}]


def _figure_table(
    reader: Reader, node: LexborNode, inner: LexborNode, content: list[Node], scope: Scope
) -> list[Node] | None:
    """Read a table in a figure; its caption follows as text, since there it was read after the table."""
    tables = read_tables.table(reader, inner, scope, attrs=root_attrs(node))
    return [*tables, {"type": "paragraph", "content": content}]


_FIGURES: dict[str, Callable[[Reader, LexborNode, LexborNode, list[Node], Scope], list[Node] | None]] = {
    "audio": _figure_player,
    "video": _figure_player,
    "iframe": _figure_frame,
    "pre": _figure_code,
    "blockquote": _figure_quote,
    "table": _figure_table,
}


def card(reader: Reader, node: LexborNode, scope: Scope) -> list[Node] | None:
    """Read a card with a file to download, ours or WordPress'."""
    links = dom.elements(node, "a") or [child for child in dom.descend(node, 60) if child.tag == "a"]
    if not links or dom.first(node, "object") is not None:
        return None
    own = "file" in dom.classes(node)
    if not own and not _only(node, *links):
        return None
    values = dom.attrs(links[-1] if own else links[0])
    attrs: Node = {**root_attrs(node), **source_attrs({**values, "src": values.get("href", "")}, "src")}
    attrs |= {"bytes": values.get("data-bytes"), "mediaType": values.get("type")}
    if own:
        title, content = _card_text(reader, node, scope)
    else:
        title, content = dom.text_of(links[0]), []
    return [{"type": "file", "attrs": {**attrs, "name": title}, "content": content}]


def own_embed(_reader: Reader, node: LexborNode, _scope: Scope) -> list[Node] | None:
    """Read our notice in place of a player."""
    return _own_embed(node, root_attrs(node), [])
