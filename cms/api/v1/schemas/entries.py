"""Posts and pages as they are sent and answered."""

from __future__ import annotations

from typing import Any

from marshmallow import Schema, ValidationError, fields, post_load, validate

from cms.api.bulk import changes_of, results_of
from cms.api.json_fields import BoundedList, JsonBoolean, JsonInteger, Moment
from cms.api.lists import ListArguments, ListEnvelope, Sort, names
from cms.content.fields import VISIBILITIES
from cms.content.reading import PARTS, SORTS, VIEWS
from cms.content.states import STATES
from cms.core.db import LARGEST_KEY
from cms.core.i18n import _

FORMATS = ("json", "html", "markdown", "rendered")


def identifier(**options: Any) -> JsonInteger:
    """Return a field for the id of a thing."""
    return JsonInteger(validate=validate.Range(1, LARGEST_KEY), **options)


def told(description: str, example: object = None) -> dict[str, Any]:
    """Return what the documentation says of a field."""
    return {"description": description} | ({"example": example} if example is not None else {})


#: What is answered to who accepts nothing but a form of text.
TEXT = {"type": "string"}


class PersonLink(Schema):
    """An author, as readers know them."""

    id = fields.Integer(required=True)
    name = fields.String(required=True, metadata=told("", "Art"))
    slug = fields.String(required=True, metadata=told("", "art"))
    url = fields.String(required=True, metadata=told("Their page on the site.", "https://example.com/author/art/"))


class TermLink(Schema):
    """A category or a tag."""

    id = fields.Integer(required=True)
    name = fields.String(required=True)
    slug = fields.String(required=True)
    path = fields.String(required=True, metadata=told("Its slug after those above it.", "walks/coast"))
    url = fields.String(
        required=True, metadata=told("Its page on the site.", "https://example.com/category/walks/coast/")
    )


class PictureLink(Schema):
    """The picture of an entry."""

    id = fields.Integer(required=True)
    url = fields.String(required=True, metadata=told("The file.", "https://example.com/media/4f9a2c1b7d/quay.jpg"))
    alt = fields.String(required=True)
    width = fields.Integer(allow_none=True, required=True)
    height = fields.Integer(allow_none=True, required=True)


class EntrySchema(Schema):
    """What is told of a post or a page. What only its authors and editors see is left out for readers."""

    id = fields.Integer(required=True, metadata=told("", 7))
    type = fields.String(validate=validate.OneOf(("post", "page")))
    title = fields.String(metadata=told("", "The ferry leaves at five"))
    slug = fields.String(metadata=told("", "the-ferry-leaves-at-five"))
    url = fields.String(allow_none=True, metadata=told("Where readers find it; null in the bin."))
    state = fields.String(validate=validate.OneOf(STATES), metadata=told("", "published"))
    visibility = fields.String(validate=validate.OneOf(VISIBILITIES))
    language = fields.String(metadata=told("BCP 47; empty: the language of the site.", "en-GB"))
    excerpt = fields.String(metadata=told("The summary that was written; empty: none was."))
    summary = fields.String(allow_none=True, metadata=told("The excerpt, else the beginning of the text."))
    body = fields.Raw(
        allow_none=True,
        metadata=told("The text in the form asked for by `format`: a document (object) or text. Null: protected.")
        | {"type": ["object", "string", "null"]},
    )
    body_format = fields.String(validate=validate.OneOf(FORMATS))
    word_count = fields.Integer()
    published_at = fields.AwareDateTime(allow_none=True)
    revised_at = fields.AwareDateTime(allow_none=True, metadata=told("When what readers see last changed."))
    author_ids = fields.List(fields.Integer())
    category_ids = fields.List(fields.Integer())
    tag_ids = fields.List(fields.Integer())
    featured_media_id = fields.Integer(allow_none=True)
    parent_id = fields.Integer(allow_none=True, metadata=told("The page it lies below."))
    menu_order = fields.Integer()
    seo_title = fields.String()
    seo_description = fields.String()
    canonical_url = fields.String()
    noindex = fields.Boolean()
    sticky = fields.Boolean()
    comments_open = fields.Boolean()
    authors = fields.List(fields.Nested(PersonLink), metadata=told("With `include=authors`."))
    categories = fields.List(fields.Nested(TermLink), metadata=told("With `include=categories`."))
    tags = fields.List(fields.Nested(TermLink), metadata=told("With `include=tags`."))
    featured_media = fields.Nested(PictureLink, allow_none=True, metadata=told("With `include=featured_media`."))
    version = fields.Integer(metadata=told("Counts changes; the first part of the ETag."))
    has_newer_draft = fields.Boolean(metadata=told("Whether a save waits that readers do not see yet."))
    created_at = fields.AwareDateTime()
    updated_at = fields.AwareDateTime()
    binned_at = fields.AwareDateTime(allow_none=True)


