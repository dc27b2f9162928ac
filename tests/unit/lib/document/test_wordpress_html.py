"""What WordPress writes, block by block, and what becomes of it here."""

from __future__ import annotations

from typing import Any

import pytest

from cms.lib.document import from_html, to_html, to_text


def bare(html: str) -> list[dict[str, Any]]:
    """Return the blocks of `html` without their ids."""
    blocks: list[dict[str, Any]] = from_html(html)["content"]
    for block in blocks:
        del block["attrs"]["id"]
        if not block["attrs"]:
            del block["attrs"]
    return blocks


def kinds(html: str) -> list[str]:
    return [block["type"] for block in bare(html)]


def text(words: str, *marks: str) -> dict[str, Any]:
    return {"type": "text", "text": words, **({"marks": [{"type": mark} for mark in marks]} if marks else {})}


def paragraph(*content: dict[str, Any]) -> dict[str, Any]:
    return {"type": "paragraph", "content": list(content)}


IMAGE = {"src": "/a.jpg", "alt": "A", "width": 300, "height": 200}
IMG = '<img src="/a.jpg" alt="A" width="300" height="200" class="wp-image-7"/>'


@pytest.mark.parametrize(
    ("names", "layout"),
    [
        ("alignleft size-medium", "start"),
        ("alignright", "end"),
        ("alignwide", "wide"),
        ("alignfull", "full"),
        ("aligncenter", None),
    ],
)
def test_picture_block_keeps_its_place_and_caption(names: str, layout: str | None) -> None:
    caption = '<figcaption class="wp-element-caption">One <em>two</em></figcaption>'
    html = f'<div class="wp-block-image"><figure class="{names}">{IMG}{caption}</figure></div>'
    attrs = {**IMAGE, "layout": layout} if layout else IMAGE
    assert bare(html) == [{"type": "image", "attrs": attrs, "content": [text("One "), text("two", "italic")]}]


def test_linked_picture_keeps_its_link() -> None:
    attrs = {**IMAGE, "href": "/big.jpg"}
    assert bare(f'<figure class="wp-block-image"><a href="/big.jpg">{IMG}</a></figure>') == [
        {"type": "image", "attrs": attrs}
    ]
    assert bare(f'<p><a href="/big.jpg">{IMG}</a></p>') == [{"type": "image", "attrs": attrs}]


def test_classic_caption_becomes_a_caption() -> None:
    caption = '<p class="wp-caption-text">Words</p>'
    html = f'<div id="attachment_7" class="wp-caption alignright" style="width: 310px">{IMG}{caption}</div>'
    assert bare(html) == [{"type": "image", "attrs": {**IMAGE, "layout": "end"}, "content": [text("Words")]}]


def test_floated_picture_comes_before_its_paragraph() -> None:
    html = f"<p>One {IMG.replace('wp-image-7', 'alignleft')} two.</p>"
    assert bare(html) == [{"type": "image", "attrs": {**IMAGE, "layout": "start"}}, paragraph(text("One two."))]


def test_picture_at_the_end_of_a_line_is_a_block_and_one_between_words_stays() -> None:
    assert kinds(f"<p>One<br>{IMG}<br>two</p>") == ["paragraph", "image", "paragraph"]
    assert kinds(f"<p>{IMG} two</p>") == ["image", "paragraph"]
    inner = bare(f"<p>One {IMG} two</p>")[0]["content"]
    assert [item["type"] for item in inner] == ["text", "inlineImage", "text"]


def test_smiley_is_part_of_its_sentence() -> None:
    html = '<p>Good <img class="wp-smiley" src="/s.png" alt=":)"></p>'
    assert bare(html) == [paragraph(text("Good "), {"type": "inlineImage", "attrs": {"src": "/s.png", "alt": ":)"}})]


def test_lazy_picture_shows_its_real_source() -> None:
    html = '<img src="data:image/gif;base64,R0" data-src="/real.jpg" alt="A"><noscript><img src="/real.jpg"></noscript>'
    assert bare(html) == [{"type": "image", "attrs": {"src": "/real.jpg", "alt": "A"}}]


