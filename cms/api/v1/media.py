"""`/media`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from flask.views import MethodView
from werkzeug.wrappers import Response

from cms.api.access import blame_token, caller, may_need, person
from cms.api.bulk import change_each, check_version
from cms.api.conditions import require_version
from cms.api.idempotency import idempotent
from cms.api.lists import Found, answer_list, count_up_to, only, read_slice
from cms.api.routes import ApiBlueprint, answer, below_here, empty
from cms.api.v1.presenting import absolute, moment
from cms.api.v1.schemas.entries import Nothing
from cms.api.v1.schemas.media import (
    MediaChangeResults,
    MediaChanges,
    MediaDeleteArguments,
    MediaList,
    MediaListArguments,
    MediaReadArguments,
    MediaSchema,
    MediaUpload,
    MediaWrite,
)
from cms.core.db import transaction
from cms.core.errors import Invalid
from cms.core.i18n import _
from cms.core.limits import MANY, takes_at_most, takes_files
from cms.core.permissions import Actor, permission, public_route
from cms.media import policies
from cms.media.actions.delete_media import delete_media
from cms.media.actions.edit_media import edit_media
from cms.media.actions.erase_media import erase_media
from cms.media.actions.restore_media import restore_media
from cms.media.actions.upload_media import upload_media
from cms.media.addresses import media_address
from cms.media.intake import receive_file
from cms.media.models import MediaFile
from cms.media.queries import MediaFilter, count_media, list_media_sorted
from cms.media.reading import get_for_change, get_visible
from cms.media.variants import variant_widths

blueprint = ApiBlueprint("media", __name__, url_prefix="/media", description="Media files: pictures and others.")


@blueprint.route("")
class MediaFiles(MethodView):
    """All media files."""

    @permission("media:file:list")
    @blueprint.arguments(MediaListArguments, location="query")
    @blueprint.response(200, MediaList)
    def get(self, arguments: Mapping[str, Any]) -> Response:
        """List media files, the newest first."""
        cut, me = read_slice(arguments), person()
        wanted = MediaFilter(
            q=arguments.get("search", ""),
            kind=arguments.get("kind"),
            uploaded_by_id=arguments.get("uploaded_by"),
            without_alt=arguments["without_alt"],
            binned=arguments["binned"],
        )
        sort, fields = arguments["sort"], arguments["fields_"]
        found = list_media_sorted(wanted, sort=sort, cursor=cut.cursor, offset=cut.offset, limit=cut.limit)
        total = count_up_to(lambda most: count_media(where=wanted, most=most), asked=cut.count)
        shown = [only(show_media(media, me), fields) for media in found]
        return answer_list(Found(shown, found.cursor_next, found.cursor_previous, total), cut)

    @permission("media:file:upload")
    @idempotent
    @takes_files
    @blueprint.arguments(MediaUpload, location="files")
    @blueprint.response(201, MediaSchema)
    @blueprint.alt_response(507, description="There is no room left to keep this file.")
    def post(self, sent: Mapping[str, Any]) -> Response:
        """Upload one file, in a form (multipart/form-data)."""
        file = sent["file"]
        with receive_file(file.stream, file.filename, by=person()) as received:
            _check_alt(received.kind, sent)
            with transaction():
                media = upload_media(received, alt=sent["alt"], caption=sent["caption"], by=person())
                return _answer(media, status=201, headers={"Location": below_here(media.id)})

    @permission("media:file:edit")
    @takes_at_most(MANY)
    @blueprint.arguments(MediaChanges)
    @blueprint.response(200, MediaChangeResults)
    def patch(self, sent: Mapping[str, Any]) -> Response:
        """Change what is said about several media files, each by itself."""
        return change_each(sent["items"], _change)


@blueprint.route("/<int:media_id>")
class OneMediaFile(MethodView):
    """One media file."""

    @public_route
    @blueprint.arguments(MediaReadArguments, location="query")
    @blueprint.response(200, MediaSchema)
    def get(self, arguments: Mapping[str, Any], media_id: int) -> Response:
        """Read what is known of a media file: readers, of those that they see somewhere."""
        return _answer(get_visible(media_id, user=caller()), arguments["fields_"])

    @permission("media:file:edit")
    @blueprint.arguments(MediaWrite)
    @blueprint.response(200, MediaSchema)
    def patch(self, sent: Mapping[str, Any], media_id: int) -> Response:
        """Change what is said about a media file."""
        with transaction():
            return _answer(change_media(media_id, sent))

    @permission("media:file:delete")
    @may_need({"media:file:erase": "for `permanently`"})
    @blueprint.arguments(MediaDeleteArguments, location="query")
    @blueprint.response(204)
    def delete(self, arguments: Mapping[str, Any], media_id: int) -> Response:
        """Put a media file into the bin; with `permanently`, delete for good what lies there."""
        with transaction():
            media = get_for_change(media_id, user=person())
            require_version(media.version)
            if arguments["permanently"]:
                blame_token(lambda actor: policies.may_erase(actor, media), "media:file:erase")
                erase_media(media, by=person())
            else:
                delete_media(media, by=person())
        return empty()


@blueprint.route("/<int:media_id>/restore")
class RestoredMediaFile(MethodView):
    """A media file that comes back."""

    @permission("media:file:delete")
    @idempotent
    @blueprint.arguments(Nothing)
    @blueprint.response(200, MediaSchema)
    def post(self, sent: Mapping[str, Any], media_id: int) -> Response:
        """Take a media file out of the bin."""
        del sent
        with transaction():
            media = get_for_change(media_id, user=person())
            require_version(media.version)
            return _answer(restore_media(media, by=person()))


def change_media(media_id: int, sent: Mapping[str, Any], *, version: int | None = None) -> MediaFile:
    """Change what is said about a file and return it; within a transaction. Raises OldVersion, too."""
    media = get_for_change(media_id, user=person())
    require_version(media.version)
    check_version(version, media.version)
    _check_alt(media.kind, sent)
    return edit_media(media, **sent, by=person())


def _change(media_id: int, sent: Mapping[str, Any], version: int | None) -> Mapping[str, Any]:
    with transaction():
        return show_media(change_media(media_id, sent, version=version), person())


def show_media(media: MediaFile, user: Actor | None) -> dict[str, Any]:
    """Return what `user` is told of a file: readers what pages show of it, who sees it in the back office the rest."""
    widths = variant_widths(media)
    shown: dict[str, Any] = {
        "id": media.id,
        "url": absolute(media_address(media)),
        **{name: getattr(media, name) for name in ("filename", "kind", "media_type", "bytes", "width", "height")},
        "animated": media.animated,
        "alt": media.alt,
        "caption": media.caption,
        "variants": [{"url": absolute(media_address(media, width)), "width": width} for width in widths],
        "created_at": moment(media.created_at),
    }
    if not policies.may_see(user, media):
        return shown
    owner = media.uploaded_by
    return shown | {
        "updated_at": moment(media.updated_at),
        "version": media.version,
        "uploaded_by": {"id": owner.id, "name": owner.name} if owner is not None else None,
        "binned_at": moment(media.deleted_at),
    }


def _answer(media: MediaFile, wanted: Sequence[str] = (), **more: Any) -> Response:
    user = caller()
    version = media.version if policies.may_see(user, media) else None
    return answer(only(show_media(media, user), wanted), version=version, **more)


def _check_alt(kind: str, sent: Mapping[str, Any]) -> None:
    if kind != "image" and sent.get("alt", "").strip():
        raise Invalid(fields={"alt": _("Only pictures have an alt text. Say it in the caption.")})
