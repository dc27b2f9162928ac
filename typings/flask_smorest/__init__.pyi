from collections.abc import Callable, Mapping
from typing import Any, TypeVar

import flask
from apispec import APISpec
from marshmallow import Schema
from webargs.flaskparser import FlaskParser

_View = TypeVar("_View", bound=Callable[..., Any])
_Anything = TypeVar("_Anything")

class Blueprint(flask.Blueprint):
    ARGUMENTS_PARSER: FlaskParser
    description: str
    _docs: dict[str, dict[str, Any]]
    def __init__(self, name: str, import_name: str, *, description: str = ..., **options: Any) -> None: ...
    def route(self, rule: str, **options: Any) -> Callable[[_Anything], _Anything]: ...
    def arguments(
        self, schema: Schema | type[Schema], *, location: str = ..., **options: Any
    ) -> Callable[[_View], _View]: ...
    def response(
        self, status_code: int, schema: Schema | type[Schema] | Mapping[str, Any] | None = ..., **options: Any
    ) -> Callable[[_View], _View]: ...
    def alt_response(
        self, status_code: int, response: str | None = ..., **options: Any
    ) -> Callable[[_View], _View]: ...
    @staticmethod
    def doc(**description: Any) -> Callable[[_View], _View]: ...

class Api:
    spec: APISpec
    def __init__(
        self, app: flask.Flask | None = ..., *, spec_kwargs: Mapping[str, Any] | None = ..., config_prefix: str = ...
    ) -> None: ...
    def init_app(self, app: flask.Flask, *, spec_kwargs: Mapping[str, Any] | None = ...) -> None: ...
    def register_blueprint(self, blp: Blueprint, **options: Any) -> None: ...
    def _register_error_handlers(self) -> None: ...
