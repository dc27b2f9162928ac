"""What makes a block whole: a picture needs a source, a list an item; what lacks it gives up its text."""

from __future__ import annotations

from collections.abc import Callable

from cms.lib.document import tables
from cms.lib.document.embeds import recognise
from cms.lib.document.inline import clean_link, clean_source, is_blank, tidy
from cms.lib.document.labels import ENGLISH
from cms.lib.document.raw import clean_raw
from cms.lib.document.schema import Node
from cms.lib.document.urls import own_reference

_NEEDS_CONTENT = frozenset({"codeBlock", "bulletList", "orderedList", "taskList", "columns"})
_NEEDS_WORDS = frozenset({"paragraph", "heading", "verse", "button"})
_EMPTY_PARAGRAPH: Node = {"type": "paragraph"}


def finish(node: Node) -> list[Node]:
    """Return the finished block, or the blocks that remain of it; its attributes and content are clean."""
    kind = node["type"]
    if (kind in _NEEDS_CONTENT and not node["content"]) or (kind in _NEEDS_WORDS and is_blank(node["content"])):
        return []
    finisher = _FINISHERS.get(kind)
    blocks = finisher(node) if finisher else [node]
    return [_without_empty(block) for block in blocks]


def paragraph(text: str | None) -> list[Node]:
    """Return a paragraph of plain text, or nothing."""
    content = tidy([{"type": "text", "text": text or ""}])
    return [] if is_blank(content) else [{"type": "paragraph", "content": content}]


def _without_empty(node: Node) -> Node:
    return {name: value for name, value in node.items() if value or name == "type"}


def _heading(node: Node) -> list[Node]:
    node["attrs"].setdefault("level", 2)
    return [node]


def _filled(node: Node) -> list[Node]:
    node["content"] = node["content"] or [dict(_EMPTY_PARAGRAPH)]
    return [node]


def _callout(node: Node) -> list[Node]:
    kind = node["attrs"].setdefault("kind", "note")
    if node["attrs"].get("title") == getattr(ENGLISH, kind):
        del node["attrs"]["title"]
    return _filled(node)


def _media(node: Node) -> list[Node]:
    attrs = clean_source(node["attrs"])
    own = own_reference(attrs.get("poster"))
    if own is not None:
        del attrs["poster"]
        if own[0] == "media":
            attrs.setdefault("posterId", own[1])
    if "src" in attrs or "mediaId" in attrs:
        return [{**node, "attrs": attrs}]
    content: list[Node] = node["content"]
    label = attrs.get("alt") or attrs.get("title") or attrs.get("name")
    return paragraph(label) if is_blank(content) else [{"type": "paragraph", "content": content}]


def _gallery(node: Node) -> list[Node]:
    images = [image for image in node["content"] if image["type"] == "image"]
    rest = [block for block in node["content"] if block["type"] != "image"]
    for image in images:
        image["attrs"].pop("layout", None)
    if not images:
        return rest + paragraph(node["attrs"].get("caption"))
    return [{**node, "content": images}, *rest]


def _table(node: Node) -> list[Node]:
    rows = tables.settle([row for row in node["content"] if row.get("content")])
    return [{**node, "content": rows}] if rows else paragraph(node["attrs"].get("caption"))


def _definitions(node: Node) -> list[Node]:
    node["content"] = [part for part in node["content"] if part.get("content")]
    return [node] if node["content"] else []


def _embed(node: Node) -> list[Node]:
    attrs = node["attrs"]
    found = recognise(attrs.get("url"))
    content: list[Node] = node["content"]
    if found is not None:
        attrs = {name: value for name, value in attrs.items() if name not in ("url", "provider")}
        head = {"id": attrs.pop("id")} if "id" in attrs else {}
        return [{**node, "attrs": {**head, "url": found.url, "provider": found.provider, **attrs}}]
    rest: list[Node] = [] if is_blank(content) else [{"type": "paragraph", "content": content}]
    address, title = attrs.get("url"), attrs.get("title")
    if address is None:
        return paragraph(title) + rest
    link = {"type": "link", "attrs": {"href": address}}
    return [
        {"type": "paragraph", "content": tidy([{"type": "text", "text": title or address, "marks": [link]}])},
        *rest,
    ]


def _button(node: Node) -> list[Node]:
    content: list[Node] = node["content"]
    target = clean_link({name: value for name, value in node["attrs"].items() if name in ("href", "entryId")})
    if "mediaId" in target:
        target = {"href": f"cms:media/{target['mediaId']}"}
    if not target:
        return [{"type": "paragraph", "content": content}]
    attrs = {name: value for name, value in node["attrs"].items() if name not in ("href", "entryId")}
    head = {"id": attrs.pop("id")} if "id" in attrs else {}
    return [{**node, "attrs": {**head, **target, **attrs}}]


def _details(node: Node) -> list[Node]:
    summary: list[Node] = []
    content: list[Node] = []
    for part in node["content"]:
        inner = part.get("content", [])
        if part["type"] == "detailsSummary" and not summary:
            summary = inner
        elif part["type"] == "detailsSummary":
            content += [] if is_blank(inner) else [{"type": "paragraph", "content": inner}]
        else:
            content += [block for block in inner if block != _EMPTY_PARAGRAPH]
    if not summary and not content:
        return []
    head: Node = {"type": "detailsSummary", **({"content": summary} if summary else {})}
    return [
        {
            **node,
            "content": [head, {"type": "detailsContent", "content": content or [dict(_EMPTY_PARAGRAPH)]}],
        }
    ]


def _raw_html(node: Node) -> list[Node]:
    cleaned = clean_raw(node["attrs"].get("html", ""))
    return [{**node, "attrs": {**node["attrs"], "html": cleaned}}] if cleaned else []


_FINISHERS: dict[str, Callable[[Node], list[Node]]] = {
    "heading": _heading,
    "blockquote": _filled,
    "callout": _callout,
    "image": _media,
    "audio": _media,
    "video": _media,
    "file": _media,
    "gallery": _gallery,
    "table": _table,
    "definitionList": _definitions,
    "embed": _embed,
    "button": _button,
    "details": _details,
    "rawHtml": _raw_html,
}
