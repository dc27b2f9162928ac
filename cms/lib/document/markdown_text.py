"""Text and lines of text as Markdown (CommonMark 0.31), with escapes only where a sign would mean something."""

from __future__ import annotations

import re
from html import escape

from cms.lib.document.html_tags import attributes
from cms.lib.document.schema import Node

_SIGNS = re.compile(r"[\\`*_\[\]<>~|^{}]|&(?=#?\w)|!(?=\[)|(?<=\w)@(?=\w)")
_LINE_START = re.compile(r"^(\s*)([#+=:-]|\d{1,9}(?=[.)]))")
#: White space that parsers strip or collapse, and characters nobody sees, are written by number.
_HIDDEN = re.compile(r"[\u00ad\u1680\u2000-\u200f\u202a-\u202f\u205f-\u206f\u3000]")
_TAGS = {
    "bold": "strong",
    "italic": "em",
    "strike": "del",
    "underline": "u",
    "subscript": "sub",
    "superscript": "sup",
    "highlight": "mark",
    "insert": "ins",
    "language": "span",
    "code": "code",
}
_SIGN_MARKS = {"bold": "**", "italic": "*", "strike": "~~"}
_ENTITY = re.compile(r"&(?=#?\w+;)")


def escaped(text: str) -> str:
    """Return `text` so that Markdown reads it as these very characters in the middle of a line."""
    out = _SIGNS.sub(lambda match: "&amp;" if match.group() == "&" else f"\\{match.group()}", text)
    out = out.replace("\\@", "@").replace("\xa0", "&nbsp;")
    return _HIDDEN.sub(lambda match: f"&#{ord(match.group())};", out)


def at_line_start(line: str) -> str:
    """Return a line of Markdown so that its first sign begins no list, heading, rule or definition."""
    match = _LINE_START.match(line)
    if match is None:
        return line
    if match.group(2).isdigit():
        place = match.end()
        return f"{line[:place]}\\{line[place:]}"
    return f"{match.group(1)}\\{line[match.start(2) :]}"


def destination(url: str) -> str:
    """Return an address as the target of a link."""
    safe = _ENTITY.sub("&amp;", url)
    return f"<{safe}>" if re.search(r"[()*_~\[\]!]|^$", safe) else safe


def title(text: str | None) -> str:
    """Return the title of a link or picture with a space before it, or nothing."""
    return f' "{escaped(text).replace(chr(34), chr(92) + chr(34))}"' if text else ""


def inline(content: list[Node], *, tags: bool = False) -> str:
    """Return canonical inline content as Markdown; with `tags` every mark is an HTML element."""
    out: list[str] = []
    open_marks: list[Node] = []
    for place, item in enumerate(content):
        marks = _marks(content, place, open_marks)
        shared = _shared(open_marks, marks)
        out += [_close(mark, tags) for mark in reversed(open_marks[shared:])]
        out += [_open(mark, tags) for mark in marks[shared:]]
        open_marks = marks
        out.append(_item(item, tags))
    out += [_close(mark, tags) for mark in reversed(open_marks)]
    return "\n".join(at_line_start(line) for line in "".join(out).split("\n"))


def _marks(content: list[Node], place: int, open_marks: list[Node]) -> list[Node]:
    item = content[place]
    if item["type"] == "hardBreak":
        following = next((other for other in content[place:] if other["type"] != "hardBreak"), {})
        after = [mark for mark in following.get("marks", []) if mark["type"] != "code"]
        return open_marks[: _shared(open_marks, after)]
    return [mark for mark in item.get("marks", []) if mark["type"] != "code"]


def _shared(left: list[Node], right: list[Node]) -> int:
    count = 0
    while count < min(len(left), len(right)) and left[count] == right[count]:
        count += 1
    return count


def _simple_link(mark: Node) -> bool:
    attrs = mark["attrs"]
    return "rel" not in attrs and "target" not in attrs and not ("href" in attrs and len(attrs.keys() - {"title"}) > 1)


def _target(attrs: Node) -> str:
    if "entryId" in attrs:
        return f"cms:entry/{attrs['entryId']}"
    return f"cms:media/{attrs['mediaId']}" if "mediaId" in attrs else str(attrs["href"])


def _open(mark: Node, tags: bool) -> str:
    kind, attrs = mark["type"], mark.get("attrs", {})
    if kind == "link":
        if _simple_link(mark) and not tags:
            return "["
        numbered = {"data-entry": attrs.get("entryId"), "data-media": attrs.get("mediaId")}
        rest = {name: attrs.get(name) for name in ("title", "rel", "target")}
        return f"<a{attributes({'href': attrs.get('href') or _target(attrs), **numbered, **rest})}>"
    if kind in _SIGN_MARKS and not tags:
        return _SIGN_MARKS[kind]
    return f"<{_TAGS.get(kind, kind)}{attributes(attrs)}>"


def _close(mark: Node, tags: bool) -> str:
    kind = mark["type"]
    if kind == "link":
        simple = _simple_link(mark) and not tags
        return f"]({destination(_target(mark['attrs']))}{title(mark['attrs'].get('title'))})" if simple else "</a>"
    return _SIGN_MARKS[kind] if kind in _SIGN_MARKS and not tags else f"</{_TAGS.get(kind, kind)}>"


def _item(item: Node, tags: bool) -> str:
    kind = item["type"]
    if kind == "hardBreak":
        return "\\\n"
    if kind == "footnoteRef":
        return f"[^{item['attrs']['id']}]"
    if kind == "inlineImage":
        attrs = item["attrs"]
        numbered = f"cms:media/{attrs['mediaId']}" if "mediaId" in attrs else None
        if attrs.keys() <= {"alt", "src"} and not tags:
            return f"![{escaped(attrs.get('alt', ''))}]({destination(attrs['src'])})"
        values = {"class": "inline-image", "src": attrs.get("src", numbered), "data-media": attrs.get("mediaId")}
        return f"<img{attributes({**values, **{name: attrs.get(name) for name in ('alt', 'width', 'height')}})}>"
    if any(mark["type"] == "code" for mark in item.get("marks", ())):
        return f"<code>{_as_html(item['text'])}</code>" if tags else _code(item["text"])
    return escaped(item["text"])


def _as_html(text: str) -> str:
    return re.sub(r"[\\`*_\[\]~!^{}]", lambda match: f"&#{ord(match.group())};", escape(text, quote=False))


def _code(text: str) -> str:
    longest = max((len(run) for run in re.findall("`+", text)), default=0)
    fence = "`" * (1 if longest == 0 else longest + 1)
    pad = " " if text[0] in "` " or text[-1] in "` " else ""
    return f"{fence}{pad}{text}{pad}{fence}"
