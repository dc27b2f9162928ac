"""Classic texts become paragraphs as their readers saw them."""

import re
import time

import pytest

from cms.transfer.wordpress.wpautop import wpautop


def flat(html: str) -> str:
    return re.sub(r"\s*\n\s*", "", html).replace(" />", ">")


@pytest.mark.parametrize(
    ("text", "html"),
    [
        ("", ""),
        ("one", "<p>one</p>"),
        ("one\n\ntwo", "<p>one</p><p>two</p>"),
        ("one\r\n\r\n\r\ntwo\r\nthree", "<p>one</p><p>two<br>three</p>"),
        ("one\n \t\ntwo", "<p>one</p><p>two</p>"),
        ("one<br />\ntwo", "<p>one<br>two</p>"),
        ("one<br><br/>two", "<p>one</p><p>two</p>"),
        ("<h2>Head</h2>\nbody", "<h2>Head</h2><p>body</p>"),
        ("<p>one</p>\n\n<p>two</p>", "<p>one</p><p>two</p>"),
        ("<p>one\ntwo</p>", "<p>one<br>two</p>"),
        ("<p>one\n\ntwo</p>", "<p>one</p><p>two</p>"),
        ("<blockquote>said\n\nso</blockquote>", "<blockquote><p>said</p><p>so</p></blockquote>"),
        ("<blockquote>said</blockquote>", "<blockquote><p>said</p></blockquote>"),
        ("<ul>\n\n<li>one</li>\n\n<li>two</li>\n</ul>", "<ul><li>one</li><li>two</li></ul>"),
        ("<div>one\ntwo</div>", "<div>one<br>two</div>"),
        ("<table>\n<tr>\n<td>a</td>\n</tr>\n</table>", "<table><tr><td>a</td></tr></table>"),
        ("before\n<!--more-->\nafter", "<p>before</p><!--more--><p>after</p>"),
        ("<em>one\n\ntwo</em>", "<p><em>one</p><p>two</em></p>"),
        ("<hr />\ntext", "<hr><p>text</p>"),
        ("if a < b and b > c\nthen", "<p>if a < b and b > c<br>then</p>"),
        ("\\o/ C:\\xampp", "<p>\\o/ C:\\xampp</p>"),
        ("<pre>never closed\n\nword", "<pre><p>never closed</p><p>word</p>"),
    ],
)
def test_lines_become_paragraphs_and_breaks(text: str, html: str) -> None:
    assert flat(wpautop(text)) == html


@pytest.mark.parametrize("name", ["pre", "script", "style", "textarea", "svg"])
def test_verbatim_elements_keep_their_lines(name: str) -> None:
    verbatim = f"<{name}>\na\n\n  b <b>c</b>\n</{name}>"
    assert verbatim in wpautop(f"x\n\n{verbatim}\n\ny")


def test_lines_inside_a_tag_stay() -> None:
    tag = '<a href="x"\n title="y\n\nz">'
    assert wpautop(f"a {tag}link</a>") == f"<p>a {tag}link</a></p>"


def test_code_beside_words_keeps_its_place() -> None:
    assert flat(wpautop("a\n\n<pre>b</pre>\n\nc")) == "<p>a</p><pre>b</pre><p>c</p>"


@pytest.mark.parametrize(
    "text",
    [
        "<" * 50_000,
        "<a " * 30_000,
        "<a '" * 30_000,
        "<pre>" * 20_000,
        "<br>\n" * 30_000,
        "<!--" * 20_000,
        "\n" * 200_000,
        "<div>" * 20_000,
    ],
)
def test_hostile_texts_take_no_time(text: str) -> None:
    started = time.process_time()
    wpautop(text)
    assert time.process_time() - started < 2
