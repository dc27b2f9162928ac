"""Posts and pages as a table: the rows of the list, the columns that are named, and no cell that computes."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import openpyxl
import pytest
from flask import Flask
from sqlalchemy import update

from cms.accounts.models import SignIn
from cms.admin import entry_export
from cms.core.db import transaction
from cms.lib.clock import utcnow
from cms.lib.spreadsheets import XLSX_TYPE
from tests.attacks.payloads import FORMULAS
from tests.clients import PageClient
from tests.factories import make_page, make_post, make_term, user
from tests.people import ADA, ART, CON, ED, NOBODY, SUE, Person

As = Callable[[Person], PageClient]
HEAD = [
    "Title", "Address", "State", "Who may read it", "Authors", "Terms", "Words", "Published (UTC)", "Changed (UTC)",
    "Begun (UTC)",
]  # fmt: skip


def rows(client: PageClient, address: str = "/admin/posts/export.csv") -> list[list[str]]:
    answer = client.get(address, buffered=True)
    assert answer.status_code == 200, answer.text[:300]
    return list(csv.reader(io.StringIO(answer.get_data().decode("utf-8-sig"), newline="")))


def titles(client: PageClient, address: str = "/admin/posts/export.csv") -> list[str]:
    return [row[0] for row in rows(client, address)[1:]]


def sheet(client: PageClient, address: str) -> list[list[Any]]:
    answer = client.get(address, buffered=True)
    assert answer.status_code == 200
    book = openpyxl.load_workbook(io.BytesIO(answer.get_data()))
    return [list(row) for row in book.worksheets[0].iter_rows()]


def test_a_table_says_what_the_list_says(app: Flask, as_: As) -> None:
    make_post("Loaf", terms=[make_term("category", "Bread")])
    found = rows(as_(ED))
    assert found[0] == HEAD
    assert found[1][:7] == ["Loaf", "/posts/loaf/", "Published", "Everybody", "Ed", "Bread", "2"]
    assert all(moment.endswith("Z") for moment in found[1][7:])
    (head, row) = sheet(as_(ED), "/admin/posts/export.xlsx")
    assert [cell.value for cell in head] == HEAD
    assert [cell.value for cell in row][:7] == ["Loaf", "/posts/loaf/", "Published", "Everybody", "Ed", "Bread", 2]


def test_the_answer_is_a_file_that_nobody_keeps(app: Flask, as_: As) -> None:
    make_post("Loaf")
    for form, kind in (
        ("csv", "text/csv"),
        ("xlsx", XLSX_TYPE),
    ):
        answer = as_(ED).get(f"/admin/posts/export.{form}", buffered=True)
        assert answer.mimetype == kind
        assert answer.headers["Content-Disposition"].startswith('attachment; filename="posts-20')
        assert "no-store" in answer.headers["Cache-Control"]
        assert answer.headers["X-Content-Type-Options"] == "nosniff"
        assert "Content-Length" not in answer.headers or form == "xlsx"


@pytest.mark.parametrize("path", ["/admin/posts/export.csv", "/admin/posts/export.xlsx"])
def test_a_table_arrives_whole_also_for_who_was_last_seen_long_ago(app: Flask, as_: As, path: str) -> None:
    """Noting that somebody is still here, which is due now and then, takes nothing from a table on its way."""
    make_post("Loaf")
    client = as_(ED)
    with transaction() as session:
        session.execute(update(SignIn).values(last_seen_at=utcnow() - timedelta(hours=1)))
    assert len(client.get(path, buffered=True).get_data()) > 100
    assert titles(client) == ["Loaf"]


@pytest.mark.parametrize("form", ["csv", "xlsx"])
def test_formulas_leave_as_text(app: Flask, as_: As, form: str) -> None:
    for number, formula in enumerate(FORMULAS):
        make_post(formula if formula.strip() else f"x{number}", slug=f"post-{number}")
    make_term("tag", "=1+1")
    with transaction():
        user(ED).name = "=HYPERLINK(1)"
    if form == "csv":
        cells = [cell for row in rows(as_(ADA))[1:] for cell in row]
        assert cells.count("'=HYPERLINK(1)") == len(FORMULAS)
        assert not any(cell[:1] in "=+-@\t\r\n＝＋－＠" for cell in cells if cell)
    else:
        found = [cell for row in sheet(as_(ADA), "/admin/posts/export.xlsx")[1:] for cell in row]
        assert all(cell.data_type != "f" for cell in found)
        assert sum(cell.quotePrefix for cell in found) == 2 * len(FORMULAS)


def test_the_table_is_narrowed_and_sorted_as_the_list_is(app: Flask, as_: As) -> None:
    bread = make_term("category", "Bread")
    make_post("Rye", terms=[bread])
    make_post("Loaf", author=ART, state="draft")
    make_post("Cake", state="draft", visibility="members")
    make_post("Gone", state="binned")
    ed = as_(ED)
    address = "/admin/posts/export.csv"
    assert titles(ed, f"{address}?sort=title") == ["Cake", "Loaf", "Rye"]
    assert titles(ed, f"{address}?sort=-title") == ["Rye", "Loaf", "Cake"]
    assert titles(ed, f"{address}?state=draft&sort=title") == ["Cake", "Loaf"]
    assert titles(ed, f"{address}?state=bin") == ["Gone"]
    assert titles(ed, f"{address}?q=oaf") == ["Loaf"]
    assert titles(ed, f"{address}?author={user(ART).id}") == ["Loaf"]
    assert titles(ed, f"{address}?term={bread.id}") == ["Rye"]
    assert titles(ed, f"{address}?visibility=members") == ["Cake"]
    assert titles(ed, f"{address}?after=x&before=y&count=1&sort=title") == ["Cake", "Loaf", "Rye"]


def test_nobody_takes_along_what_the_list_does_not_show_them(app: Flask, as_: As) -> None:
    make_post("Of Ed", state="draft")
    make_post("Of Art", author=ART, state="draft")
    make_post("Out", author=ED)
    make_page("About", state="draft")
    for person in (ADA, ED, ART, CON):
        page = as_(person).page("/admin/posts/")
        listed = {node.text() for node in page.css(".mh-row__title")}
        assert set(titles(as_(person))) == listed, person
    assert "Of Ed" not in titles(as_(ART))
    assert titles(as_(ED), "/admin/pages/export.csv") == ["About"]
    for person, status in ((SUE, 404), (NOBODY, 302)):
        for path in ("/admin/posts/export.csv", "/admin/posts/export.xlsx", "/admin/pages/export.csv"):
            assert as_(person).get(path, buffered=True).status_code == status


def test_no_secret_and_no_address_of_a_person_leaves(app: Flask, as_: As) -> None:
    make_post("Closed", visibility="password", password_hash="$argon2id$secret")
    text = as_(ADA).get("/admin/posts/export.csv", buffered=True).text
    for kept in ("argon2", "example.com", user(ED).fs_uniquifier):
        assert kept not in text


@pytest.mark.parametrize("path", ["export.ods", "export.csv/", "export.html", "export.", "export", "export/csv/"])
def test_there_are_two_forms(app: Flask, as_: As, path: str) -> None:
    # An address without a slash at its end leads to the one with it, where no post has such a number.
    assert as_(ADA).get(f"/admin/posts/{path}", follow_redirects=True).status_code == 404


def test_a_long_list_leaves_in_batches_and_has_an_end(app: Flask, as_: As, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(entry_export, "_BATCH", 3)
    monkeypatch.setattr(entry_export, "MOST_ROWS", 9)
    for number in range(11):
        make_post(f"Post {number:02}", state="draft")
    found = titles(as_(ED), "/admin/posts/export.csv?sort=title")
    assert found == [f"Post {number:02}" for number in range(9)] + [
        "There are more. Narrow the list, and export it again."
    ]


def test_a_table_costs_three_queries_a_batch(app: Flask, as_: As, count_queries: Any) -> None:
    ed = as_(ED)
    for number in range(30):
        make_post(f"Post {number}", state="draft")
    with count_queries() as asked:
        ed.get("/admin/posts/export.csv", buffered=True)
    assert len(asked) <= 6


def test_the_list_offers_its_table_as_it_is_narrowed(app: Flask, as_: As) -> None:
    make_post("Loaf", state="draft")
    page = as_(ED).page("/admin/posts/?state=draft&q=loaf&count=1")
    links = [node.attributes["href"] for node in page.css(".mh-tools__end a.mh-menu__item")]
    assert links == ["/admin/posts/export.csv?state=draft&q=loaf", "/admin/posts/export.xlsx?state=draft&q=loaf"]
