"""HTML that is none of our blocks: kept as it is, after cleaning."""

from __future__ import annotations

import re

import nh3

from cms.lib.document.characters import clean_text
from cms.lib.document.schema import Document
from cms.lib.document.tree import walk
from cms.lib.document.urls import SCHEMES, clean_url


def _words(text: str) -> set[str]:
    return set(text.split())


_FLOW = """a abbr address area article aside audio b bdi bdo blockquote br caption center cite code col colgroup
data dd del details dfn div dl dt em figcaption figure footer h1 h2 h3 h4 h5 h6 header hgroup hr i img ins kbd li
main map mark meter nav ol p picture pre progress q rp rt ruby s samp section small source span strong sub summary
sup table tbody td tfoot th thead time tr tt u ul var video wbr"""
_FORMS = "form input select option optgroup textarea label button fieldset legend datalist output"
# Parts of SVG and MathML that only draw. Left out are those that let HTML back in (foreignObject, desc,
# title, annotation-xml, mtext …), since a parser may then read the cleaned text in another way than the cleaner.
_DRAWING = "svg g path circle ellipse line polyline polygon rect text tspan"
_FORMULA = """math mi mn mo mrow mfrac msqrt mroot msub msup msubsup munder mover munderover mtable mtr mtd mspace
mpadded mphantom menclose mstyle merror"""
_TAGS = _words(f"{_FLOW} {_FORMS} {_DRAWING} {_FORMULA}")
_DROPPED = _words("script style template noscript iframe object embed applet noembed noframes title xmp plaintext")

_EVERYWHERE = _words("class id lang dir title role align valign width height aria-label aria-hidden")
_BY_TAG: dict[str, str] = {
    "a": "href target rel download name",
    "area": "shape coords href alt target",
    "audio": "src controls loop muted preload",
    "bdo": "dir",
    "blockquote": "cite",
    "button": "type name value disabled",
    "circle": "cx cy r",
    "col": "span",
    "colgroup": "span",
    "data": "value",
    "del": "cite datetime",
    "details": "open",
    "ellipse": "cx cy rx ry",
    "fieldset": "disabled name",
    "form": "action method enctype name target",
    "img": "src srcset sizes alt loading decoding data-media usemap border hspace vspace",
    "input": "type name value placeholder checked disabled readonly required min max step size maxlength",
    "ins": "cite datetime",
    "label": "for",
    "li": "value",
    "line": "x1 x2 y1 y2",
    "map": "name",
    "math": "display",
    "meter": "value min max low high optimum",
    "ol": "start type reversed",
    "optgroup": "label disabled",
    "option": "value selected disabled label",
    "path": "d",
    "polygon": "points",
    "polyline": "points",
    "progress": "value max",
    "q": "cite",
    "rect": "x y rx ry",
    "select": "name multiple size disabled required",
    "source": "src srcset sizes media type",
    "svg": "viewbox",
    "table": "border cellpadding cellspacing summary",
    "td": "colspan rowspan headers abbr",
    "text": "x y dx dy",
    "textarea": "name rows cols placeholder disabled readonly required maxlength",
    "th": "colspan rowspan headers scope abbr",
    "time": "datetime",
    "tspan": "x y dx dy",
    "ul": "type",
    "video": "src controls loop muted preload poster playsinline",
}
_PAINT = _words("fill stroke stroke-width stroke-linecap stroke-linejoin fill-rule opacity transform text-anchor")
_LINKS = frozenset({"href", "action", "cite"})
_SOURCES = frozenset({"src", "poster"})
_ROUNDS = 6


def _attributes() -> dict[str, set[str]]:
    allowed = {tag: set(names.split()) for tag, names in _BY_TAG.items()}
    for tag in _DRAWING.split():
        allowed[tag] = allowed.get(tag, set()) | _PAINT | {"viewBox"}
    return {**allowed, "*": _EVERYWHERE}


def _attribute(tag: str, name: str, value: str) -> str | None:
    """Clean one attribute; nh3 has let through only allowed names."""
    if name in _LINKS:
        return clean_url(value, "link")
    if name in _SOURCES:
        return clean_url(value, "media")
    if name == "srcset":
        addresses = [part.split()[0] for part in value.split(",") if part.split()]
        return value if all(clean_url(address, "media") == address for address in addresses) else None
    if name == "target":
        return value if value == "_blank" else None
    if name == "type" and tag in ("input", "button"):
        return value if value.lower() not in ("image", "file", "password") else None
    if "url(" in value.lower().replace(" ", "") and (name in _PAINT or tag in _DRAWING):
        return None
    return value


_CLEANER = nh3.Cleaner(
    tags=_TAGS,
    clean_content_tags=_DROPPED,
    attributes=_attributes(),
    attribute_filter=_attribute,
    strip_comments=True,
    link_rel=None,
    url_schemes=set(SCHEMES["link"]),
    set_tag_attribute_values={},
)
_DEEP = re.compile(r"<[a-zA-Z]")
_TOO_MANY_TAGS = 20_000


def clean_raw(html: str) -> str:
    """Return `html` without anything that runs, frames, styles or hides; cleaning again changes nothing.

    HTML that does not come to rest after a few rounds is an attempt to trick the cleaner: its text is kept.
    """
    current = clean_text(html).strip()
    if len(_DEEP.findall(current)) > _TOO_MANY_TAGS:
        return nh3.clean_text(re.sub(r"<[^>]*>", " ", current)).strip()
    for _ in range(_ROUNDS):
        cleaned = _CLEANER.clean(current).strip()
        if cleaned == current:
            return cleaned
        current = cleaned
    return nh3.clean_text(current)


def raw_blocks(document: Document) -> tuple[str, ...]:
    """Return the HTML of each raw block of a canonical document, to see whether a change touches any."""
    return tuple(node["attrs"]["html"] for node in walk(document) if node["type"] == "rawHtml")
