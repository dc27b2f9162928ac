"""What is found, as it is answered."""

from __future__ import annotations

from marshmallow import Schema, fields, validate

from cms.api.lists import ListArguments, ListEnvelope, names
from cms.api.v1.schemas.entries import told
from cms.content.queries import LONGEST_SEARCH


class SnippetPart(Schema):
    """A part of a piece of text."""

    text = fields.String(required=True)
    found = fields.Boolean(required=True, metadata=told("Whether this is one of the words."))


class SearchResult(Schema):
    """A post or a page that holds the words."""

    id = fields.Integer(required=True)
    type = fields.String(validate=validate.OneOf(("post", "page")))
    title = fields.String(metadata=told("", "The ferry leaves at five"))
    url = fields.String(metadata=told("Where readers find it."))
    published_at = fields.AwareDateTime()
    snippet = fields.String(
        metadata=told(
            "Plain text around the first match; empty where only the title matches.", "Cold dough is patient."
        )
    )
    snippet_parts = fields.List(
        fields.Nested(SnippetPart), metadata=told("The same in parts that say which of it are words, to mark them.")
    )


class SearchResultList(ListEnvelope):
    """A page of what was found."""

    items = fields.List(fields.Nested(SearchResult), required=True)


class SearchArguments(ListArguments):
    """What to look for."""

    q = fields.String(
        required=True,
        validate=validate.Length(1, LONGEST_SEARCH),
        metadata=told("Words that title and text hold all of; the first eight count.", "cold dough"),
    )
    fields_ = names(SearchResult().fields, about="Only these fields", data_key="fields")
