"""Reading blocks of text from HTML: headings, lists, quotations, code, call-outs, columns, footnotes."""

from __future__ import annotations

import json
import re

from selectolax.lexbor import LexborNode

from cms.lib.document import dom
from cms.lib.document.labels import ENGLISH
from cms.lib.document.read_style import alignment, layout, link_attrs, root_attrs
from cms.lib.document.schema import Node
from cms.lib.document.scope import Reader, Scope

_LONGEST_LINE = 900
_LANGUAGE_CLASS = re.compile(r"(?:language|lang|brush:|highlight-source)-?\s*([A-Za-z0-9+#._-]+)")


def heading(reader: Reader, node: LexborNode, scope: Scope) -> list[Node]:
    """Read h1 to h6; an id that was made from the words (next to its link) is none of the author's."""
    values = dom.attrs(node)
    made = any("anchor" in dom.classes(link) for link in dom.elements(node, "a")) and "data-anchor" not in values
    attrs: Node = {**root_attrs(node), "level": int((node.tag or "h2")[1]), "align": alignment(node)}
    if values.get("id") and not made:
        attrs["anchor"] = values["id"]
    return [{"type": "heading", "attrs": _said(attrs), "content": reader.inline(node, scope.inside())}]


def _said(attrs: Node) -> Node:
    return {name: value for name, value in attrs.items() if value is not None}


def paragraph(reader: Reader, node: LexborNode, scope: Scope) -> list[Node] | None:
    """Read the special kinds of `p`: verse, page break, button; any other is passed through."""
    names = dom.classes(node)
    if "page-break" in names:
        return [{"type": "pageBreak", "attrs": root_attrs(node)}]
    if "verse" in names:
        return [{"type": "verse", "attrs": root_attrs(node), "content": reader.inline(node, scope.inside())}]
    if "fn-back" in names and scope.note:
        return []
    shown = [child for child in dom.children(node) if not dom.is_blank(child)]
    if len(shown) == 1 and shown[0].tag == "a" and "btn" in dom.classes(shown[0]):
        return [_button(reader, shown[0], {**root_attrs(node)}, scope)]
    return None


def _button(reader: Reader, link: LexborNode, attrs: Node, scope: Scope) -> Node:
    target = link_attrs(dom.attrs(link))
    variant = "outline" if dom.classes(link) & {"btn-outline", "is-style-outline"} else None
    found = {"href": target.get("href"), "entryId": target.get("entryId"), "variant": variant}
    return {"type": "button", "attrs": _said({**attrs, **found}), "content": reader.inline(link, scope.inside())}


def bullet_list(reader: Reader, node: LexborNode, scope: Scope) -> list[Node] | None:
    """Read `ul`, or the list of tasks that it is."""
    items = dom.elements(node, "li")
    if "task-list" in dom.classes(node) or (items and all(_box(item) is not None for item in items)):
        return [{"type": "taskList", "attrs": root_attrs(node), "content": _items(reader, node, scope, tasks=True)}]
    return [{"type": "bulletList", "attrs": root_attrs(node), "content": _items(reader, node, scope)}]


def ordered_list(reader: Reader, node: LexborNode, scope: Scope) -> list[Node]:
    """Read `ol`, also the one that holds footnotes."""
    if "wp-block-footnotes" in dom.classes(node):
        return footnotes(reader, node, scope) or []
    values = dom.attrs(node)
    attrs = {**root_attrs(node), "start": values.get("start"), "type": values.get("type")}
    attrs["reversed"] = "reversed" in values
    return [{"type": "orderedList", "attrs": _said(attrs), "content": _items(reader, node, scope)}]


