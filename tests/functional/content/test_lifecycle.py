"""From the first draft to the bin: states, revisions, addresses and who may."""

from __future__ import annotations

from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import func, select

from cms.content.actions.archive_entry import archive_entry
from cms.content.actions.bin_entry import bin_entry
from cms.content.actions.create_entry import create_entry
from cms.content.actions.edit_entry import edit_entry
from cms.content.actions.erase_entry import erase_entry
from cms.content.actions.publish_entry import publish_entry
from cms.content.actions.restore_entry import restore_entry
from cms.content.actions.schedule_entry import schedule_entry
from cms.content.actions.submit_entry import submit_entry
from cms.content.actions.unpublish_entry import unpublish_entry
from cms.content.addresses import find_redirect
from cms.content.fields import EntryFields
from cms.content.jobs import publish_due
from cms.content.models import Entry, Redirect, Revision
from cms.content.queries import get_published_post, list_posts
from cms.content.saving import working_fields
from cms.core.db import current_session, transaction
from cms.core.errors import Conflict, Forbidden, Invalid, NotFound
from cms.core.permissions import system_user
from cms.lib.clock import utcnow
from tests.factories import body_of, make_page, make_post, make_term, user
from tests.people import ART, CON, ED, SUE, Person

pytestmark = pytest.mark.usefixtures("app")
SYSTEM = system_user()


def reread(entry: Entry) -> Entry:
    return current_session().get_one(Entry, entry.id, populate_existing=True)


def test_draft_is_nobodys_to_read() -> None:
    post = make_post(state="draft")
    with pytest.raises(NotFound):
        get_published_post(post.slug)


def test_published_post_is_found_with_its_text() -> None:
    make_post("The last café on Quay Street", text="At ten to five the lights go on.")
    found = get_published_post("the-last-café-on-quay-street")
    assert found.body_text == "At ten to five the lights go on."
    assert "At ten to five" in found.body_html


def test_every_save_is_a_revision_and_an_unchanged_one_is_not() -> None:
    post = make_post(state="draft")
    with transaction():
        fields = working_fields(reread(post))
        edit_entry(reread(post), fields, by=SYSTEM)
    assert reread(post).working_revision_number == 1
    with transaction():
        edit_entry(reread(post), fields.changed(title="Another loaf"), by=SYSTEM)
    assert reread(post).working_revision_number == 2
    titles = current_session().scalars(select(Revision).order_by(Revision.number))
    assert [revision.snapshot["title"] for revision in titles] == ["A loaf that waits", "Another loaf"]


def test_a_save_of_a_published_post_waits_beside_what_readers_see() -> None:
    post = make_post(text="Old words.")
    with transaction():
        edit_entry(reread(post), working_fields(reread(post)).changed(body=body_of("New words.")), by=SYSTEM)
    assert get_published_post(post.slug).body_text == "Old words."
    assert reread(post).has_newer_draft
    with transaction():
        publish_entry(reread(post), by=SYSTEM)
    assert get_published_post(post.slug).body_text == "New words."
    assert not reread(post).has_newer_draft


def test_stale_save_is_a_conflict_and_changes_nothing() -> None:
    post = make_post(state="draft")
    version = reread(post).version
    fields = working_fields(reread(post))
    with transaction():
        edit_entry(reread(post), fields.changed(title="First"), version=version, by=SYSTEM)
    with pytest.raises(Conflict), transaction():
        edit_entry(reread(post), fields.changed(title="Second"), version=version, by=SYSTEM)
    assert reread(post).title == "First"


def test_scheduled_post_appears_by_the_clock_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    post = make_post(state="scheduled", at=utcnow() + timedelta(hours=1))
    with pytest.raises(NotFound):
        get_published_post(post.slug)
    later = utcnow() + timedelta(hours=2)
    monkeypatch.setattr("cms.content.policies.utcnow", lambda: later)
    assert get_published_post(post.slug).id == post.id
    assert reread(post).state == "scheduled"


def test_the_job_says_published_once_the_time_has_come(monkeypatch: pytest.MonkeyPatch) -> None:
    post = make_post(state="scheduled", at=utcnow() + timedelta(hours=1))
    publish_due()
    assert reread(post).state == "scheduled"
    monkeypatch.setattr("cms.content.jobs.utcnow", lambda: utcnow() + timedelta(hours=2))
    publish_due()
    assert reread(post).state == "published"


