"""Roles that follow what a provider says of a person."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from flask import Flask

from cms.accounts.actions import assign_roles
from cms.accounts.models import User
from cms.accounts.provider_checks import providers
from cms.accounts.queries import find_user_by_email, get_role
from cms.core.db import transaction
from cms.core.errors import Conflict
from cms.core.permissions import system_user
from tests.clients import PageClient
from tests.functional.accounts.providers.steps import NELL, change, connect, go, who
from tests.people import ADA, ART, ED, Person
from tests.provider.crooked import Crooked

As = Callable[[Person], PageClient]
UserOf = Callable[[Person], User]
ROLES = {"writers": "author", "editors": "editor", "staff": "admin", "ghosts": "not-there"}


@pytest.mark.parametrize(
    ("groups", "roles"),
    [
        (["writers"], {"author"}),
        (["writers", "editors", "gardeners"], {"author", "editor"}),
        ([], {"subscriber"}),
        (["gardeners"], {"subscriber"}),
        (["ghosts"], set()),
        ("writers", {"author"}),
        ([["staff"], {"staff": 1}, 7, None], {"subscriber"}),
        ({"staff": True}, {"subscriber"}),
        (None, {"subscriber"}),
    ],
)
def test_a_new_person_holds_the_roles_of_the_claim(
    app: Flask, client: PageClient, told: Crooked, groups: object, roles: set[str]
) -> None:
    change(app, create_accounts=True, roles=ROLES)
    told.claims["groups"] = groups
    go(client, told)
    user = find_user_by_email("nell@example.com")
    assert user is not None
    assert set(user.role_names) == roles


def test_roles_follow_the_claim_where_that_is_said(app: Flask, told: Crooked, as_: As, user_of: UserOf) -> None:
    change(app, roles=ROLES)
    connect(as_(ART), told)
    told.claims["groups"] = ["editors"]
    fresh = app.test_client()
    assert isinstance(fresh, PageClient)
    go(fresh, told)
    assert user_of(ART).role_names == ("author",)
    change(app, sync_roles=True)
    with transaction():
        assign_roles(user_of(ART), [get_role("author"), get_role("contributor")], by=user_of(ADA))
    again = app.test_client()
    assert isinstance(again, PageClient)
    go(again, told)
    # What the settings do not name is left alone.
    assert set(user_of(ART).role_names) == {"editor", "contributor"}


def test_the_last_admin_stays_one(app: Flask, told: Crooked, as_: As, user_of: UserOf, client: PageClient) -> None:
    change(app, roles=ROLES, sync_roles=True)
    connect(as_(ADA), told)
    told.claims["groups"] = ["editors"]
    go(client, told)
    assert who(client) == ADA.email
    assert set(user_of(ADA).role_names) == {"admin", "editor"}
    with transaction():
        assign_roles(user_of(ED), [get_role("admin")], by=system_user())
    second = app.test_client()
    assert isinstance(second, PageClient)
    go(second, told)
    assert set(user_of(ADA).role_names) == {"editor"}


def test_an_admin_without_a_password_counts_as_one(
    app: Flask, client: PageClient, told: Crooked, user_of: UserOf
) -> None:
    change(app, create_accounts=True, roles=ROLES)
    told.claims["groups"] = ["staff"]
    go(client, told)
    with transaction():
        assign_roles(user_of(ADA), [get_role("editor")], by=system_user())
    assert user_of(ADA).role_names == ("editor",)
    nell = find_user_by_email("nell@example.com")
    assert nell is not None
    with pytest.raises(Conflict), transaction():
        assign_roles(nell, [], by=system_user())


def test_too_many_groups_to_tell_change_nothing(
    app: Flask, told: Crooked, as_: As, user_of: UserOf, client: PageClient
) -> None:
    change(app, roles=ROLES, sync_roles=True)
    connect(as_(ART), told)
    told.claims |= {"groups": None, "_claim_names": {"groups": "src1"}}
    go(client, told)
    assert user_of(ART).role_names == ("author",)


def test_a_claim_within_a_claim_is_reached(app: Flask, client: PageClient, told: Crooked) -> None:
    change(app, create_accounts=True, roles={"writers": "author"}, roles_claim="realm_access.roles")
    told.claims["realm_access"] = {"roles": ["writers"]}
    go(client, told)
    user = find_user_by_email("nell@example.com")
    assert user is not None
    assert user.role_names == ("author",)


def test_groups_may_stand_in_the_user_information(app: Flask, client: PageClient, told: Crooked) -> None:
    change(app, create_accounts=True, roles=ROLES)
    told.claims = {}
    told.userinfo = {"sub": "nell-1", **NELL, "groups": ["writers"]}
    go(client, told)
    user = find_user_by_email("nell@example.com")
    assert user is not None
    assert user.role_names == ("author",)


def test_the_doctor_looks_at_the_file_and_at_its_roles(app: Flask) -> None:
    path = Path(app.config["CMS_PROVIDERS_FILE"])
    path.chmod(0o600)
    assert [finding.level for finding in providers()] == ["ok"]
    path.chmod(0o644)
    change(app, roles=ROLES)
    private, missing = providers()
    assert (private.level, private.remedy) == ("problem", f"chmod 600 {path}")
    assert missing.text == "Elsewhere gives people the role not-there, which does not exist."
