"""Pictures of the demo site, drawn and not photographed: hills, water, a quay, a lighthouse, a cup."""

import io
import math
import random
from collections.abc import Callable
from dataclasses import dataclass

from PIL import Image, ImageDraw, ImageFilter

Colour = tuple[int, int, int]
#: Drawn this much larger and made smaller again, for smooth edges.
SCALE = 2


@dataclass(frozen=True)
class Palette:
    """The colours of an hour: sky above and at the horizon, sun, near and far land."""

    sky: Colour
    horizon: Colour
    sun: Colour
    near: Colour
    far: Colour


DAWN = Palette((96, 128, 168), (250, 214, 178), (255, 240, 214), (52, 66, 78), (176, 164, 172))
NOON = Palette((104, 168, 206), (226, 240, 240), (255, 252, 232), (40, 92, 74), (150, 190, 178))
DUSK = Palette((58, 52, 96), (236, 142, 104), (255, 206, 140), (34, 30, 54), (138, 92, 116))
RAIN = Palette((138, 152, 160), (214, 220, 218), (232, 234, 230), (60, 76, 80), (166, 178, 180))


def draw(kind: str, palette: Palette, *, width: int = 1600, height: int = 1000, seed: int = 1) -> bytes:
    """Return a picture of the given kind as JPEG; the same seed draws the same picture."""
    kinds: dict[str, Callable[[Image.Image, Palette, random.Random], None]] = {
        "hills": _hills,
        "water": _water,
        "quay": _quay,
        "lighthouse": _lighthouse,
        "cup": _cup,
    }
    picture = _sky(width * SCALE, height * SCALE, palette)
    kinds[kind](picture, palette, random.Random(seed))
    out = io.BytesIO()
    picture.resize((width, height), Image.Resampling.LANCZOS).save(out, "JPEG", quality=88)
    return out.getvalue()


def _mix(first: Colour, second: Colour, share: float) -> Colour:
    red, green, blue = (round(a + (b - a) * share) for a, b in zip(first, second, strict=True))
    return red, green, blue


def _sky(width: int, height: int, palette: Palette) -> Image.Image:
    column = Image.new("RGB", (1, 256))
    for row in range(256):
        column.putpixel((0, row), _mix(palette.sky, palette.horizon, min(1.0, row / 150)))
    return column.resize((width, height), Image.Resampling.BICUBIC)


def _sun(picture: Image.Image, palette: Palette, x: float, y: float, radius: float) -> None:
    glow = Image.new("L", picture.size, 0)
    pen = ImageDraw.Draw(glow)
    pen.ellipse((x - radius * 3, y - radius * 3, x + radius * 3, y + radius * 3), fill=90)
    glow = glow.filter(ImageFilter.GaussianBlur(radius))
    picture.paste(Image.new("RGB", picture.size, palette.sun), mask=glow)
    ImageDraw.Draw(picture).ellipse((x - radius, y - radius, x + radius, y + radius), fill=palette.sun)


def _ridge(width: int, base: float, rise: float, chance: random.Random) -> list[tuple[float, float]]:
    """Return the outline of a range of hills, from left to right."""
    waves = [(chance.uniform(0.6, 1.4) * 2**n, chance.uniform(0, math.tau), rise / 1.9**n) for n in range(5)]
    return [
        (x, base - sum(size * (1 + math.sin(x / width * math.tau * pace + start)) / 2 for pace, start, size in waves))
        for x in range(0, width + 8, 8)
    ]


def _hills(picture: Image.Image, palette: Palette, chance: random.Random) -> None:
    width, height = picture.size
    _sun(picture, palette, width * chance.uniform(0.6, 0.8), height * 0.3, height * 0.055)
    pen = ImageDraw.Draw(picture)
    layers = 6
    for layer in range(layers):
        share = layer / (layers - 1)
        outline = _ridge(width, height * (0.62 + 0.4 * share), height * (0.2 - 0.06 * share), chance)
        colour = _mix(palette.far, palette.near, share**1.2)
        pen.polygon([(0, height), *outline, (width, height)], fill=colour)


