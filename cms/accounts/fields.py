"""Reading what somebody entered about a person: the value to keep, or a sentence for the field."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any
from urllib.parse import urlsplit

from sqlalchemy import or_, select

from cms.accounts.models import User
from cms.core.db import current_session
from cms.core.errors import Invalid
from cms.core.i18n import Text, _
from cms.lib.confusables import skeleton
from cms.lib.slugs import slugify
from cms.settings import values

LONGEST_NAME = 120
LONGEST_SLUG = 80
LONGEST_BIOGRAPHY = 5000
MOST_LINKS = 10
#: Addresses that a reader would take for the site speaking itself.
_RESERVED_WORDS = (
    "abuse admin administrator all anonymous author authors everyone help hostmaster info login masthead "
    "moderator nobody none null official owner postmaster root security staff super support sysadmin system "
    "team undefined user users webmaster"
)
_RESERVED = frozenset(skeleton(word) for word in _RESERVED_WORDS.split())


def read_email(value: object) -> str:
    """Return what a person signs in with, as it is kept; raises Invalid."""
    return values.mail_address(value)


class EmailTaken(Invalid):
    """Another account has this mail address; told to those alone who make accounts, or change how others sign in."""

    status = 409
    code = "email_taken"
    default = _("There is an account with this mail address already.")


def read_free_email(value: object, *, of: User | None = None) -> str:
    """Return a mail address that no account (but `of`) has; raises Invalid and EmailTaken, both naming the field."""
    try:
        address = read_email(value)
    except Invalid as error:
        raise Invalid(fields={"email": error.args[0]}) from None
    owner = current_session().scalar(select(User.id).where(User.email == address))
    if owner is not None and (of is None or owner != of.id):
        raise EmailTaken(fields={"email": EmailTaken.default})
    return address


def read_name(value: object) -> str:
    """Return the name that readers see; a mail address is refused, for it would be shown to everybody."""
    name = values.clean_line(value)
    if not name:
        raise Invalid(_("Give a name."))
    if len(name) > LONGEST_NAME:
        raise Invalid(_("A name has at most %(most)s characters.", most=LONGEST_NAME))
    if re.search(r"\S@\S", name):
        raise Invalid(_("Readers see this name: choose one that is not a mail address."))
    if not any(letter.isalnum() for letter in name):
        raise Invalid(_("A name has at least one letter."))
    return name


def read_biography(value: object) -> str:
    """Return a biography: paragraphs of plain text."""
    if not isinstance(value, str):
        raise Invalid(_("This needs to be a text."))
    lines = (values.clean_line(line) for line in value.replace("\r\n", "\n").replace("\r", "\n").split("\n"))
    text = re.sub(r"\n{3,}", "\n\n", "\n".join(lines)).strip()
    if len(text) > LONGEST_BIOGRAPHY:
        raise Invalid(_("A biography has at most %(most)s characters.", most=LONGEST_BIOGRAPHY))
    return text


def read_links(value: object) -> list[dict[str, str]]:
    """Return links as `[{"label": …, "url": …}]`; rows without an address are left out."""
    if not isinstance(value, list | tuple):
        raise Invalid(_("This needs to be a list of links."))
    links = []
    for row in value:
        if not isinstance(row, Mapping):
            raise Invalid(_("This needs to be a list of links."))
        url = values.clean_line(row.get("url", ""))
        if url:
            links.append({"label": values.clean_line(row.get("label", ""))[:80] or _host(url), "url": read_url(url)})
    if len(links) > MOST_LINKS:
        raise Invalid(_("At most %(most)s links are kept.", most=MOST_LINKS))
    return links


def read_url(url: str) -> str:
    """Return a full web address; anything but http and https is refused."""
    try:
        parts = urlsplit(url)
        fine = parts.scheme in ("http", "https") and bool(parts.hostname) and parts.username is None
    except ValueError:
        fine = False
    if not fine or len(url) > 500 or re.search(r"[\s<>\"\\^`{|}]", url):
        raise Invalid(_("“%(url)s” is not a web address like https://chronicle.example.", url=url[:80]))
    return url


def _host(url: str) -> str:
    try:
        return urlsplit(url).hostname or url[:80]
    except ValueError:
        return url[:80]


def read_slug(value: object, *, of: User | None = None) -> str:
    """Return the address of an author page that somebody chose; taken, reserved and look-alike ones are refused."""
    slug = slugify(values.clean_line(value), max_length=LONGEST_SLUG)
    if not slug:
        raise Invalid(_("An address has at least one letter or digit."))
    if not _is_free(slug, of):
        raise Invalid(_("This address, or one that looks like it, is taken. Choose another."))
    return slug


def make_slug(name: str) -> str:
    """Return a free address for the author page of `name` (`ada`, `ada-2` …), never made of a mail address."""
    stem = slugify("" if "@" in name else name, max_length=LONGEST_SLUG - 6) or "person"
    slug, number = stem, 1
    while not _is_free(slug, None):
        number += 1
        slug = f"{stem}-{number}"
    return slug


def _is_free(slug: str, of: User | None) -> bool:
    looks = skeleton(slug)
    if looks in _RESERVED:
        return False
    with current_session().no_autoflush:
        owner = current_session().scalar(
            select(User.id).where(or_(User.slug == slug, User.slug_skeleton == looks)).limit(1)
        )
    return owner is None or (of is not None and owner == of.id)


READERS: dict[str, Callable[[object], Any]] = {
    "name": read_name,
    "biography": read_biography,
    "picture_id": values.optional_id,
    "links": read_links,
    "time_zone": values.optional_zone,
    "language": values.optional_language,
}


def read_fields(entered: Mapping[str, object], *, of: User | None = None) -> dict[str, Any]:
    """Return the values to keep for the profile fields in `entered`.

    Raises Invalid with a sentence for each field that cannot be taken, and for each that is not of a profile:
    roles, sign-in address and the like have actions of their own.
    """
    read: dict[str, Any] = {}
    wrong: dict[str, Text] = {}
    for key, value in entered.items():
        try:
            if key == "slug":
                read[key] = read_slug(value, of=of)
            elif key in READERS:
                read[key] = READERS[key](value)
            else:
                wrong[key] = _("This is not a field of a profile.")
        except Invalid as error:
            wrong[key] = error.args[0]
    if wrong:
        raise Invalid(fields=wrong)
    return read
