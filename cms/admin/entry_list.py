"""The lists of posts and pages: views, filters and search in the address, rows with their state and menu."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from flask import url_for

from cms.accounts.models import User
from cms.accounts.policies import may_see_user
from cms.accounts.queries import find_user
from cms.admin.access import person
from cms.admin.entry_marks import VISIBILITY_LABELS
from cms.admin.entry_rows import make_rows
from cms.admin.lists import Act, Address, Chip, Choice, Column, Empty, Link, ListPage, Search, Tab, pager
from cms.content import policies, states
from cms.content.fields import VISIBILITIES
from cms.content.lists import EntryFilter, count_views, list_entries
from cms.content.models import Entry, Term
from cms.core.db import current_session
from cms.core.i18n import Text, _, gettext
from cms.core.permissions import may, may_some

NAMES = ("state", "author", "term", "visibility", "q", "sort", "after", "before", "count")
PAGE_SIZE = 40
_SORTS = ("title", "-title", "updated", "-updated", "published", "-published", "address")
_VIEWS = (*states.STATES, "newer", "bin")
_AUTHOR: Text = _("Author")
_TERM: Text = _("Term")
_TITLES: dict[str, Text] = {"post": _("Posts"), "page": _("Pages")}


def read_filter(kind: str, address: Address) -> EntryFilter:
    """Read what a list is narrowed to from its address; what is not on the lists of names narrows nothing."""
    return EntryFilter(
        kind,
        view=address.one_of("state", _VIEWS),
        search=address.get("q"),
        author_id=address.number("author"),
        term_id=address.number("term"),
        visibility=address.one_of("visibility", VISIBILITIES),
        sort=address.one_of("sort", _SORTS, default_sort(kind, address)),
    )


def default_sort(kind: str, address: Address) -> str:
    """Return the order nobody chose: pages as their tree, everything else by the newest change."""
    return "address" if kind == "page" and address.get("state") != "bin" and not address.get("q") else "-updated"


def list_page(kind: str) -> ListPage:
    """Return the list of entries of `kind` that the address of this request names."""
    me, address = person(), Address.read(NAMES)
    wanted = read_filter(kind, address)
    counted = address.get("count") == "1"
    cursor = address.get("after") or address.get("before")
    batch = list_entries(wanted, user=me, cursor=cursor, limit=PAGE_SIZE, count=counted)
    views = count_views(kind, user=me) if counted else {}
    may_create = policies.may_create(me, kind)
    new = Link(_("New post") if kind == "post" else _("New page"), url_for(f"admin_{kind}s.create_view"), "plus")
    chips = _chips(wanted, address, batch.items)
    return ListPage(
        title=_TITLES[kind],
        rows=make_rows(kind, batch, me, tree=wanted.sort == "address"),
        columns=_columns(wanted, address),
        search=Search(
            _("Search by title and address"),
            _("Search titles and addresses"),
            wanted.search,
            address.kept("q", "count", "author", "term", "visibility"),
        ),
        pager=pager(address, batch, descending=wanted.sort in ("-updated", "-published")),
        empty=_empty(kind, new if may_create else None),
        caption=_TITLES[kind],
        primary=new if may_create else None,
        tabs=_tabs(wanted, address, me, views, batch.total),
        chips=chips,
        filters=_filters(wanted, batch.items, chips),
        acts=_acts(wanted, me),
        bulk_address=url_for(f"admin_{kind}s.action_view"),
        matching=address.kept("count"),
        narrowed=bool(chips or wanted.search or wanted.view or cursor),
        cleared=address.path,
        total=batch.total,
        place=f"{kind}s",
        exports=_exports(kind, address),
    )


def _exports(kind: str, address: Address) -> list[Link]:
    """Return where the list, as it is narrowed and sorted, is had as a table; the place in it does not matter."""
    whole = Address(address.path, dict(address.kept("count")))
    return [
        Link(_("As CSV"), whole.at(url_for(f"admin_{kind}s.export_csv")), "file-text"),
        Link(_("As a spreadsheet (XLSX)"), whole.at(url_for(f"admin_{kind}s.export_xlsx")), "file-text"),
    ]


def _columns(wanted: EntryFilter, address: Address) -> list[Column]:
    return [
        address.column(_("Title"), "title", wanted.sort),
        Column(_("State")),
        Column(_("Authors"), "mh-cell-people"),
        address.column(_("Changed"), "updated", wanted.sort, first="-updated"),
    ]


def _tabs(wanted: EntryFilter, address: Address, me: User, views: dict[str, int], total: int | None) -> list[Tab]:
    plain = Address(address.path)
    mine = wanted.author_id == me.id and not wanted.view
    shown: list[tuple[str, Text]] = [
        (states.IN_REVIEW, _("In review")),
        (states.SCHEDULED, _("Scheduled")),
        (states.DRAFT, _("Drafts")),
        (states.PUBLISHED, _("Published")),
        (states.ARCHIVED, _("Archived")),
        ("bin", _("Bin")),
    ]
    everything = not wanted.view and not mine
    return [
        Tab(_("All"), plain.path, everything, total if everything else None),
        Tab(_("Mine"), plain.to(author=str(me.id)), mine, total if mine else None),
        *(Tab(label, plain.to(state=view), wanted.view == view, views.get(view)) for view, label in shown),
    ]


def _chips(wanted: EntryFilter, address: Address, shown: Sequence[Entry]) -> list[Chip]:
    chips = list[Chip]()
    if wanted.author_id is not None:
        author = find_user(wanted.author_id)
        # A number in an address must not tell who has an account: those are named whose entries are seen.
        is_known = wanted.author_id in {key for entry in shown for key in entry.owner_ids}
        is_known = is_known or (author is not None and may_see_user(person(), author))
        name = author.name if author is not None and is_known else gettext("nobody")
        chips.append(Chip(_AUTHOR, name, address.to(author=None)))
    if wanted.term_id is not None:
        term = current_session().get(Term, wanted.term_id)
        chips.append(Chip(_TERM, term.name if term else gettext("none"), address.to(term=None)))
    if wanted.visibility:
        chips.append(Chip(_("Read by"), VISIBILITY_LABELS[wanted.visibility], address.to(visibility=None)))
    return chips


def _filters(wanted: EntryFilter, shown: Sequence[Entry], chips: Sequence[Chip]) -> list[Choice]:
    """Return what can be filtered by; people and terms are those of the rows shown, which costs no query."""
    authors: dict[str, Text] = {str(author.id): author.name for entry in shown for author in entry.authors}
    terms: dict[str, Text] = {str(term.id): term.name for entry in shown for term in entry.terms}
    chosen = {chip.label: chip.value for chip in chips}
    if wanted.author_id is not None:
        authors.setdefault(str(wanted.author_id), chosen.get(_AUTHOR, ""))
    if wanted.term_id is not None:
        terms.setdefault(str(wanted.term_id), chosen.get(_TERM, ""))
    people, named = _in_order(authors), _in_order(terms)
    choices = [Choice("author", _AUTHOR, _("Anybody"), people, str(wanted.author_id or ""))]
    if wanted.kind == "post":
        choices.append(Choice("term", _TERM, _("Any"), named, str(wanted.term_id or "")))
    options = list(VISIBILITY_LABELS.items())
    return [*choices, Choice("visibility", _("Who may read it"), _("All alike"), options, wanted.visibility)]


def _in_order(choices: dict[str, Text]) -> list[tuple[str, Text]]:
    return sorted(choices.items(), key=lambda pair: str(pair[1]).casefold())


def _acts(wanted: EntryFilter, me: User) -> list[Act]:
    if wanted.view == "bin":
        acts = [Act("restore", _("Restore"), "archive-restore", frequent=True)]
        return [*acts, Act("erase", _("Delete for good"), "trash-2")] if may(me, "content:entry:erase") else acts
    acts = [Act("bin", _("Move to bin"), "trash-2", frequent=True)]
    if may_some(me, f"content:{wanted.kind}:publish"):
        acts = [Act("publish", _("Publish"), "send", frequent=True), Act("archive", _("Archive"), "archive"), *acts]
    return acts


def _empty(kind: str, new: Link | None) -> Empty:
    if kind == "post":
        first = [replace(new, label=_("Write the first post"), icon="pencil-line")] if new else []
        return Empty(_("Nothing in print yet"), _("Posts are what readers see first: news, stories, reviews."), first)
    first = [replace(new, label=_("Make the first page"), icon="pencil-line")] if new else []
    return Empty(
        _("No pages yet"), _("Pages are what stays: about, contact, imprint. Those at the top make the menu."), first
    )
