"""Pictures: decoded with limits, set upright, brought to sRGB and written anew with nothing but pixels.

Nothing of the uploaded bytes is kept: no EXIF (position, camera), XMP, IPTC, comment, thumbnail, colour
profile or trailing data. That removes what people did not mean to publish and what attackers hide.
"""

from __future__ import annotations

import io
import struct
import zlib
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, BinaryIO, TypeVar

from PIL import GifImagePlugin, Image, ImageCms, ImageOps, ImageSequence, JpegImagePlugin

from cms.lib.errors import LibError
from cms.lib.gifs import count_gif_frames

#: Frames of a moving picture; all of them together may hold as many pixels as one still picture.
MAX_FRAMES = 1000
# A JPEG in hundreds of passes takes minutes to decode; cameras and tools write about a dozen.
MAX_JPEG_SCANS = 100
VARIANT_QUALITY = 80
# Above this, a progressive or optimised JPEG would take hundreds of megabytes to write.
_BUFFERED_PIXELS = 16_000_000

_FORMATS = {"jpg": "JPEG", "png": "PNG", "gif": "GIF", "webp": "WEBP", "avif": "AVIF"}
_MOVING = {"GIF", "WEBP", "PNG"}
_PROFILED = {"RGB", "RGBA", "CMYK"}
_SRGB = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB"))
# What decoders raise about broken files (UnidentifiedImageError is an OSError).
_BROKEN = (
    OSError, SyntaxError, ValueError, TypeError, EOFError, LookupError, AttributeError, ArithmeticError,
    RuntimeError, MemoryError, AssertionError, Warning, struct.error, zlib.error, ImageCms.PyCMSError,
)  # fmt: skip
_Result = TypeVar("_Result")

# Frames that share the palette of the file stay as they are: nothing is lost by quantising them again.
GifImagePlugin.LOADING_STRATEGY = GifImagePlugin.LoadingStrategy.RGB_AFTER_DIFFERENT_PALETTE_ONLY


@dataclass(frozen=True)
class Picture:
    """A picture written anew: its bytes, and its size in pixels as people see it."""

    data: bytes
    width: int
    height: int
    animated: bool


def clean_picture(stream: BinaryIO, extension: str, *, max_pixels: int) -> Picture:
    """Return the picture in `stream`, sniffed before as `extension` (jpg png gif webp avif), written anew.

    Sizes are looked at before any pixel is decoded. Raises LibError: `image-too-large` (`megapixels`: the
    limit), `image-too-many-frames` (`frames`, `megapixels`), `image-animated-avif`, `image-broken`.
    """
    return _guarded(lambda: _clean(stream, extension, max_pixels), max_pixels)


def make_variant(stream: BinaryIO, extension: str, width: int, *, max_pixels: int) -> bytes:
    """Return the still picture in `stream` as WebP, at most `width` pixels wide and never wider than it is.

    Raises LibError `image-too-large` or `image-broken`.
    """
    return _guarded(lambda: _variant(stream, extension, width, max_pixels), max_pixels)


