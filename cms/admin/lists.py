"""What every list page shows, and the reading of its address: names, whitelists and clamps."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlencode

from flask import request

from cms.core.db import read_key
from cms.core.i18n import Text, _, _n
from cms.core.pagination import Batch

#: Longer search words say nothing more and cost the database time.
LONGEST_SEARCH = 200
NEWER = _("Newer")
OLDER = _("Older")


@dataclass(frozen=True)
class Link:
    """A word with an icon that leads somewhere."""

    label: Text
    address: str
    icon: str = ""


@dataclass(frozen=True)
class Tab:
    """One of the views above a list."""

    label: Text
    address: str
    current: bool
    count: int | None = None


@dataclass(frozen=True)
class Chip:
    """A filter that is on, and the address without it."""

    label: Text
    value: Text
    without: str


@dataclass(frozen=True)
class Choice:
    """A filter that can be set: its name in the address and what it may be."""

    name: str
    label: Text
    any: Text
    options: Sequence[tuple[str, Text]]
    value: str = ""


@dataclass(frozen=True)
class Column:
    """A column head; `address` sorts by it, `sorted` is "ascending", "descending" or None."""

    label: Text
    css: str = ""
    address: str | None = None
    sorted: str | None = None


@dataclass(frozen=True)
class Act:
    """Something that can be done with the ticked rows; frequent ones also show on a phone."""

    name: str
    label: Text
    icon: str
    frequent: bool = False


@dataclass(frozen=True)
class Search:
    """The search field: its words, and the parameters a search keeps."""

    label: Text
    placeholder: Text
    words: str = ""
    kept: Sequence[tuple[str, str]] = ()


@dataclass(frozen=True)
class Pager:
    """The foot of a list: how many, and the ways to the neighbours."""

    text: Text
    newer: str | None = None
    older: str | None = None
    newer_label: Text = NEWER
    older_label: Text = OLDER
    count_address: str | None = None


@dataclass(frozen=True)
class Empty:
    """What an empty list says: what belongs there, and the first step."""

    title: Text
    text: Text
    actions: Sequence[Link] = ()


@dataclass(frozen=True)
class ListPage:
    """Everything the template of a list needs."""

    title: Text
    rows: Sequence[Any]
    columns: Sequence[Column]
    search: Search
    pager: Pager
    empty: Empty
    caption: Text = ""
    lede: Text = ""
    primary: Link | None = None
    tabs: Sequence[Tab] = ()
    chips: Sequence[Chip] = ()
    filters: Sequence[Choice] = ()
    acts: Sequence[Act] = ()
    bulk_address: str = ""
    matching: Sequence[tuple[str, str]] = ()
    narrowed: bool = False
    cleared: str = ""
    total: int | None = None
    table_class: str = ""
    place: str = ""
    #: Addresses of the list as a table, by what they are called.
    exports: Sequence[Link] = ()


@dataclass(frozen=True)
class Address:
    """The address of a list: its path and the parameters in it, from which other addresses are made."""

    path: str
    parameters: Mapping[str, str] = field(default_factory=dict)

    @classmethod
    def read(cls, names: Sequence[str]) -> Address:
        """Read the named parameters of the request; others are ignored, and of several the first counts."""
        found = {name: request.args[name].strip()[:LONGEST_SEARCH] for name in names if name in request.args}
        return cls(request.path, {name: value for name, value in found.items() if value})

    def get(self, name: str, default: str = "") -> str:
        """Return a parameter as text."""
        return self.parameters.get(name, default)

    def one_of(self, name: str, allowed: Sequence[str], default: str = "") -> str:
        """Return a parameter if it is one of the allowed words, `default` otherwise."""
        value = self.parameters.get(name, default)
        return value if value in allowed else default

    def number(self, name: str) -> int | None:
        """Return a parameter as a positive number that a database key can be; None for anything else."""
        return read_key(self.parameters.get(name, ""))

    def to(self, **changes: str | None) -> str:
        """Return the address with some parameters changed (None removes); paging starts anew unless told."""
        kept = {name: value for name, value in self.parameters.items() if name not in {"after", "before"}}
        merged = {**kept, **changes}
        query = urlencode({name: value for name, value in merged.items() if value})
        return f"{self.path}?{query}" if query else self.path

    def at(self, path: str) -> str:
        """Return another path with all these parameters, the place in the list among them."""
        return f"{path}?{urlencode(self.parameters)}" if self.parameters else path

    def kept(self, *without: str) -> list[tuple[str, str]]:
        """Return the parameters besides those named, for hidden fields."""
        return [(name, value) for name, value in self.parameters.items() if name not in {"after", "before", *without}]

    def column(self, label: Text, name: str, sort: str, css: str = "", first: str = "") -> Column:
        """Return the head of a sortable column; `sort` is the order now, `first` the order of a first click."""
        ascending, descending = name, f"-{name}"
        order = {ascending: "ascending", descending: "descending"}.get(sort)
        other = {ascending: descending, descending: ascending}.get(sort, first or ascending)
        return Column(label, css, self.to(sort=other), order)


def pager(address: Address, batch: Batch[Any], *, descending: bool = True) -> Pager:
    """Return the foot of a list by cursor; the total is counted only when asked for."""
    shown = len(batch)
    alone = batch.cursor_next is None and batch.cursor_previous is None
    if batch.total is not None:
        text: Text = _("%(shown)s of %(total)s shown", shown=shown, total=batch.total)
    elif alone:
        text = _n("One shown, that is all", "%(num)s shown, that is all", shown)
    else:
        text = _n("%(num)s shown", "%(num)s shown", shown)
    return Pager(
        text,
        newer=address.to(before=batch.cursor_previous) if batch.cursor_previous else None,
        older=address.to(after=batch.cursor_next) if batch.cursor_next else None,
        newer_label=_("Newer") if descending else _("Previous"),
        older_label=_("Older") if descending else _("Next"),
        count_address=None if alone or batch.total is not None else address.to(count="1"),
    )
