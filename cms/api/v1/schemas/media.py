"""Media files as they are sent and answered."""

from __future__ import annotations

from typing import Any

from marshmallow import Schema, ValidationError, fields, validate
from werkzeug.datastructures import FileStorage

from cms.api.bulk import changes_of, results_of
from cms.api.lists import ListArguments, ListEnvelope, Sort, names
from cms.api.v1.schemas.entries import told
from cms.core.db import LARGEST_KEY
from cms.core.i18n import _
from cms.media.actions.edit_media import LONGEST
from cms.media.queries import KINDS, SORTS


class FilePart(fields.Field[FileStorage]):
    """A file in a form (multipart/form-data); a text in its place is an error."""

    def _deserialize(self, value: Any, attr: str | None, data: Any, **_more: Any) -> FileStorage:
        if not isinstance(value, FileStorage) or not value.filename:
            raise ValidationError(str(_("No file arrived. Send it with its name.")))
        return value


class UploaderLink(Schema):
    """Who uploaded a file."""

    id = fields.Integer(required=True)
    name = fields.String(required=True)


class VariantLink(Schema):
    """A smaller copy of a picture (WebP)."""

    url = fields.String(
        required=True,
        metadata=told("The copy itself.", "https://example.com/media/9f86d081884c7d659a2feaa0c55ad015/quay-720.webp"),
    )
    width = fields.Integer(required=True, metadata=told("In pixels.", 720))


class MediaSchema(Schema):
    """A media file. What only the back office shows is left out for readers."""

    id = fields.Integer(required=True, metadata=told("", 7))
    url = fields.String(
        metadata=told("The file itself.", "https://example.com/media/9f86d081884c7d659a2feaa0c55ad015/quay.jpg")
    )
    filename = fields.String(metadata=told("What it is called when saved.", "quay.jpg"))
    kind = fields.String(validate=validate.OneOf(KINDS))
    media_type = fields.String(metadata=told("As its bytes tell (RFC 6838).", "image/jpeg"))
    bytes = fields.Integer(metadata=told("", 48213))
    width = fields.Integer(allow_none=True, metadata=told("In pixels; null for what is no picture.", 1600))
    height = fields.Integer(allow_none=True, metadata=told("In pixels; null for what is no picture.", 1200))
    animated = fields.Boolean(metadata=told("Whether a picture moves."))
    alt = fields.String(metadata=told("What a picture shows, for who does not see it.", "A quay at low tide"))
    caption = fields.String(metadata=told("", "The quay in March"))
    variants = fields.List(fields.Nested(VariantLink), metadata=told("Smaller copies, the narrowest first."))
    created_at = fields.AwareDateTime()
    updated_at = fields.AwareDateTime()
    version = fields.Integer(metadata=told("Counts changes; the first part of the ETag."))
    uploaded_by = fields.Nested(UploaderLink, allow_none=True, metadata=told("Null: somebody who is gone."))
    binned_at = fields.AwareDateTime(allow_none=True)


class MediaList(ListEnvelope):
    """A page of media files."""

    items = fields.List(fields.Nested(MediaSchema), required=True)


class MediaReadArguments(Schema):
    """How a media file is shown."""

    fields_ = names(MediaSchema().fields, about="Only these fields", data_key="fields")


class MediaListArguments(ListArguments, MediaReadArguments):
    """What a list of media files is narrowed to."""

    search = fields.String(validate=validate.Length(0, 200), metadata=told("Words in name or alt text.", "quay"))
    sort = Sort(
        SORTS,
        shown={"created": "created_at"},
        load_default="-created_at",
        metadata=told("`-` turns it round.", "-created_at"),
    )
    kind = fields.String(validate=validate.OneOf(KINDS), metadata=told("Only files of this kind."))
    uploaded_by = fields.Integer(
        validate=validate.Range(1, LARGEST_KEY), metadata=told("Only what this person uploaded.")
    )
    without_alt = fields.Boolean(load_default=False, metadata=told("Only pictures without an alt text."))
    binned = fields.Boolean(load_default=False, metadata=told("What lies in the bin, instead of what does not."))


class MediaUpload(Schema):
    """A file and what is said about it."""

    file = FilePart(required=True, metadata=told("One file.") | {"type": "string", "format": "binary"})
    alt = fields.String(load_default="", validate=validate.Length(0, LONGEST["alt"]), metadata=told("Of a picture."))
    caption = fields.String(load_default="", validate=validate.Length(0, LONGEST["caption"]))


class MediaWrite(Schema):
    """What can be said about a media file; its bytes never change."""

    alt = fields.String(validate=validate.Length(0, LONGEST["alt"]), metadata=told("Of a picture.", "A quay"))
    caption = fields.String(validate=validate.Length(0, LONGEST["caption"]), metadata=told("", "The quay in March"))
    filename = fields.String(
        validate=validate.Length(1, 200), metadata=told("Its ending stays, whatever is sent.", "quay.jpg")
    )


class MediaDeleteArguments(Schema):
    """How far it is to go."""

    permanently = fields.Boolean(
        load_default=False, metadata=told("Delete what lies in the bin already for good, with its smaller copies.")
    )


MediaChanges, MediaChangeResults = changes_of(MediaWrite, "Media"), results_of(MediaSchema, "Media")
