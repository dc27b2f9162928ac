"""Bootstrap-Flask's macros as themes get them."""

from collections.abc import Iterator

import pytest
from flask import Flask
from flask_wtf import FlaskForm
from selectolax.lexbor import LexborHTMLParser
from wtforms import PasswordField, StringField, SubmitField, validators

from cms.theming.bootstrap import render_field, render_form, render_pagination
from cms.theming.contexts import Pagination


@pytest.fixture(autouse=True)
def context() -> Iterator[None]:
    """Flask-WTF's forms look for an application."""
    with Flask("forms").app_context():
        yield


class CommentForm(FlaskForm):
    class Meta:
        csrf = False

    name = StringField("Name <b>", [validators.InputRequired()], description="Shown.")
    password = PasswordField("Password")
    send = SubmitField("Send")


def test_a_field_has_label_and_help() -> None:
    page = LexborHTMLParser(render_field(CommentForm(formdata=None).name))
    assert page.css_first("label[for=name]").text() == "Name <b>"
    assert "form-control" in page.css_first("input#name").attributes["class"]
    assert page.css_first(".form-text").text() == "Shown."


def test_an_error_is_told_with_its_field() -> None:
    form = CommentForm(formdata=None)
    assert not form.validate()
    page = LexborHTMLParser(render_field(form.name))
    field = page.css_first("input#name")
    assert field.attributes["aria-invalid"] == "true"
    assert page.css_first(f"#{field.attributes['aria-describedby']}").text() == "This field is required."


def test_a_whole_form() -> None:
    page = LexborHTMLParser(render_form(CommentForm(formdata=None), action="/comments"))
    assert page.css_first("form").attributes["action"] == "/comments"
    assert [field.attributes["name"] for field in page.css("input")] == ["name", "password", "send"]
    assert not page.css("[style], script")


@pytest.mark.parametrize(("page", "ends"), [(1, ["next"]), (2, ["prev", "next"]), (3, ["prev"])])
def test_pages_of_a_list(page: int, ends: list[str]) -> None:
    where = Pagination(page=page, pages=3, total=30, base_url="/tag/a/")
    made = LexborHTMLParser(render_pagination(where, prev="Newer", next="<Older>", label="Pages"))
    assert [link.attributes["rel"] for link in made.css("[rel]")] == ends
    assert made.css_first("[aria-current=page]").attributes["href"] == where.url(page)
    assert not made.css("a[href='#']")


def test_a_single_page_needs_no_links() -> None:
    assert render_pagination(Pagination(page=1, pages=1, total=3, base_url="/")) == ""
