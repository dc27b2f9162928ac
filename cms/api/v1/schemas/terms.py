"""Categories and tags as they are sent and answered."""

from __future__ import annotations

from marshmallow import Schema, fields, validate

from cms.api.bulk import changes_of, results_of
from cms.api.lists import ListArguments, ListEnvelope, Sort, names
from cms.api.v1.schemas.entries import identifier, told
from cms.content.term_lists import SORTS
from cms.core.db import LARGEST_KEY


class TagSchema(Schema):
    """A tag, as readers know it."""

    id = fields.Integer(metadata=told("", 7), required=True)
    name = fields.String(metadata=told("", "Walks"))
    slug = fields.String(metadata=told("Last part of the address.", "walks"))
    path = fields.String(metadata=told("Its slug after those above it.", "walks"))
    description = fields.String(metadata=told("Shown at the top of its page."))
    url = fields.String(metadata=told("Where readers find it.", "https://example.com/tag/walks/"))
    posts = fields.Integer(metadata=told("How many posts everybody finds with it; those below it are not counted.", 3))
    version = fields.Integer(
        metadata=told("Counts changes; the first part of the ETag. For who may change it; others are not told.", 2)
    )


class CategorySchema(TagSchema):
    """A category; categories form a tree."""

    path = fields.String(metadata=told("Its slug after those above it.", "walks/coast"))
    url = fields.String(metadata=told("Where readers find it.", "https://example.com/category/walks/coast/"))
    parent_id = fields.Integer(allow_none=True, metadata=told("The category it lies below; null: at the top."))


class TagList(ListEnvelope):
    """A page of tags."""

    items = fields.List(fields.Nested(TagSchema), required=True)


class CategoryList(ListEnvelope):
    """A page of categories."""

    items = fields.List(fields.Nested(CategorySchema), required=True)


class TagReadArguments(Schema):
    """How a tag is shown."""

    fields_ = names(TagSchema().fields, about="Only these fields", data_key="fields")


class CategoryReadArguments(Schema):
    """How a category is shown."""

    fields_ = names(CategorySchema().fields, about="Only these fields", data_key="fields")


class TermListArguments(ListArguments):
    """What a list of terms is narrowed to."""

    search = fields.String(validate=validate.Length(0, 200), metadata=told("Words in name or path.", "coast"))
    sort = Sort(
        SORTS,
        load_default="path",
        metadata=told("`-` turns it round. By path, a tree is in order.", "name"),
    )


class TagListArguments(TermListArguments, TagReadArguments):
    """What a list of tags is narrowed to."""


class CategoryListArguments(TermListArguments, CategoryReadArguments):
    """What a list of categories is narrowed to."""

    parent_id = fields.Integer(
        validate=validate.Range(1, LARGEST_KEY), metadata=told("Only what lies right below this category.")
    )


class TagWrite(Schema):
    """What can be said about a tag; nothing else is taken."""

    name = fields.String(required=True, validate=validate.Length(1, 200), metadata=told("", "Walks"))
    slug = fields.String(
        load_default="",
        validate=validate.Length(0, 200),
        metadata=told("Last part of the address; empty: made of the name at first, and kept later.", "walks"),
    )
    description = fields.String(load_default="", validate=validate.Length(0, 5000), metadata=told("Plain text."))


class CategoryWrite(TagWrite):
    """What can be said about a category; nothing else is taken."""

    parent_id = identifier(
        allow_none=True, load_default=None, metadata=told("The category to put it below; null: at the top.")
    )


TagChanges, TagChangeResults = changes_of(TagWrite, "Tag"), results_of(TagSchema, "Tag")
CategoryChanges, CategoryChangeResults = changes_of(CategoryWrite, "Category"), results_of(CategorySchema, "Category")
