"""`flask seed`: a small demo site, to look at and to try things on."""

import io
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta

import click
from flask.cli import with_appcontext
from sqlalchemy import func, select

from cms.accounts.actions.create_user import create_user
from cms.accounts.queries import find_user_by_email, get_role
from cms.cli.demo import site
from cms.cli.demo.entries import demo_entries
from cms.content.actions.create_entry import create_entry
from cms.content.actions.create_term import create_term
from cms.content.actions.schedule_entry import schedule_entry
from cms.content.actions.submit_entry import submit_entry
from cms.content.fields import EntryFields
from cms.content.models import Entry, Page, Post, Term
from cms.core.db import current_session, transaction
from cms.core.permissions import system_user
from cms.lib.clock import utcnow
from cms.media.actions.upload_media import upload_media
from cms.media.intake import receive_file
from cms.media.models import MediaFile
from cms.settings.actions import change_settings
from cms.settings.queries import get_settings
from cms.settings.registry import SiteSettings


@click.command("seed")
@with_appcontext
def seed() -> None:
    """Add the demo site; what is there already, by its title, is left as it is."""
    add_demo_site()
    click.echo("The demo site is there.")


def seed_new_site() -> None:
    """Add the demo site to a site that has no entries yet, and to no other."""
    if current_session().scalar(select(func.count()).select_from(Entry)) == 0:
        click.echo("Adding the demo site (CMS_SEED=0 goes without) ...")
        add_demo_site()


def add_demo_site() -> None:
    """Add people, pictures, terms and entries through the same actions as everybody; twice is once."""
    people = _people()
    terms = _terms()
    media, alts = _files()
    for entry in demo_entries(media, alts):
        _entry(entry, _Parts(people, terms, media))
    if get_settings().name == SiteSettings().name:
        privacy = current_session().scalar(select(Page.id).where(Page.title == "Privacy"))
        with transaction():
            change_settings(
                {"name": site.NAME, "description": site.DESCRIPTION, "privacy_page_id": privacy}, by=system_user()
            )


@dataclass(frozen=True)
class _Parts:
    """What entries refer to, each by its name."""

    people: Mapping[str, int]
    terms: Mapping[str, int]
    media: Mapping[str, int]


def _people() -> dict[str, int]:
    """Return the id of each person, by name; nobody can sign in as one of them."""
    found = {}
    for person in site.PEOPLE:
        email = f"{person.name.lower()}@demo.example.com"
        user = find_user_by_email(email)
        if user is None:
            with transaction():
                user = create_user(
                    email=email,
                    name=person.name,
                    roles=[get_role(person.role)],
                    active=False,
                    profile={"biography": person.biography},
                    by=system_user(),
                )
        found[person.name] = user.id
    return found


def _terms() -> dict[str, int]:
    """Return the id of each category and tag, by name."""
    session = current_session()
    found: dict[str, int] = {}
    wanted = [("category", name) for name in site.CATEGORIES] + [("tag", name) for name in site.TAGS]
    for kind, name in wanted:
        term = session.scalar(select(Term).where(Term.kind == kind, Term.name == name))
        if term is None:
            with transaction():
                above = site.PARENTS.get(name)
                parent = session.get(Term, found[above]) if above else None
                description = site.CATEGORIES.get(name, "")
                term = create_term(kind, name=name, parent=parent, description=description, by=system_user())
        found[name] = term.id
    return found


def _files() -> tuple[dict[str, int], dict[str, str]]:
    """Return the id of each file and what it shows, by name."""
    found: dict[str, int] = {}
    alts = {name: alt for name, _kind, _palette, _seed, alt in site.PICTURES}
    names = [f"{name}.jpg" for name in alts] + ["foghorn.wav", "tide-card.pdf"]
    for filename in names:
        name = filename.partition(".")[0]
        known = current_session().scalar(select(MediaFile.id).where(MediaFile.filename == filename))
        found[name] = known or _upload(name, filename)
    return found, alts


def _upload(name: str, filename: str) -> int:
    alt = ""
    if filename.endswith(".jpg"):
        content, alt = site.picture(name)
    else:
        content = site.foghorn() if name == "foghorn" else site.tide_card()
    with receive_file(io.BytesIO(content), filename, by=system_user()) as received, transaction():
        return upload_media(received, by=system_user(), alt=alt).id


def _entry(entry: site.DemoEntry, parts: _Parts) -> None:
    session = current_session()
    model = Page if entry.kind == "page" else Post
    if session.scalar(select(model.id).where(model.title == entry.title)) is not None:
        return
    parent = session.scalar(select(Page.id).where(Page.title == entry.parent)) if entry.parent else None
    names = (entry.category, *entry.tags)
    fields = EntryFields(
        title=entry.title,
        body=entry.body,
        excerpt=entry.excerpt,
        visibility=entry.visibility,
        author_ids=(parts.people[entry.author],),
        term_ids=tuple(parts.terms[name] for name in names if name),
        featured_media_id=parts.media.get(entry.picture),
        sticky=entry.sticky,
        menu_order=entry.menu_order,
        parent_id=parent,
    )
    by = system_user()
    with transaction():
        made = create_entry(entry.kind, fields, by=by)
        if entry.state == "in_review":
            submit_entry(made, by=by)
        elif entry.state == "published":
            schedule_entry(made, at=utcnow() - timedelta(days=entry.days), by=by)


COMMANDS = (seed,)
