"""Short names for the blocks of a document, for writing one by hand.

A text may mark words as Markdown does: `**bold**`, `*italic*`, `` `code` ``, `==mark==`, `[words](address)` and
`[^1]` for a footnote.
"""

import re
from typing import Any

Node = dict[str, Any]
_MARKED = re.compile(
    r"\*\*(?P<bold>[^*]+)\*\*|\*(?P<italic>[^*]+)\*|`(?P<code>[^`]+)`|==(?P<highlight>[^=]+)==|"
    r"\[\^(?P<note>\w+)\]|\[(?P<words>[^\]]+)\]\((?P<href>[^)]+)\)|(?P<kbd>‹[^›]+›)"
)


def words(text: str) -> list[Node]:
    """Return a marked text as inline nodes."""
    nodes: list[Node] = []
    end = 0
    for match in _MARKED.finditer(text):
        nodes += _plain(text[end : match.start()])
        nodes.append(_inline(match))
        end = match.end()
    return nodes + _plain(text[end:])


def _plain(text: str) -> list[Node]:
    return [{"type": "text", "text": text}] if text else []


def _inline(match: re.Match[str]) -> Node:
    if match["note"]:
        return {"type": "footnoteRef", "attrs": {"id": match["note"]}}
    if match["words"]:
        mark: Node = {"type": "link", "attrs": {"href": match["href"]}}
        return {"type": "text", "text": match["words"], "marks": [mark]}
    kind = next(name for name in ("bold", "italic", "code", "highlight", "kbd") if match[name])
    return {"type": "text", "text": match[kind].strip("‹›"), "marks": [{"type": kind}]}


def block(kind: str, /, *content: Node, **attrs: Any) -> Node:
    """Return a node of a kind with its content and attributes."""
    given = {name: value for name, value in attrs.items() if value is not None}
    return {"type": kind, **({"attrs": given} if given else {}), **({"content": list(content)} if content else {})}


def document(*blocks: Node) -> Node:
    """Return a document of blocks."""
    return block("doc", *blocks)


def p(text: str, **attrs: Any) -> Node:
    """Return a paragraph."""
    return block("paragraph", *words(text), **attrs)


def h(text: str, level: int = 2) -> Node:
    """Return a heading."""
    return block("heading", *words(text), level=level)


def bullets(*items: str | list[Node]) -> Node:
    """Return a list; an item is a text or blocks."""
    return block("bulletList", *(_item("listItem", item) for item in items))


def numbers(*items: str, start: int | None = None) -> Node:
    """Return a numbered list."""
    return block("orderedList", *(_item("listItem", item) for item in items), start=start)


def tasks(*items: tuple[str, bool]) -> Node:
    """Return a list of things to do, each with whether it is done."""
    return block("taskList", *(block("taskItem", p(text), checked=done or None) for text, done in items))


def _item(kind: str, item: str | list[Node]) -> Node:
    return block(kind, *([p(item)] if isinstance(item, str) else item))


def terms(*pairs: tuple[str, str]) -> Node:
    """Return a list of terms, each with what it means."""
    parts = [part for term, meaning in pairs for part in _term(term, meaning)]
    return block("definitionList", *parts)


def _term(term: str, meaning: str) -> tuple[Node, Node]:
    return block("definitionTerm", *words(term)), block("definitionDescription", p(meaning))


def quote(text: str, by: str) -> Node:
    """Return a quotation and who said it."""
    return block("blockquote", p(text), attribution=by)


def verse(*lines: str) -> Node:
    """Return a poem."""
    parts: list[Node] = []
    for line in lines:
        parts += [*([block("hardBreak")] if parts else []), *words(line)]
    return block("verse", *parts)


def code(text: str, language: str, filename: str | None = None) -> Node:
    """Return a piece of a program."""
    return block("codeBlock", {"type": "text", "text": text}, language=language, filename=filename)


def image(media_id: int, alt: str, caption: str = "", layout: str | None = None) -> Node:
    """Return a picture with its caption."""
    return block("image", *words(caption), mediaId=media_id, alt=alt, layout=layout)


def gallery(caption: str, *pictures: Node) -> Node:
    """Return several pictures beside each other."""
    return block("gallery", *pictures, caption=caption)


def table(caption: str, head: tuple[str, ...], *rows: tuple[str, ...]) -> Node:
    """Return a table whose first column names the rows."""
    top = block("tableRow", *(block("tableHeader", p(text), scope="col") for text in head))
    lines = [
        block(
            "tableRow", block("tableHeader", p(row[0]), scope="row"), *(block("tableCell", p(text)) for text in row[1:])
        )
        for row in rows
    ]
    return block("table", top, *lines, caption=caption)


def callout(kind: str, *blocks: Node, title: str | None = None) -> Node:
    """Return a note, tip or warning."""
    return block("callout", *blocks, kind=kind, title=title)


def columns(*parts: list[Node]) -> Node:
    """Return blocks beside each other."""
    return block("columns", *(block("column", *part) for part in parts))


def details(summary: str, *blocks: Node) -> Node:
    """Return blocks that a reader unfolds."""
    return block("details", block("detailsSummary", *words(summary)), block("detailsContent", *blocks))


def button(text: str, href: str, variant: str | None = None) -> Node:
    """Return a link that looks like a button."""
    return block("button", *words(text), href=href, variant=variant)


def notes(**texts: str) -> Node:
    """Return the footnotes; `_1="…"` is note 1."""
    return block("footnotes", *(block("footnote", p(text), id=name.lstrip("_")) for name, text in texts.items()))
