"""What stands in the record can be taken back, exactly, once, and only by who may do it anyway."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import func, select

from cms.accounts.actions import (
    assign_roles,
    change_email,
    change_members,
    create_group,
    create_role,
    deactivate_user,
    delete_group,
    delete_role,
    delete_user,
    edit_profile,
    reactivate_user,
)
from cms.accounts.models import Role, RoleGrant, User
from cms.accounts.policies import ASSIGN
from cms.accounts.queries import find_group
from cms.audit.actions.undo_entry import undo_batch, undo_entry
from cms.audit.models import AuditEntry
from cms.audit.verifying import verify
from cms.content.actions.archive_entry import archive_entry
from cms.content.actions.bin_entry import bin_entry
from cms.content.actions.date_entry import date_entry
from cms.content.actions.delete_term import delete_term
from cms.content.actions.edit_entry import edit_entry
from cms.content.actions.edit_term import edit_term
from cms.content.actions.erase_entry import erase_entry
from cms.content.actions.publish_entry import publish_entry
from cms.content.actions.restore_entry import restore_entry
from cms.content.actions.return_entry import return_entry
from cms.content.actions.schedule_entry import schedule_entry
from cms.content.actions.submit_entry import submit_entry
from cms.content.actions.unpublish_entry import unpublish_entry
from cms.content.models import Category, Entry, Tag, Term
from cms.content.saving import facts, working_fields
from cms.core.db import current_session, transaction
from cms.core.errors import CmsError, Conflict, Forbidden, Invalid, NotFound
from cms.core.origin import Origin, coming_from
from cms.core.permissions import Grant, system_user
from cms.lib.clock import utcnow
from cms.media.actions.delete_media import delete_media
from cms.media.actions.edit_media import edit_media
from cms.media.actions.erase_media import erase_media
from cms.media.actions.restore_media import restore_media
from cms.media.models import MediaFile
from cms.settings.actions import change_settings
from cms.settings.queries import get_settings
from tests.factories import make_page, make_post, make_term, user
from tests.factories.media import make_media
from tests.people import ADA, ART, CON, ED


def newest() -> int:
    return int(current_session().scalar(select(func.max(AuditEntry.number))) or 0)


def role(name: str) -> Role:
    return current_session().scalars(select(Role).where(Role.name == name)).one()


def do(act: Callable[[], Any]) -> int:
    """Do something in a transaction and return its entry."""
    with transaction():
        act()
    return newest()


def undo(number: int, by: User | None = None) -> None:
    with transaction():
        undo_entry(number, by=by or user(ADA))


def refused(number: int, error: type[CmsError] = Conflict, by: User | None = None) -> str:
    before = newest()
    with pytest.raises(error) as raised:
        undo(number, by)
    assert newest() == before
    return raised.value.message


# -- people and settings ---------------------------------------------------------------------------------


def test_roles_come_back_exactly(either: Flask) -> None:
    con = user(CON)
    do(lambda: assign_roles(con, [role("contributor"), role("subscriber")], by=user(ADA)))
    number = do(lambda: assign_roles(con, [role("editor")], by=user(ADA)))
    undo(number)
    assert set(user(CON).role_names) == {"contributor", "subscriber"}
    entry = current_session().get_one(AuditEntry, newest())
    assert (entry.undoes, entry.actor_id) == (number, user(ADA).id)
    # What took it back can be taken back as well.
    undo(newest())
    assert user(CON).role_names == ("editor",)
    assert verify().holds


def test_nobody_takes_back_what_they_could_not_do(app: Flask) -> None:
    number = do(lambda: assign_roles(user(CON), [role("admin")], by=user(ADA)))
    assert "may not read the record" in refused(number, Forbidden, user(ED))
    with transaction() as session:
        for name in ("audit:entry:list", "audit:entry:undo"):
            session.add(RoleGrant(role_id=role("editor").id, permission=name, extent="all"))
    # Ed may take back acts now, but deals in no rights that he lacks.
    assert "whose rights you all hold" in refused(number, Forbidden, user(ED))
    assert user(CON).role_names == ("admin",)


def test_who_may_take_back_own_acts_takes_back_no_others(app: Flask) -> None:
    with transaction() as session:
        session.add(RoleGrant(role_id=role("editor").id, permission="audit:entry:list", extent="all"))
        session.add(RoleGrant(role_id=role("editor").id, permission="audit:entry:undo", extent="own"))
    post = make_post(state="draft")
    number = do(lambda: bin_entry(post, by=user(ADA)))
    refused(number, Forbidden, user(ED))
    undo(number)
    number = do(lambda: bin_entry(post, by=user(ED)))
    undo(number, user(ED))
    assert post.binned_at is None


def test_rights_are_asked_for_as_they_are_now(app: Flask) -> None:
    number = do(lambda: assign_roles(user(CON), [role("editor")], by=user(ADA)))
    do(lambda: assign_roles(user(ED), [role("admin")], by=user(ADA)))
    do(lambda: deactivate_user(user(ADA), by=user(ED)))
    refused(number, Forbidden, user(ADA))


def test_the_last_admin_stays_one(app: Flask) -> None:
    number = do(lambda: assign_roles(user(ED), [role("admin")], by=user(ADA)))
    do(lambda: assign_roles(user(ADA), [role("editor")], by=user(ED)))
    refused(number, Conflict, user(ED))
    assert user(ED).role_names == ("admin",)


def test_a_role_that_comes_back_does_not_take_the_last_admin(either: Flask) -> None:
    do(lambda: create_role(label="Desk", rights=[Grant("content:post:create")], by=user(ADA)))
    do(lambda: assign_roles(user(ED), [role("desk")], by=user(ADA)))
    number = do(lambda: delete_role(role("desk"), replacement=role("admin"), by=user(ADA)))
    do(lambda: assign_roles(user(ADA), [role("editor")], by=user(ED)))
    assert "Nobody would be an admin" in refused(number, Conflict, user(ED))
    assert user(ED).role_names == ("admin",)


def test_closed_accounts_open_again_and_opened_ones_close(app: Flask) -> None:
    number = do(lambda: deactivate_user(user(CON), by=user(ADA)))
    undo(number)
    assert user(CON).active
    refused(number)
    do(lambda: deactivate_user(user(CON), by=user(ADA)))
    number = do(lambda: reactivate_user(user(CON), by=user(ADA)))
    undo(number)
    assert not user(CON).active


def test_a_profile_is_as_it_was(app: Flask) -> None:
    before = {"name": user(CON).name, "slug": user(CON).slug, "links": list(user(CON).links)}
    links = [{"label": "Home", "url": "https://con.example/"}]
    new = {"name": "Constance", "slug": "constance", "biography": "Writes.", "links": links}
    number = do(lambda: edit_profile(user(CON), new, by=user(ADA)))
    undo(number)
    con = user(CON)
    assert {"name": con.name, "slug": con.slug, "links": con.links} == before
    number = do(lambda: edit_profile(user(CON), new, by=user(ADA)))
    do(lambda: edit_profile(user(CON), {"name": "Conny"}, by=user(CON)))
    assert "changed again since" in refused(number)


def test_settings_are_as_they_were(either: Flask) -> None:
    number = do(lambda: change_settings({"name": "The Chronicle", "posts_per_page": 7}, by=user(ADA)))
    undo(number)
    assert (get_settings().name, get_settings().posts_per_page) == ("Masthead", 10)
    number = do(lambda: change_settings({"name": "One"}, by=user(ADA)))
    do(lambda: change_settings({"name": "Two"}, by=user(ADA)))
    assert "changed again since" in refused(number)
    # What else was changed since does not matter.
    number = do(lambda: change_settings({"name": "Three"}, by=user(ADA)))
    do(lambda: change_settings({"description": "Since"}, by=user(ADA)))
    undo(number)
    assert (get_settings().name, get_settings().description) == ("Two", "Since")


def test_what_cannot_be_taken_back_says_what_to_do_instead(app: Flask) -> None:
    con = user(CON)
    assert "confirmed by mail" in refused(do(lambda: change_email(con, email="c@example.com", by=user(ADA))))
    assert "Invite the person again" in refused(do(lambda: delete_user(con, by=user(ADA))))
    assert "Deactivate the account" in refused(1)


def test_there_is_no_such_entry(app: Flask) -> None:
    refused(newest() + 1, NotFound)


# -- entries ---------------------------------------------------------------------------------------------

WAYS: dict[str, tuple[str, Callable[[Entry], Any]]] = {
    "submit": ("draft", lambda entry: submit_entry(entry, by=user(ADA))),
    "return": ("in_review", lambda entry: return_entry(entry, by=user(ADA))),
    "publish a draft": ("draft", lambda entry: publish_entry(entry, by=user(ADA))),
    "publish from review": ("in_review", lambda entry: publish_entry(entry, by=user(ADA))),
    "publish before its time": ("scheduled", lambda entry: publish_entry(entry, by=user(ADA))),
    "schedule": ("draft", lambda entry: schedule_entry(entry, at=utcnow() + timedelta(days=3), by=user(ADA))),
    "schedule anew": ("scheduled", lambda entry: schedule_entry(entry, at=utcnow() + timedelta(days=3), by=user(ADA))),
    "unpublish": ("published", lambda entry: unpublish_entry(entry, by=user(ADA))),
    "unpublish the scheduled": ("scheduled", lambda entry: unpublish_entry(entry, by=user(ADA))),
    "archive": ("published", lambda entry: archive_entry(entry, by=user(ADA))),
    "bin a draft": ("draft", lambda entry: bin_entry(entry, by=user(ADA))),
    "bin the published": ("published", lambda entry: bin_entry(entry, by=user(ADA))),
    "restore": ("binned", lambda entry: restore_entry(entry, by=user(ADA))),
    "date": ("draft", lambda entry: date_entry(entry, at=utcnow() + timedelta(days=2), by=user(ADA))),
}


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("make", [make_post, make_page], ids=["post", "page"])
def test_an_entry_stands_as_it_stood(app: Flask, way: str, make: Callable[..., Entry]) -> None:
    state, act = WAYS[way]
    entry = make("A loaf", state=state)
    before = facts(entry)
    number = do(lambda: act(entry))
    assert facts(entry) != before
    undo(number)
    after = facts(current_session().get_one(Entry, entry.id))
    # Since when it lies in the bin is told anew, for that is when it was put there.
    assert (after.pop("binned_at") is None) == (before.pop("binned_at") is None)
    assert after == before
    refused(number)


def test_readers_see_the_version_of_before(app: Flask) -> None:
    post = make_post("Old", state="published", text="Old words.")
    old = facts(post)
    do(lambda: edit_entry(post, working_fields(post).changed(title="New"), by=user(ADA)))
    number = do(lambda: publish_entry(post, by=user(ADA)))
    assert post.title == "New"
    undo(number)
    current_session().refresh(post)
    assert (post.title, post.live_revision_number, post.has_newer_draft) == ("Old", old["revision"], True)
    # The newer save waits as a draft again.
    assert working_fields(post).title == "New"


def test_of_acts_taken_back_together_the_record_tells_only_those_that_were(app: Flask) -> None:
    with transaction() as session:
        for name in ("audit:entry:list", "audit:entry:undo", ASSIGN):
            session.add(RoleGrant(role_id=role("editor").id, permission=name, extent="all"))
    for name, person in (("Day", CON), ("Night", ADA)):
        group = do(lambda name=name: create_group(name=name, roles=[role("subscriber")], by=user(ADA)))
        group = current_session().get_one(AuditEntry, group).subject_id or 0
        do(lambda group=group, person=person: change_members(find_group(group), join=[user(person)], by=user(ADA)))
    with coming_from(Origin("web", request_id="together")), transaction():
        for group in (find_group(1), find_group(2)):
            delete_group(group, by=user(ADA))
    before = newest()
    with transaction():
        done, left = undo_batch(before, by=user(ED))
    # Ada holds more than Ed, so her group stays away, and nothing says that it was there again for a moment.
    assert (done, len(left)) == (1, 1)
    rows = current_session().scalars(select(AuditEntry).where(AuditEntry.number > before)).all()
    assert {row.undoes for row in rows} == {before - 1}
    undo(before)
    assert find_group(2) is not None


def test_what_readers_see_comes_back_only_with_the_rights_to_its_fields(app: Flask) -> None:
    post = make_post("Old", state="published")
    with transaction() as session:
        words = ("audit:entry:list", "audit:entry:undo", "content:post:publish", "content:post:edit")
        held = {(grant.permission, grant.extent) for grant in role("contributor").grants}
        wanted = {(word, "all") for word in words} - held
        session.add_all(RoleGrant(role_id=role("contributor").id, permission=name, extent=to) for name, to in wanted)
    do(lambda: edit_entry(post, working_fields(post).changed(visibility="private"), by=user(ADA)))
    number = do(lambda: publish_entry(post, by=user(ADA)))
    # Con publishes and takes back, but does not decide who reads what others wrote.
    assert "may not choose who reads this" in refused(number, Invalid, user(CON))
    current_session().refresh(post)
    assert post.visibility == "private"
    undo(number)
    current_session().refresh(post)
    assert post.visibility == "public"


def test_a_save_comes_back_as_a_save(app: Flask) -> None:
    post = make_post("Old", state="draft")
    number = do(lambda: edit_entry(post, working_fields(post).changed(title="New", excerpt="!"), by=user(ADA)))
    undo(number)
    fields = working_fields(current_session().get_one(Entry, post.id))
    assert (fields.title, fields.excerpt) == ("Old", "")
    assert post.working_revision_number == 3
    number = do(lambda: edit_entry(post, working_fields(post).changed(title="One"), by=user(ADA)))
    do(lambda: edit_entry(post, working_fields(post).changed(title="Two"), by=user(ADA)))
    assert "changed again since" in refused(number)


def test_a_draft_beside_what_readers_see_comes_back_too(app: Flask) -> None:
    post = make_post("Out", state="published")
    do(lambda: edit_entry(post, working_fields(post).changed(title="First draft"), by=user(ADA)))
    number = do(lambda: edit_entry(post, working_fields(post).changed(title="Second draft"), by=user(ADA)))
    undo(number)
    assert (post.title, working_fields(post).title) == ("Out", "First draft")


def test_what_was_begun_goes_into_the_bin(app: Flask) -> None:
    post = make_post(state="draft")
    undo(newest())
    assert current_session().get_one(Entry, post.id).binned_at is not None


def test_an_entry_deleted_for_good_says_so(app: Flask) -> None:
    post = make_post(state="binned")
    binned = newest()
    number = do(lambda: erase_entry(post, by=user(ADA)))
    assert "backup" in refused(number)
    assert "deleted for good" in refused(binned, NotFound)


# -- terms -----------------------------------------------------------------------------------------------


def test_a_term_is_as_it_was(app: Flask) -> None:
    above, term = make_term("category", "Walks"), make_term("category", "Coast")
    number = do(lambda: edit_term(term, name="Shore", slug="shore", parent=above, description="Wet.", by=user(ADA)))
    undo(number)
    term = current_session().get_one(Term, term.id)
    assert (term.name, term.slug, term.path, term.parent_id, term.description) == ("Coast", "coast", "coast", None, "")


def test_a_deleted_term_is_back_in_its_entries_and_over_its_terms(either: Flask) -> None:
    above = make_term("category", "Walks")
    term = make_term("category", "Coast", parent=above, description="Wet.")
    below = make_term("category", "Cliffs", parent=term)
    posts = [make_post(f"Post {turn}", terms=(term,)) for turn in range(2)]
    other = make_post("Other")
    term_id, below_id = term.id, below.id
    number = do(lambda: delete_term(term, by=user(ADA)))
    assert current_session().get_one(Term, below_id).path == "walks/cliffs"
    undo(number)
    again = current_session().get_one(Category, term_id)
    assert (again.name, again.path, again.description) == ("Coast", "walks/coast", "Wet.")
    assert current_session().get_one(Term, below_id).path == "walks/coast/cliffs"
    for post in posts:
        current_session().refresh(post)
        assert [item.id for item in post.terms] == [term_id]
        # Its newest save names the term as well, by the same id.
        assert working_fields(post).term_ids == (term_id,)
    assert other.terms == []


def test_a_deleted_term_whose_address_was_taken_stays_away(app: Flask) -> None:
    term = make_term("tag", "Bread")
    number = do(lambda: delete_term(term, by=user(ADA)))
    taken = make_term("tag", "Bread")
    assert "has taken the place" in refused(number) or taken.id != term.id


def test_a_new_term_goes_again(app: Flask) -> None:
    tag = make_term("tag", "Rye")
    undo(newest())
    assert current_session().get(Tag, tag.id) is None


# -- media -----------------------------------------------------------------------------------------------


def test_a_media_file_is_as_it_was(app: Flask) -> None:
    media = make_media(by=user(ART), alt="A harbour")
    media_id = media.id
    number = do(lambda: edit_media(media, by=user(ADA), alt="A ship", caption="At sea"))
    undo(number)
    media = current_session().get_one(MediaFile, media_id)
    assert (media.alt, media.caption) == ("A harbour", "")
    number = do(lambda: delete_media(media, by=user(ADA)))
    undo(number)
    assert current_session().get_one(MediaFile, media_id).deleted_at is None
    do(lambda: delete_media(media, by=user(ADA)))
    number = do(lambda: restore_media(media, by=user(ADA)))
    undo(number)
    assert current_session().get_one(MediaFile, media_id).deleted_at is not None
    number = do(lambda: erase_media(current_session().get_one(MediaFile, media_id), by=user(ADA)))
    assert "backup" in refused(number)


def test_an_upload_goes_into_the_bin(app: Flask) -> None:
    media = make_media(by=user(ART))
    undo(newest())
    assert current_session().get_one(MediaFile, media.id).deleted_at is not None


def test_the_system_takes_nothing_back_by_itself_unasked(app: Flask) -> None:
    number = do(lambda: change_settings({"name": "One"}, by=user(ADA)))
    undo(number, None)
    with transaction():
        undo_entry(newest(), by=system_user())
    assert get_settings().name == "One"
