"""What the dashboard shows: what waits for a person, what went wrong, what comes next, and first steps."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from flask import url_for

from cms.accounts.lists import count_views
from cms.accounts.models import User
from cms.admin.entry_marks import title_of
from cms.admin.widgets import ahead, clock, exact, headline_day, local
from cms.content import policies, states
from cms.content.lists import EntryFilter, is_new_site, list_entries, list_waiting
from cms.content.models import Entry
from cms.core.i18n import Text, _, _n, gettext
from cms.core.jobs import Job
from cms.core.jobs.failed import list_troubled
from cms.core.permissions import may, may_some
from cms.lib.clock import utcnow
from cms.settings.queries import get_settings
from cms.settings.registry import SiteSettings

_SHOWN = 5


@dataclass(frozen=True)
class Item:
    """An entry in one of the sections."""

    title: str
    address: str | None
    text: Text
    at: datetime
    person: User | None = None
    newer: bool = False


@dataclass(frozen=True)
class Trouble:
    """Something that needs mending; `job` is work that can be tried again."""

    title: Text
    text: Text
    icon: str
    job: int | None = None


@dataclass(frozen=True)
class Step:
    """One of the first steps of a new site."""

    label: Text
    address: str
    done: bool


@dataclass(frozen=True)
class Recent:
    """A line of what was saved lately."""

    who: str
    title: str
    address: str | None
    at: datetime
    when: str


@dataclass(frozen=True)
class Board:
    """Everything on the dashboard."""

    title: str
    lede: Text
    write: str | None
    reviews: Sequence[Item]
    upcoming: Sequence[Item]
    drafts: Sequence[Item]
    broken: Sequence[Trouble]
    steps: Sequence[Step]
    recent: Sequence[Recent]
    reviews_address: str
    upcoming_address: str
    drafts_address: str

    @property
    def steps_done(self) -> int:
        """How many of the first steps are done."""
        return sum(step.done for step in self.steps)

    @property
    def calm(self) -> bool:
        """Whether nothing at all waits."""
        return not (self.reviews or self.upcoming or self.drafts or self.broken)


def make_board(me: User) -> Board:
    """Return what the dashboard shows `me` now."""
    now, waiting = utcnow(), list_waiting(me, limit=_SHOWN)
    reviews = [entry for entry in waiting["in_review"] if policies.may_publish(me, entry)]
    upcoming = waiting["scheduled"]
    drafts = sorted([*waiting["draft"], *waiting["newer"]], key=lambda entry: entry.updated_at, reverse=True)
    return Board(
        title=headline_day(now),
        lede=_lede(len(reviews), upcoming[0] if upcoming else None),
        write=url_for("admin_posts.create_view") if policies.may_create(me, "post") else None,
        reviews=[_review(entry, me) for entry in reviews],
        upcoming=[_item(entry, me, _where(entry), entry.published_at or now) for entry in upcoming],
        drafts=[_draft(entry, me) for entry in drafts[:_SHOWN]],
        broken=[_trouble(job) for job in list_troubled()] if may(me, "settings:site:change") else [],
        steps=_steps(get_settings()) if may(me, "settings:site:change") and is_new_site() else [],
        recent=_recent(me),
        reviews_address=url_for("admin_posts.index_view", state=states.IN_REVIEW),
        upcoming_address=url_for("admin_posts.index_view", state=states.SCHEDULED),
        drafts_address=url_for("admin_posts.index_view", author=me.id),
    )


def _lede(reviews: int, upcoming: Entry | None) -> Text:
    parts = []
    if reviews:
        parts.append(str(_n("One review waits for you.", "%(num)s reviews wait for you.", reviews)))
    if upcoming is not None and upcoming.published_at is not None:
        parts.append(gettext("Next out: %(when)s.", when=ahead(upcoming.published_at)))
    return " ".join(parts) if parts else _("Nothing waits for you today.")


def _edit_address(entry: Entry, me: User) -> str | None:
    return url_for(f"admin_{entry.kind}s.edit_view", key=entry.id) if policies.may_edit(me, entry) else None


def _item(entry: Entry, me: User, text: Text, at: datetime, *, newer: bool = False) -> Item:
    authors = entry.authors
    return Item(title_of(entry), _edit_address(entry, me), text, at, authors[0] if authors else None, newer)


def _review(entry: Entry, me: User) -> Item:
    names = ", ".join(author.name for author in entry.authors) or gettext("Nobody")
    text = _n("%(names)s, one word", "%(names)s, %(num)s words", entry.word_count, names=names)
    return _item(entry, me, text, entry.updated_at)


def _draft(entry: Entry, me: User) -> Item:
    newer = entry.has_newer_draft and states.is_live(entry)
    words = _n("One word, saved", "%(num)s words, saved", entry.word_count)
    return _item(entry, me, _("Newer than what readers see, saved") if newer else words, entry.updated_at, newer=newer)


def _where(entry: Entry) -> Text:
    names = ", ".join(term.name for term in entry.categories[:2])
    return names or (_("Page") if entry.kind == "page" else _("Post"))


def _trouble(job: Job) -> Trouble:
    mail = job.name == "send_mail"
    title = _("1 mail was not sent") if mail else _("Work called “%(name)s” failed", name=job.name)
    reason = job.last_error.strip().splitlines()[-1][:160] if job.last_error.strip() else ""
    if job.state == "failed":
        text = _("%(reason)s It was tried %(tries)s times and is kept.", reason=reason, tries=job.attempts)
    else:
        text = _("%(reason)s It is kept; the next try is at %(when)s.", reason=reason, when=clock(job.run_at))
    return Trouble(title, text, "mail" if mail else "triangle-alert", job.id)


def _steps(settings: SiteSettings) -> list[Step]:
    named = settings.name != SiteSettings().name
    people = sum(count_views().values()) > 1
    return [
        Step(_("Name the site and set its zone"), url_for("admin_settings.index"), done=named),
        Step(_("Write the first post"), url_for("admin_posts.create_view"), done=False),
        Step(_("Invite the first colleague"), url_for("admin_users.create_view"), done=people),
        Step(_("Send a test mail"), f"{url_for('admin_settings.index')}#section-mail", done=bool(settings.mail_sender)),
    ]


def _recent(me: User) -> list[Recent]:
    kinds = [kind for kind in ("post", "page") if may_some(me, f"content:{kind}:edit")]
    found = [entry for kind in kinds for entry in list_entries(EntryFilter(kind), user=me, limit=_SHOWN)]
    newest = sorted(found, key=lambda entry: entry.updated_at, reverse=True)[:_SHOWN]
    today = local(utcnow()).date()
    return [
        Recent(
            gettext("You") if entry.updated_by_id == me.id else _name(entry),
            title_of(entry),
            _edit_address(entry, me),
            entry.updated_at,
            clock(entry.updated_at) if local(entry.updated_at).date() == today else exact(entry.updated_at)[:3],
        )
        for entry in newest
    ]


def _name(entry: Entry) -> str:
    return entry.updated_by.name.split()[0] if entry.updated_by is not None else gettext("System")
