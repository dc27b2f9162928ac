import csv
import io
import struct
import subprocess
import sys
import time
import zlib
from pathlib import Path

import pytest
from PIL import Image, ImageChops, ImageDraw, ImageSequence, ImageStat, PngImagePlugin

from cms.lib.errors import LibError
from cms.lib.files import sniff
from cms.lib.images import MAX_FRAMES, clean_picture, make_variant
from tests import needs

PIXELS = 50_000_000
SECRET = b"<script>hidden()</script>"
FORMATS = {"jpg": "JPEG", "png": "PNG", "gif": "GIF", "webp": "WEBP", "avif": "AVIF"}
# Pillow's own words about odd files are no concern of ours; the outcome is.
pytestmark = pytest.mark.filterwarnings("ignore::UserWarning:PIL")


def photo(width: int = 120, height: int = 80) -> Image.Image:
    """A picture whose upper left corner is red."""
    made = Image.linear_gradient("L").resize((width, height)).convert("RGB")
    ImageDraw.Draw(made).rectangle((0, 0, width // 3, height // 3), fill="red")
    return made


def saved(image: Image.Image, format_: str, **options: object) -> bytes:
    out = io.BytesIO()
    image.save(out, format_, **options)
    return out.getvalue()


def clean(data: bytes, extension: str, max_pixels: int = PIXELS):
    return clean_picture(io.BytesIO(data), extension, max_pixels=max_pixels)


def opened(data: bytes) -> Image.Image:
    image = Image.open(io.BytesIO(data))
    image.load()
    return image


def refusal(data: bytes, extension: str, max_pixels: int = PIXELS) -> str:
    with pytest.raises(LibError) as caught:
        clean(data, extension, max_pixels)
    return caught.value.message_id


def chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def png(width: int, height: int, extra: bytes = b"", pixels: bytes = b"") -> bytes:
    header = chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0))
    body = chunk(b"IDAT", zlib.compress(pixels or bytes((width + 1) * height)))
    return b"\x89PNG\r\n\x1a\n" + header + extra + body + chunk(b"IEND", b"")


_TWO = Image.new("P", (10, 10))
_TWO.putpalette([0, 0, 0, 255, 255, 255])
_DOT = saved(_TWO, "GIF")
GIF_HEAD, GIF_FRAME = _DOT[: _DOT.index(b",")], _DOT[_DOT.index(b",") : -1]


