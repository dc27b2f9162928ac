"""Entries as rows of a list: title, state, people and a menu, made fast since a page holds many."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property

from flask import url_for

from cms.accounts.models import User
from cms.admin.entry_marks import VISIBILITY_LABELS, StateMark, first_names, state_mark, title_of
from cms.content import policies, states
from cms.content.models import Entry
from cms.core.i18n import Text, _

#: What rows say, each translated once a page.
_WORDS: dict[str, Text] = {
    "edit": _("Edit"),
    "preview": _("Preview"),
    "archive": _("Archive"),
    "bin": _("Move to bin"),
    "restore": _("Restore"),
    "erase": _("Delete for good"),
    "sticky": _("At the top"),
    "select": _("Select"),
    "more": _("More for"),
}
#: Paddings (of Bootstrap's scale) by depth in the tree.
_INDENTS = (0, 4, 5, 5)


@dataclass(frozen=True)
class MenuItem:
    """A line of a row's menu: it leads to an address or does an act; a rule stands before where `apart`."""

    label: str
    icon: str
    address: str = ""
    act: str = ""
    danger: bool = False
    apart: bool = False


@dataclass(frozen=True)
class EntryRow:
    """One entry as its row shows it."""

    entry: Entry
    title: str
    select: str
    more: str
    address: str | None
    state: StateMark
    authors: Sequence[User]
    author_names: str
    people: str
    terms: str
    remark: str
    indent: int
    changed: datetime
    menu: Sequence[MenuItem]


@dataclass
class _Page:
    """What all rows of one page share."""

    kind: str
    me: User
    tree: bool
    marks: dict[StateMark, StateMark] = field(default_factory=dict)

    @cached_property
    def words(self) -> Mapping[str, str]:
        """The words of rows in the reader's language."""
        found = {name: str(text) for name, text in _WORDS.items()}
        return found | {name: str(text) for name, text in VISIBILITY_LABELS.items()}

    @cached_property
    def base(self) -> str:
        """The address of the list, below which each entry has its page."""
        return url_for(f"admin_{self.kind}s.index_view")

    def mark(self, entry: Entry) -> StateMark:
        """Return the state of an entry, its word translated once for all that share it."""
        mark = state_mark(entry)
        found = self.marks.get(mark)
        if found is None:
            found = StateMark(mark.kind, mark.icon, str(mark.word), mark.newer, mark.when)
            self.marks[mark] = found
        return found

    def row(self, entry: Entry) -> EntryRow:
        """Return the row of an entry."""
        authors, words, title = entry.authors, self.words, title_of(entry)
        address = f"{self.base}{entry.id}/"
        may_edit = policies.may_edit(self.me, entry)
        depth = min(str(entry.address or "/").strip("/").count("/"), 3) if self.tree else 0
        remark = words["sticky"] if entry.sticky else words[entry.visibility] if entry.visibility != "public" else ""
        return EntryRow(
            entry=entry,
            title=title,
            select=f"{words['select']} {title}",
            more=f"{words['more']} {title}",
            address=address if may_edit else None,
            state=self.mark(entry),
            authors=authors,
            author_names=", ".join(author.name for author in authors[:3]),
            people=first_names(authors),
            terms=", ".join(term.name for term in entry.categories[:2]),
            remark=remark,
            indent=_INDENTS[depth],
            changed=entry.updated_at,
            menu=self.binned_menu(entry, address) if entry.binned_at else self.menu(entry, address, may_edit=may_edit),
        )

    def menu(self, entry: Entry, address: str, *, may_edit: bool) -> list[MenuItem]:
        """Return what can be done with an entry."""
        words, menu = self.words, list[MenuItem]()
        if may_edit:
            menu.append(MenuItem(words["edit"], "pencil", address))
        menu.append(MenuItem(words["preview"], "eye", f"/preview/{entry.id}"))
        may_archive = states.allows(entry, "archive") and policies.may_publish(self.me, entry)
        if may_archive:
            menu.append(MenuItem(words["archive"], "archive", act="archive", apart=True))
        if policies.may_delete(self.me, entry):
            away = f"{address}delete/"
            menu.append(MenuItem(words["bin"], "trash-2", away, danger=True, apart=not may_archive))
        return menu

    def binned_menu(self, entry: Entry, address: str) -> list[MenuItem]:
        """Return what can be done with an entry in the bin."""
        words, menu = self.words, list[MenuItem]()
        if policies.may_delete(self.me, entry):
            menu.append(MenuItem(words["restore"], "archive-restore", act="restore"))
        if policies.may_erase(self.me, entry):
            menu.append(MenuItem(words["erase"], "trash-2", f"{address}delete/", danger=True, apart=True))
        return menu


def make_rows(kind: str, entries: Iterable[Entry], me: User, *, tree: bool) -> list[EntryRow]:
    """Return the rows of entries of `kind` as `me` sees them, indented where they stand as a `tree`."""
    page = _Page(kind, me, tree)
    return [page.row(entry) for entry in entries]
