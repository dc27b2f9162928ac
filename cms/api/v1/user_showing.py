"""People as they are told: accounts to whoever sees them, of authors what readers know."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from cms.accounts.account_states import state_of
from cms.accounts.factors import factors_of
from cms.accounts.models import User
from cms.api.routes import steady_version
from cms.api.v1.presenting import moment, person_link, picture_link
from cms.media.queries import find_media


def show_row(user: User, *, has_second_factor: bool) -> dict[str, Any]:
    """Return what a list tells of an account."""
    return {
        **person_link(user),
        "email": user.email,
        "active": user.active,
        "state": state_of(user),
        "roles": list(user.role_names),
        "groups": [{"id": group.id, "name": group.name} for group in user.groups],
        "created_at": moment(user.created_at),
        "last_seen_at": moment(user.current_login_at),
        "has_second_factor": has_second_factor,
    }


def show_account(user: User) -> dict[str, Any]:
    """Return everything that is told of an account, alike to everybody who sees it."""
    return {
        **show_row(user, has_second_factor=factors_of(user.id).any),
        "biography": user.biography,
        "links": [{"label": link["label"], "url": link["url"]} for link in user.links],
        "picture_id": user.picture_id,
        "picture": _picture(user),
        "time_zone": user.time_zone,
        "language": user.language,
    }


def version_of(shown: Mapping[str, Any]) -> str:
    """Return the version of an account from what is told of it: signing in makes none, nor an invitation's end."""
    ended = shown["state"] == "invitation_ended"
    return steady_version({**shown, "state": "invited"} if ended else shown, {"last_seen_at"})


def show_author(user: User) -> dict[str, Any]:
    """Return what readers know of an author; never a mail address."""
    return {**person_link(user), "biography": user.biography, "picture": _picture(user)}


def _picture(user: User) -> Mapping[str, Any] | None:
    return picture_link(find_media(user.picture_id) if user.picture_id is not None else None)
