"""Reading what somebody entered for a setting: each function returns the value to keep or raises Invalid."""

from __future__ import annotations

import difflib
import re
import unicodedata
import zoneinfo
from collections.abc import Callable
from functools import lru_cache

from babel import Locale, UnknownLocaleError

from cms.core.db import LARGEST_KEY
from cms.core.errors import Invalid
from cms.core.i18n import _
from cms.lib.errors import LibError
from cms.lib.mail_addresses import read_mail_address

Reader = Callable[[object], object]

_INVISIBLE = re.compile(r"[\x00-\x08\x0b-\x1f\x7f\u200b\u200e\u200f\u202a-\u202e\u2060-\u2069\ufeff]")
_SPACES = re.compile(r"[\s\u2028\u2029]+")


def clean_line(value: object) -> str:
    """Return `value` as one line in Unicode normal form C, without control and direction characters."""
    if not isinstance(value, str):
        raise Invalid(_("This needs to be a text."))
    return _SPACES.sub(" ", _INVISIBLE.sub("", unicodedata.normalize("NFC", value))).strip()


def line(limit: int, *, required: bool = False) -> Reader:
    """Return a reader of one line of at most `limit` characters."""

    def read(value: object) -> str:
        text = clean_line(value)
        if required and not text:
            raise Invalid(_("This cannot be empty."))
        if len(text) > limit:
            raise Invalid(_("This can be %(limit)s characters long; it is %(length)s.", limit=limit, length=len(text)))
        return text

    return read


def whole_number(least: int, most: int) -> Reader:
    """Return a reader of a whole number between `least` and `most`."""

    def read(value: object) -> int:
        text = str(value).strip() if isinstance(value, str | int) and not isinstance(value, bool) else ""
        if not re.fullmatch(r"[0-9]{1,9}", text) or not least <= int(text) <= most:
            raise Invalid(_("Enter a whole number from %(least)s to %(most)s.", least=least, most=most))
        return int(text)

    return read


def optional_id(value: object) -> int | None:
    """Return the id of a thing that was chosen, or None for nothing."""
    if value is None or value == "":
        return None
    if isinstance(value, int) and not isinstance(value, bool) and 0 < value <= LARGEST_KEY:
        return value
    if isinstance(value, str) and re.fullmatch(r"[1-9][0-9]{0,8}", value):
        return int(value)
    raise Invalid(_("Choose one from the list."))


def flag(value: object) -> bool:
    """Return whether something is switched on."""
    if isinstance(value, bool):
        return value
    if value in (None, "", "0", "false", "off", "no", "n"):
        return False
    if value in ("1", "true", "on", "yes", "y"):
        return True
    raise Invalid(_("This is either on or off."))


@lru_cache(maxsize=1)
def zones() -> tuple[str, ...]:
    """Return the names of all time zones that can be chosen (IANA), sorted."""
    return tuple(sorted(name for name in zoneinfo.available_timezones() if "/" in name or name == "UTC"))


def time_zone(value: object) -> str:
    """Return the IANA name of a time zone; a name that is nearly one is suggested."""
    name = clean_line(value)
    known = {zone.lower(): zone for zone in zones()}
    if name.lower() in known:
        return known[name.lower()]
    cities = {zone.rsplit("/", 1)[-1].lower().replace("_", " "): zone for zone in zones()}
    near = difflib.get_close_matches(name.lower().rsplit("/", 1)[-1].replace("_", " "), cities, n=1, cutoff=0.7)
    if near:
        raise Invalid(_("No zone is called “%(name)s”. Did you mean %(near)s?", name=name[:60], near=cities[near[0]]))
    raise Invalid(_("No zone is called “%(name)s”. Choose one from the list.", name=name[:60]))


def optional_zone(value: object) -> str:
    """Return the name of a time zone, or an empty text for "as the site"."""
    return time_zone(value) if clean_line(value) else ""


def language(value: object) -> str:
    """Return a language as a BCP 47 tag in its usual spelling (`en-GB`)."""
    tag = clean_line(value)
    try:
        if not re.fullmatch(r"[A-Za-z]{2,3}([-_][A-Za-z0-9]{2,8})*", tag) or len(tag) > 35:
            raise ValueError
        return str(Locale.parse(tag.replace("_", "-"), sep="-")).replace("_", "-")
    except (ValueError, UnknownLocaleError):
        raise Invalid(_("“%(tag)s” is not a language we know. Use a tag such as en-GB or de.", tag=tag[:40])) from None


def optional_language(value: object) -> str:
    """Return a language tag, or an empty text for "as the site"."""
    return language(value) if clean_line(value) else ""


def mail_address(value: object) -> str:
    """Return a mail address as it is kept; intranet domains are allowed."""
    text = value.strip() if isinstance(value, str) else ""
    if "@" not in text:
        raise Invalid(_("A mail address needs an @, like desk@chronicle.example."))
    try:
        return read_mail_address(text)
    except LibError:
        raise Invalid(_("This is not a mail address that can be written to.")) from None


def optional_mail_address(value: object) -> str:
    """Return a mail address, or an empty text for the one of the installation."""
    return mail_address(value) if not isinstance(value, str) or value.strip() else ""


def colour(value: object) -> str:
    """Return a colour as `#rrggbb`."""
    text = clean_line(value).lower()
    if re.fullmatch(r"#[0-9a-f]{3}", text):
        text = "#" + "".join(digit * 2 for digit in text[1:])
    if not re.fullmatch(r"#[0-9a-f]{6}", text):
        raise Invalid(_("A colour looks like #0b7a55."))
    return text


def security_contact(value: object) -> str:
    """Return a mail address or an https address, or an empty text for none."""
    text = clean_line(value)
    if not text or not text.lower().startswith("https:"):
        return mail_address(text) if text else ""
    if not re.fullmatch(r"https://[a-z0-9.-]+(:[0-9]{1,5})?(/[\x21-\x7e]*)?", text, re.IGNORECASE) or len(text) > 300:
        raise Invalid(_("This is not an address that can be opened. It looks like https://chronicle.example/security."))
    return text
