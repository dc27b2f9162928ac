"""Blocks as Markdown, as far as it has words for them; None where it has none."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass

from cms.lib.document.markdown_text import destination, escaped, inline, title
from cms.lib.document.schema import Node

_CELL_RULES = {"left": ":---", "center": ":---:", "right": "---:"}
_LISTS = frozenset({"bulletList", "orderedList", "taskList"})


@dataclass(frozen=True)
class Style:
    """`tags` writes marks as HTML elements; `other` uses the second sign for lists, next to a list of its kind."""

    tags: bool = False
    other: bool = False


def block(node: Node, style: Style) -> str | None:
    """Return one canonical block as Markdown, or None when there is no way to say it."""
    attrs = {name: value for name, value in node.get("attrs", {}).items() if name != "id"}
    writer = _WRITERS.get(node["type"])
    return writer(node, attrs, style) if writer is not None else None


def alike(before: Node, node: Node) -> bool:
    """Tell whether two lists beside each other would be read as one."""
    kinds = {before["type"], node["type"]}
    return kinds <= {"bulletList", "taskList"} or kinds == {"orderedList"}


def blocks(nodes: list[Node], style: Style) -> str | None:
    """Return blocks set apart by blank lines, or None when one of them cannot be said."""
    parts: list[str] = []
    other = False
    before: Node | None = None
    for node in nodes:
        other = not other if before is not None and alike(before, node) else False
        written = block(node, Style(style.tags, other))
        if written is None:
            return None
        tight = before is not None and before["type"] == "paragraph" and node["type"] in _LISTS
        parts += ["\n" if tight else "\n\n", written] if parts else [written]
        before = node
    return "".join(parts)


def _paragraph(node: Node, attrs: Node, style: Style) -> str | None:
    return None if attrs else inline(node.get("content", []), tags=style.tags)


def _heading(node: Node, attrs: Node, style: Style) -> str | None:
    if attrs.keys() - {"level", "anchor"}:
        return None
    words = inline(node["content"], tags=style.tags)
    if "\n" in words:
        return None
    words = re.sub(r"#(?=#*$)", r"\\#", words)
    anchor = f" {{#{attrs['anchor']}}}" if "anchor" in attrs else ""
    return f"{'#' * attrs['level']} {words}{anchor}"


def _items(node: Node, style: Style, marker: Callable[[int, Node], str]) -> str | None:
    items: list[str] = []
    simple = True
    for place, item in enumerate(node["content"]):
        if item.get("attrs", {}).keys() - {"checked"}:
            return None
        written = blocks(item["content"], Style(style.tags))
        if written is None:
            return None
        sign = marker(place, item)
        indent = " " * (len(sign) if not sign.endswith("] ") else 2)
        items.append((sign + written.replace("\n", f"\n{indent}")).rstrip(" "))
        simple = simple and all(child["type"] in _LISTS or place == 0 for place, child in enumerate(item["content"]))
    return re.sub(r"(?m)^ +$", "", ("\n" if simple else "\n\n").join(items))


def _bullet_list(node: Node, attrs: Node, style: Style) -> str | None:
    return None if attrs else _items(node, style, lambda _place, _item: "+ " if style.other else "- ")


def _ordered_list(node: Node, attrs: Node, style: Style) -> str | None:
    if attrs.keys() - {"start"}:
        return None
    start, sign = attrs.get("start", 1), ")" if style.other else "."
    return _items(node, style, lambda place, _item: f"{start + place}{sign} ")


def _task_list(node: Node, attrs: Node, style: Style) -> str | None:
    bullet = "+" if style.other else "-"
    if attrs:
        return None
    return _items(
        node, style, lambda _place, item: f"{bullet} [{'x' if item.get('attrs', {}).get('checked') else ' '}] "
    )


def _definition_list(node: Node, attrs: Node, style: Style) -> str | None:
    lines: list[str] = []
    for part in node["content"]:
        if attrs or "attrs" in part:
            return None
        if part["type"] == "definitionTerm":
            words = inline(part["content"], tags=style.tags)
            lines.append(("\n" if lines else "") + words)
            continue
        written = blocks(part["content"], Style(style.tags))
        if written is None:
            return None
        lines.append(": " + re.sub(r"\n(?=[^\n])", "\n  ", written))
    return "\n".join(lines)


def _blockquote(node: Node, attrs: Node, style: Style) -> str | None:
    written = blocks(node["content"], Style(style.tags))
    return None if attrs or written is None else _quoted(written)


def _quoted(text: str) -> str:
    return "\n".join(f"> {line}" if line else ">" for line in text.split("\n"))


def _callout(node: Node, attrs: Node, style: Style) -> str | None:
    written = blocks(node["content"], Style(style.tags))
    if attrs.keys() - {"kind", "title"} or written is None:
        return None
    head = f"[!{attrs['kind'].upper()}] {escaped(attrs.get('title', ''))}".rstrip()
    return _quoted(f"{head}\n{written}")


def _code_block(node: Node, attrs: Node, _style: Style) -> str | None:
    if attrs.keys() - {"language", "filename"} or str(attrs.get("language", "")).startswith("cms-"):
        return None
    filename = attrs.get("filename")
    if filename is not None and (re.search(r"[`\"\\&]", filename) or "language" not in attrs):
        return None
    info = attrs.get("language", "") + (f' title="{filename}"' if filename else "")
    return fenced(info, "".join(child["text"] for child in node["content"]))


def fenced(info: str, text: str) -> str:
    """Return `text` between fences longer than any run of backticks in it."""
    longest = max((len(run) for run in re.findall("`+", text)), default=0)
    fence = "`" * max(3, longest + 1)
    return f"{fence}{info}\n{text}\n{fence}"


def _image(node: Node, attrs: Node, _style: Style) -> str | None:
    if (
        "content" in node
        or attrs.keys() - {"src", "mediaId", "alt", "title", "href"}
        or {"src", "mediaId"} <= attrs.keys()
    ):
        return None
    source = attrs.get("src") or f"cms:media/{attrs['mediaId']}"
    picture = f"![{escaped(attrs.get('alt', ''))}]({destination(source)}{title(attrs.get('title'))})"
    return f"[{picture}]({destination(attrs['href'])})" if "href" in attrs else picture


def _table(node: Node, attrs: Node, style: Style) -> str | None:
    rows = node["content"]
    if attrs or len({len(row["content"]) for row in rows}) != 1:
        return None
    if any(cell["type"] != "tableHeader" for cell in rows[0]["content"]):
        return None
    aligns = [cell.get("attrs", {}).get("align") for cell in rows[0]["content"]]
    lines: list[str] = []
    for place, row in enumerate(rows):
        cells = [_cell(cell, align, place == 0, style) for cell, align in zip(row["content"], aligns, strict=True)]
        if None in cells:
            return None
        lines.append(f"| {' | '.join(cell or '' for cell in cells)} |")
    rule = f"| {' | '.join(_CELL_RULES.get(align or '', '---') for align in aligns)} |"
    return "\n".join([lines[0], rule, *lines[1:]])


def _cell(cell: Node, align: str | None, head: bool, style: Style) -> str | None:
    attrs, content = cell.get("attrs", {}), cell["content"]
    if attrs != ({"align": align} if align else {}) or (cell["type"] == "tableHeader") != head:
        return None
    if len(content) != 1 or content[0]["type"] != "paragraph" or "attrs" in content[0]:
        return None
    words = inline(content[0].get("content", []), tags=style.tags)
    return None if "\n" in words else words


def _footnotes(node: Node, _attrs: Node, style: Style) -> str | None:
    notes: list[str] = []
    for note in node["content"]:
        written = blocks(note["content"], Style(style.tags))
        if written is None or note["attrs"].keys() - {"id"}:
            return None
        notes.append(f"[^{note['attrs']['id']}]: " + re.sub(r"\n(?=[^\n])", "\n    ", written))
    return "\n\n".join(notes)


def _raw_html(node: Node, attrs: Node, _style: Style) -> str | None:
    return None if attrs.keys() - {"html"} else fenced("cms-html", node["attrs"]["html"])


def _read_more(_node: Node, attrs: Node, _style: Style) -> str | None:
    text = attrs.get("text", "")
    return None if "--" in text or ">" in text else f"<!--more {text}-->".replace("more -->", "more-->")


_WRITERS: dict[str, Callable[[Node, Node, Style], str | None]] = {
    "paragraph": _paragraph,
    "heading": _heading,
    "bulletList": _bullet_list,
    "orderedList": _ordered_list,
    "taskList": _task_list,
    "definitionList": _definition_list,
    "blockquote": _blockquote,
    "callout": _callout,
    "codeBlock": _code_block,
    "image": _image,
    "table": _table,
    "footnotes": _footnotes,
    "rawHtml": _raw_html,
    "horizontalRule": lambda _node, attrs, _style: None if attrs else "***",
    "pageBreak": lambda _node, attrs, _style: None if attrs else "<!--nextpage-->",
    "readMore": _read_more,
}
