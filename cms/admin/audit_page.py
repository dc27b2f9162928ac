"""What the pages of the record show."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta

from flask import url_for

from cms.accounts.models import User
from cms.admin.audit_words import (
    SUBJECTS,
    WAYS,
    Change,
    act_choices,
    changes,
    did,
    field_word,
    subject_address,
    subject_word,
    who,
)
from cms.admin.lists import Address, Chip, Choice, Column, Empty, ListPage, Search, pager
from cms.admin.widgets import exact, shown_zone
from cms.audit.policies import may_export_record, may_undo
from cms.audit.queries import Kept, RecordFilter, find_undoing, list_actors, list_batch, list_entries
from cms.core.i18n import Text, _, gettext
from cms.core.trail import find_act
from cms.lib.browsers import name_browser

NAMES = ("q", "person", "act", "subject", "subject_id", "way", "since", "until", "after", "before", "count")
PAGE_SIZE = 50
_SHOWN_FIELDS = 3


@dataclass(frozen=True)
class Who:
    """Whoever acted, as an avatar shows them."""

    id: int | None
    name: str
    active: bool = True


@dataclass(frozen=True)
class RecordRow:
    """An entry as a line of the list."""

    number: int
    address: str
    who: Who
    did: str
    fields: str
    seen_as: bool
    way: Text
    ip: str
    at: datetime
    taken_back: bool
    takes_back: bool


@dataclass(frozen=True)
class RecordList:
    """What the list shows besides its rows."""

    since: str
    until: str
    export_fields: Sequence[tuple[str, str]] | None
    subject: str


@dataclass(frozen=True)
class RecordEntry:
    """One entry on its own page."""

    number: int
    title: str
    facts: Sequence[tuple[Text, Text]]
    changes: Sequence[Change]
    seal: Sequence[tuple[Text, str]]
    address: str | None
    subject: Text
    undo_address: str | None
    #: Why it cannot be taken back; empty where it can.
    final: Text
    taken_back_by: tuple[int, str] | None
    takes_back: tuple[int, str] | None
    together: Sequence[RecordRow] = field(default_factory=tuple)
    is_erased: bool = False

    @property
    def reversed_changes(self) -> list[Change]:
        """What would change: the values of now, and those that would be there again."""
        told = [change for change in self.changes if change.before and change.before != change.after]
        return [Change(change.label, change.after, change.before) for change in told]


def read_filter(address: Address) -> RecordFilter:
    """Return what the address asks of the record; what is no date or number narrows nothing."""
    since, until = _day(address.get("since")), _day(address.get("until"))
    return RecordFilter(
        act=address.one_of("act", [name for name, _words in act_choices()]),
        subject=address.one_of("subject", list(SUBJECTS)),
        subject_id=address.number("subject_id"),
        way=address.one_of("way", list(WAYS)),
        since=_begin(since),
        until=_begin(until, later=1),
        words=address.get("q"),
        person_id=address.number("person"),
    )


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text) if len(text) == len("2026-11-20") else None
    except ValueError:
        return None


def _begin(day: date | None, *, later: int = 0) -> datetime | None:
    """Return when a day, or one some days `later`, begins where the person is; None at the ends of all calendars."""
    if day is None:
        return None
    try:
        return datetime.combine(day + timedelta(days=later), time.min, shown_zone()).astimezone(UTC)
    except OverflowError:
        return None


def record_list(me: User) -> tuple[ListPage, RecordList]:
    """Return the part of the record that the address of this request names."""
    address = Address.read(NAMES)
    asked = read_filter(address)
    batch = list_entries(
        asked,
        after=address.get("after") or None,
        before=address.get("before") or None,
        limit=PAGE_SIZE,
        count=address.get("count") == "1",
    )
    undone = find_undoing([kept.number for kept in batch])
    people = [(str(user_id), name) for user_id, name in list_actors()]
    acts = act_choices()
    page = ListPage(
        title=_("Record"),
        rows=[record_row(kept, taken_back=kept.number in undone) for kept in batch],
        columns=[Column(_("What happened")), Column(_("From")), Column(_("When"))],
        search=Search(
            _("Search the record"), _("Names, titles, values"), address.get("q"), address.kept("q", "count", *_FILTERS)
        ),
        pager=pager(address, batch),
        empty=Empty(_("Nothing yet"), _("What anybody changes from now on stands here.")),
        caption=_("Record"),
        lede=_("Who did what, when, and from where. Nobody can change it; some of it can be taken back."),
        chips=_chips(address, asked, dict(acts), dict(people)),
        filters=[
            Choice("person", _("Person"), _("Anybody"), people, address.get("person")),
            Choice("act", _("Act"), _("Anything"), acts, asked.act),
            Choice("subject", _("Thing"), _("Any"), list(SUBJECTS.items()), asked.subject),
            Choice("way", _("Way"), _("Any"), list(WAYS.items()), asked.way),
        ],
        narrowed=bool(address.parameters),
        cleared=address.path,
        total=batch.total,
        table_class="mh-record",
    )
    export = address.kept("count") if may_export_record(me) else None
    return page, RecordList(_shown(address, "since"), _shown(address, "until"), export, address.get("subject_id"))


_FILTERS = ("person", "act", "subject", "way", "since", "until")


def _shown(address: Address, name: str) -> str:
    return address.get(name) if _day(address.get(name)) else ""


def _chips(address: Address, asked: RecordFilter, acts: dict[str, str], people: dict[str, str]) -> list[Chip]:
    found: list[tuple[Text, Text, dict[str, None]]] = []
    if asked.person_id is not None:
        found.append((_("Person"), people.get(str(asked.person_id), str(asked.person_id)), {"person": None}))
    if asked.act:
        found.append((_("Act"), acts[asked.act], {"act": None}))
    if asked.subject:
        word = subject_word(asked.subject)
        text = f"{word} {asked.subject_id}" if asked.subject_id is not None else word
        found.append((_("Thing"), text, {"subject": None, "subject_id": None}))
    if asked.way:
        found.append((_("Way"), WAYS[asked.way], {"way": None}))
    if asked.since is not None:
        found.append((_("From"), address.get("since"), {"since": None}))
    if asked.until is not None:
        found.append((_("Until"), address.get("until"), {"until": None}))
    return [Chip(label, value, address.to(**without)) for label, value, without in found]


def record_row(kept: Kept, *, taken_back: bool = False) -> RecordRow:
    """Return an entry as a line."""
    # What only was told (of something new, say) needs no line here.
    names = [name for name in kept.before if name in kept.after]
    labels = list(dict.fromkeys(str(field_word(name)) for name in names))
    shown = ", ".join(labels[:_SHOWN_FIELDS]) + (" …" if len(labels) > _SHOWN_FIELDS else "")
    return RecordRow(
        kept.number,
        url_for("admin_audit.entry", key=kept.number),
        Who(kept.actor_id, who(kept)),
        did(kept),
        shown,
        kept.seen_by_id is not None,
        WAYS.get(str(kept.told("way")), ""),
        str(kept.told("ip") or ""),
        kept.at,
        taken_back,
        kept.undoes is not None,
    )


def record_entry(kept: Kept, me: User) -> RecordEntry:
    """Return what the page of an entry shows to `me`."""
    numbers = [kept.number] + ([kept.undoes] if kept.undoes is not None else [])
    undone_by = find_undoing(numbers).get(kept.number)
    act = find_act(kept.act)
    final: Text = ""
    if act is None:
        final = _("The part of the program that did this is not there any more.")
    elif act.undo is None:
        final = act.final or ""
    elif kept.is_erased:
        final = _("What was there before has been erased.")
    can = not final and undone_by is None and may_undo(me, kept.actor_id)
    together = [record_row(other) for other in list_batch(kept) if other.number != kept.number]
    return RecordEntry(
        kept.number,
        f"{who(kept)} {did(kept)}",
        _facts(kept),
        changes(kept.before, {name: value for name, value in kept.after.items() if name != "kind"}),
        [(_("Number"), str(kept.number)), (_("Seal"), kept.hash), (_("Seal of the entry before"), kept.previous_hash),
         (_("Key"), kept.key_id)],
        subject_address(kept),
        subject_word(kept.subject),
        url_for("admin_audit.undo", key=kept.number) if can else None,
        final,
        _leading_to(undone_by),
        _leading_to(kept.undoes),
        together,
        kept.is_erased,
    )  # fmt: skip


def _leading_to(number: int | None) -> tuple[int, str] | None:
    return (number, url_for("admin_audit.entry", key=number)) if number is not None else None


def _facts(kept: Kept) -> list[tuple[Text, Text]]:
    agent = str(kept.told("user_agent") or "")
    facts: list[tuple[Text, Text]] = [
        (_("Who"), who(kept)),
        (_("When"), exact(kept.at)),
        (_("From where"), _from_where(kept)),
    ]
    if kept.seen_by_id is not None:
        facts.append((_("Seen as"), _("Person %(id)s was looking as somebody else.", id=kept.seen_by_id)))
    if agent:
        facts.append((_("Browser"), ", ".join(name for name in name_browser(agent) if name) or agent))
    if kept.token_id is not None:
        facts.append((_("Token"), str(kept.token_id)))
    if kept.told("request_id"):
        facts.append((_("Request"), str(kept.told("request_id"))))
    return facts


def _from_where(kept: Kept) -> Text:
    way = WAYS.get(str(kept.told("way")), _("Unknown"))
    ip = kept.told("ip")
    return gettext("%(way)s, %(address)s", way=way, address=ip) if ip else way
