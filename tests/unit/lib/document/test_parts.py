"""The smaller rooms of the document: addresses, players, ids, placeholders, words, references, outlines."""

from __future__ import annotations

import hashlib
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cms.lib.document import (
    EMPTY,
    MediaSource,
    clean_raw,
    clean_url,
    excerpt,
    fill,
    from_html,
    from_markdown,
    headings,
    named,
    normalise,
    raw_blocks,
    recognise,
    references,
    to_html,
    to_text,
    validate,
    word_count,
)
from cms.lib.document.embeds import FRAME_HOSTS, PROVIDERS
from cms.lib.document.highlight import coloured
from cms.lib.errors import LibError
from tests.unit.lib.document.oracle import complaints, safe_url
from tests.unit.lib.document.strategies import NASTY, PROFILE, URLS


def text(words: str) -> dict[str, Any]:
    return {"type": "text", "text": words}


def paragraph(words: str) -> dict[str, Any]:
    return {"type": "paragraph", "content": [text(words)]}


@pytest.mark.parametrize(
    "url",
    [
        "javascript:alert(1)",
        "JaVaScRiPt:alert(1)",
        " \x01javascript:alert(1)",
        "java\nscript:alert(1)",
        "java\u200bscript:alert(1)",
        "javascript&colon;alert(1)",
        "&#106;avascript:alert(1)",
        "javascript%3Aalert(1)",
        "data:text/html,x",
        "vbscript:x",
        "file:///etc/passwd",
        "blob:https://x/y",
        "view-source:http://x",
        "http:",
        "https:///x",
        "http://user@/x",
        "cms:user/1",
        "cms:entry/0",
        "cms:entry/1/../2",
        "foo:bar",
        "\u0000",
        "",
        "x" * 5000,
    ],
)
def test_addresses_that_run_or_mean_nothing_are_refused(url: str) -> None:
    assert clean_url(url) is None


@pytest.mark.parametrize(
    ("url", "cleaned"),
    [
        (" https://example.org/a b ", "https://example.org/a%20b"),
        ("HTTP://Example.org", "HTTP://Example.org"),
        ("/p?x=a:b#c:d", "/p?x=a:b#c:d"),
        ("?to=a%3Ab", "?to=a%3Ab"),
        ("mailto:ed@example.org", "mailto:ed@example.org"),
        ("//example.org/x", "//example.org/x"),
        ("\\\\evil", "%5C%5Cevil"),
        ("/ä/日本", "/ä/日本"),
        ("cms:entry/7#part", "cms:entry/7#part"),
        ("https://[::1]/x", "https://[::1]/x"),
        ("./a:b", "./a:b"),
    ],
)
def test_good_addresses_stay_readable(url: str, cleaned: str) -> None:
    assert clean_url(url) == cleaned


def test_mail_and_telephone_are_no_sources_of_pictures() -> None:
    assert clean_url("mailto:ed@example.org", "media") is None
    assert clean_url("tel:123", "media") is None


@PROFILE
@given(
    st.one_of(
        st.text(), st.sampled_from([*URLS, *NASTY]), st.tuples(st.text(max_size=4), st.sampled_from(URLS)).map("".join)
    )
)
def test_cleaned_addresses_are_safe_and_stay_what_they_are(url: str) -> None:
    cleaned = clean_url(url)
    if cleaned is not None:
        assert safe_url(cleaned)
        assert clean_url(cleaned) == cleaned