def _items(reader: Reader, node: LexborNode, scope: Scope, *, tasks: bool = False) -> list[Node]:
    """Read the items of a list; a list that stands between items belongs to the one before it."""
    kind = "taskItem" if tasks else "listItem"
    items: list[Node] = []
    strays: list[LexborNode] = []
    for child in [*dom.children(node), None]:
        if child is not None and child.tag != "li":
            strays.append(child)
            continue
        shown = [stray for stray in strays if not dom.is_blank(stray)]
        found = reader.read(strays, scope.inside()) if shown else []
        if found and items and all(stray.tag in ("ul", "ol") for stray in shown):
            items[-1]["content"] += found
        elif found:
            items.append({"type": kind, "content": found})
        strays = []
        if child is not None:
            content = reader.blocks(child, scope.inside(task=tasks))
            box = _box(child) if tasks else None
            checked = box is not None and "checked" in box.attributes
            items.append({"type": kind, "attrs": _language(child) | {"checked": checked}, "content": content})
    return items


def _language(node: LexborNode) -> Node:
    return {name: value for name, value in root_attrs(node).items() if name != "id"}


def _box(item: LexborNode) -> LexborNode | None:
    """Return the box to tick that begins a list item."""
    place: LexborNode | None = item
    for _ in range(3):
        place = next((child for child in dom.children(place) if not dom.is_blank(child)), None) if place else None
        if place is None or place.is_text_node or place.tag not in ("input", "p", "label", "div", "span"):
            return None
        if place.tag == "input":
            return place if place.attributes.get("type") == "checkbox" else None
    return None


def definition_list(reader: Reader, node: LexborNode, scope: Scope) -> list[Node]:
    """Read `dl`, whose pairs may be wrapped in `div`s."""
    parts: list[Node] = []
    pending = list(dom.children(node))[::-1]
    while pending:
        child = pending.pop()
        if dom.is_blank(child):
            continue
        if child.tag == "div":
            pending.extend(list(dom.children(child))[::-1])
        elif child.tag == "dt":
            content = reader.inline(child, scope.inside())
            parts.append({"type": "definitionTerm", "attrs": _language(child), "content": content})
        elif child.tag == "dd":
            content = reader.blocks(child, scope.inside())
            parts.append({"type": "definitionDescription", "attrs": _language(child), "content": content})
        else:
            parts.append({"type": "paragraph", "content": [{"type": "text", "text": dom.text_of(child)}]})
            if child.is_text_node:
                parts[-1]["content"] = [{"type": "text", "text": child.text_content or ""}]
    return [{"type": "definitionList", "attrs": root_attrs(node), "content": parts}]


def blockquote(reader: Reader, node: LexborNode, scope: Scope) -> list[Node]:
    """Read a quotation; a footer or source at its end says whose words they are."""
    shown = [child for child in dom.children(node) if not dom.is_blank(child)]
    attrs = root_attrs(node)
    last = shown[-1] if shown else None
    skip: int | None = None
    if last is not None and last.tag in ("footer", "cite") and dom.first(last, "img") is None:
        words = " ".join(dom.text_of(last).split(" ")).strip()
        if len(words) <= _LONGEST_LINE:
            attrs["attribution"] = words
            skip = last.mem_id
    content = reader.blocks(node, scope.inside(), lambda child: child.mem_id == skip)
    return [{"type": "blockquote", "attrs": attrs, "content": content}]


def preformatted(reader: Reader, node: LexborNode, scope: Scope) -> list[Node]:
    """Read `pre`: code as it stands, or a verse."""
    if "wp-block-verse" in dom.classes(node):
        content = _indented(reader.inline(node, scope.inside()))
        return [{"type": "verse", "attrs": root_attrs(node), "content": content}]
    return [code_block(node, {**root_attrs(node)}, exact=False)]


def _indented(content: list[Node]) -> list[Node]:
    """Return a verse whose lines keep the spaces they begin with."""
    for item in content:
        if item["type"] == "text":
            item["text"] = re.sub(r"(?<=\n) +", lambda spaces: "\xa0" * len(spaces.group()), item["text"])
    return content


def code_block(node: LexborNode, attrs: Node, *, exact: bool) -> Node:
    """Return the code in a `pre` element; one line end at its very end is no part of it unless `exact`."""
    code = next((child for child in dom.elements(node, "code")), None)
    text = dom.text_of(node, lines=True)
    text = text if exact else text.removesuffix("\n")
    for element in (code, node):
        if element is None or "language" in attrs:
            continue
        match = _LANGUAGE_CLASS.search(element.attributes.get("class") or "")
        named = match.group(1) if match else element.attributes.get("data-language")
        if named:
            attrs["language"] = named
    return {"type": "codeBlock", "attrs": attrs, "content": [{"type": "text", "text": text}]}


