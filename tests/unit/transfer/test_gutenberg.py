"""The comments of the block editor become a tree."""

import time

import pytest

from cms.transfer.wordpress.gutenberg import Block, has_blocks, parse_blocks


def drawn(block: Block) -> str:
    inside = "".join(part if isinstance(part, str) else drawn(part) for part in block.parts)
    return f"{block.name}({inside})"


@pytest.mark.parametrize(
    ("content", "tree"),
    [
        ("plain", "(plain)"),
        ("<!-- wp:paragraph -->\n<p>a</p>\n<!-- /wp:paragraph -->", "(paragraph(\n<p>a</p>\n))"),
        ("<!-- wp:core/more --><!--more--><!-- /wp:core/more -->", "(more(<!--more-->))"),
        ("a<!-- wp:spacer /-->b", "(aspacer()b)"),
        ('<!-- wp:x/y {"a":1} /-->', "(x/y())"),
        ("<!-- wp:a --><!-- wp:b -->x<!-- /wp:b -->y<!-- /wp:a -->", "(a(b(x)y))"),
        ("<!-- wp:a -->never closed", "(a(never closed))"),
        ("closed <!-- /wp:a --> twice", "(closed  twice)"),
        ("<!-- wp:a --><!-- wp:b -->x<!-- /wp:a -->y", "(a(b(x))y)"),
        ("<!-- an ordinary comment -->", "(<!-- an ordinary comment -->)"),
        ("<!-- wp:a", "(<!-- wp:a)"),
    ],
)
def test_blocks_are_found(content: str, tree: str) -> None:
    assert drawn(parse_blocks(content)) == tree


def test_attributes_are_read_as_json() -> None:
    (block,) = parse_blocks('<!-- wp:image {"id":7,"alt":"a \\u002d\\u002d\\u003e b","wide":true} /-->').blocks
    assert (block.number("id"), block.text("alt"), block.number("wide"), block.text("id")) == (7, "a --> b", None, "")


@pytest.mark.parametrize("attributes", ["{broken}", "[1]", "{" + '"a":{' * 100_000, '{"a":NaN'])
def test_broken_attributes_count_as_none(attributes: str) -> None:
    blocks = parse_blocks(f"<!-- wp:image {attributes} -->x<!-- /wp:image -->").blocks
    assert not blocks or blocks[0].attributes == {}


def test_what_is_nested_too_deeply_loses_nothing() -> None:
    content = "<!-- wp:a -->" * 20_000 + "core" + "<!-- /wp:a -->" * 20_000 + "after"
    root = parse_blocks(content)
    assert root.raw_html == "coreafter"
    assert root.own_html == "after"


def test_hostile_contents_take_no_time() -> None:
    started = time.process_time()
    for content in ("<!-- wp:a {" * 30_000, "<!--" * 100_000, "<!-- /wp:a -->" * 30_000):
        parse_blocks(content)
    assert time.process_time() - started < 2


def test_content_of_the_block_editor_is_known() -> None:
    assert has_blocks("x <!-- wp:paragraph -->")
    assert not has_blocks("x <!--more--> wp:paragraph")