@pytest.mark.parametrize("state", ["draft", "in_review", "archived", "binned"])
def test_hidden_states_are_in_no_list(state: str) -> None:
    make_post(state=state)
    assert list_posts(page=1, per_page=10).total == 0


def test_unpublished_post_keeps_its_date() -> None:
    post = make_post(at=utcnow() - timedelta(days=30))
    first = post.published_at
    with transaction():
        unpublish_entry(reread(post), by=SYSTEM)
    with pytest.raises(NotFound):
        get_published_post(post.slug)
    with transaction():
        publish_entry(reread(post), by=SYSTEM)
    assert reread(post).published_at == first


def test_what_is_out_cannot_be_scheduled() -> None:
    post = make_post()
    with pytest.raises(Invalid, match="Unpublish it first"), transaction():
        schedule_entry(reread(post), at=utcnow() + timedelta(days=1), by=SYSTEM)


def test_same_title_gets_a_readable_free_address() -> None:
    addresses = [make_post("Rain").address, make_post("Rain").address, make_post("Rain").address]
    assert addresses == ["/posts/rain/", "/posts/rain-2/", "/posts/rain-3/"]


def test_page_does_not_take_an_address_of_the_site() -> None:
    assert make_page("Admin").address == "/admin-2/"
    assert make_page("日本の海").address == "/日本の海/"


def test_old_address_leads_to_the_new_one_also_for_pages_below() -> None:
    above = make_page("About")
    below = make_page("Team", parent_id=above.id)
    assert below.address == "/about/team/"
    with transaction():
        edit_entry(reread(above), working_fields(reread(above)).changed(slug="who-we-are"), by=SYSTEM)
        publish_entry(reread(above), by=SYSTEM)
    assert reread(below).address == "/who-we-are/team/"
    for old, entry in (("/about/", above), ("/about/team/", below)):
        found = find_redirect(old)
        assert found is not None
        assert found[0].entry_id == entry.id


def test_draft_that_changes_its_address_leaves_no_trace() -> None:
    post = make_post(state="draft")
    with transaction():
        edit_entry(reread(post), working_fields(reread(post)).changed(slug="other"), by=SYSTEM)
    assert reread(post).address == "/posts/other/"
    assert current_session().scalar(select(func.count()).select_from(Redirect)) == 0


def test_page_cannot_lie_below_itself() -> None:
    above = make_page("Above")
    below = make_page("Below", parent_id=above.id)
    with pytest.raises(Invalid, match="below itself"), transaction():
        edit_entry(reread(above), working_fields(reread(above)).changed(parent_id=below.id), by=SYSTEM)


def test_bin_and_restore_keep_everything() -> None:
    tag = make_term("tag", "bread")
    post = make_post(terms=[tag])
    with transaction():
        bin_entry(reread(post), by=SYSTEM)
    with pytest.raises(NotFound):
        get_published_post("a-loaf-that-waits")
    with transaction():
        restore_entry(reread(post), by=SYSTEM)
    found = get_published_post("a-loaf-that-waits")
    assert [term.name for term in found.terms] == ["bread"]


def test_the_binned_address_is_free_for_another() -> None:
    post = make_post()
    with transaction():
        bin_entry(reread(post), by=SYSTEM)
    assert make_post().address == "/posts/a-loaf-that-waits/"
    with transaction():
        restore_entry(reread(post), by=SYSTEM)
    assert reread(post).address == "/posts/a-loaf-that-waits-2/"


def test_only_the_bin_is_emptied() -> None:
    post = make_post()
    with pytest.raises(Invalid, match="in the bin"), transaction():
        erase_entry(reread(post), by=SYSTEM)
    with transaction():
        bin_entry(reread(post), by=SYSTEM)
    with transaction():
        erase_entry(reread(post), by=SYSTEM)
    assert current_session().scalar(select(func.count()).select_from(Revision)) == 0


@pytest.mark.parametrize(
    ("person", "owner", "allowed"),
    [(ED, ART, True), (ART, ART, True), (ART, ED, False), (CON, CON, False), (SUE, SUE, False)],
)
def test_who_may_publish(person: Person, owner: Person, allowed: bool) -> None:
    post = make_post(state="draft", author=owner)
    if allowed:
        with transaction():
            publish_entry(reread(post), by=user(person))
        assert reread(post).state == "published"
        return
    with pytest.raises(Forbidden), transaction():
        publish_entry(reread(post), by=user(person))
    assert reread(post).state == "draft"


