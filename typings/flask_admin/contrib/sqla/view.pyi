from collections.abc import Mapping, Sequence
from typing import Any, ClassVar

from flask_admin.actions import ActionsMixin
from flask_admin.base import BaseView
from flask_sqlalchemy import SQLAlchemy
from wtforms import Form

class ModelView(BaseView, ActionsMixin):
    model: type[Any]
    session: SQLAlchemy
    can_create: bool
    can_edit: bool
    can_delete: bool
    can_view_details: bool
    can_export: bool
    can_set_page_size: bool
    create_modal: bool
    edit_modal: bool
    details_modal: bool
    page_size: int
    fast_mass_delete: bool
    simple_list_pager: bool
    list_template: str
    edit_template: str
    create_template: str
    inline_models: Sequence[Any] | None
    column_list: Sequence[str] | None
    column_details_list: Sequence[str] | None
    column_export_list: Sequence[str] | None
    column_sortable_list: Sequence[str] | None
    column_searchable_list: Sequence[str] | None
    column_filters: Sequence[str] | None
    column_editable_list: Any
    column_auto_select_related: bool
    form: type[Form] | None
    form_base_class: ClassVar[type[Form]]
    form_columns: Sequence[str] | None
    form_ajax_refs: Mapping[str, Any] | None
    def __init__(
        self,
        model: type[Any],
        session: SQLAlchemy,
        name: str | None = None,
        category: str | None = None,
        endpoint: str | None = None,
        url: str | None = None,
        static_folder: str | None = None,
        menu_class_name: str | None = None,
        menu_icon_type: str | None = None,
        menu_icon_value: str | None = None,
    ) -> None: ...
    def scaffold_form(self) -> type[Form]: ...
    def scaffold_list_columns(self) -> list[str]: ...
    def get_create_form(self) -> type[Form]: ...
    def get_edit_form(self) -> type[Form]: ...
    def get_query(self) -> Any: ...
    def get_count_query(self) -> Any: ...
    def get_list(
        self,
        page: int | None,
        sort_column: str | None,
        sort_desc: bool,
        search: str | None,
        filters: Sequence[Any] | None,
        execute: bool = True,
        page_size: int | None = None,
    ) -> tuple[int | None, list[Any]]: ...
    def get_one(self, id: Any) -> Any: ...
    def create_model(self, form: Any) -> Any: ...
    def update_model(self, form: Any, model: Any) -> bool: ...
    def delete_model(self, model: Any) -> bool: ...
    def create_form(self, obj: Any = None) -> Form: ...
    def edit_form(self, obj: Any = None) -> Form: ...
    def handle_view_exception(self, exc: Exception) -> bool: ...
    def index_view(self) -> Any: ...
    def create_view(self) -> Any: ...
    def edit_view(self, *args: Any, **kwargs: Any) -> Any: ...
    def details_view(self) -> Any: ...
    def delete_view(self, *args: Any, **kwargs: Any) -> Any: ...
    def action_view(self) -> Any: ...
    def action_delete(self, ids: Sequence[Any]) -> Any: ...
    def export(self, export_type: str) -> Any: ...
    def ajax_lookup(self) -> Any: ...
    def ajax_update(self) -> Any: ...
