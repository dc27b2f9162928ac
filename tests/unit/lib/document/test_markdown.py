"""Markdown: the specification's own examples, and what ours looks like to a person."""

from __future__ import annotations

import json
import time
from pathlib import Path
from urllib.parse import unquote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cms.lib.document import Document, from_html, from_markdown, normalise, to_html, to_markdown, to_text
from cms.lib.document.ids import content_key
from tests.needs import needs
from tests.unit.lib.document.foreign import folder, words
from tests.unit.lib.document.oracle import complaints
from tests.unit.lib.document.strategies import NASTY, PROFILE


def _keys(html_or_markdown: Document) -> list[str]:
    # The examples write letters in addresses by percent signs; here they stay readable.
    return [unquote(content_key(block)) for block in html_or_markdown["content"]]


def _example(text: str) -> str:
    return text.replace("→", "\t")


@needs("data")
def test_examples_of_commonmark_say_the_same_as_their_html() -> None:
    cases = json.loads((folder() / "commonmark/commonmark-0.31.2-tests.json").read_text("utf-8"))
    different = [
        case["number"]
        for case in cases
        if _keys(from_markdown(_example(case["markdown"]))) != _keys(from_html(_example(case["html"])))
    ]
    assert len(cases) == 652
    assert different == []


@needs("data")
def test_examples_of_commonmark_and_github_survive_being_written_again() -> None:
    for name in ("commonmark-0.31.2-tests.json", "gfm-0.29-tests.json"):
        for case in json.loads((folder() / "commonmark" / name).read_text("utf-8")):
            document = from_markdown(case["markdown"])
            assert from_markdown(to_markdown(document), previous=document) == document, case["markdown"]


def _is_kept(path: Path) -> bool:
    document = from_markdown(path.read_text("utf-8", "replace"))
    return from_markdown(to_markdown(document), previous=document) == document


@needs("data")
def test_real_posts_in_markdown_survive_being_written_again() -> None:
    paths = sorted(path for path in folder().glob("markdown/**/*.md") if path.stat().st_size < 10_000)[::8]
    assert len(paths) > 30
    assert [path.name for path in paths if not _is_kept(path)] == []


@pytest.mark.long
@needs("data")
def test_whole_sites_in_markdown_survive_being_written_again() -> None:
    assert [path.name for path in sorted(folder().glob("markdown/**/*.md")) if not _is_kept(path)] == []


def test_markdown_is_readable() -> None:
    html = """<h2>What * you need</h2><p>Some <b>bold</b>, <i>it</i>, <code>co`de</code>, <kbd>K</kbd>,
    <a href="/x" title="T">link</a> 1. 2_3 a*b</p><ul><li>a<ul><li>b</li></ul></li><li>c</li></ul>
    <ol start="3"><li>x</li></ol><ul class="task-list"><li><input type="checkbox" checked>done</li></ul>
    <blockquote>q</blockquote><dl><dt>t</dt><dd>d</dd></dl><table><tr><th>h</th></tr><tr><td>c|d</td></tr></table>
    <aside class="callout callout-tip"><p class="callout-title" data-title="Hey">Hey</p>words</aside><hr><!--more-->"""
    assert to_markdown(from_html(html)) == (
        '## What \\* you need\n\nSome **bold**, *it*, ``co`de``, <kbd>K</kbd>, [link](/x "T") 1. 2\\_3 a\\*b\n\n'
        "- a\n  - b\n- c\n\n3. x\n\n- [x] done\n\n> q\n\nt\n: d\n\n| h |\n| --- |\n| c\\|d |\n\n"
        "> [!TIP] Hey\n> words\n\n"
        "***\n\n<!--more-->\n"
    )


def test_what_markdown_cannot_say_is_a_fence_that_loses_nothing() -> None:
    document = normalise([{"type": "embed", "attrs": {"url": "https://youtu.be/dQw4w9WgXcQ"}}])
    text = to_markdown(document)
    assert text.startswith("```cms-block\n{")
    assert from_markdown(text, previous=document) == document
    assert to_text(from_markdown("```cms-block\n{broken\n```")) == ""


def test_blocks_keep_their_ids_when_others_change() -> None:
    before = from_markdown("one\n\ntwo\n\nthree four five")
    ids = [block["attrs"]["id"] for block in before["content"]]
    after = from_markdown("new\n\none\n\nthree four six\n\ntwo", previous=before)
    found = [block["attrs"]["id"] for block in after["content"]]
    assert found[1] == ids[0]
    assert ids[1] in found or ids[2] in found
    assert len(set(found)) == 4
    assert from_markdown("one\n\ntwo\n\nthree four six", previous=before)["content"][2]["attrs"]["id"] == ids[2]


def test_callouts_footnotes_and_anchors_are_understood() -> None:
    document = from_markdown(
        "# Head {#way}\n\n> [!CAUTION]\n> Hot\n\nText[^n] and [^lost]\n\n[^n]: Note\n\n[^m]: Unused"
    )
    kinds = [block["type"] for block in document["content"]]
    assert kinds == ["heading", "callout", "paragraph", "footnotes"]
    assert document["content"][0]["attrs"]["anchor"] == "way"
    assert document["content"][1]["attrs"]["kind"] == "warning"
    assert [note["attrs"]["id"] for note in document["content"][3]["content"]] == ["n", "m"]
    assert words("<p>[^lost]</p>")[0] in to_text(document)


def test_markdown_nested_without_end_is_read_in_good_time() -> None:
    began = time.process_time()
    for text in (
        ">" * 20_000 + "deep",
        "- " * 20_000 + "deep",
        "[" * 5_000 + "deep",
        "**" * 5_000 + "deep",
    ):
        assert "deep" in to_text(from_markdown(text))
    assert time.process_time() - began < 60


_signs = st.text("\n #*_[]()<>!`|:-+1.~\\ab{}^&", max_size=30)


@PROFILE
@given(st.lists(st.one_of(st.sampled_from(NASTY), _signs), max_size=6).map("\n".join))
def test_any_text_is_markdown_and_harmless(text: str) -> None:
    document = from_markdown(text)
    assert complaints(to_html(document)) == []
    assert from_markdown(to_markdown(document), previous=document) == document