class EntryList(ListEnvelope):
    """A page of posts or pages."""

    items = fields.List(fields.Nested(EntrySchema), required=True)


#: What `fields=` may name.
FIELDS = tuple(EntrySchema().fields)


_FORM = "Form of the text: `json`, `html` and `markdown` can be sent back; `rendered` is for showing."


def form_of_text(description: str) -> fields.String:
    """Return the argument that chooses the form of texts."""
    return fields.String(load_default="json", validate=validate.OneOf(FORMATS), metadata=told(description))


def view_of_entries(description: str) -> fields.String:
    """Return the argument that chooses between the newest save and what readers see."""
    return fields.String(validate=validate.OneOf(("working", "live")), metadata=told(description))


_FIELDS = names(FIELDS, about="Only these fields, and what `include` names", data_key="fields")
_INCLUDE = names(PARTS, about="Whole things beside their ids")


class ShownArguments(Schema):
    """Arguments with `fields` and `include`, which go together."""

    @post_load
    def _include_fields(self, arguments: dict[str, Any], **_options: Any) -> dict[str, Any]:
        """Include what is named among the fields: nobody names it to be told nothing."""
        named = [name for name in arguments["fields_"] if name in PARTS]
        arguments["include"] = tuple(dict.fromkeys((*arguments["include"], *named)))
        return arguments


class ReadArguments(ShownArguments):
    """How an entry is shown."""

    format = form_of_text(_FORM)
    view = view_of_entries(
        "`working`: the newest save (for who may edit it, and then the default); `live`: as readers see."
    )
    fields_ = _FIELDS
    include = _INCLUDE


class EntryListArguments(ShownArguments, ListArguments):
    """What a list of posts or pages is narrowed to."""

    search = fields.String(validate=validate.Length(0, 200), metadata=told("Words in title or address."))
    slug = fields.String(
        validate=validate.Length(1, 200), metadata=told("Exactly this one.", "the-ferry-leaves-at-five")
    )
    sort = Sort(
        SORTS,
        shown={name: f"{name}_at" for name in ("updated", "published", "created")},
        metadata=told(
            "`-` turns it round. Without it `-updated_at` where you may edit all that the list can hold, else "
            "`-published_at`, as which `updated_at` and `created_at` count there: when others save is not told.",
            "-published_at",
        ),
    )
    state = fields.String(
        validate=validate.OneOf(VIEWS),
        metadata=told("A state, `newer` (a draft newer than what readers see) or `binned`."),
    )
    visibility = fields.String(validate=validate.OneOf(VISIBILITIES))
    author_id = fields.Integer(validate=validate.Range(1, LARGEST_KEY))
    published_after = Moment(metadata=told("", "2026-01-01T00:00:00Z"))
    published_before = Moment(metadata=told("", "2027-01-01T00:00:00Z"))
    updated_after = Moment(
        metadata=told(
            "By `updated_at`; of what you read and cannot edit by `revised_at`: when what readers see last changed.",
            "2026-01-01T00:00:00Z",
        )
    )
    view = view_of_entries(
        "`working`: the newest save of each (where you may edit it, and then the default); `live`: only what readers "
        "see, as they see it. Searching, sorting and filters go by what readers see, whatever is shown."
    )
    format = form_of_text(f"{_FORM} Only where `fields` names `body`; then at most 25 come at once.")
    fields_ = _FIELDS
    include = _INCLUDE


