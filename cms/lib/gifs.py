"""Counting the frames of a GIF without decoding any, so that a file of endless frames is refused at once."""

from __future__ import annotations

from typing import BinaryIO

_EXTENSION, _IMAGE, _TRAILER = 0x21, 0x2C, 0x3B


def count_gif_frames(stream: BinaryIO, limit: int) -> int:
    """Return the number of frames of a GIF, or `limit + 1` as soon as there are more than `limit`.

    Stops at the first byte that begins no block, as decoders do. GIF89a specification, sections 17 to 27.
    """
    stream.seek(0)
    header = stream.read(13)
    frames = 0
    if len(header) < 13:
        return frames
    _skip_palette(stream, header[10])
    while frames <= limit:
        start = stream.read(1)
        if start == bytes([_IMAGE]):
            descriptor = stream.read(9)
            if len(descriptor) < 9:
                break
            _skip_palette(stream, descriptor[8])
            stream.read(1)
            frames += 1
        elif start == bytes([_EXTENSION]):
            stream.read(1)
        elif start != b"\0":
            break
        if start != b"\0":
            _skip_blocks(stream)
    return frames


def _skip_palette(stream: BinaryIO, packed: int) -> None:
    if packed & 0x80:
        stream.seek(3 << ((packed & 7) + 1), 1)


def _skip_blocks(stream: BinaryIO) -> None:
    while (length := stream.read(1)) and length[0]:
        stream.seek(length[0], 1)
