"""Personal data: given out whole, and erased everywhere."""

import io
import json
import zipfile
from collections.abc import Callable

import pytest
from flask import Flask
from sqlalchemy import select, text

from cms.accounts.actions import (
    change_members,
    create_group,
    delete_user,
    erase_user,
    invite_user,
    merge_user,
    reactivate_user,
    send_invitation,
)
from cms.accounts.models import Role, RoleGrant, SignIn, User
from cms.accounts.queries import get_role, list_groups_of
from cms.audit.actions.erase_person_details import erase_person_details
from cms.audit.models import AuditDetails
from cms.audit.verifying import verify
from cms.comments.models import Comment
from cms.core.db import transaction
from cms.core.errors import Conflict
from cms.core.permissions import system_user
from cms.core.privacy import DataSubject, holdings
from cms.extensions import db
from cms.lib.clock import utcnow
from tests import factories
from tests.clients import PageClient
from tests.people import ADA, ART, CON, ED, SUE, Person

As = Callable[[Person], PageClient]
UserOf = Callable[[Person], User]
STRANGER = "passer-by@example.org"


def comment(entry_id: int, *, user: User | None = None, mail: str = "", words: str = "Well said.") -> None:
    with transaction() as session:
        session.add(
            Comment(
                entry_id=entry_id, user_id=user.id if user else None, author_name="Somebody", author_mail=mail,
                author_url="https://example.org/me", body=words, body_html=f"<p>{words}</p>", status="approved",
                written_at=utcnow(),
            )
        )  # fmt: skip


def opened(answer: object) -> dict[str, object]:
    assert answer.status_code == 200, answer.text  # type: ignore[attr-defined]
    archive = zipfile.ZipFile(io.BytesIO(answer.data))  # type: ignore[attr-defined]
    answer.close()  # type: ignore[attr-defined]
    return {name: json.loads(archive.read(name)) for name in archive.namelist() if name.endswith(".json")}


def test_everybody_has_what_is_held_about_them(as_: As, user_of: UserOf) -> None:
    entry = factories.make_post("A loaf", author=ART, text="Flour, water and salt.")
    comment(entry.id, user=user_of(ART))
    told = opened(as_(ART).submit("/account/", form="form[action='/account/data']"))
    assert told.keys() == {f"{holding.key}.json" for holding in holdings()}
    assert told["profile.json"][0]["email"] == ART.email  # type: ignore[index]
    assert "Flour, water and salt." in told["entries.json"][0]["markdown"]  # type: ignore[index]
    assert told["comments.json"][0]["body"] == "Well said."  # type: ignore[index]
    assert len(told["sign_ins.json"]) == 1  # type: ignore[arg-type]


def test_an_export_holds_nothing_that_opens_the_account(as_: As, user_of: UserOf) -> None:
    answer = as_(ART).submit("/account/", form="form[action='/account/data']")
    archive = zipfile.ZipFile(io.BytesIO(answer.data))
    answer.close()
    everything = b"".join(archive.read(name) for name in archive.namelist()).decode()
    art = user_of(ART)
    keys = db.session.scalars(select(SignIn.key_hash).where(SignIn.user_id == art.id)).all()
    for secret in (art.password, art.fs_uniquifier, *keys):
        assert secret is not None
        assert secret not in everything


def test_only_an_admin_has_the_data_of_others(as_: As, user_of: UserOf) -> None:
    for person in (SUE, CON, ART, ED):
        client = as_(person)
        token = client.csrf_token("/account/")
        assert client.get("/admin/personal-data/", query_string={"email": ADA.email}).status_code in (403, 404)
        for act in ("export", "erase"):
            sent = client.post(f"/admin/personal-data/{act}/", data={"email": ADA.email, "csrf_token": token})
            assert sent.status_code in (403, 404)
    assert user_of(ADA).erased_at is None
    told = opened(as_(ADA).submit(f"/admin/personal-data/?email={SUE.email}", form="form[action$='/export/']"))
    assert told["profile.json"][0]["email"] == SUE.email  # type: ignore[index]


def test_nobody_has_the_data_of_who_holds_more(as_: As, user_of: UserOf) -> None:
    with transaction():
        role = db.session.scalars(select(Role).where(Role.name == "editor")).one()
        for act in ("export", "erase"):
            role.grants.append(RoleGrant(permission=f"accounts:personal-data:{act}", extent="all"))
    client = as_(ED)
    token = client.csrf_token("/account/")
    for act in ("export", "erase"):
        sent = client.post(f"/admin/personal-data/{act}/", data={"email": ADA.email, "csrf_token": token})
        assert sent.status_code == 403, act
    opened(client.submit(f"/admin/personal-data/?email={SUE.email}", form="form[action$='/export/']"))


def test_the_address_of_a_deleted_person_is_erased_from_the_record_too(as_: As, user_of: UserOf) -> None:
    with transaction():
        delete_user(user_of(SUE), by=system_user())
    said = text("select count(*) from audit_details where cast(details as text) like '%sue@example.com%'")
    assert db.session.scalar(said)
    db.session.rollback()
    answer = as_(ADA).submit(f"/admin/personal-data/?email={SUE.email}", form="form[action$='/erase/']")
    assert answer.status_code == 303
    assert db.session.scalar(said) == 0
    assert verify().holds


