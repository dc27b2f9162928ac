"""The base of every back-office view: closed unless a route declares its permission, writing only through actions."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import wraps
from typing import Any, ClassVar, TypeVar

from flask import Blueprint, Response, redirect, request
from flask_admin import Admin, BaseView, expose
from flask_admin.contrib.sqla import ModelView
from flask_sqlalchemy import SQLAlchemy
from flask_wtf import FlaskForm
from werkzeug.wrappers import Response as AnyResponse
from wtforms import Form

from cms.accounts.freshness import require_fresh
from cms.admin.access import check_route
from cms.admin.errors import frame_errors
from cms.core.db import read_key, transaction
from cms.core.errors import Conflict, Invalid, NotFound
from cms.core.i18n import Text
from cms.core.permissions import permission

Answer = str | AnyResponse | tuple[str | AnyResponse, int]
Result = TypeVar("Result")

#: Parts of Flask-Admin that only work with its own scripts or bypass our actions, and what to do instead.
_REFUSED = {
    "inline_models": "edit the related records on a page of their own",
    "column_editable_list": "edit on the entry's own page",
    "create_modal": "give the form a page",
    "edit_modal": "give the form a page",
    "details_modal": "give the record a page",
    "can_set_page_size": "set page_size",
    "form_ajax_refs": "write a route that looks the related records up and checks what the person may see",
    "fast_mass_delete": "delete through an action, record by record",
}


class Closed(BaseView):
    """A view whose routes all declare a permission; one that does not stops the start."""

    #: Route method → permission, for routes that a base class brings along; others carry a decorator.
    permissions: ClassVar[Mapping[str, str]] = {}
    #: Route methods that change something only for who has just shown that it is them (`accounts.freshness`).
    fresh: ClassVar[frozenset[str]] = frozenset()

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._declared = {name: self._stamp(name) for _url, name, _methods in self._urls}
        if unknown := self.fresh - set(self._declared):
            raise RuntimeError(f"{type(self).__name__}.fresh names {sorted(unknown)}, which are no routes.")

    def _stamp(self, name: str) -> str:
        view = getattr(self, name)
        declared = self.permissions.get(name) or getattr(view, "__cms_permission__", None)
        if declared is None:
            raise RuntimeError(f"{type(self).__name__}.{name} declares no permission, so nobody could use it.")

        @wraps(view)
        def stamped(*args: Any, **kwargs: Any) -> Any:
            return view(*args, **kwargs)

        setattr(self, name, permission(declared)(stamped))
        return str(declared)

    def is_accessible(self) -> bool:
        """Tell Flask-Admin's own menus that nothing is open: ours are made in `frame`."""
        return False

    def create_blueprint(self, admin: Admin) -> Blueprint:
        """Make the blueprint, whose errors are told in the frame."""
        blueprint = super().create_blueprint(admin)
        frame_errors(blueprint)
        return blueprint

    def _handle_view(self, name: str, /, **kwargs: Any) -> None:
        check_route(self._declared[name], self._declared[self._default_view])
        if name in self.fresh:
            require_fresh()

    def _run_view(self, fn: Callable[..., Any], *args: Any, **kwargs: Any) -> Any:
        # Flask-Admin's own calls the view a second time when it raised a TypeError.
        return fn(self, *args, **kwargs)


