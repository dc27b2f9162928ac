"""The record in the back office."""

import csv
import io
import json
from collections.abc import Callable

import pytest
from flask import Flask
from sqlalchemy import func, select

from cms.accounts.actions import assign_roles, edit_profile
from cms.accounts.models import Role, RoleGrant
from cms.audit.actions.erase_person_details import erase_person_details
from cms.audit.models import AuditEntry
from cms.content.actions.bin_entry import bin_entry
from cms.content.models import Entry
from cms.core.db import current_session, transaction
from cms.core.permissions import system_user
from cms.settings.actions import change_settings
from tests.clients import PageClient
from tests.factories import make_post, user
from tests.people import ADA, ART, CON, ED, SUE, Person

As = Callable[[Person], PageClient]


def newest() -> int:
    return int(current_session().scalar(select(func.max(AuditEntry.number))) or 0)


@pytest.fixture
def promoted(app: Flask) -> int:
    """The entry that says that Ada made Con an editor."""
    editor = current_session().scalars(select(Role).where(Role.name == "editor")).one()
    with transaction():
        assign_roles(user(CON), [editor], by=user(ADA))
    return newest()


def test_the_list_tells_who_did_what_and_when(as_: As, promoted: int) -> None:
    page = as_(ADA).page("/admin/audit/")
    rows = [" ".join(row.text().split()) for row in page.css("tbody tr")]
    assert any(row.startswith("A") and "Ada gave Con other roles" in row for row in rows)
    assert any("The system made an account for Sue" in row for row in rows)
    assert page.css_first("tbody time").attributes["title"]


def test_only_those_who_may_find_the_record(as_: As, promoted: int) -> None:
    for person in (ED, ART, CON, SUE):
        assert as_(person).get("/admin/audit/").status_code == 404
        assert as_(person).get(f"/admin/audit/{promoted}/").status_code == 404
        assert "/admin/audit/" not in as_(person).get("/admin/").get_data(as_text=True)
    assert as_(ADA).get("/admin/").get_data(as_text=True).count('href="/admin/audit/"') == 1


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("act=user.roles_changed", True),
        ("act=user.created", False),
        ("subject=user", True),
        ("subject=entry", False),
        ("way=program", True),
        ("way=web", False),
        ("q=contributor", True),
        ("q=CON", True),
        ("q=nobody+at+all", False),
        ("since=2020-01-01&until=2099-01-01", True),
        ("since=2099-01-01", False),
        ("until=2020-01-01", False),
        ("since=not-a-day&way=nothing&act=nothing&subject=x&person=abc&subject_id=-1", True),
        ("since=9999-12-31&until=9999-12-31", False),
        ("after=bm90aGluZw&before=x", True),
    ],
)
def test_filters_narrow_the_record(as_: As, promoted: int, query: str, found: bool) -> None:
    answer = as_(ADA).get(f"/admin/audit/?{query}")
    assert answer.status_code == 200
    assert ("gave Con other roles" in answer.get_data(as_text=True)) == found


def test_the_record_of_one_person_holds_what_they_did_and_what_was_done_to_them(as_: As, promoted: int) -> None:
    with transaction():
        edit_profile(user(CON), {"biography": "Writes."}, by=user(CON))
    text = as_(ADA).get(f"/admin/audit/?person={user(CON).id}").get_data(as_text=True)
    assert "gave Con other roles" in text
    assert "changed Con" in text
    assert "made an account for Sue" not in text


def test_paging_walks_through_everything_once(as_: As, promoted: int) -> None:
    for turn in range(60):
        with transaction():
            change_settings({"description": f"Turn {turn}"}, by=system_user())
    client, address, seen = as_(ADA), "/admin/audit/", list[str]()
    while address:
        page = client.page(address)
        seen += [str(link.attributes["href"]) for link in page.css("tbody a.mh-row__title")]
        older = page.css_first("a[rel=next]")
        address = str(older.attributes["href"]) if older is not None else ""
    assert len(seen) == len(set(seen)) == newest()
    newer = client.page(f"/admin/audit/?{'after=WzVd'}").css_first("a[rel=prev]")
    assert newer is not None
    assert client.get(str(newer.attributes["href"])).status_code == 200


def test_the_list_asks_six_questions(as_: As, promoted: int, count_queries: Callable[[], object]) -> None:
    client = as_(ADA)
    client.get("/admin/audit/")
    with count_queries() as asked:  # type: ignore[attr-defined]  # a context manager
        client.get("/admin/audit/")
    assert len(asked) <= 6


