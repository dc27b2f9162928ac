"""The first administrator of a new installation, and how they get in."""

import click
from flask import current_app
from sqlalchemy import Select, select

from cms.accounts.actions.create_user import create_user
from cms.accounts.links import invitation_link
from cms.accounts.models import User, roles_users
from cms.accounts.passwords import hash_new_password
from cms.accounts.queries import get_role
from cms.accounts.roles import ADMIN
from cms.core.db import current_session, transaction
from cms.core.errors import Invalid
from cms.core.permissions import system_user

#: Who the first administrator is unless CMS_ADMIN_EMAIL says so; example.com belongs to nobody (RFC 2606).
NOBODY_YET = "admin@example.com"


def first_sign_in() -> str | None:
    """Make the first administrator if there is none, and say in a few words how to get in.

    None once somebody can sign in as an administrator. Raises ClickException naming the setting that is wrong.
    """
    config = current_app.config
    admins = current_session().scalars(_administrators()).all()
    if not admins:
        email = config["CMS_ADMIN_EMAIL"] or NOBODY_YET
        _create(email, config["CMS_ADMIN_PASSWORD"])
        if config["CMS_ADMIN_PASSWORD"]:
            return f"as {email}, with the password in CMS_ADMIN_PASSWORD"
        admins = current_session().scalars(_administrators()).all()
    if len(admins) > 1 or admins[0].password is not None:
        return None
    return f"{invitation_link(admins[0])}\n                choose the password of {admins[0].email} there"


def _administrators() -> Select[User]:
    query = select(User).join(roles_users, roles_users.c.user_id == User.id)
    return query.where(roles_users.c.role_id == get_role(ADMIN).id, User.active).limit(2)


def _create(email: str, password: str | None) -> None:
    try:
        # Hashed first: it takes long, and the transaction keeps other writers waiting.
        password_hash = hash_new_password(password, email) if password else None
        with transaction():
            create_user(
                email=email,
                name="Admin",
                roles=[get_role(ADMIN)],
                password_hash=password_hash,
                by=system_user(),
            )
    except Invalid as error:
        field = "CMS_ADMIN_PASSWORD" if "password" in error.fields else "CMS_ADMIN_EMAIL"
        raise click.ClickException(f"{field} cannot be used: {error.message}") from None
