"""People from the command line."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from click.testing import Result
from flask import Flask
from sqlalchemy import select

from cms.accounts.actions import deactivate_user
from cms.accounts.models import User
from cms.accounts.queries import find_user_by_email
from cms.audit.models import AuditEntry
from cms.core.db import current_session, transaction
from cms.core.permissions import system_user
from tests.clients import PageClient
from tests.functional.accounts.letters import letters, link_in
from tests.people import ADA, ART, SUE

Run = Callable[..., Result]


@pytest.fixture
def run(app: Flask) -> Run:
    """Run a command as `flask` would, and forget what was read before."""

    def runner(*words: str, typed: str | None = None) -> Result:
        result = app.test_cli_runner().invoke(args=list(words), input=typed)
        current_session().rollback()
        return result

    return runner


def roles_of(email: str) -> tuple[str, ...]:
    user = find_user_by_email(email)
    assert user is not None
    return user.role_names


def may_sign_in(app: Flask, email: str, password: str) -> bool:
    client = app.test_client()
    assert isinstance(client, PageClient)
    return client.submit("/login", {"email": email, "password": password}).status_code == 302


def test_an_admin_is_made_with_a_password(app: Flask, run: Run) -> None:
    result = run("create-admin", "--email", "Olga@Example.com", "--name", "Olga", "--password", "a harbour at dusk")
    assert result.exit_code == 0, result.output
    assert "a harbour at dusk" not in result.output
    assert roles_of("olga@example.com") == ("admin",)
    assert may_sign_in(app, "olga@example.com", "a harbour at dusk")


def test_an_admin_is_made_by_answering(app: Flask, run: Run) -> None:
    typed = "olga@example.com\na harbour at dusk\na harbour at dusk\n"
    result = run("create-admin", typed=typed)
    assert result.exit_code == 0, result.output
    assert may_sign_in(app, "olga@example.com", "a harbour at dusk")


def test_an_admin_is_made_with_a_link(app: Flask, run: Run) -> None:
    result = run("create-admin", "--email", "olga@example.com", "--link")
    link = result.output.split("http://localhost")[1].strip()
    client = app.test_client()
    assert isinstance(client, PageClient)
    fields = {"password": "a harbour at dusk", "password_confirm": "a harbour at dusk"}
    assert client.submit(link, fields).status_code == 302


def test_who_has_an_account_becomes_an_admin_and_keeps_the_password(app: Flask, run: Run) -> None:
    result = run("create-admin", "--email", SUE.email, "--password", "ignored, for there is one")
    assert result.exit_code == 0, result.output
    assert roles_of(SUE.email) == ("admin", "subscriber")
    assert may_sign_in(app, SUE.email, "the ferry leaves at five")


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (("create-admin", "--email", "olga", "--password", "a harbour at dusk"), "A mail address needs an @"),
        (("create-admin", "--email", "olga@example.com", "--password", "short"), "at least 8 characters"),
        (("users", "set-role", "nobody@example.com", "editor"), "Nobody has an account with nobody@example.com."),
        (("users", "set-role", SUE.email, "king"), "There is no role called king."),
        (("users", "set-role", ADA.email, "editor"), "Ada is the last active admin."),
        (("users", "invite", "olga"), "needs an @"),
        (("users", "invite", SUE.email), "has a password already"),
        (("users", "invite", "o@example.com", "--role", "king"), "There is no role called king."),
        (("users", "reset-password", "nobody@example.com"), "Nobody has an account"),
    ],
)
def test_what_cannot_be_done_is_told_in_a_sentence(run: Run, words: tuple[str, ...], sentence: str) -> None:
    before = [(user.email, user.active, user.role_names) for user in current_session().scalars(select(User))]
    result = run(*words)
    assert result.exit_code == 1
    assert result.output.startswith("Error: ")
    assert sentence.lower() in result.output.lower()
    assert "Traceback" not in result.output
    assert [(user.email, user.active, user.role_names) for user in current_session().scalars(select(User))] == before


def test_roles_are_set(run: Run) -> None:
    result = run("users", "set-role", "SUE@example.com", "Author", "subscriber")
    assert result.output == f"Sue <{SUE.email}>: author, subscriber\n"
    assert roles_of(SUE.email) == ("author", "subscriber")


def test_somebody_is_invited_and_invited_again(run: Run) -> None:
    assert run("users", "invite", "olga@example.com", "--name", "Olga", "--role", "author").exit_code == 0
    assert roles_of("olga@example.com") == ("author",)
    result = run("users", "invite", "olga@example.com", "--role", "editor", "--link")
    assert result.exit_code == 0, result.output
    assert roles_of("olga@example.com") == ("editor",)
    sent = letters()
    assert [letter["to"] for letter in sent] == ["olga@example.com"] * 2
    assert "/invitation/" in link_in(sent[1])
    assert "/invitation/" in result.output


def test_a_reset_is_mailed_or_printed(run: Run) -> None:
    assert run("users", "reset-password", SUE.email).exit_code == 0
    assert "/reset/" in link_in(letters()[0])
    result = run("users", "reset-password", SUE.email, "--link")
    assert result.output.startswith("http://localhost/reset/")
    assert len(letters()) == 1
    # Either way somebody can choose another password now, and the record says so.
    told = current_session().scalars(select(AuditEntry.act).where(AuditEntry.act == "user.reset_sent")).all()
    assert len(told) == 2


def test_people_are_listed_one_a_line(run: Run) -> None:
    run("users", "invite", "olga@example.com", "--name", "Olga")
    with transaction():
        art = find_user_by_email(ART.email)
        assert art is not None
        deactivate_user(art, by=system_user())
    lines = run("users", "list").output.splitlines()
    assert len(lines) == 6
    assert f"{ADA.email}\tAda\tadmin\tactive" in lines
    assert f"{ART.email}\tArt\tauthor\tinactive" in lines
    assert "olga@example.com\tOlga\tsubscriber\tinvited" in lines
    assert run("users", "list", "--role", "admin").output == f"{ADA.email}\tAda\tadmin\tactive\n"
    assert run("users", "list", "--view", "inactive").output.startswith(ART.email)


def test_the_commands_of_the_library_are_off(app: Flask, run: Run) -> None:
    users = app.cli.commands["users"]
    ours = {"invite", "set-role", "reset-password", "reset-factors", "revoke-tokens", "list"}
    assert ours == set(getattr(users, "commands", {}))
    # The library's would make roles and give rights; ours read.
    assert {"list", "show"} == set(getattr(app.cli.commands["roles"], "commands", {}))
