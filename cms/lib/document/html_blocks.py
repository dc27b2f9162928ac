"""Blocks of text as HTML: paragraphs, headings, lists, quotes, code, call-outs, columns, footnotes."""

from __future__ import annotations

from html import escape

from cms.lib.document import icons
from cms.lib.document.context import Attributes, Context
from cms.lib.document.highlight import coloured, language_name
from cms.lib.document.html_inline import inline, link_attributes
from cms.lib.document.html_tags import classes, element, void
from cms.lib.document.schema import Node

ALIGN_CLASSES = {
    "left": "text-start",
    "center": "text-center",
    "right": "text-end",
    "justify": "text-justify",
}
_CALLOUT_ICONS = {"note": icons.NOTE, "tip": icons.TIP, "warning": icons.WARNING}


def lang(node: Node) -> Attributes:
    """Return the language and the direction of a node."""
    attrs = node.get("attrs", {})
    return {name: attrs[name] for name in ("lang", "dir") if name in attrs}


def paragraph(node: Node, root: Attributes, context: Context) -> str:
    """Write a paragraph."""
    align = ALIGN_CLASSES.get(node.get("attrs", {}).get("align"))
    return element("p", {"class": align, **root}, inline(node.get("content", []), context))


def heading(node: Node, root: Attributes, context: Context) -> str:
    """Write a heading with its anchor; `data-anchor` says that the author chose it."""
    attrs = node["attrs"]
    anchor = next(context.anchors)
    link = element("a", {"class": "anchor", "href": f"#{anchor}", "aria-label": context.labels.section_link}, "#")
    marks = {"id": anchor, "class": ALIGN_CLASSES.get(attrs.get("align")), "data-anchor": "anchor" in attrs}
    return element(f"h{attrs['level']}", {**marks, **root}, inline(node["content"], context) + link)


def verse(node: Node, root: Attributes, context: Context) -> str:
    """Write a verse."""
    return element("p", {"class": "verse", **root}, inline(node["content"], context))


def bullet_list(node: Node, root: Attributes, context: Context) -> str:
    """Write a list with bullets."""
    return element("ul", root, _items(node, context))


def ordered_list(node: Node, root: Attributes, context: Context) -> str:
    """Write a list with numbers."""
    attrs = node.get("attrs", {})
    numbering = {name: attrs.get(name) for name in ("start", "type", "reversed")}
    return element("ol", {**numbering, **root}, _items(node, context))


def _items(node: Node, context: Context) -> str:
    return "".join(element("li", lang(item), loose(item["content"], context)) for item in node["content"])


def loose(blocks: list[Node], context: Context) -> str:
    """Write the blocks of a list item or cell; a plain paragraph at its start needs no tags of its own."""
    first = blocks[0]
    bare = first["type"] == "paragraph" and "attrs" not in first
    if bare and all(block["type"] in ("bulletList", "orderedList", "taskList") for block in blocks[1:]):
        return inline(first.get("content", []), context) + context.blocks(blocks[1:])
    return context.blocks(blocks)


def task_list(node: Node, root: Attributes, context: Context) -> str:
    """Write a list of tasks, each with a box that shows its state."""
    return element("ul", {"class": "task-list", **root}, "".join(_task(item, context) for item in node["content"]))


def _task(item: Node, context: Context) -> str:
    done = item.get("attrs", {}).get("checked", False)
    label = context.labels.done if done else context.labels.to_do
    box = void("input", {"type": "checkbox", "checked": done, "disabled": True, "aria-label": label})
    blocks = item["content"]
    if len(blocks) == 1 and blocks[0]["type"] == "paragraph" and "attrs" not in blocks[0]:
        return element("li", lang(item), box + element("span", {}, inline(blocks[0].get("content", []), context)))
    return element("li", lang(item), box + element("div", {}, context.blocks(blocks)))


def definition_list(node: Node, root: Attributes, context: Context) -> str:
    """Write a list of terms and what they mean."""
    parts = [
        element("dt", lang(part), inline(part["content"], context))
        if part["type"] == "definitionTerm"
        else element("dd", lang(part), loose(part["content"], context))
        for part in node["content"]
    ]
    return element("dl", root, "".join(parts))