def test_an_entry_tells_every_field_before_and_after_and_its_seal(as_: As, promoted: int) -> None:
    page = as_(ADA).page(f"/admin/audit/{promoted}/")
    cells = [cell.text().strip() for cell in page.css("table tbody tr")[0].css("th, td")]
    assert cells[0] == "Roles"
    assert "Contributor" in cells[1]
    assert "Editor" in cells[2]
    sealed = current_session().scalar(select(AuditEntry.hash).where(AuditEntry.number == promoted))
    assert str(sealed) in page.text()


def test_what_was_typed_is_shown_as_text(as_: As) -> None:
    with transaction():
        edit_profile(user(CON), {"name": "<b>Con</b> %(title)s 100%"}, by=user(ADA))
    for path in ("/admin/audit/", f"/admin/audit/{newest()}/", f"/admin/audit/{newest()}/undo/"):
        answer = as_(ADA).get(path)
        assert answer.status_code == 200
        assert "<b>Con</b>" not in answer.get_data(as_text=True)
        assert "%(title)s 100%" in answer.get_data(as_text=True)


@pytest.mark.parametrize("key", ["0", "999999", "x", "9" * 30, "-1"])
def test_an_entry_that_is_not_there_is_not_found(as_: As, key: str) -> None:
    assert as_(ADA).get(f"/admin/audit/{key}/").status_code == 404
    assert as_(ADA).get(f"/admin/audit/{key}/undo/").status_code == 404


# -- taking back -----------------------------------------------------------------------------------------


def test_a_change_of_roles_is_taken_back_exactly(as_: As, promoted: int) -> None:
    client = as_(ADA)
    page = client.page(f"/admin/audit/{promoted}/undo/")
    shown = [cell.text().strip() for cell in page.css("table tbody tr")[0].css("th, td")]
    assert shown[0] == "Roles"
    assert "Editor" in shown[1]
    assert "Contributor" in shown[2]
    answer = client.submit(f"/admin/audit/{promoted}/undo/", form="main form[method=post]")
    assert answer.status_code == 303
    assert user(CON).role_names == ("contributor",)
    entry = current_session().get_one(AuditEntry, newest())
    assert (entry.act, entry.undoes, entry.actor_id) == ("user.roles_changed", promoted, user(ADA).id)
    text = client.get(f"/admin/audit/{promoted}/").get_data(as_text=True)
    assert "This was taken back by" in text
    assert "/undo/" not in text


def test_what_was_taken_back_is_not_taken_back_twice(as_: As, promoted: int) -> None:
    client = as_(ADA)
    token = client.csrf_token(f"/admin/audit/{promoted}/undo/")
    assert client.post(f"/admin/audit/{promoted}/undo/", data={"csrf_token": token}).status_code == 303
    answer = client.post(f"/admin/audit/{promoted}/undo/", data={"csrf_token": token})
    assert answer.status_code == 409
    assert "taken back already" in answer.get_data(as_text=True)
    assert user(CON).role_names == ("contributor",)


def test_what_has_moved_on_is_not_taken_back(as_: As, promoted: int) -> None:
    author = current_session().scalars(select(Role).where(Role.name == "author")).one()
    with transaction():
        assign_roles(user(CON), [author], by=user(ADA))
    before = newest()
    client = as_(ADA)
    token = client.csrf_token(f"/admin/audit/{promoted}/undo/")
    end = newest()
    answer = client.post(f"/admin/audit/{promoted}/undo/", data={"csrf_token": token})
    assert answer.status_code == 409
    assert "other roles since" in answer.get_data(as_text=True)
    assert user(CON).role_names == ("author",)
    assert newest() == end > before - 1


def test_an_act_without_a_way_back_says_why(as_: As) -> None:
    client = as_(ADA)
    page = client.get(f"/admin/audit/{newest()}/").get_data(as_text=True)
    assert "This cannot be taken back." in page
    assert "Sessions can be ended" in page
    token = client.csrf_token("/admin/settings/")
    assert client.post(f"/admin/audit/{newest()}/undo/", data={"csrf_token": token}).status_code == 409


def test_without_the_token_of_the_form_nothing_is_taken_back(as_: As, promoted: int) -> None:
    assert as_(ADA).post(f"/admin/audit/{promoted}/undo/").status_code == 400
    assert user(CON).role_names == ("editor",)


def test_what_was_erased_cannot_be_taken_back_and_says_so(as_: As, promoted: int) -> None:
    with transaction():
        erase_person_details(user(CON).id, by=user(ADA))
    text = as_(ADA).get(f"/admin/audit/{promoted}/").get_data(as_text=True)
    assert "Personal data were erased" in text
    assert "/undo/" not in text


