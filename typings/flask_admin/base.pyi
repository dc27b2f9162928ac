from collections.abc import Callable, Iterable
from typing import Any, ClassVar, TypeVar

from flask import Blueprint, Flask
from flask_admin.theme import Theme

_View = TypeVar("_View", bound=Callable[..., Any])

def expose(url: str = ..., methods: Iterable[str] | None = ...) -> Callable[[_View], _View]: ...

class AdminViewMeta(type): ...

class BaseView(metaclass=AdminViewMeta):
    _default_view: ClassVar[str]
    _urls: ClassVar[list[tuple[str, str, Iterable[str]]]]
    name: str | None
    category: str | None
    endpoint: str
    url: str | None
    admin: Admin | None
    blueprint: Blueprint | None
    def __init__(
        self,
        name: str | None = None,
        category: str | None = None,
        endpoint: str | None = None,
        url: str | None = None,
        static_folder: str | None = None,
        static_url_path: str | None = None,
        menu_class_name: str | None = None,
        menu_icon_type: str | None = None,
        menu_icon_value: str | None = None,
    ) -> None: ...
    def create_blueprint(self, admin: Admin) -> Blueprint: ...
    def render(self, template: str, **kwargs: Any) -> str: ...
    def is_visible(self) -> bool: ...
    def is_accessible(self) -> bool: ...
    def inaccessible_callback(self, name: str, **kwargs: Any) -> Any: ...
    def get_url(self, endpoint: str, **kwargs: Any) -> str: ...
    def _handle_view(self, name: str, /, **kwargs: Any) -> Any: ...
    def _run_view(self, fn: Callable[..., Any], *args: Any, **kwargs: Any) -> Any: ...

class AdminIndexView(BaseView): ...

class Admin:
    app: Flask | None
    name: str
    index_view: BaseView
    _views: list[BaseView]
    def __init__(
        self,
        app: Flask | None = None,
        name: str | None = None,
        url: str | None = None,
        subdomain: str | None = None,
        index_view: BaseView | None = None,
        translations_path: str | None = None,
        endpoint: str | None = None,
        static_url_path: str | None = None,
        theme: Theme | None = None,
        category_icon_classes: dict[str, str] | None = None,
        host: str | None = None,
        csp_nonce_generator: Callable[[], str] | None = None,
    ) -> None: ...
    def add_view(self, view: BaseView) -> None: ...
    def add_views(self, *views: BaseView) -> None: ...
    def init_app(self, app: Flask) -> None: ...