@pytest.mark.parametrize(
    ("url", "provider", "frame"),
    [
        (
            "https://youtu.be/dQw4w9WgXcQ?t=1m5s",
            "youtube",
            "https://www.youtube-nocookie.com/embed/dQw4w9WgXcQ?start=65",
        ),
        ("//www.youtube.com/embed/dQw4w9WgXcQ?rel=0", "youtube", "https://www.youtube-nocookie.com/embed/dQw4w9WgXcQ"),
        ("https://m.youtube.com/shorts/dQw4w9WgXcQ", "youtube", "https://www.youtube-nocookie.com/embed/dQw4w9WgXcQ"),
        ("https://player.vimeo.com/video/123456?h=x", "vimeo", "https://player.vimeo.com/video/123456"),
        (
            "https://soundcloud.com/a/b",
            "soundcloud",
            "https://w.soundcloud.com/player/?url=https%3A%2F%2Fsoundcloud.com%2Fa%2Fb",
        ),
        ("https://open.spotify.com/album/0123456789", "spotify", "https://open.spotify.com/embed/album/0123456789"),
        (
            "https://twitter.com/WordPress/status/123456",
            "twitter",
            "https://platform.twitter.com/embed/Tweet.html?id=123456",
        ),
        (
            "https://www.dailymotion.com/video/x2bqyl6_l-histoire",
            "dailymotion",
            "https://www.dailymotion.com/embed/video/x2bqyl6",
        ),
        ("https://codepen.io/a/pen/abcDEF", "codepen", "https://codepen.io/a/embed/abcDEF"),
    ],
)
def test_players_are_recognised_by_their_address(url: str, provider: str, frame: str) -> None:
    found = recognise(url)
    assert found is not None
    assert (found.provider, found.frame) == (provider, frame)
    assert recognise(found.url) == found
    assert provider in PROVIDERS
    assert frame.split("/")[2] in FRAME_HOSTS


@pytest.mark.parametrize(
    "url",
    [
        "https://evil.example/youtube.com/embed/dQw4w9WgXcQ",
        "https://youtube.com.evil.example/embed/dQw4w9WgXcQ",
        "https://evilyoutube.com/embed/dQw4w9WgXcQ",
        'https://www.youtube.com/embed/x"onload=x',
        "https://www.youtube.com/",
        "javascript://youtube.com/embed/dQw4w9WgXcQ",
        None,
    ],
)
def test_no_other_address_is_framed(url: object) -> None:
    assert recognise(url) is None


def test_embed_asks_nothing_of_its_host_before_a_click() -> None:
    rendered = to_html([{"type": "embed", "attrs": {"url": "https://vimeo.com/123456", "title": "Four ways"}}])
    assert "<iframe" not in rendered
    assert "src=" not in rendered
    assert 'href="https://vimeo.com/123456" data-frame="https://player.vimeo.com/video/123456"' in rendered


class Addresses:
    def media(self, media_id: int) -> MediaSource | None:
        if media_id != 12:
            return None
        return MediaSource('/m/"12".webp', alt="A & B", width=30, height=20, srcset="/m/1 1w, /m/2 2w", sizes="100vw")

    def entry(self, entry_id: int) -> str | None:
        return "/posts/seven/" if entry_id == 7 else None


def test_numbers_of_files_and_entries_become_addresses() -> None:
    link = {**text("words"), "marks": [{"type": "link", "attrs": {"entryId": 7}}, {"type": "bold"}]}
    document = [{"type": "image", "attrs": {"mediaId": 12}}, {"type": "paragraph", "content": [link]}]
    document += [{"type": "audio", "attrs": {"mediaId": 12}}]
    stored = to_html(document)
    assert named(stored) == (frozenset({12}), frozenset({7}))
    filled = fill(stored, Addresses())
    assert filled == to_html(document, resolver=Addresses())
    assert (
        '<img src="/m/&quot;12&quot;.webp" srcset="/m/1 1w, /m/2 2w" sizes="100vw" width="30" height="20" '
        'alt="A &amp; B"' in filled
    )
    assert '<a href="/posts/seven/"><strong>words</strong></a>' in filled
    assert "cms:" not in filled


