"""Roles from the command line."""

from __future__ import annotations

from flask import Flask

from cms.accounts.actions import create_group, create_role
from cms.accounts.queries import get_role
from cms.core.db import current_session, transaction
from cms.core.permissions import Grant, system_user
from tests.factories import make_term


def run(app: Flask, *words: str) -> tuple[int, str]:
    """Run a command and return its exit status and what it printed."""
    result = app.test_cli_runner().invoke(args=list(words))
    current_session().rollback()
    return result.exit_code, result.output


def test_roles_are_listed_and_shown(app: Flask) -> None:
    kitchen = make_term("category", "Kitchen")
    with transaction():
        rights = [Grant("content:post:edit", "own"), Grant("content:post:edit", f"category:{kitchen.id}")]
        create_role(label="Desk", description="At night.", requires_second_factor=True, rights=rights, by=system_user())
        create_group(name="Night", roles=[get_role("desk")], by=system_user())
    status, listed = run(app, "roles", "list")
    assert status == 0
    assert [line.split("\t")[0] for line in listed.splitlines()][-1] == "desk"
    assert "desk\tDesk\t1\t0" in listed
    status, shown = run(app, "roles", "show", "desk")
    assert status == 0
    assert shown.splitlines()[:4] == ["Desk: At night.", "Second factor: required", "People: 0", "Groups: Night"]
    assert "content:post:edit\tTheir own; in the category Kitchen\tEdit posts" in shown


def test_a_role_that_there_is_not_is_told_in_a_sentence(app: Flask) -> None:
    status, told = run(app, "roles", "show", "nothing")
    assert (status, told) == (1, "Error: There is no role called nothing.\n")
