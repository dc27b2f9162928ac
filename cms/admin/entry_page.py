"""What stands around the text on the page of an entry: bar, buttons and the facts of the side panel."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from flask import current_app, url_for

from cms.accounts.lists import PersonFilter, list_people
from cms.accounts.models import User
from cms.admin.access import person
from cms.admin.choices import offer
from cms.admin.entry_buttons import Button, buttons
from cms.admin.entry_conflict import Conflicting
from cms.admin.entry_fixed import closed_groups, fixed_texts, refill
from cms.admin.entry_marks import NEW, VISIBILITY_LABELS, StateMark, state_mark, title_of
from cms.admin.media_marks import facts_of
from cms.admin.typed_copy import copy_name
from cms.admin.widgets import ahead, clock, exact, local, zone_city
from cms.content import policies, states
from cms.content.field_rules import locked
from cms.content.lists import list_page_tree, list_revisions
from cms.content.models import Entry
from cms.content.moving import list_homes, places_bound
from cms.content.places import places_of
from cms.content.queries import list_terms
from cms.content.saving import working_fields
from cms.core.i18n import Text, _, gettext
from cms.core.permissions import may_some, system_user
from cms.lib.clock import utcnow
from cms.lib.document import excerpt
from cms.media import policies as media_policies
from cms.media.addresses import thumbnail_address
from cms.media.models import MediaFile
from cms.media.queries import find_media
from cms.settings.queries import get_settings

#: Margins (of Bootstrap's scale) by depth; what lies deeper stands where the third level does.
INDENTS = (0, 3, 4, 5)
MOST_AUTHORS = 200
#: Without scripts; with them, the field asks for what fits.
MOST_TAGS_OFFERED = 200
#: Words of the text that a result shows where nobody described it.
_BEGINNING = 28
_RTL = frozenset({"ar", "arc", "ckb", "dv", "fa", "he", "ks", "ps", "sd", "ug", "ur", "yi"})
LIST_NAMES: dict[str, Text] = {"post": _("Posts"), "page": _("Pages")}


@dataclass(frozen=True)
class Box:
    """A category to tick, indented by its depth."""

    id: int
    name: str
    indent: int
    ticked: bool


@dataclass(frozen=True)
class RevisionLine:
    """One version in the history."""

    number: int
    by: str
    created_at: Any
    note: str
    live: bool


@dataclass(frozen=True)
class Picture:
    """The featured picture as the panel shows it."""

    filename: str
    alt: str
    address: str
    facts: Text


@dataclass(frozen=True)
class Result:
    """How a search engine will show the entry."""

    url: str
    title: str
    text: str


@dataclass(frozen=True)
class EntryPage:
    """Everything the page shows besides the form."""

    kind: str
    heading: str
    back: str
    list_name: Text
    action: str
    state: StateMark
    save_state: Text
    result: Result
    zone: str
    language: str
    direction: str
    address: str = ""
    words: int = 0
    save: Text = ""
    primary: Button | None = None
    more: Sequence[Button] = ()
    preview: str | None = None
    delete_address: str | None = None
    facts: Sequence[tuple[Text, Text]] = ()
    has_password: bool = False
    may_publish: bool = False
    may_edit_raw: bool = False
    may_choose_authors: bool = False
    may_use_media: bool = False
    author_names: str = ""
    picture: Picture | None = None
    category_boxes: Sequence[Box] = ()
    known_tags: Sequence[str] = ()
    revisions: Sequence[RevisionLine] = ()
    revision_count: int = 0
    conflict: Conflicting | None = field(default=None)
    copy: str = ""
    #: Groups of fields that stand there as text, each with the reason, and what they hold.
    closed: Mapping[str, Text] = field(default_factory=dict)
    fixed: Mapping[str, Text] = field(default_factory=dict)
    #: Where a new entry has to lie.
    where: Text = ""


def limit_form(form: Any) -> None:
    """Leave in the form what the person may fill in, and say who may read an entry."""
    offer(form.visibility, VISIBILITY_LABELS.items())
    # Where it stands on the page as text, no choice arrives.
    form.visibility.validate_choice = bool(form.visibility.raw_data)
    if "new_category" in form and not policies.may_create_term(person()):
        del form.new_category, form.new_category_parent


def set_choices(form: Any, entry: Entry | None) -> None:
    """Show in the form what can be chosen: parents, categories, authors."""
    if "parent_id" in form:
        offer(form.parent_id, _parents(entry))
    if "new_category_parent" in form:
        above = [(term.id, _indented(term.name, term.path)) for term in list_terms("category")]
        offer(form.new_category_parent, [("", _("Nothing: at the top")), *above])
    if policies.may_assign(person()):
        staff = list_people(PersonFilter(view="staff"), user=system_user(), limit=MOST_AUTHORS)
        known = {user.id: user.name for user in staff}
        known |= {user.id: user.name for user in (entry.authors if entry is not None else [person()])}
        offer(form.authors, known.items())


def _parents(entry: Entry | None) -> list[tuple[object, Text]]:
    """Return the pages that this one may lie below, of those the person knows of; the action has the last word."""
    me, own = person(), entry.address if entry is not None else None
    pages = [page for page in list_page_tree(me) if not own or not str(page.address).startswith(own)]
    bound = places_bound(me, "page")
    if bound:
        pages = [page for page in pages if not bound.isdisjoint(places_of(page))]
    named: list[tuple[object, Text]] = [
        (page.id, _indented(page.title or str(page.address), str(page.address))) for page in pages
    ]
    now = entry.parent_id if entry is not None else None
    if now is not None and all(page.id != now for page in pages):
        named.insert(0, (now, _("Where it lies now")))
    at_top = not bound or (entry is not None and now is None)
    return [("", _("Nothing: at the top")), *named] if at_top else named


def _indented(name: str, path: str) -> str:
    return "\u2003" * min(path.strip("/").count("/"), 6) + name


def entry_page(kind: str, form: Any, entry: Entry | None, back: str, conflict: Conflicting | None = None) -> EntryPage:
    """Return what the page of `entry` (None: a new one) shows; `conflict` when somebody else saved meanwhile."""
    me, language = person(), get_settings().language
    language = (entry.language if entry is not None else "") or language
    media = _find_picture(form.featured_media_id.data or 0, entry, me)
    shown: dict[str, Any] = _of_existing(entry) if entry is not None else _of_new(kind)
    closed = closed_groups(form, locked(me, kind, entry))
    if closed and form.is_submitted():
        refill(form, kind, entry, closed)
    return EntryPage(
        kind=kind,
        back=back,
        list_name=LIST_NAMES[kind],
        zone=zone_city(),
        language=language,
        direction="rtl" if language.split("-")[0] in _RTL else "ltr",
        may_edit_raw=policies.may_edit_raw_html(me),
        may_choose_authors=policies.may_assign(me),
        may_use_media=may_some(me, "media:file:list"),
        picture=_picture(media) if media is not None else None,
        category_boxes=_boxes(form) if "categories" in form else (),
        known_tags=[term.name for term in list_terms("tag")[:MOST_TAGS_OFFERED]] if "tags" in form else (),
        result=_result(kind, form, entry),
        conflict=conflict,
        copy=copy_name(),
        closed=closed,
        fixed=fixed_texts(form, entry, closed),
        where=_where_to_begin(kind, me) if entry is None else "",
        **shown,
    )


def _find_picture(media_id: int, entry: Entry | None, me: User) -> MediaFile | None:
    """Return the picture that was chosen; one that the person may not see only if it stood there before."""
    media = find_media(media_id)
    if media is None or media_policies.may_see(me, media):
        return media
    known = {entry.featured_media_id, working_fields(entry).featured_media_id} if entry is not None else set()
    return media if media.id in known else None


def _where_to_begin(kind: str, me: User) -> Text:
    names = list_homes(kind, by=me)
    if not names:
        return ""
    shown = ", ".join(names)
    if kind == "page":
        return _("You may begin pages below: %(names)s.", names=shown)
    return _("You may begin posts in: %(names)s. Keep at least one of these.", names=shown)


def _of_new(kind: str) -> dict[str, Any]:
    offer = buttons(None, kind, person())
    return {
        "heading": gettext("New post") if kind == "post" else gettext("New page"),
        "action": url_for(f"admin_{kind}s.create_view"),
        "state": NEW,
        "save_state": _("Nothing is saved yet."),
        "save": offer.save,
        "primary": offer.primary,
        "may_publish": offer.may_publish,
        "author_names": person().name,
    }


def _of_existing(entry: Entry) -> dict[str, Any]:
    me, offer = person(), buttons(entry, entry.kind, person())
    revisions = list_revisions(entry)
    may_delete = policies.may_delete(me, entry)
    return {
        "heading": gettext("Edit: %(title)s", title=title_of(entry)),
        "action": url_for(f"admin_{entry.kind}s.edit_view", key=entry.id),
        "state": state_mark(entry),
        "save_state": _save_state(entry),
        "address": entry.address or "",
        "words": entry.word_count,
        "save": offer.save,
        "primary": offer.primary,
        "more": offer.more,
        "preview": f"/preview/{entry.id}",
        "delete_address": url_for(f"admin_{entry.kind}s.delete_view", key=entry.id) if may_delete else None,
        "facts": _facts(entry),
        "has_password": entry.password_hash is not None,
        "may_publish": offer.may_publish,
        "author_names": ", ".join(author.name for author in entry.authors),
        "revisions": [_line(revision, entry, me.id) for revision in revisions],
        "revision_count": entry.working_revision_number,
    }


def _line(revision: Any, entry: Entry, me_id: int) -> RevisionLine:
    author = revision.created_by
    name = (
        gettext("you") if author is not None and author.id == me_id else (author.name if author else gettext("System"))
    )
    live = revision.number == entry.live_revision_number
    return RevisionLine(revision.number, name, revision.created_at, revision.note, live)


def _save_state(entry: Entry) -> Text:
    saved, now = entry.updated_at, utcnow()
    when = clock(saved) if local(saved).date() == local(now).date() else exact(saved)
    if entry.has_newer_draft and states.is_live(entry):
        return _("Draft saved %(when)s, newer than what readers see.", when=when)
    return _("Saved %(when)s.", when=when)


def _facts(entry: Entry) -> list[tuple[Text, Text]]:
    """Return the lines of the first panel: what readers see, what the draft is, when it went or goes out."""
    facts: list[tuple[Text, Text]] = []
    if entry.live_revision_number is not None:
        facts.append((_("Readers see"), _("Version %(number)s", number=entry.live_revision_number)))
        if entry.has_newer_draft:
            facts.append((_("Your draft"), _("Version %(number)s", number=entry.working_revision_number)))
    if entry.published_at is not None:
        out = states.is_out(entry, utcnow())
        if out:
            facts.append((_("First out"), exact(entry.published_at)))
        elif entry.state == states.SCHEDULED:
            facts.append((_("Goes out"), f"{ahead(entry.published_at)} ({zone_city()})"))
    return facts


def _picture(media: MediaFile) -> Picture:
    alt = _("alt text set") if media.alt else _("no alt text yet")
    return Picture(media.filename, media.alt, thumbnail_address(media) or "", f"{facts_of(media)}, {alt}")


def _boxes(form: Any) -> list[Box]:
    ticked = set(form.categories.data or ())
    return [
        Box(term.id, term.name, INDENTS[min(term.path.count("/"), len(INDENTS) - 1)], term.id in ticked)
        for term in list_terms("category")
    ]


def _result(kind: str, form: Any, entry: Entry | None) -> Result:
    host = str(current_app.config["CMS_BASE_URL"]).partition("://")[2]
    stem = ["posts"] if kind == "post" else []
    slug = form.slug.data or (entry.slug if entry is not None else "")
    path = entry.address.strip("/").split("/") if entry is not None and entry.address else [*stem, slug]
    text = form.seo_description.data or form.excerpt.data or _beginning(form)
    title = form.seo_title.data or form.title.data or gettext("Title")
    return Result(" › ".join([host, *[part for part in path if part]]), title, text)


def _beginning(form: Any) -> str:
    return excerpt(form.document, _BEGINNING) if form.document is not None else ""
