"""The form of a post or a page: what can be typed, and how it becomes the fields of an entry."""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping
from datetime import UTC, datetime
from functools import cache
from gettext import NullTranslations, translation
from hashlib import sha256
from typing import Any

from flask_babel import get_locale
from flask_wtf import FlaskForm
from wtforms import (
    BooleanField,
    DateTimeLocalField,
    Field,
    HiddenField,
    IntegerField,
    PasswordField,
    SelectField,
    SelectMultipleField,
    StringField,
    TextAreaField,
)
from wtforms.i18n import messages_path
from wtforms.validators import Length, NumberRange, Optional, ValidationError

from cms.admin.widgets import shown_zone
from cms.content.field_rules import RULES, fields_of
from cms.content.fields import EntryFields
from cms.core.db import LARGEST_KEY, read_key
from cms.core.i18n import _, lib_message
from cms.lib.document import Document, from_markdown, normalise, to_markdown
from cms.lib.errors import LibError

#: As much as a request may hold anyway; said beside the field instead of cutting the request off.
LONGEST_BODY = 4_000_000


def some_id(value: Any) -> int:
    """Read one value of a choice of several; what can be no key is 0, nobody's id."""
    return read_key(str(value)) or 0


def optional_id(value: Any) -> int | None:
    """Read the value of a choice that may be none: the empty text is None, what is no number is 0, nobody's id."""
    text = str(value or "")
    if text in ("", "None"):
        return None
    return some_id(text)


@cache
def _words_of(language: str) -> NullTranslations:
    return translation("wtforms", messages_path(), [language], fallback=True)


class EntryForm(FlaskForm):
    """What posts and pages have in common."""

    class Meta(FlaskForm.Meta):  # type: ignore[misc]  # the library's own is Any to the type checker
        """Reads the words of the form library once, not with every request."""

        def get_translations(self, form: object) -> Any:
            """Return the catalogue of the language of the page."""
            return _words_of(str(get_locale() or "en"))

    #: What the editor sent, once it is read and known to be a document of ours.
    document: Document | None = None

    version = HiddenField()
    title = TextAreaField(_("Title"), [Length(max=500)], id="title")
    excerpt = TextAreaField(_("Summary"), [Length(max=2000)], id="excerpt")
    body_json = TextAreaField(_("Text"), [Length(max=LONGEST_BODY)])
    body_markdown = TextAreaField(_("Text"), [Length(max=LONGEST_BODY)])
    markdown_seen = HiddenField()
    visibility = SelectField(_("Who may read it"))
    password = PasswordField(_("Password"), [Length(max=200)])
    published_at = DateTimeLocalField(_("Goes out"), [Optional()], format=["%Y-%m-%dT%H:%M", "%Y-%m-%dT%H:%M:%S"])
    slug = StringField(_("Address"), [Length(max=200)], id="slug")
    featured_media_id = IntegerField(_("Picture"), [Optional(), NumberRange(1, LARGEST_KEY)])
    seo_title = StringField(_("Title in results"), [Length(max=300)])
    seo_description = TextAreaField(_("Description"), [Length(max=1000)])
    canonical_url = StringField(_("First published at"), [Length(max=1000)])
    noindex = BooleanField(_("Ask search engines to leave this out"))
    authors = SelectMultipleField(_("Authors"), coerce=some_id, validate_choice=False)
    comments_open = BooleanField(_("Readers may comment"))
    #: The groups of fields that stood on the page as text: they did not arrive, and stay as they were.
    fixed = HiddenField()

    def validate_body_json(self, field: Field) -> None:
        """Refuse a text that is no document of ours."""
        if not field.data:
            return
        try:
            self.document = normalise(json.loads(field.data))
        except (ValueError, RecursionError):
            raise ValidationError(_("The text arrived damaged. Reload the page and try again.")) from None
        except LibError as error:
            raise ValidationError(lib_message(error)) from None


class PostForm(EntryForm):
    """A post: dated, with terms."""

    sticky = BooleanField(_("Keep at the top of the front page"))
    categories = SelectMultipleField(_("Categories"), coerce=some_id, validate_choice=False)
    new_category = StringField(_("Name"), [Length(max=200)])
    new_category_parent = SelectField(_("Lies below"), coerce=optional_id, validate_choice=False)
    tags = StringField(_("Tags"), [Length(max=2000)])


