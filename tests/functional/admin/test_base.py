"""The base view: closed unless told otherwise, and deaf to what would need other people's scripts."""

from __future__ import annotations

from typing import Any

import pytest
from flask import Flask
from flask_admin import expose

from cms.admin.base import Closed, ServiceModelView, record_id
from cms.content.models import Post
from cms.core.errors import NotFound
from cms.extensions import db

ALL = dict.fromkeys(("index_view", "create_view", "edit_view", "delete_view", "action_view"), "content:post:edit")


def view(**attributes: Any) -> ServiceModelView:
    """Return a view over posts with the given attributes."""
    made = type("TriedView", (ServiceModelView,), {"column_list": ("title",), "permissions": ALL, **attributes})
    return made(Post, db, endpoint="tried")


def test_a_view_that_declares_everything_starts(app: Flask) -> None:
    assert not view().is_accessible()


def test_a_route_without_a_permission_stops_the_start(app: Flask) -> None:
    with pytest.raises(RuntimeError, match="index_view declares no permission"):
        view(permissions={name: word for name, word in ALL.items() if name != "index_view"})

    class Forgotten(Closed):
        @expose("/")
        def index(self) -> str:
            return ""

    with pytest.raises(RuntimeError, match="Forgotten\\.index declares no permission"):
        Forgotten()


@pytest.mark.parametrize(
    ("feature", "value"),
    [
        ("inline_models", [Post]),
        ("column_editable_list", ["title"]),
        ("create_modal", True),
        ("edit_modal", True),
        ("details_modal", True),
        ("can_set_page_size", True),
        ("form_ajax_refs", {"authors": {"fields": ["name"]}}),
        ("fast_mass_delete", True),
        ("can_export", True),
        ("column_list", None),
    ],
)
def test_what_needs_other_scripts_or_shows_everything_is_refused(app: Flask, feature: str, value: object) -> None:
    with pytest.raises(RuntimeError, match=feature):
        view(**{feature: value})


@pytest.mark.parametrize("text", ["0x1", "-1", "1e3", "", "None", "٣", "9" * 40, "1;", "1 or 1=1", "../1"])
def test_a_key_is_a_plain_number(text: str) -> None:
    with pytest.raises(NotFound):
        record_id(text)