def _sea(picture: Image.Image, palette: Palette, chance: random.Random, *, top: float, sun_x: float) -> None:
    """Fill in water below `top`, with the light of the sun on it."""
    width, height = picture.size
    pen = ImageDraw.Draw(picture)
    for row in range(int(top), height):
        share = (row - top) / (height - top)
        pen.line((0, row, width, row), fill=_mix(_mix(palette.horizon, palette.far, 0.45), palette.near, share**0.9))
    for _ in range(240):
        share = chance.random() ** 0.7
        row = top + share * (height - top)
        spread = width * (0.03 + 0.16 * share)
        x, length = chance.gauss(sun_x, spread), width * (0.004 + 0.03 * share) * chance.uniform(0.5, 1.5)
        thick = height * (0.001 + 0.004 * share)
        light = _mix(palette.horizon, palette.sun, 0.6)
        pen.rounded_rectangle((x - length, row, x + length, row + thick), radius=thick / 2, fill=light)


def _boat(pen: ImageDraw.ImageDraw, x: float, y: float, size: float, palette: Palette) -> None:
    hull = _mix(palette.near, (20, 20, 28), 0.4)
    pen.polygon(
        [(x - size, y), (x + size, y), (x + size * 0.7, y + size * 0.32), (x - size * 0.7, y + size * 0.32)], fill=hull
    )
    pen.line((x, y, x, y - size * 1.9), fill=hull, width=max(2, int(size * 0.05)))
    sail = _mix(palette.sun, (255, 255, 255), 0.4)
    pen.polygon(
        [(x + size * 0.06, y - size * 1.8), (x + size * 0.06, y - size * 0.12), (x + size * 0.85, y - size * 0.12)],
        fill=sail,
    )
    pen.polygon(
        [(x - size * 0.06, y - size * 1.5), (x - size * 0.06, y - size * 0.12), (x - size * 0.5, y - size * 0.12)],
        fill=sail,
    )


def _water(picture: Image.Image, palette: Palette, chance: random.Random) -> None:
    width, height = picture.size
    sun_x, top = width * chance.uniform(0.35, 0.65), height * 0.56
    _sun(picture, palette, sun_x, height * 0.4, height * 0.06)
    pen = ImageDraw.Draw(picture)
    pen.polygon([(0, top), *_ridge(width, top, height * 0.06, chance), (width, top)], fill=palette.far)
    _sea(picture, palette, chance, top=top, sun_x=sun_x)
    for x, y, size in ((0.2, 0.68, 0.05), (0.78, 0.62, 0.028), (0.66, 0.8, 0.085)):
        _boat(pen, width * (x + chance.uniform(-0.05, 0.05)), height * y, height * size, palette)


def _quay(picture: Image.Image, palette: Palette, chance: random.Random) -> None:
    width, height = picture.size
    foot = height * 0.68
    pen = ImageDraw.Draw(picture)
    pen.polygon(
        [(0, foot), *_ridge(width, foot - height * 0.1, height * 0.16, chance), (width, foot)], fill=palette.far
    )
    walls = ((196, 92, 70), (222, 176, 92), (96, 132, 140), (226, 214, 196), (124, 148, 108), (150, 92, 104))
    x = -width * 0.02
    while x < width:
        wide, tall = width * chance.uniform(0.075, 0.13), height * chance.uniform(0.24, 0.4)
        _house(
            pen, (x, foot - tall, x + wide, foot), _mix(chance.choice(walls), palette.horizon, 0.22), palette, chance
        )
        x += wide * 1.01
    _sea(picture, palette, chance, top=foot + height * 0.03, sun_x=width * 0.5)
    pen.rectangle((0, foot, width, foot + height * 0.03), fill=_mix(palette.near, (120, 110, 100), 0.5))
    _boat(pen, width * 0.3, height * 0.82, height * 0.075, palette)


