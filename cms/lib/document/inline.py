"""The canonical form of a line of text: marks sorted, spaces as browsers show them, equal neighbours joined."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from cms.lib.document.characters import clean_text, collapse
from cms.lib.document.schema import MARK_RANK, MARKS, NODES, Node, clean_attrs
from cms.lib.document.urls import own_reference

#: Kinds that may not stand inside a link of any sort: two links cannot be nested.
_LINKS = frozenset({"link"})


def flatten(children: object) -> Iterator[Mapping[str, Any]]:
    """Yield the inline nodes in `children` at whatever depth; where a block began or ended, a space."""
    pending: list[object] = [children]
    while pending:
        item = pending.pop()
        if isinstance(item, (list, tuple)):
            pending.extend(reversed(item))
        elif isinstance(item, str):
            yield {"type": "text", "text": item}
        elif isinstance(item, Mapping):
            kind = item.get("type")
            spec = NODES.get(kind) if isinstance(kind, str) else None
            if spec is not None and spec.role == "inline":
                yield item
            elif spec is None and isinstance(item.get("text"), str):
                yield {"type": "text", "text": item["text"]}
            elif isinstance(item.get("content"), (list, tuple)):
                pending += [{"type": "text", "text": " "}, item["content"], {"type": "text", "text": " "}]


def tidy(items: Iterable[Mapping[str, Any]], *, verse: bool = False, plain: bool = False) -> list[Node]:
    """Return canonical inline content for `items`.

    In a verse each line feed is a hard break. `plain` leaves out what may not stand inside a link or a
    summary: links and footnote references.
    """
    line: list[Node] = []
    after_space = True
    for item in _clean_items(items, verse=verse, plain=plain):
        if item["type"] == "text":
            text = collapse(item["text"])
            text = text.removeprefix(" ") if after_space else text
            if text:
                line.append({**item, "text": text})
                after_space = text.endswith(" ")
        elif item["type"] == "hardBreak":
            _trim_space(line)
            after_space = True
            line.append(item)
        else:
            after_space = False
            line.append(item)
    return _joined(_trimmed(line))


def is_blank(content: list[Node]) -> bool:
    """Tell whether canonical inline content shows nothing: only white space of any kind, and breaks."""
    return all(item["type"] == "hardBreak" or (item["type"] == "text" and item["text"].isspace()) for item in content)


def clean_marks(raw: object, *, plain: bool = False) -> list[Node]:
    """Return the known marks of `raw`, one of each kind, with clean attributes, in nesting order."""
    found: dict[str, Node] = {}
    for mark in raw if isinstance(raw, (list, tuple)) else ():
        kind = mark.get("type") if isinstance(mark, Mapping) else None
        if not isinstance(kind, str) or kind not in MARKS or kind in found or (plain and kind in _LINKS):
            continue
        attrs = clean_attrs(MARKS[kind], mark.get("attrs"))
        if kind == "link":
            attrs = clean_link(attrs)
        if attrs or kind not in ("link", "language"):
            found[kind] = {"type": kind, "attrs": attrs} if attrs else {"type": kind}
    return sorted(found.values(), key=lambda mark: MARK_RANK[mark["type"]])


def clean_link(attrs: Node) -> Node:
    """Name the target of a link once: by entry, by media file, or by address; nothing without a target."""
    own = own_reference(attrs.get("href"))
    if own is not None:
        attrs = {name: value for name, value in attrs.items() if name != "href"}
        attrs.setdefault("entryId" if own[0] == "entry" else "mediaId", own[1])
    if "entryId" in attrs:
        attrs.pop("mediaId", None)
    if not attrs.keys() & {"href", "entryId", "mediaId"}:
        return {}
    if attrs.get("target") == "_blank":
        attrs["rel"] = " ".join(sorted({*attrs.get("rel", "").split(), "noopener"}))
    order = MARKS["link"]
    return {name: attrs[name] for name in order if name in attrs}


def _clean_items(items: Iterable[Mapping[str, Any]], *, verse: bool, plain: bool) -> Iterator[Node]:
    for item in items:
        kind = item.get("type")
        if kind == "text":
            text = item.get("text")
            if isinstance(text, str):
                yield from _text(clean_text(text), clean_marks(item.get("marks"), plain=plain), verse)
        elif kind == "hardBreak":
            yield {"type": "hardBreak"}
        elif kind == "footnoteRef":
            attrs = clean_attrs(NODES["footnoteRef"].attrs, item.get("attrs"))
            if attrs and not plain:
                yield {"type": "footnoteRef", "attrs": attrs}
        elif kind == "inlineImage":
            yield from _image(item, plain)


def _text(text: str, marks: list[Node], verse: bool) -> Iterator[Node]:
    for number, part in enumerate(text.split("\n") if verse else [text]):
        if number:
            yield {"type": "hardBreak"}
        if part:
            yield {"type": "text", "text": part, "marks": marks} if marks else {"type": "text", "text": part}


def _image(item: Mapping[str, Any], plain: bool) -> Iterator[Node]:
    attrs = clean_source(clean_attrs(NODES["inlineImage"].attrs, item.get("attrs")))
    links = [mark for mark in clean_marks(item.get("marks"), plain=plain) if mark["type"] == "link"]
    if "src" in attrs or "mediaId" in attrs:
        yield {"type": "inlineImage", "attrs": attrs, **({"marks": links} if links else {})}
    elif "alt" in attrs:
        yield from _text(attrs["alt"], links, False)


def clean_source(attrs: Node) -> Node:
    """Read a source of the form `cms:media/12` as the number of a media file; other `cms:` sources go."""
    own = own_reference(attrs.get("src"))
    if own is None:
        return attrs
    rest = {name: value for name, value in attrs.items() if name != "src"}
    return {"mediaId": own[1], **rest} if own[0] == "media" and "mediaId" not in rest else rest


def _trim_space(line: list[Node]) -> None:
    if line and line[-1]["type"] == "text":
        text = line[-1]["text"].removesuffix(" ")
        if text:
            line[-1] = {**line[-1], "text": text}
        else:
            line.pop()


def _trimmed(line: list[Node]) -> list[Node]:
    start = 0
    while start < len(line) and line[start]["type"] == "hardBreak":
        start += 1
    _trim_space(line)
    while len(line) > start and line[-1]["type"] == "hardBreak":
        line.pop()
    return line[start:]


def _joined(line: list[Node]) -> list[Node]:
    joined: list[Node] = []
    for item in line:
        last = joined[-1] if joined else None
        if last and item["type"] == last["type"] == "text" and item.get("marks") == last.get("marks"):
            joined[-1] = {**last, "text": last["text"] + item["text"]}
        else:
            joined.append(item)
    return joined
