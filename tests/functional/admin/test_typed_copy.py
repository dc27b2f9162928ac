"""The answer to a save names the copy in the browser that it saved, and nothing else that was sent for one."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from flask import Flask

from tests.clients import PageClient
from tests.factories import make_post
from tests.people import ED, Person

As = Callable[[Person], PageClient]
NAME = "a1b2c3d4e5-7"


def test_only_a_save_that_went_well_is_told_as_saved(app: Flask, as_: As) -> None:
    path = f"/admin/posts/{make_post('Knots', state='draft', author=ED).id}/"
    ed = as_(ED)
    saved = ed.submit(path, {"title": "Bends", "copy": NAME}, button=("act", "save"))
    assert (saved.status_code, saved.headers["Location"]) == (303, f"{path}#saved-{NAME}")
    refused = ed.submit(path, {"title": "x" * 501, "copy": NAME}, button=("act", "save"))
    assert refused.status_code == 422
    assert f'data-copy="{NAME}"' in refused.text
    assert "data-copy=" not in ed.get(path).text


@pytest.mark.parametrize(
    "name", ["", "a1b2c3d4e5", f"{NAME}\r\nX-More: 1", f"//evil.example/{NAME}", f'{NAME}"><b>', "é" * 12]
)
def test_no_other_name_is_repeated(app: Flask, as_: As, name: str) -> None:
    path = f"/admin/posts/{make_post('Knots', state='draft', author=ED).id}/"
    ed = as_(ED)
    saved = ed.submit(path, {"title": "Bends", "copy": name}, button=("act", "save"))
    assert (saved.status_code, saved.headers["Location"]) == (303, path)
    refused = ed.submit(path, {"title": "x" * 501, "copy": name}, button=("act", "save"))
    assert "data-copy=" not in refused.text
