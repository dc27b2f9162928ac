"""What the demo site is made of, apart from the words of its entries."""

import io
import math
import struct
import wave
from collections.abc import Mapping
from dataclasses import dataclass, field

from PIL import Image, ImageDraw

from cms.cli.demo.blocks import Node
from cms.cli.demo.pictures import DAWN, DUSK, NOON, RAIN, draw

NAME = "The Harbour Notebook"
DESCRIPTION = "Walks, weather and small repairs in a town by the water."


@dataclass(frozen=True)
class DemoEntry:
    """An entry of the demo site; `days` is how long ago it was published (negative: it is scheduled)."""

    kind: str
    title: str
    body: Node
    author: str
    excerpt: str = ""
    picture: str = ""
    category: str = ""
    tags: tuple[str, ...] = ()
    days: float = 1
    state: str = "published"
    visibility: str = "public"
    sticky: bool = False
    menu_order: int = 0
    parent: str = ""


@dataclass(frozen=True)
class DemoPerson:
    """Somebody who writes; nobody can sign in as them."""

    name: str
    role: str
    biography: str = ""
    links: tuple[Mapping[str, str], ...] = field(default=())


# No administrator among them: the accounts stay, should somebody make them active.
PEOPLE = (
    DemoPerson("Ada", "editor", "Keeps the notebook running, and the lighthouse lens clean."),
    DemoPerson("Ed", "editor", "Reads everything twice and takes out the adverbs."),
    DemoPerson("Art", "author", "Walks the coast path in all weathers, with a thermos."),
    DemoPerson("Con", "contributor", "Repairs things. Some of them stay repaired."),
    DemoPerson("Sue", "subscriber"),
)
CATEGORIES = {
    "Walks": "On foot, and back before dark.",
    "Coast": "Paths with the water on one side.",
    "Weather": "What the sky did, and what it meant.",
    "Workshop": "Things that were broken and are less so now.",
}
#: A category below another one.
PARENTS = {"Coast": "Walks"}
TAGS = ("harbour", "boats", "morning", "coffee", "maps", "tools", "rain")

#: Name, kind of picture, hour, seed, and what it shows.
PICTURES = (
    ("harbour", "quay", NOON, 5, "Tall coloured houses along a quay, a small sailing boat in front of them"),
    ("evening", "water", DUSK, 4, "Three sailing boats on still water under a low sun"),
    ("morning", "water", DAWN, 9, "Boats leaving at dawn, pale hills behind them"),
    ("ridge", "hills", DAWN, 3, "Ranges of hills one behind the other in the first light"),
    ("rain", "hills", RAIN, 8, "Grey hills fading into rain"),
    ("summer", "hills", NOON, 12, "Green hills under a clear sky"),
    ("light", "lighthouse", DUSK, 6, "A red and white lighthouse on a rock at dusk"),
    ("lamp", "lighthouse", RAIN, 11, "The lighthouse on a grey day"),
    ("cup", "cup", NOON, 7, "A cup of coffee on a wooden table, seen from above"),
)


def picture(name: str) -> tuple[bytes, str]:
    """Return a picture of the demo site as JPEG, and what it shows; KeyError for a name there is not."""
    kinds = {known: (kind, palette, seed, alt) for known, kind, palette, seed, alt in PICTURES}
    kind, palette, seed, alt = kinds[name]
    return draw(kind, palette, seed=seed), alt


def foghorn() -> bytes:
    """Return two seconds of a foghorn as WAV."""
    rate, seconds = 11025, 2.0
    out = io.BytesIO()
    with wave.open(out, "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(rate)
        total = int(rate * seconds)
        for number in range(total):
            moment = number / rate
            swell = min(1.0, moment * 6, (seconds - moment) * 3)
            tone = sum(math.sin(math.tau * 87 * step * moment) / step for step in (1, 2, 3, 5))
            file.writeframesraw(struct.pack("<h", int(9000 * swell * tone)))
    return out.getvalue()


def tide_card() -> bytes:
    """Return a card with the heights of a tide, as PDF."""
    width, height = 1240, 874
    card = Image.new("RGB", (width, height), (250, 248, 242))
    pen = ImageDraw.Draw(card)
    pen.text((80, 60), "Tide card", fill=(30, 50, 60), font_size=64)
    curve = [(x, 500 - 220 * math.sin((x - 80) / 260)) for x in range(80, width - 80, 4)]
    pen.polygon([(80, 780), *curve, (width - 80, 780)], fill=(196, 220, 222))
    pen.line(curve, fill=(20, 110, 120), width=6)
    for hour in range(0, 25, 3):
        x = 80 + (width - 160) * hour / 24
        pen.line((x, 780, x, 796), fill=(30, 50, 60), width=3)
        pen.text((x - 14, 804), f"{hour:02d}", fill=(30, 50, 60), font_size=28)
    out = io.BytesIO()
    card.save(out, "PDF", title="Tide card")
    return out.getvalue()
