"""Texts for people: lazy, translated when shown, and never taken for HTML."""

from __future__ import annotations

from flask import Flask, render_template_string
from markupsafe import escape

from cms.core.i18n import _, _n


def test_what_somebody_typed_is_escaped_in_a_lazy_text(app: Flask) -> None:
    text = _("Move “%(title)s” to the bin?", title="<script>alert(1)</script>")
    assert str(text) == "Move “<script>alert(1)</script>” to the bin?"
    assert str(escape(text)) == "Move “&lt;script&gt;alert(1)&lt;/script&gt;” to the bin?"
    with app.test_request_context():
        assert "<script>" not in render_template_string("{{ text }}", text=text)


def test_counted_texts_choose_their_words(app: Flask) -> None:
    assert [str(_n("One post", "%(num)s posts", number)) for number in (1, 2)] == ["One post", "2 posts"]
