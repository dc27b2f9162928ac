"""What templates may call: dates, icons, static files, Bootstrap-Flask's macros."""

from __future__ import annotations

import re
from datetime import datetime
from functools import lru_cache
from pathlib import Path

from babel import Locale, UnknownLocaleError
from babel.dates import format_date as babel_date
from babel.dates import format_datetime as babel_datetime
from babel.dates import format_skeleton
from babel.numbers import format_decimal
from markupsafe import Markup

from cms.theming.errors import ThemeError

_SVG = re.compile(r"<svg[^>]*\bviewBox=\"([0-9. -]{3,40})\"[^>]*>(.*)</svg>", re.S)
#: What an icon may be drawn with; anything else in its file makes it unusable.
_SHAPES = re.compile(r"(?:\s*<(?:path|circle|rect)(?:\s+[a-z-]+=\"[A-Za-z0-9 .,#-]*\")*\s*/>)+\s*")
_RTL = frozenset({"ar", "arc", "ckb", "dv", "fa", "he", "ks", "ku_Arab", "nqo", "ps", "sd", "syr", "ug", "ur", "yi"})


@lru_cache(maxsize=64)
def locale_of(language: str) -> Locale:
    """Return Babel's locale for a BCP 47 tag; one that Babel does not know gives its language, else English."""
    for tag in (language, language.partition("-")[0]):
        try:
            return Locale.parse(tag, sep="-")
        except (UnknownLocaleError, ValueError):
            continue
    return Locale("en")


def direction_of(language: str) -> str:
    """Return `rtl` for languages written from right to left, else `ltr`."""
    base, _, rest = language.partition("-")
    if rest.lower().startswith(("latn", "cyrl")):
        return "ltr"
    return "rtl" if base.lower() in _RTL or rest.lower().startswith(("arab", "hebr")) else "ltr"


class DateHelpers:
    """Dates in one language; times are in the site's zone already."""

    def __init__(self, language: str, now: datetime) -> None:
        self.locale = locale_of(language)
        self.now = now

    def long_date(self, moment: datetime) -> str:
        """Return day, month and year: `17 November 2026`."""
        return babel_date(moment, "long", locale=self.locale)

    def short_date(self, moment: datetime) -> str:
        """Return day and month, and the year unless it is this one: `17 November`."""
        if moment.year != self.now.year:
            return self.long_date(moment)
        return format_skeleton("MMMMd", moment, locale=self.locale)

    def day(self, moment: datetime) -> str:
        """Return the number of the day alone: `17`."""
        return babel_date(moment, "d", locale=self.locale)

    def month(self, moment: datetime) -> str:
        """Return the month, to stand below the day: `November`, with the year unless it is this one."""
        pattern = "LLLL" if moment.year == self.now.year else "LLLL y"
        return babel_date(moment, pattern, locale=self.locale)

    def month_name(self, moment: datetime) -> str:
        """Return the month alone: `November`."""
        return babel_date(moment, "LLLL", locale=self.locale)

    def month_year(self, moment: datetime) -> str:
        """Return month and year: `November 2026`."""
        return format_skeleton("yMMMM", moment, locale=self.locale)

    def date_time(self, moment: datetime) -> str:
        """Return date and time of day: `17 November 2026, 08:00`."""
        return babel_datetime(moment, "long", locale=self.locale).rsplit(" ", 1)[0]

    def number(self, value: int) -> str:
        """Return a whole number as the language writes it: `1,204`."""
        return format_decimal(value, locale=self.locale)

    def year(self, value: int) -> str:
        """Return a year as the language writes it, without a mark between thousands."""
        return format_decimal(value, format="0", locale=self.locale)


def iso(moment: datetime) -> str:
    """Return a moment for a `datetime` attribute: to the minute, with its zone (HTML, valid global date)."""
    return moment.isoformat(timespec="minutes")


def read_icon(file: Path) -> Markup:
    """Return an icon file as inline SVG that assistive technology passes over.

    Raises ThemeError if the file holds anything but shapes.
    """
    found = _SVG.search(file.read_text(encoding="utf-8"))
    if found is None or not _SHAPES.fullmatch(found[2]):
        raise ThemeError(f"The icon {file.name} may hold paths, circles and rectangles only.")
    # Clean by construction: the view box is digits, the shapes have matched the pattern above.
    shapes = re.sub(r"\s+", " ", found[2]).strip()
    return Markup(  # noqa: S704 -- both parts were matched against patterns that hold no markup of another kind
        f'<svg class="icon" viewBox="{found[1]}" aria-hidden="true" focusable="false">{shapes}</svg>'
    )


def initials(name: str) -> str:
    """Return one or two letters for a name: those of its first and last word."""
    words = [word for word in name.split() if word[0].isalnum()]
    letters = [words[0][0], words[-1][0]] if len(words) > 1 else [word[0] for word in words]
    return "".join(letters).upper() or "?"
