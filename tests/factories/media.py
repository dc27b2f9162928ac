"""Makers of media files, through the same steps as an upload."""

from __future__ import annotations

import io
from typing import Any

from PIL import Image, ImageDraw

from cms.core.db import current_session, transaction
from cms.core.permissions import Actor, system_user
from cms.media.actions.upload_media import upload_media
from cms.media.intake import receive_file
from cms.media.models import MediaFile

PDF = b"%PDF-1.4\n1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj\n2 0 obj<</Type/Pages/Count 0/Kids[]>>endobj\n%%EOF\n"
SOUND = b"ID3\x04\0\0\0\0\0\0" + b"\xff\xfb\x90\x64" + bytes(2000)


def picture(width: int = 40, height: int = 30, format_: str = "JPEG", **options: Any) -> bytes:
    """Return a small drawn picture."""
    image = Image.linear_gradient("L").resize((width, height)).convert("RGB")
    ImageDraw.Draw(image).rectangle((0, 0, width // 3, height // 3), fill="red")
    out = io.BytesIO()
    image.save(out, format_, **options)
    return out.getvalue()


def make_media(
    filename: str = "harbour.jpg",
    data: bytes | None = None,
    *,
    by: Actor | None = None,
    alt: str = "",
    caption: str = "",
) -> MediaFile:
    """Upload a file (a small picture unless `data` is given) as somebody, the system by default."""
    actor = by or system_user()
    stream = io.BytesIO(picture() if data is None else data)
    with receive_file(stream, filename, by=actor) as received, transaction():
        media_id = upload_media(received, by=actor, alt=alt, caption=caption).id
    return current_session().get_one(MediaFile, media_id)
