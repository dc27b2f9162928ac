"""An operation that is to go says so: in its answers, also in errors, and in the document."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date
from typing import Any

import pytest
from flask import Flask
from flask.views import MethodView
from flask_smorest import Api
from marshmallow import Schema, fields
from werkzeug.wrappers import Response

from cms.api.deprecation import deprecated
from cms.api.routes import ApiBlueprint, answer
from cms.core.errors import NotFound
from cms.core.permissions import public_route
from cms.core.stamps import stamp_of
from cms.extensions import csrf
from tests.functional.api.client import ApiClient

WHERE = "https://example.org/docs/api#loaves"
OLD = deprecated(since=date(2026, 11, 1), sunset=date(2027, 11, 1), link=WHERE)
#: `date -u -d 2026-11-01 +%s`
SINCE = "@1793491200"


class Found(Schema):
    """What is found."""

    number = fields.Integer()


class Asked(Schema):
    """What may be asked."""

    number = fields.Integer()


def blueprint() -> ApiBlueprint:
    made = ApiBlueprint("loaves", __name__, url_prefix="/api/v1/loaves", description="Loaves.")

    @made.route("")
    class Loaves(MethodView):
        """Loaves."""

        @public_route
        @OLD
        @made.arguments(Asked, location="query")
        @made.response(200, Found)
        def get(self, arguments: Mapping[str, Any]) -> Response:
            """Find a loaf."""
            if arguments.get("number") == 404:
                raise NotFound
            return answer(arguments, headers={"Link": '</api/v1/loaves>; rel="first"'})

        @public_route
        @deprecated(since=date(2026, 11, 1), link=WHERE)
        @made.response(200, Found)
        def delete(self) -> Response:
            """Eat a loaf."""
            return answer({})

        @public_route
        @made.response(200, Found)
        def put(self) -> Response:
            """Bake a loaf."""
            return answer({})

    return made


@pytest.fixture
def client(make_app: Callable[..., Flask]) -> ApiClient:
    """A client of an application with old operations."""
    app = make_app()
    loaves = blueprint()
    csrf.exempt(loaves)
    app.register_blueprint(loaves)
    return ApiClient(app)


@pytest.mark.parametrize(("query", "status"), [("", 200), ("?number=404", 404), ("?number=x", 422), ("?more=1", 422)])
def test_answers_say_since_when_and_until_when(client: ApiClient, query: str, status: int) -> None:
    got = client.get(f"/loaves{query}", check=False)
    assert got.status_code == status
    assert got.headers["Deprecation"] == SINCE
    assert got.headers["Sunset"] == "Mon, 01 Nov 2027 00:00:00 GMT"
    links = got.headers.getlist("Link")
    assert links[-1] == f'<{WHERE}>; rel="deprecation"; type="text/html"'
    assert len(links) == (2 if status == 200 else 1)


def test_an_end_need_not_be_known(client: ApiClient) -> None:
    got = client.delete("/loaves", check=False)
    assert (got.headers["Deprecation"], got.headers.get("Sunset")) == (SINCE, None)


def test_what_stays_says_nothing(client: ApiClient) -> None:
    got = client.put("/loaves", check=False)
    assert (got.status_code, got.headers.get("Deprecation"), got.headers.get("Link")) == (200, None, None)


def test_the_document_says_so() -> None:
    app = Flask("document")
    app.config.update(API_TITLE="Loaves", API_VERSION="1", OPENAPI_VERSION="3.1.0")
    api = Api(app)
    api.register_blueprint(blueprint())
    told = api.spec.to_dict()["paths"]["/api/v1/loaves"]
    assert [told[method].get("deprecated") for method in ("get", "delete", "put")] == [True, True, None]
    # What stands below is documented as ever.
    assert told["get"]["summary"] == "Find a loaf."
    assert [parameter["name"] for parameter in told["get"]["parameters"]] == ["number"]


def test_permissions_are_found_above_it() -> None:
    view = blueprint()
    app = Flask("views")
    app.register_blueprint(view)
    assert stamp_of(app.view_functions["loaves.Loaves"], "GET", "__cms_permission__") is not None


def test_nothing_is_gone_before_it_is_deprecated() -> None:
    with pytest.raises(ValueError, match="before"):
        deprecated(since=date(2026, 11, 1), sunset=date(2026, 10, 31), link=WHERE)