def test_an_erased_person_is_found_nowhere_in_the_database(app: Flask, as_: As, user_of: UserOf) -> None:
    entry = factories.make_post("A loaf", author=ART)
    comment(entry.id, user=user_of(ART), mail=ART.email)
    as_(ART)
    answer = as_(ADA).submit(f"/admin/personal-data/?email={ART.email}", form="form[action$='/erase/']")
    assert answer.status_code == 303
    left: list[object] = []
    tables = db.session.scalars(text("select name from sqlite_master where type = 'table'")).all()
    for table in tables:
        rows = db.session.execute(text(f'select * from "{table}"'))  # noqa: S608 -- the names of our tables
        left += [(table, row) for row in rows if any(ART.email in str(value) for value in row)]
    assert left == []
    assert verify().holds
    assert b"Somebody who left" in as_(ADA).get(entry.address or "").data
    assert as_(ART).get("/admin/").status_code == 302


def test_a_byline_may_stay(as_: As, user_of: UserOf) -> None:
    art = user_of(ART).id
    page = f"/admin/personal-data/?email={ART.email}"
    as_(ADA).submit(page, {"keep_name": "1"}, form="form[action$='/erase/']")
    kept = db.session.get(User, art)
    assert kept is not None
    assert (kept.name, kept.active, kept.password) == ("Art", False, None)
    assert ART.email not in kept.email


def test_the_words_of_a_comment_stay_and_the_writer_goes(as_: As) -> None:
    entry = factories.make_post("A loaf")
    comment(entry.id, mail=STRANGER)
    comment(entry.id, mail=STRANGER.upper())
    comment(entry.id, mail="another@example.org")
    as_(ADA).submit(f"/admin/personal-data/?email={STRANGER}", form="form[action$='/erase/']")
    rows = db.session.scalars(select(Comment).order_by(Comment.id)).all()
    assert [(row.author_name, row.author_mail, row.author_url) for row in rows[:2]] == [("", "", "")] * 2
    assert {row.body for row in rows} == {"Well said."}
    assert rows[2].author_mail == "another@example.org"


def test_somebody_erases_themselves(as_: As, user_of: UserOf) -> None:
    sue = user_of(SUE).id
    client = as_(SUE)
    assert client.submit("/account/erase").status_code == 303
    gone = db.session.get(User, sue)
    assert gone is not None
    assert gone.erased_at is not None
    assert client.get("/account/").status_code == 302


def test_the_last_admin_cannot_be_erased(as_: As, user_of: UserOf) -> None:
    answer = as_(ADA).submit("/account/erase")
    assert answer.status_code == 409
    assert "last active admin" in answer.text
    assert user_of(ADA).erased_at is None


@pytest.mark.parametrize("typed", ["nobody", "a@b@c", "x" * 400, "o'brien@example.com"])
def test_any_address_gets_a_sentence(as_: As, typed: str) -> None:
    page = as_(ADA).get("/admin/personal-data/", query_string={"email": typed})
    assert page.status_code in (200, 422)
    assert "not a mail address" in page.text or "Nothing is held" in page.text


def test_an_erased_person_is_in_no_group_and_stays_out(as_: As, user_of: UserOf) -> None:
    con = user_of(CON).id
    with transaction():
        group = create_group(name="Night shift", roles=[get_role("editor")], by=user_of(ADA))
        change_members(group, join=[user_of(CON)], by=user_of(ADA))
    with transaction():
        erase_user(user_of(CON), by=user_of(ADA))
    assert list_groups_of(db.session.get_one(User, con)) == []
    for act in (reactivate_user, send_invitation):
        with pytest.raises(Conflict, match="erased"), transaction() as session:
            act(session.get_one(User, con), by=user_of(ADA))
    assert not db.session.get_one(User, con).active
    assert "act=reactivate" not in as_(ADA).page(f"/admin/users/{con}/").html


def record_of(user: User) -> str:
    """What the export of `user` tells of their acts."""
    kept = next(holding for holding in holdings() if holding.key == "record")
    return json.dumps(list(kept.rows(DataSubject(user.email, user.id))))


def test_the_record_of_somebody_tells_nothing_of_others(user_of: UserOf) -> None:
    with transaction():
        invite_user(email="nell@example.com", name="Nell Fisher", roles=[get_role("author")], by=user_of(ADA))
    with transaction():
        merge_user(user_of(SUE), into=user_of(CON), by=user_of(ADA))
    told = record_of(user_of(ADA))
    assert "user.merged" in told
    assert not [word for word in ("nell@example.com", "Nell Fisher", SUE.email) if word in told]
    assert "user.merged" in record_of(user_of(CON))
    assert SUE.email not in record_of(user_of(CON))


def test_where_somebody_was_who_saw_as_another_is_data_of_theirs(as_: As, user_of: UserOf) -> None:
    client, there = as_(ADA), "203.0.113.9"
    chosen = {"user": str(user_of(ED).id)}
    client.submit("/admin/see-as/", chosen, form="form[action='/admin/see-as/person/']")
    page = client.get(f"/admin/users/{user_of(CON).id}/", environ_base={"REMOTE_ADDR": there})
    assert page.status_code == 200
    assert "private.read" in record_of(user_of(ED))
    assert there not in record_of(user_of(ED))
    with transaction():
        erase_person_details(user_of(ADA).id, by=system_user())
    rows = db.session.scalars(select(AuditDetails)).all()
    assert there not in json.dumps([row.details for row in rows])
    assert verify().holds
