"""Small things a template shows: times in words, sizes, numbers, initials and colours of people."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

from babel.dates import format_datetime
from babel.numbers import format_decimal
from flask import g
from flask_babel import get_locale
from markupsafe import Markup, escape

from cms.accounts.people import current_person
from cms.core.i18n import Text, _, _n, gettext
from cms.lib.clock import utcnow
from cms.lib.sizes import format_bytes
from cms.settings.queries import get_settings

#: Below this many days a time is told by its distance, above by its date.
RECENT_DAYS = 6


@dataclass(frozen=True)
class _Place:
    """Where the person is: the zone, and what that is called."""

    zone: ZoneInfo
    city: str


@lru_cache(maxsize=64)
def _place(name: str) -> _Place:
    return _Place(ZoneInfo(name), name.rsplit("/", 1)[-1].replace("_", " "))


def _here() -> _Place:
    """Return the person's place, else the site's, asked for once a request: a list tells many times."""
    if "admin_place" not in g:
        someone = current_person()
        g.admin_place = _place((someone.time_zone if someone is not None else "") or get_settings().time_zone)
    place: _Place = g.admin_place
    return place


def shown_zone() -> ZoneInfo:
    """Return the zone in which every time of the back office is told: the person's own, else the site's."""
    return _here().zone


def local(moment: datetime) -> datetime:
    """Return `moment` in that zone."""
    return moment.astimezone(_here().zone)


def zone_city() -> str:
    """Return the place that zone is named after ("Berlin" of Europe/Berlin)."""
    return _here().city


def _format(moment: datetime, pattern: str) -> str:
    locale = get_locale()
    return format_datetime(moment, pattern, locale=locale if locale is not None else "en")


def clock(moment: datetime) -> str:
    """Return the time of day: 09:05."""
    return local(moment).strftime("%H:%M")


def day(moment: datetime) -> str:
    """Return the date with its year: Fri 20 Nov 2026."""
    return _format(local(moment), gettext("EEE d MMM y"))


def headline_day(moment: datetime) -> str:
    """Return the date as a headline: Friday, 20 November."""
    return _format(local(moment), gettext("EEEE, d MMMM"))


def exact(moment: datetime) -> str:
    """Return date, time and zone: Fri 20 Nov 2026, 10:32 (Berlin)."""
    return f"{day(moment)}, {clock(moment)} ({zone_city()})"


def field_time(moment: datetime | None) -> str:
    """Return the value of a date and time field, in the site's zone: 2026-11-20T10:32."""
    return local(moment).strftime("%Y-%m-%dT%H:%M") if moment else ""


def ahead(moment: datetime) -> str:
    """Return a planned time: "Today, 12:00", "Mon 23 Nov, 09:00"."""
    return f"{ahead_day(moment)}, {clock(moment)}"


def ahead_day(moment: datetime) -> str:
    """Return the day of a planned time: "Today", "Tomorrow", "Mon 23 Nov", with the year if it is another one."""
    there, today = local(moment), local(utcnow()).date()
    if there.date() == today:
        return gettext("Today")
    if there.date() == today + timedelta(days=1):
        return gettext("Tomorrow")
    return _format(there, gettext("EEE d MMM") if there.year == today.year else gettext("EEE d MMM y"))


def distance(moment: datetime, now: datetime | None = None) -> Text:
    """Return how long ago `moment` is, in words; after some days, its date."""
    now = now or utcnow()
    minutes = int((now - moment).total_seconds() // 60)
    if minutes < 1:
        return _("now")
    if minutes < 60:
        return _("%(minutes)s min ago", minutes=minutes)
    there, here = local(moment), local(now)
    days = (here.date() - there.date()).days
    if days == 0 or minutes < 360:
        return _n("%(num)s hour ago", "%(num)s hours ago", minutes // 60)
    if days == 1:
        return _("yesterday")
    if days <= RECENT_DAYS:
        return _n("%(num)s day ago", "%(num)s days ago", days)
    return _format(there, gettext("d MMM") if there.year == here.year else gettext("d MMM y"))


def ago(moment: datetime | None) -> Markup | str:
    """Return a `<time>` that tells the distance and, on hover and to machines, the moment itself."""
    if moment is None:
        return gettext("Never")
    there = local(moment)
    # Plain formatting and one Markup: Markup.format escapes each part by itself, which a list of rows feels.
    iso, title = moment.isoformat(timespec="minutes"), escape(f"{there:%Y-%m-%d %H:%M} ({zone_city()})")
    words = escape(str(distance(moment)))
    return Markup(f'<time datetime="{iso}" title="{title}">{words}</time>')  # noqa: S704 -- each part is escaped above


def number(value: int) -> str:
    """Return a whole number with the separators of the reader's language: 1,204."""
    return str(format_decimal(value, locale=get_locale() or "en"))


def initials(name: str) -> str:
    """Return the one or two letters an avatar shows: "AO" for Ada Okafor."""
    words = [word for word in name.split() if word[0].isalnum()]
    letters = words[0][0] + (words[-1][0] if len(words) > 1 else "") if words else "?"
    return letters.upper()


def avatar_colour(person_id: int | None) -> int:
    """Return which of the six avatar colours a person has; it means nothing but is always the same."""
    return (person_id or 0) % 6 + 1


HELPERS = {
    "ago": ago,
    "ahead": ahead,
    "ahead_day": ahead_day,
    "avatar_colour": avatar_colour,
    "clock": clock,
    "day": day,
    "exact": exact,
    "field_time": field_time,
    "file_size": format_bytes,
    "headline_day": headline_day,
    "initials": initials,
    "number": number,
    "zone_city": zone_city,
}
