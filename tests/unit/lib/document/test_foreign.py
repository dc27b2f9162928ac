"""Other people's HTML: nothing visible is lost, nothing dangerous stays, and what we write of it is stable."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cms.lib.document import from_html, from_markdown, normalise, raw_blocks, to_html, to_markdown, to_text
from tests.needs import needs
from tests.unit.lib.document.foreign import bodies, folder, lost, words
from tests.unit.lib.document.oracle import complaints
from tests.unit.lib.document.strategies import NASTY, PROFILE

_TAGS = """p div span b i a ul ol li table tr td th thead caption blockquote pre code h1 h3 h6 figure figcaption dl
dt dd section details summary center font em sup small q cite br hr img aside article unknown-tag label button abbr"""
_ATTRIBUTES = st.sampled_from(
    [
        "",
        ' class="alignleft"',
        ' class="wp-block-gallery columns-2"',
        ' class="wp-block-columns"',
        ' class="embed"',
        ' class="callout"',
        ' class="columns"',
        ' class="footnotes"',
        ' class="media-card file"',
        ' class="wp-caption"',
        ' class="task-list"',
        ' class="gallery"',
        ' class="raw-html"',
        ' class="table-wrap"',
        ' class="wp-block-button"',
        ' class="wp-block-file"',
        ' class="btn"',
        ' align="center"',
        ' style="text-align:right"',
        ' onclick="x()"',
        ' href="javascript:x"',
        ' href="/x" src="/y"',
        ' dir="rtl" lang="ar"',
        ' id="fn1" data-id="abcdefghij"',
    ]
)
_words = st.text("abcdefgh ", min_size=1, max_size=8)


def _element(inner: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    parts = st.tuples(st.sampled_from(_TAGS.split()), _ATTRIBUTES, st.lists(inner, max_size=4))
    return parts.map(lambda part: f"<{part[0]}{part[1]}>{''.join(part[2])}</{part[0]}>")


_soup = st.recursive(_words, _element, max_leaves=14)


@PROFILE
@given(st.lists(_soup, max_size=4).map("".join))
def test_no_visible_word_of_any_html_is_lost(html: str) -> None:
    found = to_text(from_html(html))
    # Elements of one line may be set apart by us (a caption from its picture), so letters are compared.
    wanted, got = sorted("".join(words(html))), sorted("".join(found.split()))
    for letter in set(wanted):
        assert got.count(letter) >= wanted.count(letter), (html, found)


@PROFILE
@given(st.lists(st.one_of(_soup, st.sampled_from(NASTY)), max_size=4).map("".join))
def test_any_html_becomes_harmless_and_stays_what_it_is(html: str) -> None:
    document = from_html(html)
    assert normalise(dict(document)) == document
    assert complaints(to_html(document)) == []
    assert from_html(to_html(document, ids=True)) == document


@needs("data")
def test_exports_of_wordpress_and_ghost_keep_their_words() -> None:
    missing = {name: lost(words(html), words(to_html(from_html(html)))) for name, html in bodies()}
    assert {name: gone for name, gone in missing.items() if gone} == {}
    assert len(missing) > 500


def _check(name: str, html: str) -> None:
    document = from_html(html)
    assert complaints(to_html(document)) == [], name
    assert from_html(to_html(document, ids=True)) == document, name
    assert from_markdown(to_markdown(document), previous=document) == document, name


@needs("data")
def test_exports_of_wordpress_and_ghost_read_back_and_are_harmless() -> None:
    for name, html in bodies()[::6]:
        _check(name, html)


@pytest.mark.long
@needs("data")
def test_all_exports_of_wordpress_and_ghost_read_back_and_are_harmless() -> None:
    for name, html in bodies():
        _check(name, html)


@needs("data")
def test_raw_blocks_are_the_rare_exception() -> None:
    raw = {name for name, html in bodies() if raw_blocks(from_html(html))}
    # A page that shows a form, and a gallery whose arrows are drawings.
    assert raw == {"theme-preview.xml:1", "ghost-5.130-shared.json:3"}


@needs("data")
def test_every_attack_on_sanitizers_comes_out_harmless() -> None:
    attacks = [
        case["payload"] for case in json.loads((folder() / "sanitizer/dompurify/expect-even.json").read_text("utf-8"))
    ]
    attacks += [path.read_text("utf-8").split("\n--\n")[0] for path in sorted(folder().glob("sanitizer/bleach/*.test"))]
    assert len(attacks) > 120
    for attack in attacks:
        as_raw = {"type": "doc", "content": [{"type": "rawHtml", "attrs": {"html": attack}}]}
        as_text = {"type": "doc", "content": [{"type": "paragraph", "content": [{"type": "text", "text": attack}]}]}
        as_link = {"type": "text", "text": "x", "marks": [{"type": "link", "attrs": {"href": attack, "title": attack}}]}
        as_attrs = [{"type": "image", "attrs": {"src": attack, "alt": attack, "href": attack}}, as_link]
        for document in (from_html(attack), from_markdown(attack), as_raw, as_text, as_attrs):
            rendered = to_html(document, ids=True)
            assert complaints(rendered) == [], attack
            again = from_html(rendered)
            assert to_html(again, ids=True) == rendered, attack


@needs("data")
def test_hostile_strings_are_text_everywhere() -> None:
    for text in json.loads((folder() / "strings/blns.json").read_text("utf-8")):
        paragraph = {"type": "paragraph", "content": [{"type": "text", "text": text}]}
        code = {
            "type": "codeBlock",
            "attrs": {"filename": text, "language": text},
            "content": [{"type": "text", "text": text}],
        }
        image = {"type": "image", "attrs": {"src": "/x", "alt": text, "title": text}, "content": paragraph["content"]}
        document = normalise([paragraph, code, image])
        rendered = to_html(document, ids=True)
        assert complaints(rendered) == []
        assert from_html(rendered) == document
        assert from_markdown(to_markdown(document), previous=document) == document


@pytest.mark.parametrize(
    "tag", ["div", "blockquote", "ul><li", "b", "table><tr><td", "figure", "details", "p", "span", "section"]
)
def test_html_nested_twenty_thousand_deep_loses_no_word(tag: str) -> None:
    closing = "".join(f"</{name}>" for name in reversed(tag.split("><")))
    html = f"first {f'<{tag}>' * 20_000}deep <i>down</i> here{closing * 20_000} last"
    found = to_text(from_html(html)).split()
    assert found == ["first", "deep", "down", "here", "last"]


def test_json_nested_twenty_thousand_deep_loses_no_word() -> None:
    for kind in ("blockquote", "bulletList", "listItem", "unknown", "table", "doc", "footnote", "details", "heading"):
        node: object = {"type": "text", "text": "deep"}
        for _ in range(20_000):
            node = {"type": kind, "content": [node]}
        document = normalise({"type": "doc", "content": [node]})
        assert to_text(document).split() == ["deep"], kind
        assert from_html(to_html(document, ids=True)) == document