def _guarded(work: Callable[[], _Result], max_pixels: int) -> _Result:
    try:
        return work()
    except LibError:
        raise
    except (Image.DecompressionBombError, Image.DecompressionBombWarning) as error:
        raise LibError("image-too-large", megapixels=max_pixels // 1_000_000) from error
    except _BROKEN as error:
        raise LibError("image-broken") from error


def _open(stream: BinaryIO, extension: str, max_pixels: int) -> Image.Image:
    """Open a picture without decoding it, refusing what would cost too much to decode."""
    stream.seek(0)
    if extension == "jpg" and _count_scans(stream) > MAX_JPEG_SCANS:
        raise LibError("image-broken")
    stream.seek(0)
    image = Image.open(stream, formats=[_FORMATS[extension]])
    if image.width * image.height > max_pixels:
        raise LibError("image-too-large", megapixels=max_pixels // 1_000_000)
    return image


def _count_scans(stream: BinaryIO) -> int:
    # In compressed data FF is followed by 00 or a restart, so FF DA begins a scan (ITU-T T.81, B.1.1.5).
    scans, tail = 0, b""
    while chunk := stream.read(1024 * 1024):
        scans += (tail + chunk).count(b"\xff\xda")
        tail = b"\xff" if chunk.endswith(b"\xff") else b""
    return scans


def _clean(stream: BinaryIO, extension: str, max_pixels: int) -> Picture:
    image = _open(stream, extension, max_pixels)
    frames = _count_frames(image, stream, extension)
    if frames > MAX_FRAMES or frames * image.width * image.height > max_pixels:
        raise LibError("image-too-many-frames", frames=MAX_FRAMES, megapixels=max_pixels // 1_000_000)
    format_ = _FORMATS[extension]
    if frames > 1:
        if format_ not in _MOVING:
            raise LibError("image-animated-avif")
        try:
            return _clean_moving(image, format_, _is_lossless_webp(stream))
        except _BROKEN:
            if format_ != "PNG":
                raise
            # Programs show the still of an animation with mistakes (PNG, third edition, 13.13).
            image = _open(stream, extension, max_pixels)
    options = _still_options(image, stream, format_)
    upright = _upright(image, format_)
    out = io.BytesIO()
    upright.save(out, format_, **options)
    return Picture(out.getvalue(), upright.width, upright.height, animated=False)


def _count_frames(image: Image.Image, stream: BinaryIO, extension: str) -> int:
    if extension == "gif":
        position = stream.tell()
        frames = count_gif_frames(stream, MAX_FRAMES)
        stream.seek(position)
        return max(frames, 1)
    # What follows the first picture of a JPEG (a second eye, a depth map) is no animation.
    return 1 if extension == "jpg" else int(getattr(image, "n_frames", 1))


def _upright(image: Image.Image, format_: str) -> Image.Image:
    """Decode a still picture; return it upright, in sRGB, in a mode `format_` can hold, with no metadata."""
    image.load()
    ImageOps.exif_transpose(image, in_place=True)
    upright = _to_srgb(image)
    if upright.mode.startswith("I") or upright.mode == "F":
        # 16 bits a channel: the upper 8 are what a screen shows.
        upright = upright.convert("I").point(lambda value: value / 256).convert("L")
    if format_ == "JPEG" and upright.mode not in {"L", "RGB"}:
        upright = upright.convert("RGB")
    elif upright.mode not in {"1", "L", "LA", "P", "RGB", "RGBA"}:
        upright = upright.convert("RGBA" if upright.has_transparency_data else "RGB")
    upright.info = {key: upright.info[key] for key in ("transparency",) if key in upright.info}
    return upright


def _to_srgb(image: Image.Image) -> Image.Image:
    profile = image.info.get("icc_profile")
    if profile and image.mode == "P":
        image = image.convert("RGBA" if image.has_transparency_data else "RGB")
    if profile and image.mode in _PROFILED:
        try:
            source = ImageCms.ImageCmsProfile(io.BytesIO(profile))
            if not ImageCms.getProfileDescription(source).startswith("sRGB"):
                mode = "RGBA" if image.mode == "RGBA" else "RGB"
                converted = ImageCms.profileToProfile(image, source, _SRGB, outputMode=mode)
                image = converted if converted is not None else image
        except (ImageCms.PyCMSError, OSError, ValueError, TypeError):
            # A profile that cannot be used is worth nothing; the picture still is.
            pass
    return image.convert("RGB") if image.mode in {"CMYK", "YCbCr", "LAB", "HSV"} else image


def _still_options(image: Image.Image, stream: BinaryIO, format_: str) -> dict[str, Any]:
    if format_ == "JPEG":
        buffered = image.width * image.height <= _BUFFERED_PIXELS
        return {"optimize": buffered, "progressive": buffered, "comment": b""} | _jpeg_tables(image)
    if format_ == "WEBP":
        return {"lossless": True} if _is_lossless_webp(stream) else {"quality": 88, "method": 4}
    return {"AVIF": {"quality": 65, "speed": 8}, "PNG": {"compress_level": 6}}.get(format_, {})


def _jpeg_tables(image: Image.Image) -> dict[str, Any]:
    """Return the quantisation of a JPEG, so that writing it again loses next to nothing and adds no bytes."""
    tables = getattr(image, "quantization", None) or {}
    usable = all(len(table) == 64 and max(table) < 256 and min(table) > 0 for table in tables.values())
    if not tables or not usable or image.mode not in {"RGB", "L"} or image.info.get("icc_profile"):
        return {"quality": 90}
    sampling = JpegImagePlugin.get_sampling(image)
    return {"qtables": tables, "subsampling": sampling if sampling >= 0 else 0}


def _clean_moving(image: Image.Image, format_: str, lossless: bool) -> Picture:
    """Write a moving picture anew with its frames, durations and number of rounds."""
    loop = image.info.get("loop", 0 if format_ != "GIF" else None)
    first_is_apart = bool(image.info.get("default_image"))
    frames, durations, size = [], [], image.size
    for frame in ImageSequence.Iterator(image):
        if frame.size != size:
            # A frame that leaves its canvas makes it grow, past every limit that was looked at.
            raise LibError("image-broken")
        # A WebP frame tells how long it lasts only once it is decoded.
        frame.load()
        durations.append(float(frame.info.get("duration", 0)))
        copy = _to_srgb(frame.copy())
        copy = copy if format_ == "GIF" else copy.convert("RGBA" if copy.has_transparency_data else "RGB")
        kept = ("transparency", "background") if format_ == "GIF" else ()
        copy.info = {key: copy.info[key] for key in kept if key in copy.info}
        frames.append(copy)
    if first_is_apart and len(frames) > 1:
        # A still shown by programs that know no animation: what moves is what people see.
        frames, durations = frames[1:], durations[1:]
    options: dict[str, Any] = {"duration": durations, **({} if loop is None else {"loop": loop})}
    if format_ == "GIF":
        see_through = any("transparency" in frame.info for frame in frames)
        options |= {"disposal": 2 if see_through else 0, "optimize": False}
    if format_ == "PNG":
        options["compress_level"] = 3
    if format_ == "WEBP":
        options |= {
            "lossless": lossless,
            "quality": 80,
            "method": 2,
            "duration": [round(d) for d in durations],
        }
    out = io.BytesIO()
    frames[0].save(out, format_, save_all=True, append_images=frames[1:], **options)
    return Picture(out.getvalue(), *size, animated=len(frames) > 1)


def _is_lossless_webp(stream: BinaryIO) -> bool:
    # "VP8L" begins lossless data: at once, or after a header and, in animations, inside the first frame.
    position = stream.tell()
    stream.seek(0)
    head = stream.read(4096)
    stream.seek(position)
    return head[:4] == b"RIFF" and b"VP8L" in head


def _variant(stream: BinaryIO, extension: str, width: int, max_pixels: int) -> bytes:
    image = _open(stream, extension, max_pixels)
    height = max(1, round(image.height * width / image.width))
    if extension == "jpg":
        # The decoder itself can leave out what a small picture does not need: a fraction of time and memory.
        image.draft(None, (width * 2, height * 2))
    image.load()
    has_alpha = image.has_transparency_data
    small = image.convert("RGBA" if has_alpha else "RGB")
    if width < small.width:
        small = small.resize((width, height), Image.Resampling.LANCZOS, reducing_gap=3.0)
    small.info = {}
    out = io.BytesIO()
    small.save(out, "WEBP", quality=VARIANT_QUALITY, method=4)
    return out.getvalue()