def blockquote(node: Node, root: Attributes, context: Context) -> str:
    """Write a quotation and whose words it holds."""
    attribution = node.get("attrs", {}).get("attribution")
    footer = element("footer", {}, escape(attribution, quote=False)) if attribution else ""
    return element("blockquote", {"class": "tab", **root}, context.blocks(node["content"]) + footer)


def code_block(node: Node, root: Attributes, _context: Context) -> str:
    """Write code, coloured, under the name of its file and language."""
    attrs = node.get("attrs", {})
    language, filename = attrs.get("language"), attrs.get("filename")
    code = "".join(child["text"] for child in node["content"])
    captions = [element("span", {"class": "filename"}, escape(filename, quote=False))] if filename else []
    captions += [escape(language_name(language), quote=False)] if language else []
    caption = element("figcaption", {}, " · ".join(captions)) if captions else ""
    inner = element("code", {"class": f"language-{language}" if language else None}, coloured(code, language))
    return element("figure", {"class": "code", **root}, caption + element("pre", {"tabindex": 0}, inner))


def callout(node: Node, root: Attributes, context: Context) -> str:
    """Write a call-out; without a title of its own its kind is its title."""
    kind, title = node["attrs"]["kind"], node["attrs"].get("title")
    usual: str = getattr(context.labels, kind)
    given = {"data-title": title or "" if context.ids else None}
    head = element(
        "p",
        {"class": "callout-title", **given},
        f"{_CALLOUT_ICONS[kind]} {escape(title or usual, quote=False)}",
    )
    names = {"class": f"callout callout-{kind}", "role": "note"}
    return element("aside", {**names, **root}, head + context.blocks(node["content"]))


def button(node: Node, root: Attributes, context: Context) -> str:
    """Write a link that looks like a button."""
    variant = node["attrs"].get("variant", "primary")
    link = {"class": f"btn btn-{variant}", **link_attributes(node["attrs"], context)}
    return element("p", root, element("a", link, inline(node["content"], context)))


def columns(node: Node, root: Attributes, context: Context) -> str:
    """Write columns side by side; a width in percent is told to the theme."""
    parts = [
        element(
            "div",
            {"data-width": part.get("attrs", {}).get("width"), **lang(part)},
            context.blocks(part["content"]),
        )
        for part in node["content"]
    ]
    return element("div", {"class": "columns", **root}, "".join(parts))


def details(node: Node, root: Attributes, context: Context) -> str:
    """Write a part that opens on demand."""
    summary, content = node["content"]
    head = element("summary", {}, inline(summary.get("content", []), context))
    fold = {"class": "fold", "open": node.get("attrs", {}).get("open"), **root}
    return element("details", fold, head + context.blocks(content["content"]))


def footnotes(node: Node, root: Attributes, context: Context) -> str:
    """Write the footnotes, each with a way back to the text."""
    title = element("h2", {"id": "footnotes-title"}, escape(context.labels.footnotes, quote=False))
    notes = "".join(_footnote(note, context) for note in node["content"])
    section = {"class": classes("footnotes"), "aria-labelledby": "footnotes-title", **root}
    return element("section", section, title + element("ol", {}, notes))


def _footnote(note: Node, context: Context) -> str:
    name, blocks = note["attrs"]["id"], note["content"]
    back = ""
    if name in context.referred:
        link = {"class": "fn-back", "href": f"#fnref-{name}", "aria-label": context.labels.back}
        back = " " + element("a", link, "↩")
    item: Attributes = {"id": f"fn-{name}", **lang(note)}
    if len(blocks) == 1 and blocks[0]["type"] == "paragraph" and "attrs" not in blocks[0]:
        return element("li", item, inline(blocks[0].get("content", []), context) + back)
    return element(
        "li",
        item,
        context.blocks(blocks) + (element("p", {"class": "fn-back"}, back.strip()) if back else ""),
    )
