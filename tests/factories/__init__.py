"""Makers of content, through the same actions as everybody: `make_post("A loaf", state="published")`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import select

from cms.accounts.models import User
from cms.content.actions.archive_entry import archive_entry
from cms.content.actions.bin_entry import bin_entry
from cms.content.actions.create_entry import create_entry
from cms.content.actions.create_term import create_term
from cms.content.actions.publish_entry import publish_entry
from cms.content.actions.schedule_entry import schedule_entry
from cms.content.actions.submit_entry import submit_entry
from cms.content.fields import EntryFields
from cms.content.models import Entry, Page, Post, Term
from cms.core.db import current_session, transaction
from cms.core.permissions import system_user
from cms.lib.clock import utcnow
from tests.people import ED, Person

__all__ = ["body_of", "make_entry", "make_page", "make_post", "make_term", "user"]


def user(person: Person) -> User:
    """Return the record of one of the people."""
    return current_session().scalars(select(User).where(User.email == person.email)).one()


def body_of(*paragraphs: str) -> dict[str, Any]:
    """Return a document of plain paragraphs."""
    blocks = [
        {"type": "paragraph", "attrs": {"id": f"p{number:09d}"}, "content": [{"type": "text", "text": text}]}
        for number, text in enumerate(paragraphs)
    ]
    return {"type": "doc", "content": blocks}


def make_entry(
    kind: str,
    title: str,
    *,
    state: str = "published",
    author: Person = ED,
    text: str = "Some words.",
    at: datetime | None = None,
    terms: Sequence[Term] = (),
    body: Mapping[str, Any] | None = None,
    **fields: Any,
) -> Entry:
    """Make an entry in a state (draft, in_review, scheduled, published, archived, binned) and return it.

    `at` is when it was (or will be) published; `fields` are those of EntryFields.
    """
    with transaction():
        chosen = EntryFields(
            title=title,
            body=body_of(text) if body is None else body,
            author_ids=(user(author).id,),
            term_ids=tuple(sorted(term.id for term in terms)),
            **fields,
        )
        entry = create_entry(kind, chosen, by=system_user())
        _bring(entry, state, at)
        entry_id = entry.id
    return current_session().get_one(Entry, entry_id)


def _bring(entry: Entry, state: str, at: datetime | None) -> None:
    by = system_user()
    if state == "in_review":
        submit_entry(entry, by=by)
    elif state == "scheduled":
        schedule_entry(entry, at=at or utcnow() + timedelta(days=1), by=by)
    elif state in ("published", "archived", "binned"):
        if at is not None:
            schedule_entry(entry, at=at, by=by)
        else:
            publish_entry(entry, by=by)
    if state == "archived":
        archive_entry(entry, by=by)
    elif state == "binned":
        bin_entry(entry, by=by)


def make_post(title: str = "A loaf that waits", **options: Any) -> Post:
    """Make a post; see make_entry."""
    made = make_entry("post", title, **options)
    assert isinstance(made, Post)
    return made


def make_page(title: str = "About us", **options: Any) -> Page:
    """Make a page; see make_entry."""
    made = make_entry("page", title, **options)
    assert isinstance(made, Page)
    return made


def make_term(kind: str, name: str, *, parent: Term | None = None, **options: Any) -> Term:
    """Make a category or a tag and return it."""
    parent_id = parent.id if parent is not None else None
    with transaction() as session:
        above = session.get_one(Term, parent_id) if parent_id is not None else None
        term_id = create_term(kind, name=name, parent=above, by=system_user(), **options).id
    return current_session().get_one(Term, term_id)