class PostListArguments(EntryListArguments):
    """What a list of posts is narrowed to."""

    category_id = fields.Integer(validate=validate.Range(1, LARGEST_KEY))
    tag_id = fields.Integer(validate=validate.Range(1, LARGEST_KEY))


class PageListArguments(EntryListArguments):
    """What a list of pages is narrowed to."""

    parent_id = fields.Integer(validate=validate.Range(1, LARGEST_KEY))


def _is_body(value: object) -> None:
    """Raise ValidationError for what is neither a document nor a text; what is in them is looked at by the actions."""
    if not isinstance(value, dict | str):
        raise ValidationError(str(_("Send a document (an object), or text.")))


class EntryWrite(Schema):
    """What can be said about a post or a page; nothing else is taken."""

    title = fields.String(metadata=told("At most 500 characters.", "The ferry leaves at five"))
    slug = fields.String(metadata=told("Last part of the address; empty: made of the title."))
    body = fields.Raw(
        allow_none=False,
        validate=_is_body,
        metadata=told("A document (object), or text in the form that `body_format` names.")
        | {"type": ["object", "string"], "example": "Bring a coat."},
    )
    body_format = fields.String(
        validate=validate.OneOf(("json", "html", "markdown")),
        metadata=told("Form of a text in `body`; a document needs none.", "markdown"),
    )
    excerpt = fields.String(metadata=told("A summary for lists and search results."))
    language = fields.String(metadata=told("BCP 47.", "en-GB"))
    visibility = fields.String(validate=validate.OneOf(VISIBILITIES))
    password = fields.String(
        load_only=True, allow_none=True, validate=validate.Length(0, 200), metadata=told("For `visibility: password`.")
    )
    author_ids = BoundedList(identifier(), validate=validate.Length(1, 50))
    featured_media_id = identifier(allow_none=True)
    seo_title = fields.String()
    seo_description = fields.String(validate=validate.Length(0, 1000))
    canonical_url = fields.String()
    noindex = JsonBoolean()
    comments_open = JsonBoolean()


class PostWrite(EntryWrite):
    """What can be said about a post."""

    category_ids = BoundedList(identifier(), validate=validate.Length(0, 200))
    tag_ids = BoundedList(identifier(), validate=validate.Length(0, 200))
    sticky = JsonBoolean(metadata=told("Keep at the top of the front page."))


class PageWrite(EntryWrite):
    """What can be said about a page."""

    parent_id = identifier(allow_none=True)
    menu_order = JsonInteger(validate=validate.Range(-100_000, 100_000))


class PostWhole(PostWrite):
    """A whole post: what is not sent has its default then, authors and slug apart."""

    title = fields.String(required=True, metadata=told("At most 500 characters.", "The ferry leaves at five"))


class PageWhole(PageWrite):
    """A whole page: what is not sent has its default then, authors and slug apart."""

    title = fields.String(required=True, metadata=told("At most 500 characters.", "The ferry leaves at five"))


class PublishArguments(Schema):
    """When it is to have gone out."""

    may_be_absent = True
    at = Moment(metadata=told("A moment that is past, to date it back; without it: now."))


class ScheduleArguments(Schema):
    """When it is to go out."""

    at = Moment(required=True, metadata=told("A moment to come, with its zone.", "2030-01-01T08:00:00Z"))


class DeleteArguments(Schema):
    """How far it is to go."""

    permanently = fields.Boolean(
        load_default=False, metadata=told("Delete what lies in the bin already for good, with its history.")
    )


class Nothing(Schema):
    """No fields: what is to be done is said by the address."""

    may_be_absent = True


PostChanges, PageChanges = changes_of(PostWrite, "Post"), changes_of(PageWrite, "Page")
EntryChangeResults = results_of(EntrySchema, "Entry")
