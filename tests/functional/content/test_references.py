"""What entries name: people who leave, pictures and terms that go, and whoever takes over."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask

from cms.accounts.actions.delete_user import delete_user
from cms.content.actions.delete_term import delete_term
from cms.content.actions.edit_entry import edit_entry
from cms.content.actions.publish_entry import publish_entry
from cms.content.actions.unpublish_entry import unpublish_entry
from cms.content.models import Entry, Term
from cms.content.saving import working_fields
from cms.core.db import current_session, transaction
from cms.core.errors import Forbidden
from cms.core.permissions import system_user
from cms.core.references import count_uses, list_uses, references_to
from cms.media.actions.delete_media import delete_media
from cms.media.actions.erase_media import erase_media
from cms.media.models import MediaFile
from tests.factories import make_page, make_post, make_term, user
from tests.factories.media import make_media
from tests.people import ADA, ART, CON, ED, Person

BY = system_user()


def reread(entry: Entry) -> Entry:
    return current_session().get_one(Entry, entry.id, populate_existing=True)


def names(entry: Entry) -> list[str]:
    return [author.name for author in reread(entry).authors]


def with_authors(entry: Entry, *people: Person) -> None:
    """Publish an entry as the work of several."""
    with transaction():
        known = reread(entry)
        chosen = tuple(user(person).id for person in people)
        edit_entry(known, working_fields(known).changed(author_ids=chosen), by=BY)
        publish_entry(known, by=BY)


def leave(person: Person, heir: Person) -> None:
    with transaction():
        delete_user(user(person), hand_over_to=user(heir), by=user(ADA))


def test_an_heir_stands_where_the_other_stood_and_nobody_twice(either: Flask) -> None:
    alone, first, both = make_post("Alone", author=ART), make_post("First"), make_post("Both")
    with_authors(first, ART, ED)
    with_authors(both, ED, CON, ART)
    draft = make_post("Draft", state="draft", author=ART)
    leave(ART, heir=CON)
    assert [names(entry) for entry in (alone, first, both, draft)] == [["Con"], ["Con", "Ed"], ["Ed", "Con"], ["Con"]]
    con = user(CON).id
    assert count_uses("user", con) == 4
    assert {use.title for use in list_uses("user", con)} == {"Alone", "First", "Both", "Draft"}


def test_what_was_handed_over_stays_so_when_it_is_published_again(either: Flask) -> None:
    post = make_post("Loaf", author=CON)
    with transaction():
        edit_entry(reread(post), working_fields(reread(post)).changed(title="Rye"), by=BY)
    leave(CON, heir=ART)
    with transaction():
        known = reread(post)
        edit_entry(known, working_fields(known).changed(excerpt="Baked by another."), by=user(ART))
        publish_entry(known, by=user(ART))
    assert names(post) == ["Art"]
    assert reread(post).title == "Rye"


@pytest.mark.usefixtures("app")
def test_handing_over_asks_no_more_for_more_entries(count_queries: Callable[[], Any]) -> None:
    (reference,) = [known for known in references_to("user") if known.key == "entries"]
    assert reference.hand_over is not None
    asked: dict[int, list[str]] = {}
    for number, (person, heir) in enumerate([(CON, ART), (ART, CON)]):
        for title in range(1 + 9 * number):
            make_post(f"{person.name} {title}", author=person, state="draft")
        person_id, heir_id = user(person).id, user(heir).id
        with count_queries() as statements, transaction():
            reference.hand_over(person_id, heir_id)
        asked[number] = statements
    assert len(asked[1]) <= len(asked[0])


@pytest.mark.usefixtures("app")
def test_entries_outlive_everything_they_name() -> None:
    media, term, above = make_media(), make_term("tag", "bread"), make_page("Above", author=ART)
    post = make_post("Loaf", author=ART, featured_media_id=media.id, terms=[term])
    with transaction() as session:
        delete_media(session.get_one(MediaFile, media.id), by=BY)
    with transaction() as session:
        erase_media(session.get_one(MediaFile, media.id), by=BY)
        delete_term(session.get_one(Term, term.id), by=BY)
    for action in (unpublish_entry, publish_entry):
        with transaction():
            action(reread(post), by=BY)
    fields = working_fields(reread(post))
    assert (fields.featured_media_id, fields.term_ids) == (None, ())
    with transaction():
        edit_entry(reread(post), fields.changed(title="Still here"), by=user(ART))
        publish_entry(reread(post), by=user(ART))
    assert reread(post).title == "Still here"
    assert names(above) == ["Art"]


@pytest.mark.usefixtures("app")
def test_an_author_does_not_push_another_out() -> None:
    post = make_post("Loaf")
    with_authors(post, ED, ART)
    with transaction():
        unpublish_entry(reread(post), by=BY)
    before = working_fields(reread(post))
    for chosen in ((user(ART).id,), (user(ART).id, user(ED).id), (user(CON).id,)):
        with pytest.raises(Forbidden, match="other authors"), transaction():
            edit_entry(reread(post), before.changed(author_ids=chosen), by=user(ART))
    with transaction():
        edit_entry(reread(post), before.changed(author_ids=(user(CON).id, user(ED).id)), by=user(ED))
    assert names(post) == ["Con", "Ed"]


@pytest.mark.usefixtures("app")
def test_an_author_may_save_while_other_authors_wait_in_a_draft() -> None:
    post = make_post("Loaf", author=ART)
    with transaction():
        edit_entry(reread(post), working_fields(reread(post)).changed(author_ids=(user(CON).id,)), by=user(ED))
    with transaction():
        edit_entry(reread(post), working_fields(reread(post)).changed(title="Rye"), by=user(ART))
        publish_entry(reread(post), by=user(ED))
    assert (reread(post).title, names(post)) == ("Rye", ["Con"])