def test_contributor_submits_but_does_not_touch_what_is_out() -> None:
    post = make_post(state="draft", author=CON)
    with transaction():
        submit_entry(reread(post), by=user(CON))
    assert reread(post).state == "in_review"
    with transaction():
        publish_entry(reread(post), by=user(ED))
    with pytest.raises(Forbidden), transaction():
        edit_entry(reread(post), working_fields(reread(post)).changed(title="Mine"), by=user(CON))
    with pytest.raises(Forbidden), transaction():
        bin_entry(reread(post), by=user(CON))


def test_author_cannot_name_others() -> None:
    with pytest.raises(Forbidden, match="other authors"), transaction():
        create_entry("post", EntryFields(title="By Ed", author_ids=(user(ED).id,)), by=user(ART))


def test_raw_html_is_kept_by_everybody_and_written_by_few() -> None:
    raw = {"type": "rawHtml", "attrs": {"id": "raw0000001", "html": "<svg></svg><p>odd</p>"}}
    post = make_post(state="draft", author=ART, body={"type": "doc", "content": [raw]})
    before = working_fields(reread(post))
    moved = {"type": "doc", "content": [body_of("New.")["content"][0], *before.body["content"]]}
    with transaction():
        edit_entry(reread(post), before.changed(body=moved), by=user(ART))
    other = {"type": "doc", "content": [raw | {"attrs": {"id": "raw0000001", "html": "<form><b>mine</b></form>"}}]}
    with pytest.raises(Forbidden, match="raw HTML"), transaction():
        edit_entry(reread(post), before.changed(body=other), by=user(ART))
    with transaction():
        edit_entry(reread(post), before.changed(body=other), by=user(ED))


def test_archived_post_is_gone_for_readers_and_can_come_back() -> None:
    post = make_post()
    with transaction():
        archive_entry(reread(post), by=SYSTEM)
    with pytest.raises(NotFound):
        get_published_post(post.slug)
    with transaction():
        publish_entry(reread(post), by=SYSTEM)
    assert get_published_post(post.slug).id == post.id


@pytest.mark.parametrize(("visibility", "reader", "found"), [
    ("public", None, True), ("members", None, False), ("members", SUE, True), ("private", None, False),
    ("private", SUE, False), ("private", ED, True), ("private", ART, True),
])  # fmt: skip
def test_who_finds_what(visibility: str, reader: Person | None, found: bool) -> None:
    post = make_post(visibility=visibility, author=ART)
    who = user(reader) if reader is not None else None
    if found:
        assert get_published_post(post.slug, user=who).id == post.id
        return
    with pytest.raises(NotFound):
        get_published_post(post.slug, user=who)


def test_the_queries_of_a_list_do_not_grow(app: Flask, count_queries) -> None:  # type: ignore[no-untyped-def]  # a fixture
    make_post("One")
    with count_queries() as few:
        list_posts(page=1, per_page=50)
    for number in range(12):
        make_post(f"Post {number}", terms=[make_term("tag", f"tag {number}")])
    with count_queries() as many:
        list_posts(page=1, per_page=50)
    assert len(many) <= len(few) + 1


@pytest.mark.parametrize(
    ("body", "sentence"),
    [
        ({"type": "paragraph"}, "did not arrive whole"),
        ({"type": "doc", "content": [{"type": "marquee"}]}, "does not know: marquee"),
        ({"type": "doc", "content": [{"type": "paragraph"}] * 300_000}, "too long for one entry"),
    ],
)
def test_a_body_that_is_none_is_refused_in_a_sentence(body: dict[str, object], sentence: str) -> None:
    with pytest.raises(Invalid) as refused, transaction():
        create_entry("post", EntryFields(title="Odd", body=body), by=SYSTEM)
    assert sentence in str(refused.value.fields["body"])


def test_nothing_at_all_is_not_published() -> None:
    with pytest.raises(Invalid, match="Give this a title"):
        make_post("", text=" ")
    assert make_post("", text="Words without a title.").state == "published"
