"""Where a media file lies in the storage: random names, spread over 256 folders."""

from __future__ import annotations

import secrets
from typing import BinaryIO

from cms.core.storage import storages
from cms.media.models import MediaFile


def new_key() -> str:
    """Return 128 random bits in hex: the address of a file cannot be guessed from another."""
    return secrets.token_hex(16)


def original_name(key: str, extension: str) -> str:
    """Return the storage name of a file as it is served."""
    return f"{key[:2]}/{key}.{extension}"


def variant_folder(key: str) -> str:
    """Return the storage folder of everything made from a file."""
    return f"{key[:2]}/{key}"


def variant_name(key: str, width: int) -> str:
    """Return the storage name of a picture's variant."""
    return f"{variant_folder(key)}/{width}.webp"


def open_original(media: MediaFile) -> BinaryIO:
    """Open a media file for reading; FileNotFoundError when the storage has lost it."""
    return storages().originals.open(original_name(media.key, media.extension))


def remove_files(key: str, extension: str) -> None:
    """Remove a file and everything made from it; what is gone already is no mistake."""
    storages().originals.delete(original_name(key, extension))
    storages().variants.delete_folder(variant_folder(key))
