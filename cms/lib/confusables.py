"""Names that look alike: one skeleton for all texts that a hurried eye takes for the same.

After the idea of Unicode UTS #39, section 4, with a small table of letters that are mistaken for Latin ones.
"""

from __future__ import annotations

import unicodedata

_LOOKS = {
    # Cyrillic
    **dict(zip("авсԁеёһіїјкӏмнорԛгѕтуѵԝхзь", "abcdeehiijklmhopqrstyvwx3b", strict=True)),
    # Greek
    **dict(zip("αβεηικνορτυχωγσϲϳ", "abenikvoptuxwyocj", strict=True)),
    # Armenian
    **dict(zip("օսհոցզյտ", "ouhngqjs", strict=True)),
    # Latin letters and digits that pass for others
    **dict(zip("ıȷɑɡɩʟøđłħŧþƽ01|5", "ijagilodlhtpsolls", strict=True)),
    "æ": "ae",
    "œ": "oe",
    "ß": "ss",
}
_PAIRS = (("rn", "m"), ("vv", "w"), ("cl", "d"))


def skeleton(text: str) -> str:
    """Return the skeleton of `text`: what is equal there may be taken for the same by a reader."""
    folded = unicodedata.normalize("NFKD", unicodedata.normalize("NFKC", text).casefold())
    letters = (_LOOKS.get(letter, letter) for letter in folded if _is_seen(letter))
    seen = "".join(letters).replace("i", "l")
    for pair, one in _PAIRS:
        seen = seen.replace(pair, one)
    return seen


def _is_seen(letter: str) -> bool:
    """Tell whether a character is more than a mark, a control or white space."""
    return unicodedata.category(letter)[0] not in "MCZ" and letter not in "-_.·'’ʼ"