CAPTION = '<figcaption class="blocks-gallery-caption">All</figcaption>'
ITEM = f'<li class="blocks-gallery-item"><figure>{IMG}</figure></li>'


NESTED = f'<figure class="wp-block-image">{IMG}</figure>'


@pytest.mark.parametrize(
    "html",
    [
        f'<figure class="wp-block-gallery has-nested-images columns-2">{NESTED}{NESTED}{CAPTION}</figure>',
        f'<figure class="wp-block-gallery columns-2"><ul class="blocks-gallery-grid">{ITEM * 2}</ul>{CAPTION}</figure>',
        f'<ul class="wp-block-gallery columns-2">{ITEM}<li>{IMG}</li></ul><p>All</p>',
    ],
)
def test_gallery_of_each_age(html: str) -> None:
    gallery = bare(html)[0]
    assert gallery["type"] == "gallery"
    assert gallery["attrs"]["columns"] == 2
    assert gallery["content"] == [{"type": "image", "attrs": IMAGE}] * 2
    assert to_text(from_html(html)).split() == ["All"]


def test_classic_gallery_keeps_the_captions() -> None:
    caption = '<dd class="wp-caption-text">Cap</dd>'
    item = f'<dl class="gallery-item"><dt class="gallery-icon"><a href="/p">{IMG}</a></dt>{caption}</dl>'
    html = f'<div class="gallery gallery-columns-3"><style>x</style>{item}{item}<br style="clear: both"></div>'
    (gallery,) = bare(html)
    assert gallery["attrs"] == {"columns": 3}
    assert gallery["content"][1] == {"type": "image", "attrs": {**IMAGE, "href": "/p"}, "content": [text("Cap")]}


def test_code_verse_and_preformatted() -> None:
    assert bare('<pre class="wp-block-code"><code lang="php">a &lt;b&gt;\n  c</code></pre>') == [
        {"type": "codeBlock", "content": [text("a <b>\n  c")]}
    ]
    assert bare('<pre class="wp-block-preformatted">a<br>b\n<strong>c</strong></pre>') == [
        {"type": "codeBlock", "content": [text("a\nb\nc")]}
    ]
    verse = bare('<pre class="wp-block-verse">One\n  two <em>x</em></pre>')
    assert verse == [
        {"type": "verse", "content": [text("One"), {"type": "hardBreak"}, text("\xa0\xa0two "), text("x", "italic")]}
    ]
    code = bare('<pre><code class="language-python">x\n</code></pre>')
    assert code == [{"type": "codeBlock", "attrs": {"language": "python"}, "content": [text("x")]}]


def test_table_with_head_body_and_foot_in_any_order() -> None:
    html = (
        '<figure class="wp-block-table"><table class="has-fixed-layout"><colgroup><col></colgroup><thead><tr><th>H</th>'
        '<th class="has-text-align-right" data-align="right">I</th></tr></thead>'
        "<tfoot><tr><td>f</td><td>g</td></tr></tfoot>"
        "<tbody><tr><td colspan=2>x</td></tr></tbody></table><figcaption>Cap</figcaption></figure>"
    )
    table, caption = bare(html)
    cells = [[cell["content"][0]["content"][0]["text"] for cell in row["content"]] for row in table["content"]]
    assert cells == [["H", "I"], ["x"], ["f", "g"]]
    assert table["content"][0]["content"][1]["attrs"] == {"align": "right"}
    assert table["content"][1]["content"][0]["attrs"] == {"colspan": 2}
    assert caption == paragraph(text("Cap"))


