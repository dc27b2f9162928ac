"""States and dates at their edges: nothing half done, nothing out that should not be."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest

from cms.content.actions.archive_entry import archive_entry
from cms.content.actions.bin_entry import bin_entry
from cms.content.actions.date_entry import date_entry
from cms.content.actions.edit_entry import edit_entry
from cms.content.actions.publish_entry import publish_entry
from cms.content.actions.restore_entry import restore_entry
from cms.content.actions.schedule_entry import schedule_entry
from cms.content.events import EntryPublished
from cms.content.fields import EntryFields, from_snapshot
from cms.content.lists import EntryFilter, count_views, list_entries
from cms.content.models import Entry, Post
from cms.content.queries import search_entries
from cms.content.saving import working_fields, working_revision
from cms.core.db import current_session, transaction
from cms.core.errors import Forbidden, Invalid
from cms.core.events import _within
from cms.core.permissions import system_user
from cms.lib.clock import utcnow
from tests.clients import PageClient
from tests.factories import body_of, make_page, make_post, user
from tests.people import CON, ED, Person

pytestmark = pytest.mark.usefixtures("app")
BY = system_user()
DAY = timedelta(days=1)


def reread(entry: Entry) -> Entry:
    return current_session().get_one(Entry, entry.id, populate_existing=True)


@pytest.mark.parametrize("days", [-1, 1])
def test_nothing_in_the_bin_gets_a_date_or_an_address(days: int) -> None:
    post = make_post("Loaf")
    first = post.published_at
    with transaction():
        bin_entry(reread(post), by=BY)
    for act in (schedule_entry, date_entry):
        with pytest.raises(Invalid, match="in the bin"), transaction():
            act(reread(post), at=utcnow() + days * DAY, by=BY)
    # Also where the surface goes on after a refusal.
    with transaction():
        known = reread(post)
        with pytest.raises(Invalid, match="in the bin"):
            schedule_entry(known, at=utcnow() - DAY, by=BY)
    known = reread(post)
    assert (known.address, known.published_at, known.state) == (None, first, "published")


def test_what_nobody_saw_was_not_revised() -> None:
    post = make_post("Loaf", state="scheduled", at=utcnow() + DAY)
    told: list[EntryPublished] = []
    hear = told.append
    _within[EntryPublished].append(hear)
    try:
        at = utcnow() - 30 * DAY
        with transaction():
            schedule_entry(reread(post), at=at, by=BY)
    finally:
        _within[EntryPublished].remove(hear)
    known = reread(post)
    assert (known.published_at, known.revised_at, known.state) == (at, at, "published")
    assert told[0].before["published_at"] > utcnow().isoformat()
    assert told[0].after["published_at"] == at.isoformat()


def test_a_new_date_of_what_is_out_is_a_revision() -> None:
    post = make_post("Loaf", at=utcnow() - 10 * DAY)
    at = utcnow() - 20 * DAY
    with transaction():
        schedule_entry(reread(post), at=at, by=BY)
    known = reread(post)
    assert known.published_at == at
    assert known.revised_at is not None
    assert known.revised_at > utcnow() - DAY


def test_a_refusal_among_many_leaves_nothing_half_done(as_: Callable[[Person], PageClient]) -> None:
    parent = None
    for _level in range(8):
        parent = make_page("x" * 110, parent_id=parent).id
    page, other = make_page("Old words", text="Old words."), make_page("Other", state="draft")
    with transaction():
        known = reread(page)
        fields = working_fields(known).changed(title="y" * 120, slug="y" * 120, body=body_of("Draft."))
        edit_entry(known, fields.changed(parent_id=parent), by=BY)
    client = as_(ED)
    chosen = {"id": [str(page.id), str(other.id)]}
    answer = client.submit("/admin/pages/", chosen, form="form[data-bulk]", button=("act", "publish"))
    assert answer.status_code == 303
    known = reread(page)
    assert (known.title, known.body_text, known.parent_id) == ("Old words", "Old words.", None)
    assert reread(other).state == "published"


def test_an_archived_entry_has_no_readers_to_be_newer_for() -> None:
    post = make_post("Loaf")
    with transaction():
        archive_entry(reread(post), by=BY)
        edit_entry(reread(post), working_fields(reread(post)).changed(title="Rye"), by=BY)
    assert len(list_entries(EntryFilter(view="newer"), user=user(ED))) == 0
    assert count_views("post", user=user(ED))["newer"] == 0
    assert count_views("post", user=user(CON)) == dict.fromkeys(("draft", "in_review", "scheduled", "newer", "bin"), 0)


def test_the_bin_has_no_side_door_for_those_who_may_not_publish() -> None:
    post = make_post("Loaf", author=CON)
    with transaction():
        bin_entry(reread(post), by=BY)
    for act in (restore_entry, publish_entry):
        with pytest.raises(Forbidden), transaction():
            act(reread(post), by=user(CON))
    with pytest.raises(Invalid), transaction():
        edit_entry(reread(post), EntryFields(title="Mine"), by=user(CON))


def test_a_search_does_not_try_words_on_what_a_password_protects() -> None:
    make_post("Family news", text="The wedding is in Lisbon.", visibility="password", password_hash="x")
    make_post("Family album", text="Pictures of Lisbon.")

    def found(text: str) -> list[str]:
        return [entry.title for entry in search_entries(text, page=1, per_page=10)]

    assert found("family") == ["Family album", "Family news"]
    assert found("family lisbon") == ["Family album"]
    assert found("news wedding") == []


def test_a_link_to_what_a_reader_does_not_find_is_words(
    client: PageClient, as_: Callable[[Person], PageClient]
) -> None:
    hidden = make_post("Secret plans", visibility="private")
    link = {"type": "link", "attrs": {"href": "", "entryId": hidden.id}}
    body = body_of("Our plans.")
    body["content"][0]["content"][0]["marks"] = [link]
    make_post("Loaf", body=body)
    text = client.get("/posts/loaf/").text
    assert "Our plans." in text
    assert "secret-plans" not in text
    assert 'href="/posts/secret-plans/"' in as_(ED).get("/posts/loaf/").text


def test_a_snapshot_of_an_older_version_is_read_with_what_it_lacks() -> None:
    fields = from_snapshot({"title": "Old", "author_ids": None, "colour": "red"})
    assert (fields.title, fields.author_ids, fields.visibility) == ("Old", (), "public")
    post = make_post("Loaf", state="draft")
    with transaction() as session:
        known = session.get_one(Post, post.id)
        revision = working_revision(known)
        assert revision is not None
        revision.snapshot = {"title": "Old"}
    with transaction():
        publish_entry(reread(post), by=BY)
    out = reread(post)
    assert (out.title, out.state, [author.name for author in out.authors]) == ("Old", "published", ["Ed"])
