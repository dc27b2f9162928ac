"""Contents of both editors become documents of our blocks."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cms.lib.document import normalise, to_html, to_text
from cms.transfer.wordpress.body import to_document
from cms.transfer.wordpress.surroundings import Library, Surroundings
from cms.transfer.wordpress.survey import Attachment


def attached(number: str, ending: str = "jpg") -> Attachment:
    url = f"https://old.example/{number}.{ending}"
    return Attachment(number, url, f"Title {number}", f"Alt {number}", f"Caption {number}", "1", "")


ATTACHMENTS = {"7": attached("7"), "8": attached("8"), "9": attached("9", "mp3")}
LIBRARY = Library(ATTACHMENTS, {}, {"1": list(ATTACHMENTS.values())})


def around() -> Surroundings:
    return Surroundings("1", LIBRARY)


def blocks(content: str) -> list[dict[str, Any]]:
    made: list[dict[str, Any]] = to_document(content, around())["content"]
    return made


def told(content: str) -> list[tuple[str, dict[str, Any], str]]:
    """Return each block as its type, its attributes but for the id, and its words."""
    return [
        (
            one["type"],
            {name: value for name, value in one.get("attrs", {}).items() if name != "id"},
            " ".join(to_text({"type": "doc", "content": [one]}).split()),
        )
        for one in blocks(content)
    ]


def block(name: str, html: str, attributes: str = "") -> str:
    """Return HTML as the block editor saves it."""
    return f"<!-- wp:{name} {attributes}{' ' if attributes else ''}-->{html}<!-- /wp:{name} -->"


def paragraph(words: str) -> str:
    return block("paragraph", f"<p>{words}</p>")


LIBRARY.patterns |= {"40": paragraph("Shared words."), "41": '<!-- wp:block {"ref":41} /-->'}
IMG = '<img class="wp-image-7" src="https://old.example/7-300x200.jpg" alt="Alt" width="300" height="200" />'
PICTURE = {"src": "https://old.example/7-300x200.jpg", "alt": "Alt", "width": 300, "height": 200}
FIGURE = f"<figure>{IMG}</figure>"
WITH_CAPTION = f"<figure>{IMG}<figcaption>The words</figcaption></figure>"


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        (f'[caption id="x" align="alignright" width="300"]{IMG} The <b>words</b>[/caption]', {"layout": "end"}),
        (f'[caption width="300" caption="The words"]{IMG}[/caption]', {}),
        (f'[caption]<a href="https://a.example/">{IMG}</a> The words[/caption]', {"href": "https://a.example/"}),
        (f"[wp_caption]{IMG}<br />The words[/wp_caption]", {}),
        (block("image", WITH_CAPTION, '{"id":7,"align":"wide"}'), {"layout": "wide"}),
        (block("image", f'<div class="wp-block-image">{WITH_CAPTION}</div>', '{"align":"left"}'), {"layout": "start"}),
    ],
)
def test_a_picture_keeps_caption_layout_and_link(content: str, expected: dict[str, Any]) -> None:
    ((kind, attributes, words),) = told(content)
    assert (kind, attributes) == ("image", {**PICTURE, **expected})
    assert words.endswith("The words")


@pytest.mark.parametrize(
    ("content", "alts"),
    [
        ('[gallery ids="8,7,99" columns="2"]', ["Alt 8", "Alt 7"]),
        ("[gallery]", ["Alt 7", "Alt 8"]),
        ('[gallery exclude="8"]', ["Alt 7"]),
        (block("gallery", f"<figure>{block('image', FIGURE)}</figure>", '{"columns":2}'), ["Alt"]),
        (block("gallery", f"<ul><li class='blocks-gallery-item'>{FIGURE}</li></ul>"), ["Alt"]),
    ],
)
def test_galleries_show_what_they_name(content: str, alts: list[str]) -> None:
    (gallery,) = blocks(content)
    assert gallery["type"] == "gallery"
    assert [image["attrs"]["alt"] for image in gallery["content"]] == alts


def test_a_gallery_of_nothing_is_told() -> None:
    surroundings = around()
    assert to_text(to_document('a [gallery ids="99"] b', surroundings)).split() == ["a", "b"]
    assert surroundings.left_out == {"gallery": 1}


FILE = '<div><a href="/a.pdf">The plan</a><a href="/a.pdf" class="wp-block-file__button" download>Download</a></div>'
VIDEO = {"src": "/v.mp4", "poster": "/p.jpg", "width": 640, "height": 360}


@pytest.mark.parametrize(
    ("content", "kind", "attributes"),
    [
        ("[audio https://old.example/a.mp3]", "audio", {"src": "https://old.example/a.mp3"}),
        ('[audio mp3="https://old.example/a.mp3"][/audio]', "audio", {"src": "https://old.example/a.mp3"}),
        ('[video width="640" height="360" mp4="/v.mp4" poster="/p.jpg"]', "video", VIDEO),
        ('[playlist ids="9"]', "audio", {"src": "https://old.example/9.mp3", "title": "Title 9"}),
        (block("audio", '<figure><audio controls src="/a.ogg"></audio></figure>'), "audio", {"src": "/a.ogg"}),
        (block("video", '<figure><video controls src="/v.mp4"></video></figure>'), "video", {"src": "/v.mp4"}),
        (block("file", FILE, '{"href":"/a.pdf"}'), "file", {"src": "/a.pdf", "name": "The plan"}),
    ],
)
def test_sounds_films_and_files_are_blocks(content: str, kind: str, attributes: dict[str, Any]) -> None:
    (found,) = told(content)
    assert found[:2] == (kind, attributes)


VIDEO_PAGE = "https://youtu.be/abcdefghijk"
WRAPPED = f"<figure><div class='wp-block-embed__wrapper'>\n{VIDEO_PAGE}\n</div></figure>"


@pytest.mark.parametrize(
    "content",
    [
        VIDEO_PAGE,
        f"words\n\n{VIDEO_PAGE}\n\nwords",
        f"[embed]{VIDEO_PAGE}[/embed]",
        block("embed", WRAPPED, f'{{"url":"{VIDEO_PAGE}"}}'),
        block("embed", WRAPPED),
        f'<!-- wp:core-embed/youtube {{"url":"{VIDEO_PAGE}"}} /-->',
    ],
)
def test_addresses_on_their_own_become_embeds(content: str) -> None:
    (embed,) = [one for one in told(content) if one[0] == "embed"]
    assert embed[1]["url"] == "https://www.youtube.com/watch?v=abcdefghijk"


def test_an_address_of_nobody_we_know_becomes_a_link() -> None:
    (found,) = blocks("https://somewhere.example/page")
    assert found["type"] == "paragraph"
    assert found["content"][0]["marks"][0]["attrs"]["href"] == "https://somewhere.example/page"


@pytest.mark.parametrize(
    ("content", "kinds", "words"),
    [
        ("one\n\ntwo", ["paragraph", "paragraph"], "one two"),
        (block("heading", "<h3>Head</h3>", '{"level":3}'), ["heading"], "Head"),
        (block("separator", "<hr class='wp-block-separator'/>"), ["horizontalRule"], ""),
        (block("spacer", "<div></div>"), [], ""),
        (block("nextpage", "<!--nextpage-->"), ["pageBreak"], ""),
        (block("verse", "<pre class='wp-block-verse'>a\n  b</pre>"), ["verse"], "a b"),
        (block("code", "<pre class='wp-block-code'><code>x &lt; y</code></pre>"), ["codeBlock"], "x < y"),
        (block("html", "<p>a <u>b</u></p>"), ["paragraph"], "a b"),
        (block("group", f"<div>{paragraph('in')}</div>"), ["paragraph"], "in"),
        ("<!-- wp:latest-posts /-->", [], ""),
        ('<!-- wp:block {"ref":40} /-->', ["paragraph"], "Shared words."),
        ('<!-- wp:block {"ref":41} /-->', [], ""),
        (block("shortcode", "\n[unknown x=1]\n"), ["paragraph"], "[unknown x=1]"),
        (block("plugin/box", "<div>kept <b>words</b></div>", '{"a":1}'), ["paragraph"], "kept words"),
        (f"classic\n\nwords {paragraph('and a block')}", ["paragraph"] * 3, "classic words and a block"),
    ],
)
def test_blocks_are_what_they_were(content: str, kinds: list[str], words: str) -> None:
    found = [one for one in told(content) if one[0] != "paragraph" or one[2]]
    assert [kind for kind, _attributes, _words in found] == kinds
    assert " ".join(text for *_rest, text in found if text) == words or not words


def test_breaks_of_a_text_stay_where_they_are() -> None:
    assert [kind for kind, *_rest in told("a\n<!--more Go on-->\nb<!--nextpage-->c")] == [
        "paragraph",
        "readMore",
        "paragraph",
        "pageBreak",
        "paragraph",
    ]
    assert told("a\n<!--more Go on-->\nb")[1][1] == {"text": "Go on"}


def test_columns_keep_their_widths() -> None:
    left = block("column", f"<div class='wp-block-column'>{paragraph('left')}</div>", '{"width":"66.66%"}')
    right = block("column", f"<div class='wp-block-column'>{paragraph('right')}</div>")
    (columns,) = blocks(block("columns", f"<div class='wp-block-columns'>{left}{right}</div>"))
    assert [part.get("attrs") for part in columns["content"]] == [{"width": 66}, None]


def test_quotes_name_their_source() -> None:
    quote = "<blockquote class='wp-block-quote'><p>said</p><cite>Somebody</cite></blockquote>"
    assert told(block("quote", quote))[0][1] == {"attribution": "Somebody"}
    linked = "<figure><blockquote><p>said</p><cite><a href='https://a.example'>She</a></cite></blockquote></figure>"
    assert "https://a.example" in str(blocks(block("pullquote", linked)))


def test_buttons_and_tables_are_ours() -> None:
    button = '<div class="wp-block-button is-style-outline"><a class="wp-block-button__link" href="/go">Go</a></div>'
    assert told(block("button", button)) == [("button", {"href": "/go", "variant": "outline"}, "Go")]
    table = "<figure class='wp-block-table'><table><tr><td>a</td></tr></table><figcaption>below</figcaption></figure>"
    assert [kind for kind, *_rest in told(block("table", table))] == ["table", "paragraph"]


def test_covers_and_media_stand_with_their_words() -> None:
    image = '<img class="wp-block-cover__image-background" alt="Hills" src="https://old.example/7.jpg"/>'
    over = f'<div class="wp-block-cover__inner-container">{paragraph("Over it")}</div>'
    attributes = '{"url":"https://old.example/7.jpg","align":"full"}'
    found = told(block("cover", f'<div class="wp-block-cover"><span></span>{image}{over}</div>', attributes))
    assert [one[:2] for one in found] == [
        ("image", {"src": "https://old.example/7.jpg", "alt": "Hills", "layout": "full"}),
        ("paragraph", {}),
    ]
    figure = f'<figure class="wp-block-media-text__media">{IMG}</figure>'
    text = f'<div class="wp-block-media-text__content">{paragraph("Words")}</div>'
    (columns,) = blocks(block("media-text", f"<div>{figure}{text}</div>", '{"mediaPosition":"right"}'))
    assert [part["content"][0]["type"] for part in columns["content"]] == ["paragraph", "image"]


def test_no_script_survives() -> None:
    frame = "<iframe src='javascript:alert(1)'></iframe>"
    html = to_html(to_document(f"<script>alert(1)</script><p onclick='x'>a</p>{frame}", around()))
    for word in ("script", "onclick", "alert"):
        assert word not in html


PIECES = [
    *("<p>", "</p>", "<div>", "</div>", "<b>", "</b>", "<pre>", "</pre>", "<li>", "<table>", "<blockquote>", "<cite>"),
    *("<!-- wp:paragraph -->", "<!-- /wp:paragraph -->", "<!-- wp:columns -->", "<!-- wp:quote -->", IMG, "[["),
    *("[caption]", "[/caption]", "[gallery]", "\n\n", "\n", "word", "<!--more-->", "https://a.example/x"),
    *('<!-- wp:block {"ref":40} /-->', "<!-- wp:image -->"),
]


@settings(max_examples=150, deadline=None)
@given(st.lists(st.sampled_from(PIECES), max_size=14).map("".join))
def test_any_content_becomes_a_document(content: str) -> None:
    document = to_document(content, around())
    assert normalise(dict(document)) == document
    assert "<!-- wp:" not in to_html(document)


def test_footnotes_come_back_from_beside_the_text() -> None:
    mark = '<sup data-fn="8c1f-22" class="fn"><a href="#8c1f-22" id="8c1f-22-link">1</a></sup>'
    content = paragraph(f"Said{mark} so.") + "<!-- wp:footnotes /-->"
    notes = '[{"id":"8c1f-22","content":"By <em>whom</em>?"}]'
    text, section = to_document(content, around(), footnotes=notes)["content"]
    assert [part["type"] for part in text["content"]] == ["text", "footnoteRef", "text"]
    assert section["type"] == "footnotes"
    assert to_text({"type": "doc", "content": [section]}).split()[-2:] == ["By", "whom?"]


@pytest.mark.parametrize("notes", ["", "broken", "{}", '[1, {"id": 3}]', "[" * 100_000])
def test_broken_footnotes_lose_nothing_else(notes: str) -> None:
    assert to_text(to_document(paragraph("Words."), around(), footnotes=notes)).strip() == "Words."