class PageForm(EntryForm):
    """A page: in a tree."""

    parent_id = SelectField(_("Lies below"), coerce=optional_id, validate_choice=False)
    menu_order = IntegerField(_("Order"), [Optional(), NumberRange(-100_000, 100_000)])


def fill_form(form: Any, fields: EntryFields, published_at: datetime | None, version: int) -> None:
    """Show the fields of an entry in its form (used where nothing was typed yet)."""
    for name in (
        "title", "excerpt", "visibility", "slug", "featured_media_id", "seo_title", "seo_description",
        "canonical_url", "noindex", "comments_open", "sticky", "parent_id", "menu_order",
    ):  # fmt: skip
        if name in form:
            form[name].data = getattr(fields, name)
    form.version.data = str(version)
    form.document = dict(fields.body)
    form.body_json.data = json.dumps(fields.body, ensure_ascii=False)
    form.body_markdown.data = to_markdown(dict(fields.body))
    form.markdown_seen.data = _digest(form.body_markdown.data)
    form.authors.data = list(fields.author_ids)
    form.published_at.data = published_at.astimezone(shown_zone()).replace(tzinfo=None) if published_at else None


def read_fields(form: Any, before: EntryFields, closed: Collection[str] = ()) -> EntryFields:
    """Return `before` with what was typed put in; the password, terms and authors are read by the caller.

    Groups of fields that are `closed` to the person, or were when the page was made, stay as they were unless
    something arrived for them: whether that may be is not decided here.
    """
    changes: dict[str, Any] = {
        name: form[name].data
        for name in ("visibility", "featured_media_id", "noindex", "comments_open", "sticky", "parent_id")
        if name in form
    }
    for name in ("title", "excerpt", "slug", "seo_title", "seo_description", "canonical_url"):
        changes[name] = (form[name].data or "").replace("\r\n", "\n").strip()
    if "menu_order" in form:
        changes["menu_order"] = form.menu_order.data or 0
    for name in kept_fields(form, closed):
        changes.pop(name, None)
    return before.changed(body=read_body(form, before.body), **changes)


def kept_fields(form: Any, closed: Collection[str] = ()) -> frozenset[str]:
    """Return the fields that did not arrive because they stood on the page as text, which no browser sends."""
    known = {rule.name for rule in RULES}
    groups = known.intersection({*closed, *str(form.fixed.data or "").split()})
    shown = {"term_ids": ("categories", "tags", "new_category"), "password_hash": ("visibility", "password")}
    return frozenset(
        name
        for name in fields_of(groups)
        if not any(item in form and form[item].raw_data for item in shown.get(name, (name,)))
    )


def read_body(form: Any, before: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return the text: from the Markdown field where something was typed there, else from the editor, else as it was.

    Both fields arrive when scripts are off. Blocks that Markdown has no words for are taken over from the document
    the page came with, which is then what the editor's field still holds.
    """
    sent = form.document if form.document is not None else dict(before)
    typed = form.body_markdown.data
    if typed is None or not form.body_markdown.raw_data or _digest(typed) == form.markdown_seen.data:
        return sent
    return from_markdown(typed.replace("\r\n", "\n"), previous=sent)


def _digest(text: str) -> str:
    """Return a short name of a text: whether it is still the one the page came with."""
    return sha256(text.replace("\r\n", "\n").strip().encode()).hexdigest()[:32]


def read_moment(form: Any) -> datetime | None:
    """Return the typed date and time, read in the site's zone; where clocks go back, the earlier of the two."""
    typed: datetime | None = form.published_at.data
    return typed.replace(tzinfo=shown_zone(), fold=0).astimezone(UTC) if typed else None


def read_version(form: Any) -> int | None:
    """Return the version the form was opened with."""
    # A form that was sent without the field takes the number from the record.
    text = str(form.version.data or "")
    return int(text) if text.isascii() and text.isdecimal() and len(text) < 10 else None