def test_quotations_and_whose_words_they_are() -> None:
    quote = {"type": "blockquote", "attrs": {"attribution": "Ada"}, "content": [paragraph(text("Words"))]}
    assert bare('<blockquote class="wp-block-quote"><p>Words</p><cite>Ada</cite></blockquote>') == [quote]
    assert bare(
        '<figure class="wp-block-pullquote"><blockquote><p>Words</p><cite>Ada</cite></blockquote></figure>'
    ) == [quote]
    assert bare("<blockquote>Words<footer>Ada</footer></blockquote>") == [quote]


WRAPPED = '<div class="wp-block-embed__wrapper">\nhttps://youtu.be/dQw4w9WgXcQ\n</div>'
SOUNDCLOUD = "https://w.soundcloud.com/player/?url=https%3A//soundcloud.com/a/b&amp;color=f"


@pytest.mark.parametrize(
    ("inside", "provider"),
    [
        (WRAPPED, "youtube"),
        ("https://vimeo.com/123456", "vimeo"),
        ('<iframe src="//open.spotify.com/embed/track/0123456789"></iframe>', "spotify"),
        (f'<iframe src="{SOUNDCLOUD}"></iframe>', "soundcloud"),
    ],
)
def test_player_of_a_known_provider_waits_for_a_click(inside: str, provider: str) -> None:
    (embed,) = bare(f'<figure class="wp-block-embed">{inside}<figcaption>Cap</figcaption></figure>')
    assert embed["type"] == "embed"
    assert embed["attrs"]["provider"] == provider
    assert embed["content"] == [text("Cap")]
    assert "<iframe" not in to_html([embed])


def test_frame_of_anybody_else_becomes_a_link() -> None:
    (link,) = bare('<iframe src="https://evil.example/x" title="A map" srcdoc="<script>x</script>"></iframe>')
    assert link["content"][0]["text"] == "A map"
    assert link["content"][0]["marks"] == [{"type": "link", "attrs": {"href": "https://evil.example/x"}}]
    assert kinds('<iframe src="javascript:alert(1)"></iframe>') == ["paragraph"]


def test_sound_and_film_with_sources() -> None:
    assert bare(
        '<figure class="wp-block-audio"><audio controls src="/a.mp3"></audio><figcaption>Cap</figcaption></figure>'
    ) == [{"type": "audio", "attrs": {"src": "/a.mp3"}, "content": [text("Cap")]}]
    assert bare(
        '<video width="640" height="360" poster="/p.jpg"><source src="/v.mp4" type="video/mp4">Old browser</video>'
    ) == [{"type": "video", "attrs": {"src": "/v.mp4", "poster": "/p.jpg", "width": 640, "height": 360}}]


def test_file_with_its_button() -> None:
    button = '<a href="/f.pdf" class="wp-block-file__button" download>Download</a>'
    html = f'<div class="wp-block-file"><a href="/f.pdf">Paper</a>{button}</div>'
    assert bare(html) == [{"type": "file", "attrs": {"src": "/f.pdf", "name": "Paper"}}]


def test_marks_for_reading_on_and_the_next_page() -> None:
    assert bare("<p>a</p><!--more Go on--><p>b</p><!--nextpage--><p>c</p>") == [
        paragraph(text("a")),
        {"type": "readMore", "attrs": {"text": "Go on"}},
        paragraph(text("b")),
        {"type": "pageBreak"},
        paragraph(text("c")),
    ]
    assert kinds("<!--more--><p>a<!-- wp:x --></p>") == ["readMore", "paragraph"]


def test_columns_and_buttons() -> None:
    column = '<div class="wp-block-column" style="flex-basis:33.33%"><p>a</p></div>'
    (columns,) = bare(f'<div class="wp-block-columns">{column}<div class="wp-block-column">b</div></div>')
    assert columns["content"] == [
        {"type": "column", "attrs": {"width": 33}, "content": [paragraph(text("a"))]},
        {"type": "column", "content": [paragraph(text("b"))]},
    ]
    button = '<div class="wp-block-button is-style-outline"><a class="wp-block-button__link" href="/x">Go</a></div>'
    assert bare(f'<div class="wp-block-buttons">{button}</div>') == [
        {"type": "button", "attrs": {"href": "/x", "variant": "outline"}, "content": [text("Go")]}
    ]


