"""Rules for the back office's views and for every route."""

from flask import Flask
from flask_admin import BaseView
from flask_admin.contrib.sqla import ModelView

from cms.core.permissions import PUBLIC, SIGNED_IN, registry, route_permission


def test_every_route_has_a_permission(app: Flask) -> None:
    """Each view is stamped by `permission("…")`, `signed_in` or `public_route`."""
    bare = {
        f"{method} {rule.endpoint}"
        for rule in app.url_map.iter_rules()
        for method in rule.methods or ()
        if route_permission(rule.endpoint, app.view_functions[rule.endpoint], method) is None
    }
    assert bare == set()


def test_every_route_names_a_permission_that_there_is(app: Flask) -> None:
    named = {
        f"{method} {rule.endpoint}": route_permission(rule.endpoint, app.view_functions[rule.endpoint], method)
        for rule in app.url_map.iter_rules()
        for method in rule.methods or ()
    }
    known = {PUBLIC, SIGNED_IN, None, *registry.names()}
    assert {endpoint: name for endpoint, name in named.items() if name not in known} == {}


def test_views_over_records_are_model_views(app: Flask) -> None:
    wrong = [
        f"{view.endpoint}: {type(view).__name__}"
        for extension in app.extensions.get("admin", [])
        for view in extension._views
        if getattr(view, "model", None) is not None and not isinstance(view, ModelView)
    ]
    assert wrong == []
    models = {
        view.model.__name__
        for extension in app.extensions.get("admin", [])
        for view in extension._views
        if isinstance(view, ModelView)
    }
    assert {"User", "Role", "Post", "Page", "Category", "Tag", "MediaFile"} <= models


def test_views_are_closed_by_default(app: Flask) -> None:
    open_ones = [
        view.endpoint
        for extension in app.extensions.get("admin", [])
        for view in extension._views
        if type(view).is_accessible is BaseView.is_accessible
    ]
    assert open_ones == []
