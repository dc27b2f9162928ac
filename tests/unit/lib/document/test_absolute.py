"""Addresses in HTML that is read elsewhere."""

import pytest

from cms.lib.document import make_absolute


@pytest.mark.parametrize(
    ("html", "made"),
    [
        ('<a href="/x/">', '<a href="http://h/x/">'),
        ('<a href="#f1">', '<a href="http://h/posts/p/#f1">'),
        ('<a href="https://e.example/?a=1&amp;b=2">', '<a href="https://e.example/?a=1&amp;b=2">'),
        (
            '<img src="/m/a.webp" srcset="/m/1.webp 1w, /m/2.webp 2w">',
            '<img src="http://h/m/a.webp" srcset="http://h/m/1.webp 1w, http://h/m/2.webp 2w">',
        ),
        ('<a href="x.html">', '<a href="http://h/posts/p/x.html">'),
        ('<a href="mailto:a@b.example">', '<a href="mailto:a@b.example">'),
        ('<a href="http://[broken">', '<a href="http://[broken">'),
        ('<code>href="/x/"</code>', '<code>href="/x/"</code>'),
    ],
)
def test_addresses_become_whole(html: str, made: str) -> None:
    assert make_absolute(html, "http://h/posts/p/", "http://h") == made


def test_links_within_a_page_may_stay() -> None:
    html = '<a href="#f1">1</a> <a href="/x/">x</a>'
    made = make_absolute(html, "http://h/posts/p/", "http://h", keep_fragments=True)
    assert made == '<a href="#f1">1</a> <a href="http://h/x/">x</a>'
