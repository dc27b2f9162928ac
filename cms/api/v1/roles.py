"""`/roles`: what people may do, in bundles; nobody puts into one what they lack."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from flask.views import MethodView
from werkzeug.wrappers import Response

from cms.accounts import policies
from cms.accounts.actions.create_role import create_role
from cms.accounts.actions.delete_role import delete_role
from cms.accounts.actions.edit_role import edit_role
from cms.accounts.locks import lock_people
from cms.accounts.models import Role
from cms.accounts.queries import count_people_by_role, count_roles, find_role, get_role, list_roles_in_parts
from cms.accounts.roles import find_default, role_description, role_label
from cms.api.access import person
from cms.api.conditions import require_version
from cms.api.freshness import require_fresh
from cms.api.idempotency import idempotent
from cms.api.lists import Found, answer_list, count_up_to, read_slice
from cms.api.routes import ApiBlueprint, answer, below_here, empty
from cms.api.v1.presenting import moment
from cms.api.v1.schemas.roles import (
    RoleChange,
    RoleDeleteArguments,
    RoleList,
    RoleListArguments,
    RoleSchema,
    RoleWrite,
)
from cms.core.db import transaction
from cms.core.errors import Invalid
from cms.core.i18n import _
from cms.core.limits import MANY, takes_at_most
from cms.core.permissions import Grant, permission

blueprint = ApiBlueprint("roles", __name__, url_prefix="/roles", description="What people may do, in bundles.")


def show_role(role: Role, people: int) -> dict[str, Any]:
    """Return a role as plain values; its words in the reader's language as long as nobody chose others."""
    return {
        "name": role.name,
        "label": role_label(role),
        "description": role_description(role),
        "requires_second_factor": role.requires_second_factor,
        "is_built_in": find_default(role) is not None,
        "grants": [{"permission": right.permission, "extent": right.extent} for right in sorted(role.rights)],
        "people": people,
        "version": role.version,
        "created_at": moment(role.created_at),
        "updated_at": moment(role.updated_at),
    }


def _answer(role: Role, **more: Any) -> Response:
    return answer(show_role(role, count_people_by_role().get(role.id, 0)), version=role.version, **more)


@blueprint.route("")
class Roles(MethodView):
    """All roles."""

    @permission(policies.VIEW_ROLES)
    @blueprint.arguments(RoleListArguments, location="query")
    @blueprint.response(200, RoleList)
    def get(self, arguments: Mapping[str, Any]) -> Response:
        """List roles with everything that they allow."""
        cut = read_slice(arguments)
        batch = list_roles_in_parts(arguments["sort"], cursor=cut.cursor, offset=cut.offset, limit=cut.limit)
        total = count_up_to(count_roles, asked=cut.count)
        people = count_people_by_role()
        shown = [show_role(role, people.get(role.id, 0)) for role in batch]
        return answer_list(Found(shown, batch.cursor_next, batch.cursor_previous, total), cut)

    @permission(policies.EDIT_ROLES)
    @idempotent
    @takes_at_most(MANY)
    @blueprint.arguments(RoleWrite)
    @blueprint.response(201, RoleSchema)
    def post(self, sent: Mapping[str, Any]) -> Response:
        """Make a role, which nobody holds yet."""
        require_fresh()
        with transaction(), _grants_named():
            role = create_role(**_entered(sent), by=person())
        return _answer(role, status=201, headers={"Location": below_here(role.name)})


@blueprint.route("/<name>")
class RoleView(MethodView):
    """One role."""

    @permission(policies.VIEW_ROLES)
    @blueprint.response(200, RoleSchema)
    def get(self, name: str) -> Response:
        """Read what a role allows."""
        return _answer(get_role(name))

    @permission(policies.EDIT_ROLES)
    @takes_at_most(MANY)
    @blueprint.arguments(RoleWrite)
    @blueprint.response(200, RoleSchema)
    def put(self, sent: Mapping[str, Any], name: str) -> Response:
        """Save a role as it is sent; it holds at the next request of everybody who has it."""
        return _save(name, sent)

    @permission(policies.EDIT_ROLES)
    @takes_at_most(MANY)
    @blueprint.arguments(RoleChange)
    @blueprint.response(200, RoleSchema)
    def patch(self, sent: Mapping[str, Any], name: str) -> Response:
        """Change what is sent about a role, and leave the rest."""
        return _save(name, sent)

    @permission(policies.EDIT_ROLES)
    @blueprint.arguments(RoleDeleteArguments, location="query")
    @blueprint.response(204)
    def delete(self, arguments: Mapping[str, Any], name: str) -> Response:
        """Delete a role; those that came with the product stay."""
        get_role(name)
        require_fresh()
        with transaction():
            role, chosen = _held(name), arguments.get("replacement")
            replacement = find_role(chosen) if chosen else None
            if chosen and replacement is None:
                raise Invalid(fields={"replacement": _("There is no role called %(name)s.", name=chosen)})
            delete_role(role, replacement=replacement, by=person())
        return empty()


def _save(name: str, sent: Mapping[str, Any]) -> Response:
    get_role(name)
    require_fresh()
    with transaction(), _grants_named():
        role = _held(name)
        kept: dict[str, Any] = {
            "label": role.label,
            "description": role.description,
            "requires_second_factor": role.requires_second_factor,
        }
        entered = _entered(sent)
        # Words that came back as they were told, perhaps translated, stay as they are kept.
        if entered.get("label") == role_label(role):
            del entered["label"]
        if entered.get("description") == role_description(role):
            del entered["description"]
        edit_role(role, **(kept | entered), by=person())
    return _answer(get_role(name))


def _held(name: str) -> Role:
    """Return a role that nobody else changes meanwhile, and that is at the version of `If-Match`."""
    role = get_role(name)
    lock_people(by=person())
    require_version(role.version)
    return role


def _entered(sent: Mapping[str, Any]) -> dict[str, Any]:
    entered = {name: value for name, value in sent.items() if name != "grants"}
    if "grants" in sent:
        entered["rights"] = frozenset(Grant(row["permission"], row["extent"]) for row in sent["grants"])
    return entered


@contextmanager
def _grants_named() -> Iterator[None]:
    """Call rights what they are called here, in what is told of wrong fields."""
    try:
        yield
    except Invalid as error:
        raise Invalid(
            fields={"grants" if key == "rights" else key: told for key, told in error.fields.items()}
        ) from None