class ServiceModelView(Closed, ModelView):
    """A view over one model whose every write goes through an action in one `transaction()`.

    A subclass names its columns and its form, declares a permission for each route in `permissions`, and writes
    `create_model`, `update_model` and `delete_model` as calls of actions. Whatever Flask-Admin would guess from
    the model is refused, and so are its features that need its own scripts.
    """

    form_base_class = FlaskForm
    can_export = False
    simple_list_pager = True
    column_auto_select_related = False
    page_size = 40

    def __init__(self, model: type[Any], session: SQLAlchemy, **kwargs: Any) -> None:
        self._refuse_what_needs_scripts()
        super().__init__(model, session, **kwargs)

    def _refuse_what_needs_scripts(self) -> None:
        name = type(self).__name__
        for feature, instead in _REFUSED.items():
            if getattr(self, feature, None):
                raise RuntimeError(f"{name}.{feature} is not supported by this back office: {instead}.")
        if self.can_export and not self.column_export_list:
            raise RuntimeError(f"{name}.can_export needs column_export_list: only named columns leave the house.")
        if self.column_list is None:
            raise RuntimeError(f"{name} names no column_list: a model's columns are never shown by default.")

    # -- what Flask-Admin would make from the model -----------------------------------------------------------

    def scaffold_form(self) -> type[Form]:
        """Return the form of the subclass; a form made from all columns would show what nobody should set."""
        return self.form or FlaskForm

    def get_create_form(self) -> type[Form]:
        """Return the form of a new record."""
        return self.scaffold_form()

    def get_edit_form(self) -> type[Form]:
        """Return the form of an existing record."""
        return self.scaffold_form()

    # -- reading ---------------------------------------------------------------------------------------------

    def get_one(self, id: Any) -> Any:  # noqa: A002 -- the name Flask-Admin calls it by
        """Return the record with this key among those the person may see (`get_query`); NotFound otherwise."""
        found = self.get_query().filter(self.model.id == record_id(id)).one_or_none()
        if found is None:
            raise NotFound
        return found

    # -- writing ---------------------------------------------------------------------------------------------

    def create_model(self, form: Any) -> Any:
        """Make a record from a valid form by calling an action; runs inside the transaction."""
        raise NotFound

    def update_model(self, form: Any, model: Any) -> bool:
        """Change a record by calling an action; runs inside the transaction."""
        raise NotFound

    def delete_model(self, model: Any) -> bool:
        """Delete a record by calling an action; runs inside the transaction."""
        raise NotFound

    def action_delete(self, ids: Any) -> Any:
        """Refuse Flask-Admin's bulk delete, which commits by itself: bulk acts are named in `bulk`."""
        raise NotFound

    def write(self, form: Any, change: Callable[[], Result]) -> Result | None:
        """Run `change` in the one transaction and return what it gives; None when the form needs another look."""
        try:
            with transaction():
                return change()
        except Invalid as error:
            note_errors(form, error)
            return None

    # -- routes ----------------------------------------------------------------------------------------------

    @expose("/")
    def index_view(self) -> Answer:
        """Show the list."""
        return self.list_page()

    def list_page(self) -> Answer:
        """Render the list; written by the subclass."""
        raise NotFound

    @expose("/new/", methods=("GET", "POST"))
    def create_view(self) -> Answer:
        """Show the form of a new record, or make it."""
        form: Any = self.create_form()
        if form.validate_on_submit():
            self.prepare(form)
            made = self.write(form, lambda: self.create_model(form))
            if made is not None:
                return self.after_create(made)
        return self.show_form(form, None)

    @expose("/<key>/", methods=("GET", "POST"))
    def edit_view(self, key: str) -> Answer:
        """Show the form of a record, or change it."""
        form: Any = self.edit_form(obj=self.get_for_form(key))
        if form.validate_on_submit():
            self.prepare(form)
            try:
                if self.write(form, lambda: self.update_model(form, self.get_one(key))):
                    return self.after_update(record_id(key))
            except Conflict as error:
                return self.show_conflict(form, self.get_one(key), error)
        return self.show_form(form, self.get_one(key))

    @expose("/<key>/delete/", methods=("GET", "POST"))
    def delete_view(self, key: str) -> Answer:
        """Say what goes with a record, or delete it."""
        if request.method != "POST":
            return self.confirm_delete(self.get_one(key))
        with transaction():
            self.delete_model(self.get_one(key))
        return self.after_delete()

    @expose("/bulk/", methods=("POST",))
    def action_view(self) -> Answer:
        """Do one thing with the ticked rows."""
        return self.bulk()

    def bulk(self) -> Answer:
        """Carry out or confirm a bulk act; views without one have none."""
        raise NotFound

    def get_for_form(self, key: str) -> Any:
        """Return the record that the form is made for."""
        return self.get_one(key)

    def prepare(self, form: Any) -> None:
        """Do what takes long with a valid form, before the transaction."""

    def show_conflict(self, form: Any, model: Any, error: Conflict) -> Answer:
        """Show what was typed again, and what somebody else saved meanwhile; saving again puts it over theirs."""
        if "version" in form:
            form.version.data = str(model.version)
        context = self.conflict_context(form, model)
        if not context.pop("explains_conflict", False):
            form.form_errors = [error.message]
        return self.render(self.edit_template, form=form, model=model, **context), 409

    def conflict_context(self, form: Any, model: Any) -> dict[str, Any]:
        """Return what the form's page shows besides the form after a conflict."""
        return self.form_context(form, model)

    def show_form(self, form: Any, model: Any | None) -> Answer:
        """Render the form; 422 when it was sent and needs another look."""
        template = self.edit_template if model is not None else self.create_template
        page = self.render(template, form=form, model=model, **self.form_context(form, model))
        return page, 422 if form.errors else 200

    def form_context(self, form: Any, model: Any | None) -> dict[str, Any]:
        """Return what the form's page shows besides the form."""
        return {}

    def confirm_delete(self, model: Any) -> Answer:
        """Render the page that says what goes; written by each view that deletes."""
        raise NotFound

    def after_create(self, model: Any) -> Answer:
        """Go to the new record."""
        return redirect(self.get_url(".edit_view", key=model.id), 303)

    def after_update(self, key: int) -> Answer:
        """Stay at the record."""
        return redirect(self.get_url(".edit_view", key=key), 303)

    def after_delete(self) -> Answer:
        """Go back to the list."""
        return redirect(self.get_url(".index_view"), 303)

    # -- Flask-Admin routes that do not exist here -----------------------------------------------------------

    def details_view(self) -> Response:
        """Refuse the details page, which would show every column: it has no route."""
        raise NotFound

    def export(self, export_type: str) -> Response:
        """Refuse the export, which neither streams nor neutralises formulas: it has no route."""
        raise NotFound

    def ajax_lookup(self) -> Response:
        """Refuse the lookup of related records, which asks no policy: it has no route."""
        raise NotFound

    def ajax_update(self) -> Response:
        """Refuse the in-place update, which ignores `can_edit`: it has no route."""
        raise NotFound


def around_form(
    heading: Text, verb: Text, back: str, *, trail: Sequence[tuple[Text, str]] = (), crumb: Text = "", lede: Text = ""
) -> dict[str, Any]:
    """Return the words around a form on a page of its own: heading, the button's verb, where one came from."""
    return {"heading": heading, "verb": verb, "back": back, "trail": trail, "crumb": crumb or heading, "lede": lede}


def record_id(text: Any) -> int:
    """Return the key of a record from an address; NotFound for anything that cannot be one."""
    key = read_key(str(text))
    if key is None:
        raise NotFound
    return key


def note_errors(form: Any, error: Invalid) -> None:
    """Put the sentences of `error` beside the fields they speak of, the others above the form."""
    fields = error.fields or {"": error.message}
    for name, sentence in fields.items():
        if name in form:
            form[name].errors = [*form[name].errors, str(sentence)]
        else:
            form.form_errors = [*form.form_errors, str(sentence)]
