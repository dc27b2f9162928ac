"""Who may do what with media files."""

from __future__ import annotations

from cms.core.i18n import _
from cms.core.permissions import ALL, OWN, Actor, Permission, may, registry
from cms.media.models import MediaFile

registry.register(
    Permission("media:file:list", _("See all media files and choose from them.")),
    Permission("media:file:upload", _("Upload pictures and other files.")),
    Permission("media:file:edit", _("Change names, alt texts and captions of media files."), (ALL, OWN)),
    Permission("media:file:delete", _("Put media files into the bin and take them out again."), (ALL, OWN)),
    Permission("media:file:erase", _("Delete media files in the bin for good.")),
)


def may_list(user: Actor | None) -> bool:
    """Tell whether the person sees the media files of the site in the back office."""
    return may(user, "media:file:list")


def may_see(user: Actor | None, media: MediaFile) -> bool:
    """Tell whether the person sees the file in the back office: with the list, or because they uploaded it."""
    return may_list(user) or is_own(user, media)


def may_upload(user: Actor | None) -> bool:
    """Tell whether the person may upload files."""
    return may(user, "media:file:upload")


def may_edit(user: Actor | None, media: MediaFile) -> bool:
    """Tell whether the person may change what is said about the file, as it is."""
    return media.deleted_at is None and may_edit_outside_bin(user, media)


def may_edit_outside_bin(user: Actor | None, media: MediaFile) -> bool:
    """Tell whether the person may change what is said about the file once it lies in no bin."""
    return may(user, "media:file:edit", owner_ids=(media.uploaded_by_id,))


def may_delete(user: Actor | None, media: MediaFile) -> bool:
    """Tell whether the person may bin and restore the file."""
    return may(user, "media:file:delete", owner_ids=(media.uploaded_by_id,))


def may_erase(user: Actor | None, media: MediaFile) -> bool:
    """Tell whether the person may delete the file for good."""
    return may(user, "media:file:erase") and may_delete(user, media)


def is_own(user: Actor | None, media: MediaFile) -> bool:
    """Tell whether the person uploaded the file."""
    return user is not None and user.is_active and user.id is not None and user.id == media.uploaded_by_id
