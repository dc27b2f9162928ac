"""`/users`: people with an account, for who looks after them; of authors readers learn what their page says."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from flask.views import MethodView
from werkzeug.wrappers import Response

from cms.accounts import policies
from cms.accounts.actions.create_user import create_user
from cms.accounts.actions.deactivate_user import deactivate_user
from cms.accounts.actions.delete_user import HeirNeeded, delete_user
from cms.accounts.actions.end_sessions import end_sessions
from cms.accounts.actions.invite_user import invite_user, send_invitation
from cms.accounts.actions.reactivate_user import reactivate_user
from cms.accounts.actions.reset_factors import reset_factors
from cms.accounts.actions.reset_password import send_reset
from cms.accounts.actions.revoke_token import revoke_tokens
from cms.accounts.lists import PersonFilter, count_people, list_people, who_has_second_factor
from cms.accounts.models import User
from cms.accounts.passwords import hash_new_password
from cms.accounts.queries import find_role, find_user
from cms.accounts.roles import SUBSCRIBER
from cms.api.access import caller, may_need, person
from cms.api.bulk import change_each
from cms.api.freshness import require_fresh
from cms.api.idempotency import idempotent
from cms.api.lists import Found, Slice, answer_list, count_up_to, only, read_slice
from cms.api.private_reads import note_look_at
from cms.api.routes import ApiBlueprint, answer, below_here, empty
from cms.api.v1.schemas.entries import Nothing
from cms.api.v1.schemas.users import (
    UserChange,
    UserChangeResults,
    UserChanges,
    UserCreate,
    UserDeleteArguments,
    UserList,
    UserListArguments,
    UserSchema,
)
from cms.api.v1.user_changing import (
    change_one_of_several,
    change_user,
    get_account,
    hold_account,
    needs_fresh,
    read_roles,
)
from cms.api.v1.user_showing import show_account, show_author, show_row, version_of
from cms.content.authors import is_known_author
from cms.core.db import transaction
from cms.core.errors import Invalid, NotFound
from cms.core.i18n import _
from cms.core.limits import MANY, SOME, takes_at_most
from cms.core.pagination import Batch, decode_cursor, foreign_cursor
from cms.core.permissions import permission, public_route, signed_in

blueprint = ApiBlueprint("users", __name__, url_prefix="/users", description="People with an account.")
#: What changing somebody asks for, by what is changed.
_CHANGING = {
    policies.LIST_PEOPLE: "for anybody but yourself",
    policies.EDIT: "for the profile",
    policies.DEACTIVATE: "for `email`",
    policies.ASSIGN: "for `roles`",
}


def _answer(shown: Mapping[str, Any], **more: Any) -> Response:
    return answer(shown, version=version_of(shown), **more)


@blueprint.route("")
class Users(MethodView):
    """Everybody with an account."""

    @permission(policies.LIST_PEOPLE)
    @blueprint.arguments(UserListArguments, location="query")
    @blueprint.response(200, UserList)
    def get(self, arguments: Mapping[str, Any]) -> Response:
        """List people."""
        cut, fields = read_slice(arguments), arguments["fields_"]
        wanted = PersonFilter(
            arguments["view"],
            arguments["search"],
            arguments["role"],
            arguments["sort"],
            arguments.get("group_id"),
            arguments.get("has_second_factor"),
            arguments.get("active"),
        )
        batch = _list(wanted, cut)
        total = count_up_to(lambda most: count_people(wanted, most), asked=cut.count)
        factors = who_has_second_factor(user.id for user in batch)
        shown = [only(show_row(user, has_second_factor=user.id in factors), fields) for user in batch]
        cursors = (batch.cursor_next, batch.cursor_previous)
        after, before = (f"{wanted.sort}~{cursor}" if cursor else None for cursor in cursors)
        return answer_list(Found(shown, after, before, total), cut)

    @permission(policies.INVITE)
    @may_need({policies.ASSIGN: "for `roles`"})
    @idempotent
    @blueprint.arguments(UserCreate)
    @blueprint.response(201, UserSchema)
    @blueprint.alt_response(409, description="There is an account with this mail address already (`email_taken`).")
    def post(self, sent: Mapping[str, Any]) -> Response:
        """Make an account: with a password, with an invitation by mail, or with neither.

        Without `roles` it holds the role of readers, if you may give that, else none.
        """
        password, invite = sent.get("password"), sent["invite"]
        if password is not None and invite:
            raise Invalid(fields={"invite": _("Send a password or an invitation: who is invited chooses one.")})
        require_fresh()
        hashed = hash_new_password(password, sent["email"], name=sent["name"]) if password is not None else None
        with transaction():
            given: dict[str, Any] = {"email": sent["email"], "name": sent["name"], "by": person()}
            given["roles"] = read_roles(sent["roles"]) if "roles" in sent else _least_roles()
            user = invite_user(**given) if invite else create_user(**given, password_hash=hashed)
            shown = show_account(user)
        return _answer(shown, status=201, headers={"Location": below_here(shown["id"])})

    @signed_in
    @may_need(_CHANGING)
    @takes_at_most(MANY)
    @blueprint.arguments(UserChanges)
    @blueprint.response(200, UserChangeResults)
    def patch(self, sent: Mapping[str, Any]) -> Response:
        """Change several people, each by themselves: one that cannot be changed holds none of the others up."""
        if any(needs_fresh(item) for item in sent["items"]):
            require_fresh()
        return change_each(sent["items"], change_one_of_several)


def _list(wanted: PersonFilter, cut: Slice) -> Batch[User]:
    """Return the people that are asked for; raises NoSuchPlace for a cursor that is none of this list in this order."""
    sort, _mark, cursor = (cut.cursor or "").partition("~")
    position = decode_cursor(cursor, 3)
    try:
        if cut.cursor is not None and (sort != wanted.sort or not position or position[0] not in ("after", "before")):
            raise NotFound
        place = cursor or None
        return list_people(wanted, user=person(), cursor=place, offset=cut.offset, limit=cut.limit, groups=True)
    except NotFound:
        raise foreign_cursor() from None


def _least_roles() -> list[Any]:
    """Return the role of readers, which is the least there is, or nothing where whoever asks may not give it."""
    role = find_role(SUBSCRIBER)
    return [role] if role is not None and policies.may_invite(person(), [role]) else []


@blueprint.route("/<int:user_id>")
class UserView(MethodView):
    """One person."""

    @public_route
    @blueprint.response(200, UserSchema)
    def get(self, user_id: int) -> Response:
        """Read a person: who may not see the account reads of authors what readers know."""
        user, me = find_user(user_id), caller()
        if user is None:
            raise NotFound
        if policies.may_see_user(me, user):
            note_look_at(user, "account")
            return _answer(show_account(get_account(user_id)))
        if not is_known_author(user_id, user=me):
            raise NotFound
        return answer(show_author(user))

    @signed_in
    @may_need(_CHANGING)
    @takes_at_most(SOME)
    @blueprint.arguments(UserChange)
    @blueprint.response(200, UserSchema)
    @blueprint.alt_response(409, description="Another account has this mail address already (`email_taken`).")
    def patch(self, sent: Mapping[str, Any], user_id: int) -> Response:
        """Change a profile, what somebody signs in with, or which roles they hold: all of it, or nothing."""
        get_account(user_id)
        if needs_fresh(sent):
            require_fresh()
        return _answer(change_user(user_id, sent))

    @permission(policies.DELETE)
    @blueprint.arguments(UserDeleteArguments, location="query")
    @blueprint.response(204)
    def delete(self, arguments: Mapping[str, Any], user_id: int) -> Response:
        """Delete an account; somebody else takes over what its person made."""
        get_account(user_id)
        require_fresh()
        with transaction():
            user = hold_account(user_id)
            try:
                delete_user(user, hand_over_to=_heir(arguments.get("hand_over_to")), by=person())
            except HeirNeeded as error:
                raise Invalid(fields={"hand_over_to": error.message}) from None
        return empty()


def _heir(user_id: int | None) -> User | None:
    found = find_user(user_id) if user_id is not None else None
    if user_id is not None and (found is None or not policies.may_see_user(person(), found)):
        raise Invalid(fields={"hand_over_to": _("There is no such person.")})
    return found


@dataclass(frozen=True)
class Act:
    """Something that is done with an account: the action, the permission it needs, and what it does in a sentence."""

    do: Callable[..., object]
    permission: str
    sentence: str


ACTS: dict[str, Act] = {
    "deactivate": Act(
        deactivate_user,
        policies.DEACTIVATE,
        "Close an account: whoever uses it is out at once, and what they made stays.",
    ),
    "reactivate": Act(
        reactivate_user, policies.DEACTIVATE, "Open an account again, with the roles and the password it had."
    ),
    "invite": Act(
        send_invitation, policies.DEACTIVATE, "Mail an invitation (again) to who has no password; older links are void."
    ),
    "reset-password": Act(
        send_reset, policies.DEACTIVATE, "Mail a link to choose a new password by; the old one works until then."
    ),
    "reset-factors": Act(
        reset_factors, policies.RESET_FACTORS, "Take passkeys, app and recovery codes from somebody who has lost them."
    ),
    "sign-out": Act(end_sessions, policies.DEACTIVATE, "End every sign-in of a person, browsers and programs alike."),
    "revoke-tokens": Act(revoke_tokens, policies.DEACTIVATE, "Let no personal token of a person open anything more."),
}


def _view(act: Act) -> type[MethodView]:
    def post(_self: MethodView, _sent: Mapping[str, Any], user_id: int) -> Response:
        get_account(user_id)
        require_fresh()
        with transaction():
            user = hold_account(user_id)
            act.do(user, by=person())
            shown = show_account(user)
        return _answer(shown)

    post.__doc__ = act.sentence
    documented = blueprint.arguments(Nothing)(blueprint.response(200, UserSchema)(post))
    stamped = permission(act.permission)(idempotent(documented))
    return type("UserAct", (MethodView,), {"post": stamped, "methods": {"POST"}})


for _name, _act in ACTS.items():
    blueprint.route(f"/<int:user_id>/{_name}", endpoint=f"{_name}_user")(_view(_act))
