"""Documents to try everything with: every block and mark, nasty text, and plain garbage."""

from __future__ import annotations

import os
from typing import Any

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st

Json = Any

settings.register_profile("document", max_examples=100, deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.register_profile("document-long", parent=settings.get_profile("document"), max_examples=1000)
#: Set CMS_TEST_HYPOTHESIS=long to try ten times as many documents.
PROFILE = settings.get_profile("document-long" if os.environ.get("CMS_TEST_HYPOTHESIS") == "long" else "document")

NASTY = (
    "<script>alert(1)</script>",
    "&amp; &lt; &nbsp; &#x41; &copy",
    "a  b\t\n c",
    "\xa0 \xa0",
    "* not a list",
    "- [ ] x",
    "1. one",
    "12) two",
    "# head",
    "> quote",
    "| a | b |",
    "|---|",
    "```",
    "~~~",
    "---",
    "===",
    "***",
    "__x__ *y* ~~z~~ `q`",
    "[a](b) ![c](d) [^1] [x]: y",
    "[!NOTE]",
    ": definition",
    "<!--more-->",
    "<b>bold</b>",
    "https://example.org/a_b_c",
    "C:\\dir\\",
    "\\",
    "{#id}",
    "{{ x }} {% y %} ${z}",
    "\u202eevil\u202c",
    "e\u0301\u200d\U0001f469\u200d\U0001f52c",
    "مرحبا بالعالم",
    "日本語 テスト",
    "\x00\x08\x0b\x85\u2028\ufeff\ud800",
    "]]>",
    "'\"<>&`=",
    "    indented",
    "+ plus",
    "\ttab",
    "a.b! (c) ~d~ ^e^",
    "x\ny",
)
_text = st.one_of(
    st.sampled_from(NASTY),
    st.text(max_size=12),
    st.sampled_from(["word", "two words", " lead", "trail ", "x", " ", "Äpfel", "*", "_", "a*b", "1", "!", ""]),
)
URLS = (
    "https://example.org/",
    "https://example.org/a b?c=d&e=f#g",
    "http://exämple.org/(x)/[y]/<z>",
    "/relative/path",
    "#part",
    "mailto:ed@example.org",
    "tel:+4912345",
    "cms:entry/7",
    "cms:media/12",
    "javascript:alert(1)",
    " java\tscript:alert(1)",
    "data:text/html,<script>",
    "//example.org/x",
    "?q=a&copy;b",
    "a\\b*c_d",
    "https://example.org/&amp;x;",
)
_url = st.one_of(st.sampled_from(URLS), _text)
_number = st.one_of(st.none(), st.integers(-2, 40), st.sampled_from(["3", 2.0, True, 10**20]))


def _attrs(**strategies: st.SearchStrategy[Any]) -> st.SearchStrategy[dict[str, Any]]:
    common = {"lang": st.sampled_from(["en", "de-DE", "x y", "ar"]), "dir": st.sampled_from(["ltr", "rtl", "up"])}
    return st.fixed_dictionaries({}, optional={**common, **strategies})


def _node(kind: str, content: Json | None = None, attrs: Json | None = None) -> st.SearchStrategy[dict[str, Any]]:
    parts: dict[str, Any] = {"type": st.just(kind)}
    if content is not None:
        parts["content"] = content
    if attrs is not None:
        parts["attrs"] = attrs
    return st.fixed_dictionaries(parts)


_MARKS = "bold italic underline strike code kbd subscript superscript small cite insert highlight"
_plain_marks = _MARKS.split()
_mark = st.one_of(
    st.sampled_from([{"type": name} for name in _plain_marks]),
    _node(
        "link",
        attrs=st.fixed_dictionaries(
            {"href": _url},
            optional={
                "title": _text,
                "rel": st.sampled_from(["nofollow ugc", "x", "noopener"]),
                "target": st.sampled_from(["_blank", "_top"]),
                "entryId": _number,
                "mediaId": _number,
            },
        ),
    ),
    _node("language", attrs=_attrs()),
)
_word = st.fixed_dictionaries({"type": st.just("text"), "text": _text}, optional={"marks": st.lists(_mark, max_size=3)})
_source = {"mediaId": _number, "src": _url}
_inline_item = st.one_of(
    _word,
    _word,
    _word,
    st.just({"type": "hardBreak"}),
    _node("footnoteRef", attrs=st.fixed_dictionaries({"id": st.sampled_from(["a", "b", "fn-c", "1", ""])})),
    st.fixed_dictionaries(
        {
            "type": st.just("inlineImage"),
            "attrs": st.fixed_dictionaries({}, optional={**_source, "alt": _text, "width": _number, "height": _number}),
        },
        optional={"marks": st.lists(_mark, max_size=1)},
    ),
)
inline = st.lists(_inline_item, max_size=5)
_align = {"align": st.sampled_from(["left", "center", "right", "justify", "x"])}
_size = {"width": _number, "height": _number}

image = _node(
    "image",
    inline,
    st.fixed_dictionaries(
        {"src": _url},
        optional={
            "mediaId": _number,
            "alt": _text,
            "title": _text,
            **_size,
            "layout": st.sampled_from(["wide", "full", "start", "end", "x"]),
            "href": _url,
        },
    ),
)
_code = st.lists(st.fixed_dictionaries({"type": st.just("text"), "text": _text}), max_size=3)
_languages = st.sampled_from(["python", "html", "c++", "diff", "nolang", "../x", "JS", "yaml", "bash"])
_embeds = st.sampled_from(
    [
        "https://youtu.be/dQw4w9WgXcQ?t=1m5s",
        "https://www.youtube.com/embed/dQw4w9WgXcQ",
        "https://vimeo.com/123456",
        "https://soundcloud.com/a/b-c",
        "https://open.spotify.com/track/0123456789abc",
        "https://example.org/x",
        "javascript:x",
    ]
)
leaf = st.one_of(
    _node("paragraph", inline, _attrs(**_align)),
    _node("paragraph", inline),
    _node("heading", inline, _attrs(level=_number, anchor=_text, **_align)),
    _node("verse", inline, _attrs()),
    _node("codeBlock", _code, _attrs(language=_languages, filename=_text)),
    image,
    _node("gallery", st.lists(image, max_size=3), _attrs(columns=_number, caption=_text)),
    _node("audio", inline, _attrs(**_source, title=_text)),
    _node("video", inline, _attrs(**_source, title=_text, posterId=_number, poster=_url, **_size)),
    _node(
        "file",
        inline,
        _attrs(**_source, name=_text, bytes=_number, mediaType=st.sampled_from(["application/pdf", "x"])),
    ),
    _node("horizontalRule"),
    _node("pageBreak"),
    _node("readMore", attrs=_attrs(text=_text)),
    _node("embed", inline, _attrs(url=_embeds, title=_text, provider=_text)),
    _node("button", inline, _attrs(href=_url, entryId=_number, variant=st.sampled_from(["primary", "outline", "x"]))),
    _node(
        "rawHtml",
        attrs=st.fixed_dictionaries(
            {
                "html": st.one_of(
                    _text,
                    st.sampled_from(
                        ["<form><input name=x></form>", "<p onclick=x>y", "<svg><path d=M0></svg>", "<b>x\n\n</b>"]
                    ),
                )
            }
        ),
    ),
)


def _containers(block: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    blocks = st.lists(block, max_size=3)
    items = st.lists(_node("listItem", blocks, _attrs()), max_size=3)
    tasks = st.lists(_node("taskItem", blocks, _attrs(checked=st.booleans())), max_size=3)
    cell = _attrs(colspan=_number, rowspan=_number, scope=st.sampled_from(["col", "row", "rowgroup"]), **_align)
    row = _node(
        "tableRow",
        st.lists(st.one_of(_node("tableHeader", blocks, cell), _node("tableCell", blocks, cell)), max_size=3),
    )
    head = _node("tableRow", st.lists(_node("tableHeader", blocks), min_size=1, max_size=3))
    details = st.tuples(_node("detailsSummary", inline), _node("detailsContent", blocks)).map(list)
    terms = st.one_of(_node("definitionTerm", inline, _attrs()), _node("definitionDescription", blocks, _attrs()))
    start = {"start": _number, "type": st.sampled_from(["1", "a", "I", "x"]), "reversed": st.booleans()}
    return st.one_of(
        _node("bulletList", items, _attrs()),
        _node("orderedList", items, _attrs(**start)),
        _node("taskList", tasks, _attrs()),
        _node("definitionList", st.lists(terms, max_size=4), _attrs()),
        _node("blockquote", blocks, _attrs(attribution=_text)),
        _node(
            "callout",
            blocks,
            _attrs(kind=st.sampled_from(["note", "tip", "warning", "x"]), title=st.one_of(_text, st.just("Note"))),
        ),
        _node("columns", st.lists(_node("column", blocks, _attrs(width=_number)), max_size=3), _attrs()),
        _node("details", details, _attrs(open=st.booleans())),
        _node("table", st.one_of(st.lists(row, max_size=3), st.tuples(head, row).map(list)), _attrs(caption=_text)),
        _node(
            "footnotes",
            st.lists(_node("footnote", blocks, _attrs(id=st.sampled_from(["a", "b", "fn-c", "1"]))), max_size=3),
        ),
    )


block = st.recursive(leaf, _containers, max_leaves=6)
_with_id = st.tuples(block, st.one_of(st.none(), st.sampled_from(["abcdefghij", "0123456789", "Bad"]))).map(
    lambda pair: {**pair[0], "attrs": {**pair[0].get("attrs", {}), "id": pair[1]}} if pair[1] else pair[0]
)
#: Documents as an editor, an importer or a careless program may send them.
raw_documents = st.lists(_with_id, max_size=5).map(lambda blocks: {"type": "doc", "content": blocks})

_scalars = st.one_of(st.none(), st.booleans(), st.integers(), st.floats(), _text, _url)
_KINDS = """doc paragraph text image table tableRow bulletList listItem rawHtml embed link
footnotes footnote details x"""
_kinds = st.sampled_from(_KINDS.split())
#: Any JSON at all, with a liking for our words.
garbage = st.recursive(
    _scalars,
    lambda inner: st.one_of(
        st.lists(inner, max_size=4),
        st.dictionaries(_text, inner, max_size=4),
        st.fixed_dictionaries(
            {},
            optional={
                "type": st.one_of(_kinds, inner),
                "content": inner,
                "attrs": inner,
                "marks": inner,
                "text": inner,
            },
        ),
        st.fixed_dictionaries({"type": _kinds, "content": st.lists(inner, max_size=3)}),
    ),
    max_leaves=20,
)