def test_what_is_missing_leaves_its_words() -> None:
    marks = [{"type": "link", "attrs": {"entryId": 8}}]
    document = [
        {"type": "image", "attrs": {"mediaId": 13, "alt": "A <b>"}},
        {"type": "paragraph", "content": [{**text("w"), "marks": marks}]},
    ]
    filled = to_html(document, resolver=Addresses())
    assert filled == "<figure>A &lt;b&gt;</figure>\n<p>w</p>"


def test_references_name_everything_once() -> None:
    link = {**text("x"), "marks": [{"type": "link", "attrs": {"href": "cms:entry/7"}}]}
    document = normalise(
        [
            {"type": "gallery", "content": [{"type": "image", "attrs": {"mediaId": 3, "href": "cms:media/9"}}]},
            {"type": "video", "attrs": {"src": "/v", "posterId": 5}},
            {"type": "paragraph", "content": [link, {"type": "inlineImage", "attrs": {"src": "cms:media/3"}}]},
            {"type": "button", "attrs": {"entryId": 8}, "content": [text("go")]},
            {"type": "rawHtml", "attrs": {"html": '<form><img data-media="11"><a href="cms:entry/10">x</a></form>'}},
        ]
    )
    found = references(document)
    assert found.media_ids == (3, 5, 9, 11)
    assert found.entry_ids == (7, 8, 10)


def test_headings_have_anchors_that_no_other_has() -> None:
    heads = [("Same", None), ("Same", None), ("Other", "same"), ("Comments", None), ("日本", None), ("!", None)]
    document = normalise(
        [
            {"type": "heading", "attrs": {"level": 2, "anchor": anchor}, "content": [text(words)]}
            for words, anchor in heads
        ]
    )
    found = [heading.anchor for heading in headings(document)]
    assert found == ["same-2", "same-3", "same", "section-comments", "日本", "section"]
    rendered = to_html(document)
    assert all(rendered.count(f'id="{anchor}"') == 1 for anchor in found)


def test_excerpt_ends_at_the_mark_or_after_some_words() -> None:
    document = from_html("<h2>Head</h2><p>One two three.</p><ul><li>four</li></ul><!--more--><p>five</p>")
    assert excerpt(document, 10) == "One two three. four"
    assert excerpt(document, 2) == "One two…"
    assert excerpt(EMPTY) == ""


def test_words_are_counted_in_every_script() -> None:
    assert word_count(from_html("<p>It’s well-known: 3.5 times</p>")) == 4
    assert word_count(from_html("<p>日本語 ok</p>")) == 4
    assert word_count(EMPTY) == 0


def test_code_is_coloured_and_reads_back_letter_by_letter() -> None:
    code = "\n\ndef f():\r\n\treturn '<b>' & 1\n\n"
    document = normalise([{"type": "codeBlock", "attrs": {"language": "python"}, "content": [text(code)]}])
    rendered = to_html(document, ids=True)
    assert '<span class="k">def</span>' in rendered
    assert from_html(rendered) == document
    assert document["content"][0]["content"][0]["text"] == code.replace("\r\n", "\n")
    assert coloured("<x>", "no-such-language") == "&lt;x&gt;"


def test_ids_are_kept_made_from_the_content_and_never_twice() -> None:
    first = normalise([paragraph("a"), paragraph("a"), {**paragraph("b"), "attrs": {"id": "abcdefghij"}}])
    second = normalise([paragraph("a"), paragraph("a"), {**paragraph("b"), "attrs": {"id": "abcdefghij"}}])
    assert first == second
    ids = [block["attrs"]["id"] for block in first["content"]]
    assert len(set(ids)) == 3
    assert ids[2] == "abcdefghij"
    twice = normalise([{**paragraph("a"), "attrs": {"id": "abcdefghij"}}] * 2)
    assert twice["content"][0]["attrs"]["id"] != twice["content"][1]["attrs"]["id"]


