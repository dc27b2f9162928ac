"""Known shortcodes are expanded, unknown ones stay the text that they are."""

import time

import pytest

from cms.transfer.wordpress.shortcodes import Handler, Shortcode, expand, read_attributes


def shown(shortcode: Shortcode) -> str:
    named = " ".join(f"{key}={value}" for key, value in shortcode.attributes.items())
    return f"<{'|'.join(part for part in (shortcode.name, named, *shortcode.plain, shortcode.content) if part)}>"


HANDLERS: dict[str, Handler] = {"gallery": shown, "caption": shown, "caption-x": shown}


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("no brackets", "no brackets"),
        ("[gallery]", "<gallery>"),
        ('a [gallery ids="1,2" columns=3] b', "a <gallery|ids=1,2 columns=3> b"),
        ("[gallery ids='1' /]c", "<gallery|ids=1>c"),
        ("[gallery https://a.example/b.mp3]", "<gallery|https://a.example/b.mp3>"),
        ("[caption width=3]<img> Words[/caption] after", "<caption|width=3|<img> Words> after"),
        ("[caption]a[gallery]b[/caption]", "<caption|a<gallery>b>"),
        ("[gallery][gallery]x[/gallery]", "<gallery><gallery|x>"),
        ("[caption-x]", "<caption-x>"),
        ("[unknown x=1]kept[/unknown]", "[unknown x=1]kept[/unknown]"),
        ("[galleryx] [ gallery ]", "[galleryx] [ gallery ]"),
        ("write [[gallery]] to get one", "write [gallery] to get one"),
        ("<pre>[gallery]</pre> <code>[gallery]</code>", "<pre>[gallery]</pre> <code>[gallery]</code>"),
        ('<a title="[gallery]">x</a><!-- [gallery] -->', '<a title="[gallery]">x</a><!-- [gallery] -->'),
        ("x[0] = y[1]", "x[0] = y[1]"),
        ("[gallery", "[gallery"),
    ],
)
def test_shortcodes_are_found_where_wordpress_finds_them(text: str, expected: str) -> None:
    assert expand(text, HANDLERS) == expected


@pytest.mark.parametrize(
    ("text", "named", "plain"),
    [
        ("a=\"1\" b='2' c=3", {"a": "1", "b": "2", "c": "3"}, ()),
        ('A="x &amp; y"', {"a": "x & y"}, ()),
        ("ids=”1,2″", {"ids": "1,2"}, ()),
        ('"one two" three', {}, ("one two", "three")),
        ("", {}, ()),
    ],
)
def test_attributes_are_read(text: str, named: dict[str, str], plain: tuple[str, ...]) -> None:
    assert read_attributes(text) == (named, plain)


@pytest.mark.parametrize(
    "text", ["[caption]" * 30_000, "[gallery " * 30_000, "[[" * 50_000, "[caption" + " a" * 100_000]
)
def test_hostile_texts_take_no_time(text: str) -> None:
    started = time.process_time()
    expand(text, HANDLERS)
    assert time.process_time() - started < 2