def profile_with_red_and_green_swapped() -> bytes:
    """A small colour profile (ICC.1:2022, 7 and 9): the primaries of sRGB, two of them in each other's place."""

    def point(*values: float) -> bytes:
        return b"XYZ \0\0\0\0" + b"".join(struct.pack(">i", round(value * 65536)) for value in values)

    red, green, blue = (0.4361, 0.2225, 0.0139), (0.3851, 0.7169, 0.0971), (0.1431, 0.0606, 0.7141)
    curve = b"curv\0\0\0\0" + struct.pack(">IHH", 1, round(2.2 * 256), 0)
    name = b"desc\0\0\0\0" + struct.pack(">I", 8) + b"Swapped\0" + bytes(80)
    parts = {
        b"desc": name, b"cprt": b"text\0\0\0\0none\0\0\0\0", b"wtpt": point(0.9642, 1, 0.8249),
        b"rXYZ": point(*green), b"gXYZ": point(*red), b"bXYZ": point(*blue),
        b"rTRC": curve, b"gTRC": curve, b"bTRC": curve,
    }  # fmt: skip
    table, body, at = struct.pack(">I", len(parts)), b"", 132 + 12 * len(parts)
    for tag, data in parts.items():
        table += tag + struct.pack(">II", at + len(body), len(data))
        body += data.ljust(-(-len(data) // 4) * 4, b"\0")
    head = struct.pack(">I4sI4s4s4s", at + len(body), b"lcms", 0x02100000, b"mntr", b"RGB ", b"XYZ ")
    head += bytes(12) + b"acsp" + bytes(28) + point(0.9642, 1, 0.8249)[8:]
    return head.ljust(128, b"\0") + table + body


def with_metadata(extension: str) -> bytes:
    """A picture that hides the secret wherever its format has room for it."""
    image, exif = photo(), Image.Exif()
    exif[0x010E] = SECRET.decode()
    exif[0x8825] = {1: "N", 2: (53.0, 32.0, 1.0)}
    xmp = b"<x:xmpmeta xmlns:x='adobe:ns:meta/'>" + SECRET + b"</x:xmpmeta>"
    if extension == "png":
        info = PngImagePlugin.PngInfo()
        info.add_text("Comment", SECRET.decode())
        info.add_itxt("XML:com.adobe.xmp", xmp.decode())
        return saved(image, "PNG", pnginfo=info, exif=exif) + SECRET
    if extension == "gif":
        return saved(image.quantize(), "GIF", comment=SECRET) + SECRET
    if extension == "jpg":
        return saved(image, "JPEG", exif=exif, xmp=xmp, comment=SECRET, quality=90) + SECRET
    return saved(image, FORMATS[extension], exif=exif, xmp=xmp)


@pytest.mark.parametrize("extension", FORMATS)
def test_nothing_but_pixels_survives(extension):
    data = with_metadata(extension)
    assert SECRET in data
    made = clean(data, extension)
    assert SECRET not in made.data
    assert b"xmpmeta" not in made.data
    image = opened(made.data)
    assert image.format == FORMATS[extension]
    assert not dict(image.getexif())
    assert not {"exif", "xmp", "comment", "icc_profile", "photoshop", "dpi"} & set(image.info)
    assert image.size == (made.width, made.height) == (120, 80)


@pytest.mark.parametrize("payload", [b"PK\x03\x04 a zip behind the picture", b"<?php system('id') ?>", SECRET])
@pytest.mark.parametrize("extension", FORMATS)
def test_what_is_behind_a_picture_goes(extension, payload):
    assert payload not in clean(saved(photo(), FORMATS[extension]) + payload, extension).data


@pytest.mark.parametrize("orientation", range(1, 9))
@pytest.mark.parametrize("extension", ["jpg", "png", "webp"])
def test_a_picture_is_upright_whatever_its_note_says(extension, orientation):
    way = {
        2: Image.Transpose.FLIP_LEFT_RIGHT,
        3: Image.Transpose.ROTATE_180,
        4: Image.Transpose.FLIP_TOP_BOTTOM,
        5: Image.Transpose.TRANSPOSE,
        6: Image.Transpose.ROTATE_90,
        7: Image.Transpose.TRANSVERSE,
        8: Image.Transpose.ROTATE_270,
    }.get(orientation)
    turned = photo().transpose(way) if way is not None else photo()
    exif = Image.Exif()
    exif[0x0112] = orientation
    made = clean(saved(turned, FORMATS[extension], exif=exif), extension)
    assert (made.width, made.height) == (120, 80)
    red, _green, blue = opened(made.data).convert("RGB").getpixel((5, 5))
    assert red > 200
    assert blue < 60


@pytest.mark.parametrize("extension", ["jpg", "png", "webp", "avif"])
def test_colours_are_brought_to_srgb(extension):
    image = Image.new("RGB", (16, 16), (230, 30, 30))
    data = saved(image, FORMATS[extension], icc_profile=profile_with_red_and_green_swapped())
    made = opened(clean(data, extension).data)
    red, green, _blue = made.getpixel((8, 8))
    assert "icc_profile" not in made.info
    assert green > 200 > 60 > red


def test_a_broken_profile_costs_only_the_profile():
    image = Image.new("RGB", (8, 8), (120, 90, 60))
    made = opened(clean(saved(image, "PNG", icc_profile=b"no profile"), "png").data)
    assert made.getpixel((4, 4)) == (120, 90, 60)


@pytest.mark.parametrize("mode", ["1", "L", "LA", "P", "RGB", "RGBA", "I;16"])
def test_every_mode_of_a_png_is_taken(mode):
    made = opened(clean(saved(photo().convert("L").convert(mode), "PNG"), "png").data)
    assert made.size == (120, 80)
    assert made.mode in {"1", "L", "LA", "P", "RGB", "RGBA"}


def test_sixteen_bits_become_the_upper_eight():
    image = Image.new("I;16", (4, 4), 0x80FF)
    assert opened(clean(saved(image, "PNG"), "png").data).getpixel((0, 0)) == 0x80


def test_print_colours_become_screen_colours():
    made = opened(clean(saved(photo().convert("CMYK"), "JPEG"), "jpg").data)
    assert made.mode == "RGB"


def test_transparency_is_kept():
    image = Image.new("RGBA", (8, 8), (255, 0, 0, 0))
    for extension in ("png", "webp", "avif"):
        made = opened(clean(saved(image, FORMATS[extension]), extension).data)
        assert made.convert("RGBA").getpixel((4, 4))[3] <= 2


def test_a_jpeg_loses_next_to_nothing_and_does_not_grow():
    data = saved(Image.effect_noise((400, 300), 40).convert("RGB"), "JPEG", quality=82)
    made = clean(data, "jpg")
    assert len(made.data) <= len(data) * 1.02
    difference = ImageChops.difference(opened(data), opened(made.data)).convert("L")
    assert ImageStat.Stat(difference).mean[0] < 1


def test_a_lossless_webp_stays_lossless():
    image = Image.effect_noise((40, 30), 90).convert("RGB")
    made = clean(saved(image, "WEBP", lossless=True), "webp")
    assert ImageChops.difference(image, opened(made.data)).getbbox() is None


@pytest.mark.parametrize("extension", ["gif", "webp", "png"])
def test_a_moving_picture_still_moves(extension):
    frames = [ImageChops.offset(photo(), step * 9) for step in range(5)]
    times = [100, 200, 300, 400, 500]
    data = (
        saved(frames[0], FORMATS[extension], save_all=True, append_images=frames[1:], duration=times, loop=3) + SECRET
    )
    made = clean(data, extension)
    assert made.animated
    assert SECRET not in made.data
    image = opened(made.data)
    assert image.n_frames == 5
    assert image.info["loop"] == 3
    durations = []
    for frame in ImageSequence.Iterator(image):
        frame.load()
        durations.append(round(frame.info["duration"]))
    assert durations == times


def test_a_comment_between_the_frames_of_a_gif_goes():
    comment = b"\x21\xfe" + bytes([len(SECRET)]) + SECRET + b"\0"
    made = clean(GIF_HEAD + GIF_FRAME + comment + GIF_FRAME + comment + b";", "gif")
    assert SECRET not in made.data


def test_a_moving_avif_is_refused_with_a_way_out():
    frames = [photo(), photo().rotate(180)]
    data = saved(frames[0], "AVIF", save_all=True, append_images=frames[1:], duration=100)
    assert refusal(data, "avif") == "image-animated-avif"


def test_more_pixels_than_allowed_are_refused():
    assert refusal(saved(photo(), "PNG"), "png", max_pixels=120 * 80 - 1) == "image-too-large"
    assert clean(saved(photo(), "PNG"), "png", max_pixels=120 * 80).width == 120


@pytest.mark.parametrize(
    "data",
    [
        png(30_000, 30_000, pixels=bytes(1000)),
        png(2**31 - 1, 2**31 - 1, pixels=b"\0"),
        png(10_000, 9_500, pixels=b"\0"),
        b"GIF89a\xff\xff\xff\xff\x80\0\0\0\0\0\xff\xff\xff" + GIF_FRAME + b";",
    ],
    ids=["bomb", "2^31", "between a warning and an error", "canvas"],
)
def test_a_pixel_bomb_is_refused_before_it_goes_off(data):
    began = time.process_time()
    assert refusal(data, "png" if data.startswith(b"\x89") else "gif") == "image-too-large"
    assert time.process_time() - began < 2


def test_bombs_take_little_memory_and_time():
    program = """
import io, resource, struct, sys, zlib
from cms.lib.errors import LibError
from cms.lib.images import clean_picture
from tests.unit.lib.test_images import GIF_FRAME, GIF_HEAD, chunk, png
packed = zlib.compress(bytes(400_000_000), 9)
bombs = [
    ("png", png(30_000, 30_000, pixels=bytes(50_000_000))),
    ("png", png(10, 10, chunk(b"zTXt", b"a\\0\\0" + packed))),
    ("png", png(10, 10, chunk(b"iTXt", b"a\\0\\1\\0\\0\\0" + packed) * 20)),
    ("png", png(10, 10, chunk(b"iCCP", b"a\\0\\0" + packed))),
    ("png", png(7_000, 7_000, pixels=b"")[:200]),
    ("gif", GIF_HEAD + GIF_FRAME * 20_000 + b";"),
    ("gif", GIF_HEAD + GIF_FRAME * 1_000_000 + b";"),
]
def peak():
    # Of this program alone: what getrusage tells holds the process that started it, too.
    lines = open("/proc/self/status").read().splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith("VmHWM"))
# Ten seconds of the processor, then the kernel ends it: a busy machine does not count.
resource.setrlimit(resource.RLIMIT_CPU, (10, 10))
before = peak()
for extension, data in bombs:
    try:
        clean_picture(io.BytesIO(data), extension, max_pixels=50_000_000)
    except LibError as error:
        print(error.message_id)
print((peak() - before) // 1024)
"""
    done = subprocess.run(
        [sys.executable, "-c", program], cwd=needs.ROOT, capture_output=True, text=True, check=True, timeout=120
    )
    *reasons, megabytes = done.stdout.split()
    assert reasons == ["image-too-large", *["image-broken"] * 4, *["image-too-many-frames"] * 2]
    assert int(megabytes) < 200


def test_too_many_frames_are_refused_without_decoding_them():
    assert refusal(GIF_HEAD + GIF_FRAME * (MAX_FRAMES + 1) + b";", "gif") == "image-too-many-frames"
    assert refusal(GIF_HEAD + GIF_FRAME * 30 + b";", "gif", max_pixels=2000) == "image-too-many-frames"
    assert clean(GIF_HEAD + GIF_FRAME * 20 + b";", "gif", max_pixels=2000).width == 10


@pytest.mark.parametrize(
    ("side", "reason"), [(11, "image-broken"), (9000, "image-broken"), (60_000, "image-too-large")]
)
def test_a_frame_outside_its_canvas_is_refused(side, reason):
    outside = b"\x2c" + struct.pack("<HHHH", 0, 0, side, side) + GIF_FRAME[9:]
    assert refusal(GIF_HEAD + GIF_FRAME + outside + GIF_FRAME + b";", "gif") == reason


def test_a_jpeg_in_endless_passes_is_refused():
    data = saved(photo(), "JPEG", progressive=True)
    scan = data[data.rindex(b"\xff\xda") : -2]
    assert refusal(data[:-2] + scan * 200 + b"\xff\xd9", "jpg") == "image-broken"


@pytest.mark.parametrize("extension", FORMATS)
@pytest.mark.parametrize("share", [0.02, 0.3, 0.7])
def test_a_truncated_picture_is_refused(extension, share):
    data = saved(Image.effect_noise((300, 200), 90).convert("RGB"), FORMATS[extension])
    assert refusal(data[: int(len(data) * share)], extension) == "image-broken"


@pytest.mark.parametrize("width", [1, 64, 119])
@pytest.mark.parametrize("extension", FORMATS)
def test_a_variant_is_webp_of_the_width_asked_for(extension, width):
    made = clean(saved(photo(), FORMATS[extension]), extension)
    variant = opened(make_variant(io.BytesIO(made.data), extension, width, max_pixels=PIXELS))
    assert variant.format == "WEBP"
    assert variant.width == width
    assert variant.height == max(1, round(80 * width / 120))
    assert not {"exif", "xmp", "icc_profile"} & set(variant.info)


def test_a_variant_is_never_larger_than_the_picture():
    variant = opened(make_variant(io.BytesIO(saved(photo(), "JPEG")), "jpg", 5000, max_pixels=PIXELS))
    assert variant.size == (120, 80)


def test_a_variant_keeps_transparency():
    image = Image.new("RGBA", (80, 80), (255, 0, 0, 0))
    variant = opened(make_variant(io.BytesIO(saved(image, "PNG")), "png", 40, max_pixels=PIXELS))
    assert variant.getpixel((20, 20))[3] == 0


def _foreign() -> list[dict[str, str]]:
    if needs.find("data") is None:
        return []
    with Path(needs.get("data"), "images", "expected.tsv").open(encoding="utf-8") as table:
        return list(csv.DictReader(table, delimiter="\t"))


@needs.needs("data")
def test_every_foreign_picture_is_upright_or_refused_with_a_reason():
    folder = Path(needs.get("data"), "images")
    taken, wrong = 0, []
    for row in _foreign():
        path = folder / row["file"]
        with path.open("rb") as stream:
            try:
                found = sniff(stream, path.name)
                made = clean_picture(stream, found.extension, max_pixels=PIXELS)
            except LibError as error:
                # What others can read and we keep must be taken.
                if row["pillow"] == "ok" and row["format"] in FORMATS.values():
                    wrong.append((row["file"], error.message_id))
                continue
        taken += 1
        if f"{made.width}x{made.height}" != row["upright"] or dict(opened(made.data).getexif()):
            wrong.append((row["file"], f"{made.width}x{made.height}"))
        make_variant(io.BytesIO(made.data), found.extension, 32, max_pixels=PIXELS)
    assert wrong == []
    assert taken > 140


@needs.needs("data")
def test_all_turns_of_a_photograph_look_the_same():
    folder = Path(needs.get("data"), "images", "exif-orientation")
    small = []
    for path in sorted(folder.glob("Landscape_*.jpg")):
        with path.open("rb") as stream:
            made = clean_picture(stream, "jpg", max_pixels=PIXELS)
        small.append(opened(made.data).convert("L").resize((12, 8)))
    assert len(small) == 9
    for image in small[1:]:
        assert max(ImageChops.difference(small[1], image).getextrema()) < 40


@needs.needs("data")
def test_foreign_animations_look_the_same_afterwards():
    for path in sorted(Path(needs.get("data"), "images").rglob("*.gif")):
        data = path.read_bytes()
        before = [_flat(frame) for frame in ImageSequence.Iterator(opened(data))]
        after = [_flat(frame) for frame in ImageSequence.Iterator(opened(clean(data, "gif").data))]
        # Equal frames in a row become one that lasts as long.
        assert len(after) <= len(before)
        assert max(ImageChops.difference(before[0], after[0]).convert("L").getextrema()) < 30, path.name
        assert max(ImageChops.difference(before[-1], after[-1]).convert("L").getextrema()) < 30, path.name


def _flat(frame: Image.Image) -> Image.Image:
    ground = Image.new("RGBA", frame.size, (9, 200, 9, 255))
    ground.alpha_composite(frame.convert("RGBA"))
    return ground.convert("RGB")