def test_ids_are_found_again_by_content_also_among_many() -> None:
    before = normalise([paragraph(f"p{number % 7}") for number in range(2000)])
    moved = [
        paragraph("new"),
        *[{"type": "paragraph", "content": block["content"]} for block in before["content"][::-1]],
    ]
    after = normalise(moved, previous=before)
    known = {block["attrs"]["id"] for block in before["content"]}
    assert sum(block["attrs"]["id"] in known for block in after["content"]) == 2000


@PROFILE
@given(st.one_of(st.sampled_from(NASTY), st.text(), st.text("<>/ =\"'abpdivsvgmathstyle", max_size=40)))
def test_cleaning_raw_html_twice_is_cleaning_it_once(html: str) -> None:
    cleaned = clean_raw(html)
    assert clean_raw(cleaned) == cleaned
    assert complaints(cleaned) == []


def test_raw_blocks_are_listed_so_that_a_change_is_seen() -> None:
    document = normalise([{"type": "rawHtml", "attrs": {"html": "<form>x</form>"}}, paragraph("y")])
    assert raw_blocks(document) == ("<form>x</form>",)


def test_rendering_in_another_language_reads_back_the_same() -> None:
    from cms.lib.document import Labels

    document = normalise(
        [{"type": "callout", "attrs": {"kind": "tip"}, "content": [paragraph("x")]}, {"type": "pageBreak"}]
    )
    rendered = to_html(document, ids=True, labels=Labels(tip="Tipp", page="Seite {number}"))
    assert "Tipp" in rendered
    assert "Seite 2" in rendered
    assert from_html(rendered) == document


@pytest.mark.parametrize(
    ("value", "message"),
    [
        (None, "document-not-an-object"),
        ([], "document-not-an-object"),
        ({"type": "doc", "content": "x"}, "document-not-an-object"),
        ({"type": "doc", "content": [{"type": "script"}]}, "document-unknown-block"),
        ({"type": "doc", "content": [{"type": "text", "text": "x" * 6_000_000}]}, "document-too-large"),
    ],
)
def test_what_is_no_document_is_refused_in_a_word(value: object, message: str) -> None:
    with pytest.raises(LibError) as caught:
        validate(value)
    assert caught.value.message_id == message


def test_the_empty_document_is_one_empty_paragraph() -> None:
    assert [block["type"] for block in EMPTY["content"]] == ["paragraph"]
    assert normalise(EMPTY) == EMPTY
    assert to_text(EMPTY) == ""
    validate(EMPTY)


def test_an_empty_paragraph_before_footnotes_vanishes() -> None:
    empty = {"type": "paragraph", "attrs": {"id": "0123456789"}}
    note = {"type": "footnotes", "content": [{"type": "footnote", "attrs": {"id": "a"}, "content": [paragraph("x")]}]}
    assert [block["type"] for block in normalise([empty, note])["content"]] == ["footnotes"]
    assert normalise([empty])["content"] == [empty]


@pytest.mark.parametrize(
    "html",
    [
        "<figure>a<blockquote></blockquote></figure>",
        "<figure><table><tr><td></td></tr></table>a</figure>",
        '<div class="wp-block-file">a<a></a></div>',
        "<figure><blockquote> </blockquote><figcaption>a</figcaption></figure>",
        "<blockquote><cite>a</cite></blockquote>",
    ],
)
def test_words_beside_what_a_frame_is_made_for_are_kept(html: str) -> None:
    assert to_text(from_html(html)).split() == ["a"]


def test_equal_blocks_cost_no_more_than_others(monkeypatch: pytest.MonkeyPatch) -> None:
    asked = 0
    real = hashlib.blake2b

    def counting(*given: Any, **more: Any) -> Any:
        nonlocal asked
        asked += 1
        return real(*given, **more)

    monkeypatch.setattr("cms.lib.document.ids.hashlib.blake2b", counting)
    made = from_markdown("x\n\n" * 500)
    assert len({block["attrs"]["id"] for block in made["content"]}) == 500
    assert asked <= 1000
