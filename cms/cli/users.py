"""`flask create-admin` and `flask users`: people from the command line, acting as the system under the same rules."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import ParamSpec, TypeVar

import click
from flask import current_app
from flask.cli import AppGroup, with_appcontext
from sqlalchemy.exc import SQLAlchemyError

from cms.accounts.actions import assign_roles, create_user, invite_user, send_invitation, send_reset
from cms.accounts.actions.reset_factors import reset_factors
from cms.accounts.actions.revoke_token import revoke_tokens
from cms.accounts.fields import read_email
from cms.accounts.links import invitation_link, reset_link
from cms.accounts.lists import VIEWS, PersonFilter, list_people
from cms.accounts.models import Role, User
from cms.accounts.passwords import hash_new_password
from cms.accounts.personal_tokens import list_token_holders
from cms.accounts.queries import find_user_by_email, get_role
from cms.accounts.roles import ADMIN, SUBSCRIBER, sync_roles
from cms.cli.secrets import keep_secrets
from cms.core.db import transaction
from cms.core.errors import CmsError, Invalid
from cms.core.permissions import system_user

Parameters = ParamSpec("Parameters")
Result = TypeVar("Result")

users = AppGroup("users", help="People: invite, set roles, reset passwords, list.")


def _told_in_a_sentence(command: Callable[Parameters, Result]) -> Callable[Parameters, Result]:
    """Turn an error of our rules into one sentence and exit status 1."""

    @wraps(command)
    def run(*args: Parameters.args, **kwargs: Parameters.kwargs) -> Result:
        try:
            return command(*args, **kwargs)
        except Invalid as error:
            sentences = [f"{name}: {sentence}" for name, sentence in error.fields.items()]
            raise click.ClickException(" ".join(sentences) or error.message) from None
        except CmsError as error:
            raise click.ClickException(error.message) from None
        except SQLAlchemyError as error:
            reason = type(error).__name__
            raise click.ClickException(
                f"The database does not answer, or `flask setup` was never run ({reason})."
            ) from None

    return run


@click.command("create-admin")
@click.option("--email", help="Mail address to sign in with; CMS_ADMIN_EMAIL unless given.")
@click.option("--name", default="Admin", show_default=True, help="The name that readers see.")
@click.option("--password", help="The password; CMS_ADMIN_PASSWORD, or asked for, unless given.")
@click.option("--link", is_flag=True, help="Set no password; print a link by which it is chosen.")
@with_appcontext
@_told_in_a_sentence
def create_admin(email: str | None, name: str, password: str | None, link: bool) -> None:
    """Make an account that may do everything, or make an admin of somebody who has an account."""
    keep_secrets(current_app)
    config = current_app.config
    email = email or config["CMS_ADMIN_EMAIL"] or click.prompt("Mail address")
    address = read_email(email)
    password = password or config["CMS_ADMIN_PASSWORD"]
    with transaction():
        sync_roles()
    if find_user_by_email(address) is not None:
        with transaction():
            user = _person(address)
            assign_roles(user, [*user.roles, get_role(ADMIN)], by=system_user())
        click.echo(f"{user.name} <{user.email}> is an admin.")
        return
    if not password and not link:
        password = click.prompt("Password", hide_input=True, confirmation_prompt=True)
    password_hash = hash_new_password(password, address) if password and not link else None
    with transaction():
        made = create_user(
            email=address, name=name, roles=[get_role(ADMIN)], password_hash=password_hash, by=system_user()
        )
    click.echo(f"{made.name} <{made.email}> is an admin.")
    if password_hash is None:
        click.echo(f"Choose the password here: {invitation_link(made)}")


@users.command("invite")
@click.argument("email")
@click.option("--name", help="The name that readers see; the part before the @ unless given.")
@click.option("--role", "roles", multiple=True, help="A role to hold from the start; may be given again.")
@click.option("--link", is_flag=True, help="Print the link as well.")
@_told_in_a_sentence
def invite(email: str, name: str | None, roles: tuple[str, ...], link: bool) -> None:
    """Mail somebody a link by which they choose a password (again, if they have an account without one)."""
    keep_secrets(current_app)
    with transaction():
        user = find_user_by_email(email)
        if user is None:
            named = name or email.partition("@")[0]
            chosen = _roles(roles or (SUBSCRIBER,))
            user = invite_user(email=email, name=named, roles=chosen, by=system_user())
        else:
            send_invitation(user, by=system_user())
            if roles:
                assign_roles(user, _roles(roles), by=system_user())
    click.echo(f"A mail to {user.email} is on its way; the job runner sends it.")
    if link:
        click.echo(invitation_link(user))


@users.command("set-role")
@click.argument("email")
@click.argument("roles", nargs=-1, required=True)
@_told_in_a_sentence
def set_role(email: str, roles: tuple[str, ...]) -> None:
    """Let the person hold exactly these roles (admin, editor, author, contributor, subscriber)."""
    with transaction():
        user = _person(email)
        assign_roles(user, _roles(roles), by=system_user())
    click.echo(f"{user.name} <{user.email}>: {', '.join(user.role_names)}")


@users.command("reset-factors")
@click.argument("email")
@_told_in_a_sentence
def reset_second_factors(email: str) -> None:
    """Take passkeys, authenticator app and recovery codes from somebody who has lost them."""
    with transaction():
        user = _person(email)
        reset_factors(user, by=system_user())
    click.echo(f"{user.name} <{user.email}> signs in with the password alone, and is signed out everywhere.")


@users.command("revoke-tokens")
@click.argument("email", required=False)
@click.option("--everybody", is_flag=True, help="The tokens of all people, after a break-in say.")
@_told_in_a_sentence
def revoke_personal_tokens(email: str | None, everybody: bool) -> None:
    """Let no personal token of somebody, or of anybody, open anything any more."""
    if bool(email) == everybody:
        raise click.UsageError("Name one mail address, or say --everybody.")
    with transaction():
        people = [_person(email)] if email else list_token_holders()
        for user in people:
            revoke_tokens(user, by=system_user())
        told = [f"{user.name} <{user.email}>: no personal token opens anything any more." for user in people]
    click.echo("\n".join(told) or "Nobody has a personal token.")


@users.command("reset-password")
@click.argument("email")
@click.option("--link", is_flag=True, help="Print the link instead of mailing it.")
@_told_in_a_sentence
def reset_password(email: str, link: bool) -> None:
    """Mail the person a link by which they choose a new password; the old one works until then."""
    keep_secrets(current_app)
    with transaction():
        user = _person(email)
        send_reset(user, mail=not link, by=system_user())
        address = reset_link(user) if link else ""
    click.echo(address or f"A mail to {user.email} is on its way; the job runner sends it.")


@users.command("list")
@click.option("--role", default="", help="Only those who hold this role.")
@click.option("--view", type=click.Choice(VIEWS), help="Only one part of them.")
@click.option("--search", default="", help="Words in name or mail address.")
@_told_in_a_sentence
def list_command(role: str, view: str | None, search: str) -> None:
    """List people: mail address, name, roles, state; one a line, tabs between."""
    wanted = PersonFilter(view=view or "", search=search, role=role)
    cursor: str | None = None
    while True:
        batch = list_people(wanted, user=system_user(), cursor=cursor, limit=200)
        for user in batch.items:
            click.echo("\t".join((user.email, user.name, ",".join(user.role_names) or "-", _state(user))))
        cursor = batch.cursor_next
        if cursor is None:
            return


def _state(user: User) -> str:
    if not user.active:
        return "inactive"
    if user.password is None:
        return "invited" if user.invited_at else "no password"
    return "active"


def _person(email: str) -> User:
    user = find_user_by_email(email)
    if user is None:
        raise click.ClickException(f"Nobody has an account with {email}.")
    return user


def _roles(names: tuple[str, ...]) -> list[Role]:
    return [get_role(name.lower()) for name in names]


COMMANDS: tuple[click.Command, ...] = (create_admin, users)
