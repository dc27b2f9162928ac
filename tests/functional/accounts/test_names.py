"""Nobody takes a name by which they pass for the site, its staff or a colleague (case 40)."""

from __future__ import annotations

import json
import unicodedata
from collections.abc import Callable
from pathlib import Path

import pytest
from flask import Flask

from cms.accounts import fields
from cms.accounts.actions import create_user, edit_profile
from cms.accounts.models import User
from cms.accounts.names import check_name
from cms.core.db import transaction
from cms.core.errors import Invalid
from cms.core.permissions import system_user
from cms.settings.actions import change_settings
from tests import needs
from tests.clients import PageClient
from tests.people import ADA, ART, SUE, Person

As = Callable[[Person], PageClient]
UserOf = Callable[[Person], User]

OFFICES = (
    "admin", "Admin", "ADMINISTRATOR", "аdmin", "adm\u200bin", "ａｄｍｉｎ", "A d m i n", "Site Admin",
    "The Administrator", "Support", "Official Support Team", "suppοrt", "root", "Web-Team",
    "Moderator of the site", "\u202eAdmin", "aԁmin", "Harbour Admin", "Chronicle Support", "𝐀𝐝𝐦𝐢𝐧", "Admın",
)  # fmt: skip
COLLEAGUES = ("Ada", "ADA", "Аda", "A\u200bda", "Ａｄａ", "A d a", "Ed", "Ɑda")
FINE = (
    "Nell", "Adam", "Adaline Minton", "Maria", "Supporter of otters", "Rooted Oak", "Ada Harbour", "Łukasz", "张伟",
    "محمد", "Team Otter", "Miles O'Brien", "x", "Edda",
)  # fmt: skip


@pytest.fixture(autouse=True)
def _called_after_the_harbour(app: Flask) -> None:
    with transaction():
        change_settings({"name": "The Harbour Chronicle", "registration_open": True}, by=system_user())


@pytest.mark.parametrize("name", [*OFFICES, *COLLEAGUES, "The Harbour Chronicle", "the harbour  chrоnicle"])
def test_a_reader_does_not_register_as_somebody_else(client: PageClient, name: str) -> None:
    answer = client.submit("/register", {"name": name, "email": "new@example.com"})
    page = answer.get_data(as_text=True)
    assert "invalid-feedback" in page
    assert any(told in page for told in ("take this for the site", "name of the site", "works here", "Give a name"))


@pytest.mark.parametrize("name", FINE)
def test_a_name_of_ones_own_is_taken(client: PageClient, name: str) -> None:
    answer = client.submit("/register", {"name": name, "email": "new@example.com"})
    assert "invalid-feedback" not in answer.get_data(as_text=True)


@pytest.mark.parametrize("name", ["Admin", "Ada", "suppоrt"])
def test_nobody_renames_themselves_so(user_of: UserOf, name: str) -> None:
    with pytest.raises(Invalid) as told, transaction():
        edit_profile(user_of(ART), {"name": name}, by=user_of(ART))
    assert set(told.value.fields) == {"name"}
    assert user_of(ART).name == "Art"


def test_two_readers_may_have_one_name_and_everybody_keeps_theirs(user_of: UserOf) -> None:
    with transaction():
        create_user(email="maria@example.com", name="Maria", by=system_user())
    check_name("Maria")
    check_name("Sue")
    check_name("Ada", of=user_of(ADA))
    with transaction():
        edit_profile(user_of(ART), {"name": "Art", "biography": "Writes."}, by=user_of(ART))


def test_a_site_may_be_called_after_whoever_writes_it(user_of: UserOf) -> None:
    check_name("The Harbour Chronicle", of=user_of(ART))
    with pytest.raises(Invalid):
        check_name("The Harbour Chronicle", of=user_of(SUE))


def test_who_looks_after_people_names_them_as_they_mean_it(user_of: UserOf) -> None:
    with transaction():
        edit_profile(user_of(ART), {"name": "Support"}, by=user_of(ADA))
    assert user_of(ART).name == "Support"


@needs.needs("data")
def test_naughty_names_are_refused_or_kept_as_one_plain_line(app: Flask) -> None:
    strings = json.loads((Path(needs.get("data")) / "strings" / "blns.json").read_text("utf-8"))
    assert len(strings) > 400
    for index, string in enumerate(strings):
        try:
            name = fields.read_name(string)
        except Invalid:
            continue
        assert name == name.strip()
        assert 0 < len(name) <= fields.LONGEST_NAME
        assert any(letter.isalnum() for letter in name)
        # One line, nothing unseen that turns the reading direction, hides or breaks it.
        assert not any(unicodedata.category(letter) in ("Cc", "Zl", "Zp") for letter in name), repr(name)
        assert not set(name) & set("\u200b\u200e\u200f\u202a\u202b\u202d\u202e\u2066\u2067\u2069\ufeff"), repr(name)
        with transaction():
            slug = create_user(email=f"n{index}@example.com", name=name, by=system_user()).slug
        assert slug.isascii() or slug == unicodedata.normalize("NFC", slug)
        assert slug not in ("admin", "root", "support")


@pytest.mark.parametrize("name", ["", " ", "\u200b", "\u3000", "\u2028", "\u202e", "\ufeff", "…", "--", "\u00ad"])
def test_a_name_says_something(name: str) -> None:
    with pytest.raises(Invalid):
        fields.read_name(name)
