"""The life of an account: invited, taken back, closed, merged."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import func, select

from cms.accounts.actions import (
    add_role,
    assign_roles,
    change_members,
    create_group,
    create_role,
    create_user,
    deactivate_user,
    delete_user,
    export_people,
    invite_user,
    merge_user,
    register_user,
    send_invitation,
    withdraw_invitation,
)
from cms.accounts.ending import end_everything
from cms.accounts.lists import PersonFilter
from cms.accounts.models import Challenge, Device, EmailChange, Identity, Passkey, SignIn, User
from cms.accounts.policies import DELETE, INVITE, LIST_PEOPLE
from cms.accounts.queries import find_user_by_old_slug, get_role, list_groups_of
from cms.accounts.role_events import InvitationWithdrawn, PeopleExported, UserMerged
from cms.accounts.sign_ins import open_sign_in
from cms.comments.models import Comment
from cms.content.models import Entry, Revision
from cms.core.db import current_session, transaction
from cms.core.errors import Conflict, Forbidden, Invalid
from cms.core.events import on
from cms.core.permissions import Grant, system_user
from cms.lib.clock import utcnow
from cms.media.models import MediaFile
from cms.settings.actions import change_settings
from tests.clients import PageClient
from tests.factories import make_post
from tests.factories.media import make_media
from tests.functional.accounts.letters import letters, link_in
from tests.people import ADA, ART, CON, ED, SUE, Person

pytestmark = pytest.mark.usefixtures("app")
UserOf = Callable[[Person], User]


def invite(user_of: UserOf) -> int:
    """Invite somebody as an author and return their id."""
    with transaction():
        return invite_user(email="new@example.com", name="Nell", roles=[get_role("author")], by=user_of(ADA)).id


def found(key: int) -> User:
    """Return a person by id."""
    return current_session().get_one(User, key)


def test_an_invitation_that_is_taken_back_is_void_at_once(client: PageClient, user_of: UserOf) -> None:
    heard: list[object] = []
    on(InvitationWithdrawn)(heard.append)
    key = invite(user_of)
    link = link_in(letters()[0])
    assert client.get(link).status_code == 200
    with transaction():
        assert withdraw_invitation(found(key), by=user_of(ADA))
    assert client.get(link).status_code == 410
    assert current_session().get(User, key) is None
    (event,) = heard
    assert isinstance(event, InvitationWithdrawn)
    assert (event.deleted, event.before["email"], event.before["roles"]) == (True, "new@example.com", ["author"])


def test_who_made_things_keeps_the_account_when_an_invitation_is_taken_back(
    client: PageClient, user_of: UserOf
) -> None:
    key = invite(user_of)
    link = link_in(letters()[0])
    make_media(by=found(key))
    with transaction():
        assert not withdraw_invitation(found(key), by=user_of(ADA))
    assert client.get(link).status_code == 410
    assert found(key).invited_at is None
    with pytest.raises(Conflict, match="no open invitation"), transaction():
        withdraw_invitation(found(key), by=user_of(ADA))


def test_only_open_invitations_are_taken_back_and_by_who_may(user_of: UserOf) -> None:
    key = invite(user_of)
    for person in (ED, ART, CON, SUE):
        with pytest.raises(Forbidden), transaction():
            withdraw_invitation(found(key), by=user_of(person))
    with pytest.raises(Conflict), transaction():
        withdraw_invitation(user_of(SUE), by=user_of(ADA))
    with transaction():
        role = create_role(label="Greeter", rights=[Grant(INVITE), Grant(LIST_PEOPLE)], by=system_user())
        assign_roles(user_of(CON), [role], by=system_user())
    with pytest.raises(Forbidden), transaction():
        withdraw_invitation(found(key), by=user_of(CON))


def test_an_invitation_holds_as_long_as_the_settings_say(
    client: PageClient, user_of: UserOf, monkeypatch: pytest.MonkeyPatch
) -> None:
    invite(user_of)
    link = link_in(letters()[0])
    assert "within 7 days" in letters()[0]["text"] or "7 days" in letters()[0]["text"]
    import itsdangerous.timed

    late = int((utcnow() + timedelta(days=2)).timestamp())
    monkeypatch.setattr(itsdangerous.timed.TimestampSigner, "get_timestamp", lambda _self: late)
    assert client.get(link).status_code == 200
    with transaction():
        change_settings({"invitation_days": "1"}, by=user_of(ADA))
    answer = client.get(link)
    assert answer.status_code == 410
    assert "too old" in answer.get_data(as_text=True)
    for wrong in ("0", "31", "x", "-1", "", "1.5"):
        with pytest.raises(Invalid), transaction():
            change_settings({"invitation_days": wrong}, by=user_of(ADA))


def test_another_invitation_makes_the_first_worthless(client: PageClient, user_of: UserOf) -> None:
    key = invite(user_of)
    with transaction():
        send_invitation(found(key), by=user_of(ADA))
    first, second = (link_in(letter) for letter in letters())
    assert client.get(first).status_code == 410
    assert client.get(second).status_code == 200


def test_everything_by_which_somebody_gets_in_ends_together(user_of: UserOf) -> None:
    moment = utcnow()
    later = {"created_at": moment, "expires_at": moment + timedelta(hours=1)}
    with transaction() as session:
        art = user_of(ART)
        before = art.fs_uniquifier
        open_sign_in(art)
        session.add(Device(user_id=art.id, key_hash="d" * 64, last_seen_at=moment, **later))
        session.add(Challenge(kind="second_step", key_hash="c" * 64, user_id=art.id, **later))
        session.add(
            EmailChange(user_id=art.id, email="x@example.com", old_key_hash="o" * 64, new_key_hash="n" * 64, **later)
        )
    with transaction():
        end_everything(user_of(ART))
    session = current_session()
    for kind in (SignIn, Device, Challenge, EmailChange):
        assert session.scalar(select(func.count()).select_from(kind).where(kind.user_id == user_of(ART).id)) == 0
    assert user_of(ART).fs_uniquifier != before


def test_closing_an_account_ends_everything(user_of: UserOf) -> None:
    moment = utcnow()
    with transaction() as session:
        device = Device(
            user_id=user_of(ART).id, key_hash="d" * 64, created_at=moment, last_seen_at=moment, expires_at=moment
        )
        session.add(device)
    with transaction():
        deactivate_user(user_of(ART), by=user_of(ADA))
    assert current_session().scalars(select(Device)).all() == []


def test_uploads_and_posts_go_to_the_heir_and_comments_stay_their_writers(user_of: UserOf) -> None:
    post = make_post("By Art", author=ART)
    media = make_media(by=user_of(ART))
    with transaction() as session:
        session.add(Comment(entry_id=post.id, user_id=user_of(ART).id, author_name="Art", written_at=utcnow()))
    with pytest.raises(Conflict, match="take over"), transaction():
        delete_user(user_of(ART), by=user_of(ADA))
    with transaction():
        delete_user(user_of(ART), hand_over_to=user_of(ED), by=user_of(ADA))
    session = current_session()
    assert session.get_one(Entry, post.id).owner_ids == (user_of(ED).id,)
    assert session.get_one(MediaFile, media.id).uploaded_by_id == user_of(ED).id
    comment = session.scalars(select(Comment)).one()
    assert (comment.user_id, comment.author_name) == (None, "Art")


def test_who_only_commented_is_deleted_without_an_heir(user_of: UserOf) -> None:
    post = make_post("By Art", author=ART)
    with transaction() as session:
        session.add(Comment(entry_id=post.id, user_id=user_of(SUE).id, author_name="Sue", written_at=utcnow()))
    with transaction():
        delete_user(user_of(SUE), by=user_of(ADA))
    assert current_session().scalars(select(Comment)).one().author_name == "Sue"


def test_two_accounts_become_one(app: Flask, client: PageClient, user_of: UserOf) -> None:
    heard: list[object] = []
    on(UserMerged)(heard.append)
    post = make_post("By Art", author=ART)
    media = make_media(by=user_of(ART))
    moment = utcnow()
    with transaction() as session:
        art, art_id = user_of(ART), user_of(ART).id
        session.get_one(Entry, post.id).created_by_id = art_id
        session.add(Comment(entry_id=post.id, user_id=art_id, author_name="Art", written_at=moment))
        session.add(Passkey(user_id=art_id, credential_id="k", public_key="k", name="Phone", created_at=moment))
        session.add(Identity(user_id=art_id, provider="p", issuer="i", subject="s", created_at=moment))
        group = create_group(name="Desk", roles=[get_role("contributor")], by=system_user())
        change_members(group, join=[art], by=system_user())
    updated = current_session().get_one(Entry, post.id).updated_at
    with transaction():
        merge_user(user_of(ART), into=user_of(CON), by=user_of(ADA))
    session, con = current_session(), user_of(CON)
    assert session.get(User, art_id) is None
    entry = session.get_one(Entry, post.id)
    assert (entry.owner_ids, entry.created_by_id, entry.updated_at) == ((con.id,), con.id, updated)
    assert session.get_one(MediaFile, media.id).uploaded_by_id == con.id
    assert session.scalars(select(Comment)).one().user_id == con.id
    assert all(revision.created_by_id != art_id for revision in session.scalars(select(Revision)))
    assert [found.name for found in list_groups_of(con)] == ["Desk"]
    assert con.role_names == ("contributor",)
    assert session.scalars(select(Passkey)).all() == session.scalars(select(Identity)).all() == []
    (event,) = heard
    assert isinstance(event, UserMerged)
    assert (event.user_id, event.into_id, event.slug) == (art_id, con.id, "art")
    assert event.after == {"handed_over": {"entries": 1, "media.uploads": 1, "comments.comments": 1}}
    assert find_user_by_old_slug("art") == con
    answer = client.get("/author/art/")
    assert (answer.status_code, answer.headers["Location"]) == (301, "/author/con/")


def test_an_address_that_was_merged_away_follows_to_the_last(client: PageClient, user_of: UserOf) -> None:
    make_post("By Art", author=ART)
    with transaction():
        merge_user(user_of(ART), into=user_of(CON), by=user_of(ADA))
    with transaction():
        merge_user(user_of(CON), into=user_of(ED), by=user_of(ADA))
    for slug in ("art", "con"):
        assert client.get(f"/author/{slug}/").headers["Location"] == "/author/ed/"
    with transaction():
        create_user(email="other@example.com", name="Art", by=system_user())
    assert client.get("/author/art/").status_code == 404


def test_accounts_are_merged_only_by_who_holds_all_of_both(user_of: UserOf) -> None:
    for person in (ED, ART, CON):
        with pytest.raises(Forbidden), transaction():
            merge_user(user_of(SUE), into=user_of(person), by=user_of(person))
    with transaction():
        role = create_role(
            label="Janitor",
            rights=[Grant(DELETE), Grant("content:members:read"), Grant("accounts:user:edit", "own")],
            by=system_user(),
        )
        assign_roles(user_of(CON), [role], by=system_user())
    with pytest.raises(Forbidden), transaction():
        merge_user(user_of(SUE), into=user_of(ADA), by=user_of(CON))
    with pytest.raises(Forbidden), transaction():
        merge_user(user_of(ADA), into=user_of(SUE), by=user_of(CON))
    with pytest.raises(Conflict), transaction():
        merge_user(user_of(SUE), into=user_of(SUE), by=user_of(ADA))
    with pytest.raises(Conflict, match="their own account"), transaction():
        merge_user(user_of(ADA), into=user_of(SUE), by=user_of(ADA))
    with transaction():
        merge_user(user_of(SUE), into=user_of(CON), by=user_of(CON))


def test_groups_of_a_merged_account_are_not_a_way_up(user_of: UserOf) -> None:
    with transaction():
        rights = [Grant(DELETE), Grant("content:members:read"), Grant("accounts:user:edit", "own")]
        role = create_role(label="Janitor", rights=rights, by=system_user())
        assign_roles(user_of(CON), [role], by=system_user())
        group = create_group(name="Desk", roles=[get_role("subscriber")], by=system_user())
        change_members(group, join=[user_of(SUE)], by=system_user())
        other = create_user(email="other@example.com", name="Other", by=system_user()).id
    with pytest.raises(Forbidden, match="groups"), transaction():
        merge_user(user_of(SUE), into=found(other), by=user_of(CON))


def test_the_last_admin_is_not_merged_away(user_of: UserOf) -> None:
    with pytest.raises(Conflict, match="admin"), transaction():
        merge_user(user_of(ADA), into=user_of(ED), by=system_user())
    with transaction():
        add_role(user_of(ED), get_role("admin"), by=user_of(ADA))
    with transaction():
        merge_user(user_of(ADA), into=user_of(SUE), by=user_of(ED))
    assert user_of(SUE).role_names == ("subscriber",)


def test_people_are_taken_along_by_who_may_and_it_is_recorded(user_of: UserOf) -> None:
    heard: list[object] = []
    on(PeopleExported)(heard.append)
    with transaction():
        rows = export_people(PersonFilter(role="author"), form="csv", by=user_of(ADA))
    assert [row[:5] for row in rows] == [("Art", "art@example.com", "Author", "", "active")]
    assert heard == [PeopleExported(user_of(ADA).id, "csv", 1, {"role": "author"})]
    for person in (ED, ART, CON, SUE):
        with pytest.raises(Forbidden), transaction():
            export_people(PersonFilter(), form="csv", by=user_of(person))


def come_from_elsewhere(key: int) -> None:
    with transaction() as session:
        session.add(
            Identity(
                user_id=key, provider="club", issuer="https://club.example", subject="1", label="nell",
                created_at=utcnow(),
            )
        )  # fmt: skip


def test_an_account_that_is_in_use_without_a_password_is_no_open_invitation(user_of: UserOf) -> None:
    key = invite(user_of)
    come_from_elsewhere(key)
    with pytest.raises(Conflict, match="no open invitation"), transaction():
        withdraw_invitation(found(key), by=user_of(ADA))
    assert found(key).active


def test_a_stranger_who_registers_makes_no_invitation_of_an_account_in_use(user_of: UserOf) -> None:
    with transaction():
        change_settings({"registration_open": True}, by=user_of(ADA))
        key = create_user(email="new@example.com", name="Nell", by=system_user()).id
    come_from_elsewhere(key)
    before = found(key).fs_uniquifier
    with transaction():
        register_user(email="new@example.com", name="Somebody", by=system_user())
    assert (found(key).invited_at, found(key).fs_uniquifier) == (None, before)


def test_the_number_of_an_account_that_is_gone_is_never_given_again(user_of: UserOf) -> None:
    key = invite(user_of)
    with transaction():
        withdraw_invitation(found(key), by=user_of(ADA))
    assert invite(user_of) > key
