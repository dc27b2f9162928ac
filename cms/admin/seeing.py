"""Seeing as somebody else: where it begins. It ends by the button in the banner over every page meanwhile."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from flask import redirect, request
from flask_admin import expose

from cms.accounts import policies
from cms.accounts.actions import see_as_role, see_as_user
from cms.accounts.lists import PersonFilter, list_people
from cms.accounts.models import User
from cms.accounts.people import current_sign_in_id
from cms.accounts.queries import get_role, get_user, list_roles
from cms.accounts.roles import role_description, role_label
from cms.accounts.seeing import seen_by
from cms.admin.access import person
from cms.admin.base import Answer, Closed, record_id
from cms.admin.messages import tell
from cms.core.db import transaction
from cms.core.i18n import Text, _
from cms.core.permissions import permission

_SHOWN = 200


@dataclass(frozen=True)
class Eyes:
    """Somebody or a role to see as; `value` is what the form sends."""

    value: str
    label: str
    text: str


class SeeAsView(Closed):
    """Choosing whose eyes to borrow."""

    fresh = frozenset({"as_person", "as_role"})

    def __init__(self) -> None:
        super().__init__(name="See as", endpoint="admin_seeing", url="see-as")

    @expose("/")
    @permission(policies.SEE_AS)
    def index(self) -> Answer:
        """Show the roles and people one may see as."""
        roles = [
            Eyes(role.name, role_label(role), role_description(role))
            for role in list_roles()
            if policies.may_see_as_role(person(), role)
        ]
        words = request.args.get("q", "")[:200]
        found = list_people(PersonFilter(search=words), user=person(), limit=_SHOWN, rights=True)
        people = [
            Eyes(str(user.id), user.name, ", ".join(role_label(role) for role in user.roles))
            for user in found
            if policies.may_see_as_user(person(), user)
        ]
        return self._page(roles, people)

    def _page(self, roles: Sequence[Eyes], people: Sequence[Eyes]) -> Answer:
        return self.render(
            "admin/seeing.html",
            roles=roles,
            people=people,
            q=request.args.get("q", "")[:200],
            back=self.get_url("admin.index"),
        )

    @expose("/person/", methods=("POST",))
    @permission(policies.SEE_AS)
    def as_person(self) -> Answer:
        """See as the person whose id was sent."""
        with transaction():
            seen = get_user(record_id(request.form.get("user", "")))
            see_as_user(seen, sign_in_id=current_sign_in_id(), by=person())
            name: Text = seen.name
        return _go(name)

    @expose("/role/", methods=("POST",))
    @permission(policies.SEE_AS)
    def as_role(self) -> Answer:
        """See as somebody would who holds the role that was sent, and nothing else."""
        with transaction():
            role = get_role(request.form.get("role", ""))
            see_as_role(role, sign_in_id=current_sign_in_id(), by=person())
            name: Text = role_label(role)
        return _go(name)


def _go(name: Text) -> Answer:
    tell(_("You now see everything as %(name)s would. Nothing can be changed meanwhile.", name=name))
    return redirect("/login/next", 303)


def eyes() -> User | None:
    """Return whose eyes the person borrows now, for the banner; None for their own."""
    return person() if seen_by() is not None else None