def callout(reader: Reader, node: LexborNode, scope: Scope) -> list[Node] | None:
    """Read an `aside` that is a call-out; any other is passed through."""
    names = dom.classes(node)
    if "callout" not in names:
        return None
    kind = next((name for name in ("tip", "warning", "note") if f"callout-{name}" in names), "note")
    head = next((child for child in dom.elements(node, "p") if "callout-title" in dom.classes(child)), None)
    attrs = {**root_attrs(node), "kind": kind}
    if head is not None:
        usual: str = getattr(ENGLISH, kind)
        words = dom.text_of(head).strip()
        attrs["title"] = head.attributes.get("data-title") if "data-title" in head.attributes else words
        if "data-title" not in head.attributes and words == usual:
            del attrs["title"]
    skip = head.mem_id if head is not None else None
    content = reader.blocks(node, scope.inside(), lambda child: child.mem_id == skip)
    return [{"type": "callout", "attrs": _said(attrs), "content": content}]


def details(reader: Reader, node: LexborNode, scope: Scope) -> list[Node]:
    """Read a part that opens on demand."""
    head = next(iter(dom.elements(node, "summary")), None)
    skip = head.mem_id if head is not None else None
    summary = reader.inline(head, scope.inside()) if head is not None else []
    content = reader.blocks(node, scope.inside(), lambda child: child.mem_id == skip)
    attrs = {**root_attrs(node), "open": "open" in node.attributes}
    parts: list[Node] = [{"type": "detailsSummary", "content": summary}, {"type": "detailsContent", "content": content}]
    return [{"type": "details", "attrs": attrs, "content": parts}]


def columns(reader: Reader, node: LexborNode, scope: Scope) -> list[Node] | None:
    """Read columns; a `div` of this name without columns in it is passed through."""
    parts: list[Node] = []
    shown = [child for child in dom.children(node) if not dom.is_blank(child)]
    if any(child.tag != "div" for child in shown):
        return None
    for child in shown:
        attrs = _language(child)
        style = re.search(r"flex-basis\s*:\s*(\d+)", child.attributes.get("style") or "")
        attrs["width"] = child.attributes.get("data-width") or (style.group(1) if style else None)
        parts.append({"type": "column", "attrs": _said(attrs), "content": reader.blocks(child, scope.inside())})
    return [{"type": "columns", "attrs": root_attrs(node), "content": parts}] if parts else None


def buttons(reader: Reader, node: LexborNode, scope: Scope) -> list[Node] | None:
    """Read a wrapped button as WordPress writes it."""
    link = dom.first(node, "a")
    if link is None or dom.text_of(node).strip() != dom.text_of(link).strip() or layout(node):
        return None
    button = _button(reader, link, root_attrs(node), scope)
    if "is-style-outline" in dom.classes(node):
        button["attrs"]["variant"] = "outline"
    return [button]


def footnotes(reader: Reader, node: LexborNode, scope: Scope) -> list[Node] | None:
    """Read footnotes from their section or list."""
    holder = node if node.tag == "ol" else dom.first(node, "ol")
    if holder is None:
        return None
    notes = [
        {
            "type": "footnote",
            "attrs": _language(item) | {"id": note_name(item.attributes.get("id") or "")},
            "content": reader.blocks(item, scope.inside(note=True)),
        }
        for item in dom.elements(holder, "li")
    ]
    return [{"type": "footnotes", "attrs": root_attrs(node), "content": notes}]


def note_name(name: str) -> str:
    """Return the name of a footnote out of an id in the page."""
    return re.sub(r"[^A-Za-z0-9_-]", "-", name.removeprefix("fn-"))[:40]


def opaque(node: LexborNode) -> list[Node] | None:
    """Read a block written as JSON into an attribute; broken JSON is no block."""
    try:
        block = json.loads(node.attributes.get("data-cms-block") or "")
    except (ValueError, RecursionError):
        return None
    return [block] if isinstance(block, dict) else None
