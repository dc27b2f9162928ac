"""No name or address passes for another's, or for the site's own (case 40; L9)."""

from __future__ import annotations

import pytest
from flask import Flask

from cms.accounts.actions import create_user, edit_profile
from cms.content.addresses import RESERVED
from cms.core.db import transaction
from cms.core.errors import Invalid
from cms.core.permissions import system_user
from tests.factories import make_page, make_post, user
from tests.people import ADA, ART

LOOK_ALIKES = ("аda", "ａｄａ", "ada\u200b", "a\u00adda", "ADA", " ada ", "\u202eada", "ɑda")
RESERVED_NAMES = (
    "admin",
    "Admin",
    "аdmin",
    "adm\u200bin",
    "ａｄｍｉｎ",
    "root",
    "support",
    "system",
    "masthead",
    "rооt",
)


@pytest.mark.parametrize("name", [*LOOK_ALIKES, *RESERVED_NAMES])
def test_an_author_address_passes_for_nobody_elses(app: Flask, name: str) -> None:
    """Chosen, it is refused; made from a name, it is made different."""
    with pytest.raises(Invalid), transaction():
        edit_profile(user(ART), {"slug": name}, by=system_user())
    with transaction():
        made = create_user(email="other@example.com", name=name, by=system_user()).slug
    assert made not in {user(ADA).slug, "admin", "root", name}
    assert made.rsplit("-", 1)[-1].isdigit() or made == "person"


@pytest.mark.parametrize("email", ["ADA@example.com", " ada@example.com", "ada@EXAMPLE.com"])
def test_a_sign_in_name_has_one_owner(app: Flask, email: str) -> None:
    with pytest.raises(Invalid), transaction():
        create_user(email=email, name="Other", by=system_user())


def test_no_page_takes_an_address_of_the_site(app: Flask) -> None:
    """The first part of every address that has a route, in any spelling, is reserved."""
    firsts = {rule.rule.strip("/").split("/")[0] for rule in app.url_map.iter_rules()}
    assert {first for first in firsts if first and "<" not in first} - RESERVED == set()
    for word in ("admin", "ADMIN", " admin ", "ad\u200bmin", "ａｄｍｉｎ", "login", "media"):
        assert make_page(word, slug=word).address not in ("/admin/", "/login/", "/media/")


@pytest.mark.parametrize(
    "slug", ["loaf", "LOAF", " loaf ", "lo\u200baf", "ｌｏａｆ", "loaf/", "../loaf", "lo%61f", "loaf\x00"]
)
def test_two_posts_never_share_an_address(app: Flask, slug: str) -> None:
    first, second = make_post("Loaf", slug="loaf"), make_post("Loaf", slug=slug)
    assert first.address != second.address
    assert ".." not in str(second.address)
