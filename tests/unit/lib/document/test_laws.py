"""The laws of documents, over generated ones: what is written is read back, and nothing runs."""

from __future__ import annotations

import copy
from typing import Any

from hypothesis import given

from cms.lib.document import EMPTY, from_html, from_markdown, normalise, to_html, to_markdown, to_text, validate
from tests.unit.lib.document.oracle import complaints
from tests.unit.lib.document.strategies import PROFILE, garbage, raw_documents


@PROFILE
@given(raw_documents)
def test_normalising_twice_is_normalising_once(raw: Any) -> None:
    before = copy.deepcopy(raw)
    once = normalise(raw)
    assert normalise(dict(once)) == once
    assert raw == before
    validate(once)


@PROFILE
@given(raw_documents)
def test_html_with_ids_gives_the_document_back(raw: Any) -> None:
    document = normalise(raw)
    assert from_html(to_html(document, ids=True)) == document


@PROFILE
@given(raw_documents)
def test_what_has_just_been_made_is_not_made_again_and_a_copy_is(raw: Any) -> None:
    once = normalise(raw)
    assert normalise(once) is once
    assert to_html(dict(once)) == to_html(once)
    assert normalise(dict(once) | {"content": [{"type": "made up"}]})["content"] == EMPTY["content"]


@PROFILE
@given(raw_documents)
def test_stored_html_gives_the_words_back(raw: Any) -> None:
    document = normalise(raw)
    assert to_text(from_html(to_html(document))).split() == to_text(document).split()


@PROFILE
@given(garbage)
def test_no_json_whatever_renders_anything_that_runs(value: Any) -> None:
    document = normalise(value)
    assert normalise(dict(document)) == document
    rendered = to_html(value)
    assert complaints(rendered) == []
    assert rendered == to_html(value)


@PROFILE
@given(raw_documents)
def test_no_document_renders_anything_that_runs(raw: Any) -> None:
    assert complaints(to_html(raw)) == []
    assert complaints(to_html(raw, ids=True)) == []


@PROFILE
@given(raw_documents)
def test_markdown_gives_the_document_back(raw: Any) -> None:
    document = normalise(raw)
    assert from_markdown(to_markdown(document), previous=document) == document
