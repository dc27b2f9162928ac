"""Cursors lead through everything, however things are called."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from flask import Flask

from cms.accounts.models import User
from cms.core.db import transaction
from tests.factories import make_post, make_term
from tests.functional.api.client import ApiClient
from tests.people import ADA, ART, CON, ED, Person

As = Callable[[Person], ApiClient]
UserOf = Callable[[Person], User]


@pytest.mark.parametrize("letter", ["a", "\N{GOTHIC LETTER AHSA}", '"', "é"])
def test_cursors_of_the_longest_names_lead_on(app: Flask, api_as: As, user_of: UserOf, letter: str) -> None:
    # Alike for longer than a cursor holds.
    names = [letter * 118 + end for end in ("a", "b", "c")]
    with transaction():
        for person, name in zip((ED, ART, CON), names, strict=True):
            user_of(person).name = name
    for number, name in enumerate(names):
        make_post(name * 4)
        make_term("tag", name, slug=f"tag-{number}")
    for path, key in (("/users?sort=name", "name"), ("/posts?sort=title", "title"), ("/tags?sort=name", "name")):
        found, following = [], f"{path}&per_page=1"
        while following and len(found) < 50:
            answer = api_as(ADA).get(following)
            assert answer.status_code == 200, answer.text
            found += [item[key] for item in answer.json["items"]]
            following = (answer.json["next"] or "").removeprefix("http://localhost")
        whole = [item[key] for item in api_as(ADA).get(path).json["items"]]
        assert found == whole
        assert len(found) >= 3
