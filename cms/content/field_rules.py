"""Which groups of fields a person may change: a right for each, granted by roles like any other, denied by default."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from cms.content.addresses import wanted_slug
from cms.content.fields import EntryFields
from cms.content.models import Entry
from cms.core.errors import Invalid
from cms.core.i18n import LazyString, Text, _
from cms.core.permissions import ALL, OWN, Actor, Permission, may, registry
from cms.lib.clock import EARLIEST, LATEST


@dataclass(frozen=True)
class FieldRule:
    """A group of fields that stand together: the right to change them, and what is told to whoever lacks it."""

    name: str
    permission: str
    fields: tuple[str, ...]
    #: What the permission allows, and what stands beside fields that are shown and cannot be changed.
    sentence: LazyString
    reason: LazyString
    kinds: tuple[str, ...] = ("post", "page")


RULES: tuple[FieldRule, ...] = (
    FieldRule(
        "slug",
        "content:slug:edit",
        ("slug",),
        _("Change the address of what readers have seen already."),
        _("Readers know this address, and your role may not change it. An editor can."),
    ),
    FieldRule(
        "tree",
        "content:tree:edit",
        ("parent_id", "menu_order"),
        _("Move pages: what they lie below, and their order."),
        _("Your role may not move pages. An editor can."),
        ("page",),
    ),
    FieldRule(
        "visibility",
        "content:visibility:edit",
        ("visibility", "password_hash"),
        _("Choose who may read an entry, and the password for it."),
        _("Your role may not choose who reads this. An editor can."),
    ),
    FieldRule(
        "dates",
        "content:dates:edit",
        (),
        _("Choose the date of an entry: schedule it, or date it back."),
        _("Your role may not choose the date. An editor can."),
    ),
    FieldRule(
        "sticky",
        "content:sticky:edit",
        ("sticky",),
        _("Keep posts at the top of the front page."),
        _("Your role may not keep posts at the top. An editor can."),
        ("post",),
    ),
    FieldRule(
        "terms",
        "content:terms:assign",
        ("term_ids",),
        _("Choose the categories and tags of posts."),
        _("Your role may not choose categories and tags. An editor can."),
        ("post",),
    ),
    FieldRule(
        "picture",
        "content:picture:choose",
        ("featured_media_id",),
        _("Choose the picture of an entry."),
        _("Your role may not choose the picture. An editor can."),
    ),
    FieldRule(
        "seo",
        "content:seo:edit",
        ("seo_title", "seo_description", "canonical_url", "noindex"),
        _("Write what search engines are told of an entry."),
        _("Your role may not change what search engines are told. An editor can."),
    ),
    FieldRule(
        "comments",
        "content:comments:edit",
        ("comments_open",),
        _("Open and close the discussion under an entry."),
        _("Your role may not open or close the discussion. An editor can."),
    ),
)
_BY_NAME = {rule.name: rule for rule in RULES}
#: What a field of an entry is called where people type it.
_SHOWN_AS = {"term_ids": "categories", "password_hash": "password"}

registry.register(*[Permission(rule.permission, rule.sentence, (ALL, OWN)) for rule in RULES])


def locked(user: Actor | None, kind: str, entry: Entry | None = None) -> dict[str, Text]:
    """Return the groups of fields that a person may not change of an entry (None: a new one), each with the reason."""
    owners = entry.owner_ids if entry is not None else (user.id if user is not None else None,)
    closed = (rule for rule in RULES if kind in rule.kinds and not may(user, rule.permission, owner_ids=owners))
    return {rule.name: rule.reason for rule in closed if rule.name != "slug" or _is_known(entry)}


def check_fields(before: EntryFields, after: EntryFields, *, kind: str, entry: Entry | None, by: Actor) -> None:
    """Raise Invalid, naming each field, when a group was changed that `by` may not change."""
    closed = locked(by, kind, entry)
    errors = {
        _SHOWN_AS.get(name, name): reason
        for group, reason in closed.items()
        for name in _changed(_BY_NAME[group].fields, before, after, kind)
    }
    if errors:
        raise Invalid(fields=errors)


def check_date(entry: Entry, at: datetime | None, *, by: Actor) -> None:
    """Raise Invalid when an entry gets another date than it has and `by` may not choose dates, or none shows that."""
    if at is not None and not EARLIEST <= at.year <= LATEST:
        sentence = _("Choose a year from %(first)s to %(last)s.", first=EARLIEST, last=LATEST)
        raise Invalid(fields={"published_at": sentence})
    if at != entry.published_at and (reason := locked(by, entry.kind, entry).get("dates")) is not None:
        raise Invalid(fields={"published_at": reason})


def fields_of(groups: Iterable[str]) -> frozenset[str]:
    """Return the fields that stand in these groups."""
    return frozenset(name for group in groups for name in _BY_NAME[group].fields)


def _is_known(entry: Entry | None) -> bool:
    """Tell whether readers have seen the entry at its address, also if it is a draft again."""
    return entry is not None and entry.revised_at is not None


def _changed(names: Iterable[str], before: EntryFields, after: EntryFields, kind: str) -> list[str]:
    def value(name: str, fields: EntryFields) -> object:
        if name == "slug":
            return wanted_slug(fields.slug, fields.title, kind)
        return set(fields.term_ids) if name == "term_ids" else getattr(fields, name)

    return [name for name in names if value(name, before) != value(name, after)]
