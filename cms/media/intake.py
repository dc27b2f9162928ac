"""Taking a file in: told by its bytes, pictures written anew, stored under a random name.

This is the slow part of an upload, so it comes before the transaction, which then only writes a row:

    with receive_file(stream, "harbour.jpg", by=user) as received, transaction():
        media = upload_media(received, by=user)

Leaving the first block without a row for it removes the file again.
"""

from __future__ import annotations

import hashlib
import io
import logging
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import BinaryIO

from sqlalchemy import select
from sqlalchemy.exc import SQLAlchemyError

from cms.core.db import current_session
from cms.core.errors import Invalid, TooLarge
from cms.core.i18n import _, lib_message
from cms.core.permissions import Actor, require
from cms.core.storage import UploadLimits, storages, upload_limits
from cms.lib.errors import LibError
from cms.lib.filenames import display_name
from cms.lib.files import size_of, sniff
from cms.lib.images import clean_picture
from cms.lib.sizes import format_bytes
from cms.media import policies
from cms.media.files import new_key, original_name, remove_files
from cms.media.models import MediaFile

_log = logging.getLogger("cms.media")


@dataclass
class ReceivedFile:
    """A file that lies in the storage and waits for its row; `kept` once a transaction decides what becomes of it."""

    key: str
    filename: str
    kind: str
    media_type: str
    extension: str
    bytes: int
    sha256: str
    width: int | None = None
    height: int | None = None
    animated: bool = False
    kept: bool = False


@contextmanager
def receive_file(stream: BinaryIO, filename: str, *, by: Actor) -> Iterator[ReceivedFile]:
    """Examine and store a seekable stream; `filename` is what the person calls it.

    Raises Forbidden, TooLarge (413), Invalid with a sentence for what is not taken, StorageFullError (507)
    and StorageError (503). The file is removed again unless a row for it is there at the end.
    """
    require(policies.may_upload(by), _("You may not upload files. An editor can."))
    limits = upload_limits()
    if size_of(stream) > limits.bytes:
        raise TooLarge(_("This file is too large: at most %(limit)s are taken.", limit=format_bytes(limits.bytes)))
    try:
        received, content = _examine(stream, filename, limits)
    except LibError as error:
        raise Invalid(fields={"file": lib_message(error)}) from error
    storages().originals.write(original_name(received.key, received.extension), content)
    try:
        yield received
    finally:
        if not received.kept:
            _take_back(received)


def _examine(stream: BinaryIO, filename: str, limits: UploadLimits) -> tuple[ReceivedFile, BinaryIO]:
    """Return what is to be noted about a file, and the bytes to be stored."""
    found = sniff(stream, filename)
    content: BinaryIO = stream
    width = height = None
    animated = False
    if found.kind == "image":
        picture = clean_picture(stream, found.extension, max_pixels=limits.pixels)
        content = io.BytesIO(picture.data)
        width, height, animated = picture.width, picture.height, picture.animated
    received = ReceivedFile(
        key=new_key(),
        filename=display_name(filename, found.extension, found.aliases, fallback=found.kind),
        kind=found.kind,
        media_type=found.media_type,
        extension=found.extension,
        bytes=size_of(content),
        sha256=_digest(content),
        width=width,
        height=height,
        animated=animated,
    )
    content.seek(0)
    return received, content


def _digest(stream: BinaryIO) -> str:
    digest = hashlib.sha256()
    while chunk := stream.read(1024 * 1024):
        digest.update(chunk)
    return digest.hexdigest()


def _take_back(received: ReceivedFile) -> None:
    """Remove the file unless its row is there after all; in doubt it stays, and the sweep looks at it later."""
    try:
        known = current_session().scalar(select(MediaFile.id).where(MediaFile.key == received.key))
    except SQLAlchemyError:
        _log.warning("could not look for the row of an upload; its file stays until the next sweep", exc_info=True)
        return
    if known is None:
        remove_files(received.key, received.extension)
