"""How a media file is shown in lists: its facts in few words, and the icon of what is no picture."""

from __future__ import annotations

from cms.admin.widgets import number
from cms.core.i18n import gettext
from cms.lib.sizes import format_bytes
from cms.media.models import MediaFile

ICONS = {"image": "image", "audio": "file-audio", "video": "file-video", "document": "file-text"}


def facts_of(media: MediaFile) -> str:
    """Return the size of a picture in pixels ("3,000 × 2,000"), of anything else its type and bytes ("PDF, 340 KB")."""
    if media.kind == "image" and media.width and media.height:
        return f"{number(media.width)} × {number(media.height)}"
    return gettext("%(type)s, %(size)s", type=media.extension.lstrip(".").upper(), size=format_bytes(media.bytes))