def test_a_bulk_act_is_taken_back_as_a_whole(as_: As) -> None:
    posts = [make_post(f"Post {turn}", state="draft", author=ADA) for turn in range(3)]
    client = as_(ADA)
    token = client.csrf_token("/admin/posts/")
    fields = {"csrf_token": token, "act": "bin", "confirmed": "1", "id": [str(post.id) for post in posts]}
    answer = client.post("/admin/posts/bulk/", data=fields)
    assert answer.status_code in (302, 303)
    assert all(current_session().get_one(Entry, post.id).binned_at is not None for post in posts)
    client.submit(f"/admin/audit/{newest()}/undo/", {"every": "1"}, form="main form[method=post]")
    current_session().expire_all()
    assert all(current_session().get_one(Entry, post.id).binned_at is None for post in posts)


def test_of_a_bulk_act_what_has_moved_on_stays_and_is_told(as_: As) -> None:
    posts = [make_post(f"Post {turn}", state="draft", author=ADA) for turn in range(3)]
    client = as_(ADA)
    token = client.csrf_token("/admin/posts/")
    client.post(
        "/admin/posts/bulk/",
        data={"csrf_token": token, "act": "bin", "confirmed": "1", "id": [str(post.id) for post in posts]},
    )
    number = newest()
    client.submit(f"/admin/audit/{number - 1}/undo/", form="main form[method=post]")
    answer = client.submit(f"/admin/audit/{number}/undo/", {"every": "1"}, form="main form[method=post]")
    assert answer.status_code == 303
    with transaction():
        bin_entry(current_session().get_one(Entry, posts[0].id), by=system_user())
    assert current_session().get_one(Entry, posts[1].id).binned_at is None


# -- taking along ----------------------------------------------------------------------------------------


def test_the_record_is_taken_along_as_lines_of_json(as_: As, promoted: int) -> None:
    client = as_(ADA)
    token = client.csrf_token("/admin/settings/")
    fields = {"csrf_token": token, "form": "jsonl", "act": "user.roles_changed"}
    answer = client.post("/admin/audit/export/", data=fields, buffered=True)
    lines = [json.loads(line) for line in answer.get_data(as_text=True).splitlines()]
    assert [line["number"] for line in lines] == [promoted]
    assert lines[0]["details"]["after"] == {"roles": ["editor"]}
    assert answer.headers["Content-Disposition"] == 'attachment; filename="record.jsonl"'
    told = current_session().get_one(AuditEntry, newest())
    assert (told.act, told.actor_id) == ("audit.exported", user(ADA).id)


def test_no_cell_of_the_table_is_a_formula(as_: As) -> None:
    for name in ("=cmd|' /C calc'!A0", "+1", "-1", "@SUM(A1)", 'Con, "the" writer'):
        with transaction():
            edit_profile(user(CON), {"name": name}, by=user(CON))
    client = as_(ADA)
    token = client.csrf_token("/admin/settings/")
    answer = client.post("/admin/audit/export/", data={"csrf_token": token, "form": "csv"}, buffered=True)
    rows = list(csv.DictReader(io.StringIO(answer.get_data().decode("utf-8-sig"))))
    assert len(rows) == newest()
    cells = [cell for row in rows for cell in row.values()]
    assert not [cell for cell in cells if cell[:1] in ("=", "+", "-", "@", "\t", "\r")]
    assert "'=cmd|' /C calc'!A0" in cells


def test_only_those_who_may_take_the_record_along(as_: As, promoted: int) -> None:
    for person in (ED, ART, CON, SUE):
        client = as_(person)
        token = client.csrf_token("/account/") or client.csrf_token("/admin/")
        answer = client.post("/admin/audit/export/", data={"csrf_token": token, "form": "csv"})
        assert answer.status_code in (400, 404)
    assert as_(ADA).get("/admin/audit/export/").status_code in (404, 405)


def test_looking_at_the_account_of_somebody_is_kept_once(as_: As) -> None:
    client, con_id = as_(ADA), user(CON).id
    before = newest()
    for _turn in range(3):
        assert client.get(f"/admin/users/{con_id}/").status_code == 200
    told = current_session().get_one(AuditEntry, newest())
    assert newest() == before + 1
    assert (told.act, told.actor_id, told.subject_id) == ("private.read", user(ADA).id, con_id)
    # One's own page is nothing private of somebody else.
    client.get(f"/admin/users/{user(ADA).id}/")
    assert newest() == before + 1


def test_who_may_take_back_but_not_read_the_record_reads_nothing_of_it(as_: As, promoted: int) -> None:
    editor = current_session().scalars(select(Role).where(Role.name == "editor")).one()
    with transaction() as session:
        session.add(RoleGrant(role_id=editor.id, permission="audit:entry:undo", extent="own"))
    answer = as_(ED).get(f"/admin/audit/{promoted}/undo/")
    assert answer.status_code == 404
    assert "gave Con" not in answer.text