def _house(
    pen: ImageDraw.ImageDraw,
    box: tuple[float, float, float, float],
    wall: Colour,
    palette: Palette,
    chance: random.Random,
) -> None:
    left, top, right, foot = box
    wide = right - left
    pen.rectangle(box, fill=wall)
    roof = _mix(palette.near, (130, 62, 48), 0.55)
    over = wide * 0.04
    pen.polygon(
        [(left - over, top), (right + over, top), ((left + right) / 2, top - wide * chance.uniform(0.35, 0.6))],
        fill=roof,
    )
    lit = _mix(palette.sun, (255, 214, 130), 0.6)
    dark = _mix(wall, palette.near, 0.75)
    columns, step = 3, wide / 3
    for row in range(int((foot - top) // (step * 1.35))):
        for column in range(columns):
            x, y = left + step * (column + 0.27), top + step * (row * 1.3 + 0.35)
            pane = lit if chance.random() < 0.3 else dark
            pen.rectangle((x, y, x + step * 0.46, y + step * 0.68), fill=pane)


def _lighthouse(picture: Image.Image, palette: Palette, chance: random.Random) -> None:
    width, height = picture.size
    _sun(picture, palette, width * 0.24, height * 0.34, height * 0.05)
    _sea(picture, palette, chance, top=height * 0.6, sun_x=width * 0.24)
    pen = ImageDraw.Draw(picture)
    rock = [(width, height * 0.66), *reversed(_ridge(width // 2, 0, height * 0.1, chance))]
    outline = [(width - x, height * 0.78 + y) for x, y in rock[1:]]
    pen.polygon([(width, height), *sorted(outline, reverse=True), (width * 0.42, height)], fill=palette.near)
    x, foot, tall, wide = width * 0.72, height * 0.74, height * 0.5, height * 0.06
    for band in range(6):
        upper, lower = foot - tall * (band + 1) / 6, foot - tall * band / 6
        above, below = wide * (1 - 0.07 * (band + 1)), wide * (1 - 0.07 * band)
        colour = (244, 240, 232) if band % 2 else (186, 60, 52)
        pen.polygon([(x - below, lower), (x + below, lower), (x + above, upper), (x - above, upper)], fill=colour)
    top = foot - tall
    pen.rectangle((x - wide * 0.8, top - height * 0.012, x + wide * 0.8, top), fill=palette.near)
    pen.rectangle((x - wide * 0.42, top - height * 0.06, x + wide * 0.42, top - height * 0.012), fill=(255, 226, 150))
    pen.polygon(
        [(x - wide * 0.6, top - height * 0.06), (x + wide * 0.6, top - height * 0.06), (x, top - height * 0.1)],
        fill=(186, 60, 52),
    )


def _cup(picture: Image.Image, palette: Palette, chance: random.Random) -> None:
    width, height = picture.size
    pen = ImageDraw.Draw(picture)
    for plank in range(7):
        left = width * plank / 7
        wood = _mix((178, 134, 96), (140, 98, 66), chance.random())
        pen.rectangle((left, 0, left + width / 7, height), fill=wood)
        for _ in range(14):
            x = left + chance.random() * width / 7
            pen.line((x, 0, x + chance.uniform(-30, 30), height), fill=_mix(wood, (110, 76, 50), 0.25), width=SCALE * 2)
    x, y, size = width * 0.5, height * 0.52, height * 0.34
    shadow = Image.new("L", picture.size, 0)
    ImageDraw.Draw(shadow).ellipse((x - size * 0.9, y - size * 0.8, x + size * 1.15, y + size * 1.25), fill=110)
    picture.paste((40, 26, 18), mask=shadow.filter(ImageFilter.GaussianBlur(size * 0.08)))
    china = _mix(palette.sky, (246, 244, 238), 0.55)
    rings = (
        (1.0, china), (0.95, _mix(china, (255, 255, 255), 0.35)), (0.6, _mix(china, palette.near, 0.25)),
        (0.57, china), (0.5, (70, 42, 28)), (0.44, (112, 70, 44)), (0.3, (150, 102, 66)),
    )  # fmt: skip
    pen.rounded_rectangle((x + size * 0.48, y - size * 0.09, x + size * 0.86, y + size * 0.09), size * 0.09, fill=china)
    for share, colour in rings:
        radius = size * share
        pen.ellipse((x - radius, y - radius, x + radius, y + radius), fill=colour)
