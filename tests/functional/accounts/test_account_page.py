"""The person's own page: open to everybody who is signed in, made of sections."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tests.clients import PageClient
from tests.people import ADA, PEOPLE, SUE, Person

As = Callable[[Person], PageClient]


@pytest.mark.parametrize("person", PEOPLE, ids=lambda person: person.name)
def test_everybody_who_is_signed_in_has_a_page_of_their_own(as_: As, person: Person) -> None:
    page = as_(person).page("/account/")
    assert person.email in page.text()
    ids = [section.attributes["id"] for section in page.css("main section")]
    assert ids[0] == "overview"
    assert len(ids) == len(set(ids))


def test_a_stranger_signs_in_first_and_comes_back(client: PageClient) -> None:
    answer = client.get("/account/")
    assert (answer.status_code, answer.headers["Location"]) == (302, "/login?next=%2Faccount%2F")


def test_the_way_there_is_in_the_menu_and_on_the_profile(as_: As) -> None:
    for path in ("/admin/", "/admin/profile/"):
        assert as_(ADA).page(path).css_first('a[href="/account/"]') is not None, path
    assert as_(SUE).page("/account/").css_first('a[href="/admin/profile/"]') is None


def test_nobody_keeps_a_copy_of_it(as_: As) -> None:
    answer = as_(SUE).get("/account/")
    assert answer.headers["Cache-Control"] == "no-store, private"
    assert "default-src 'none'" in answer.headers["Content-Security-Policy"]