def test_footnotes_of_wordpress() -> None:
    html = (
        '<p>a<sup data-fn="3f-x" class="fn"><a href="#3f-x" id="3f-x-link">1</a></sup></p>'
        '<ol class="wp-block-footnotes">'
        '<li id="3f-x">note <a href="#3f-x-link" aria-label="Jump to footnote reference 1">↩︎</a></li></ol>'
    )
    assert bare(html) == [
        paragraph(text("a"), {"type": "footnoteRef", "attrs": {"id": "3f-x"}}),
        {
            "type": "footnotes",
            "content": [{"type": "footnote", "attrs": {"id": "3f-x"}, "content": [paragraph(text("note"))]}],
        },
    ]


def test_old_tags_say_what_they_mean() -> None:
    assert bare("<center>a</center>") == [{"type": "paragraph", "attrs": {"align": "center"}, "content": [text("a")]}]
    assert bare("<p><font color=red>a</font> <tt>b</tt> <acronym title=x>c</acronym> <big>d</big> <q>e</q></p>") == [
        paragraph(text("a "), text("b", "code"), text(" c d “e”"))
    ]
    assert bare('<p>a<del>b</del><ins>c</ins><span style="font-weight: bold">d</span><span lang="fr">e</span></p>') == [
        paragraph(
            text("a"),
            text("b", "strike"),
            text("c", "insert"),
            text("d", "bold"),
            {"type": "text", "text": "e", "marks": [{"type": "language", "attrs": {"lang": "fr"}}]},
        )
    ]


def test_wrappers_vanish_and_loose_text_becomes_paragraphs() -> None:
    assert bare("a<div><section>b</section>c <b>d</b><p>e</p></div>f<br>g") == [
        paragraph(text("a")),
        paragraph(text("b")),
        paragraph(text("c "), text("d", "bold")),
        paragraph(text("e")),
        paragraph(text("f"), {"type": "hardBreak"}, text("g")),
    ]


def test_nested_lists_also_wrongly_nested_ones() -> None:
    inner = {"type": "bulletList", "content": [{"type": "listItem", "content": [paragraph(text("b"))]}]}
    wanted = [{"type": "bulletList", "content": [{"type": "listItem", "content": [paragraph(text("a")), inner]}]}]
    assert bare("<ul><li>a<ul><li>b</li></ul></li></ul>") == wanted
    assert bare("<ul><li>a</li><ul><li>b</li></ul></ul>") == wanted
    (ordered,) = bare('<ol start="3" type="a" reversed><li><p>x</p></li></ol>')
    assert ordered["attrs"] == {"start": 3, "type": "a", "reversed": True}


def test_definitions_details_rules_and_anchors() -> None:
    assert kinds("<dl><div><dt>a</dt><dd>b</dd></div></dl><details open><summary>c</summary>d</details><hr>") == [
        "definitionList",
        "details",
        "horizontalRule",
    ]
    assert bare('<h3 id="way-in" class="has-text-align-center">x</h3>') == [
        {"type": "heading", "attrs": {"level": 3, "anchor": "way-in", "align": "center"}, "content": [text("x")]}
    ]


def test_forms_and_formulas_stay_as_raw_blocks_without_what_runs() -> None:
    html = '<form action="https://x.example/" onsubmit="x()"><input name="q"><script>x</script></form>'
    assert bare(html) == [
        {"type": "rawHtml", "attrs": {"html": '<form action="https://x.example/"><input name="q"></form>'}}
    ]
    assert bare("<math><mi>x</mi></math>")[0]["type"] == "rawHtml"


def test_nothing_hidden_comes_to_light() -> None:
    assert kinds('<div style="display:none">spam</div><p hidden>x</p><script>y</script><template>z</template>') == [
        "paragraph"
    ]
    assert to_text(from_html("<style>a</style><title>b</title><noscript>c</noscript>d")) == "d"
