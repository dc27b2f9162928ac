"""Who may do what with people, and that the site keeps an admin."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy import select

from cms.accounts.actions import (
    add_role,
    assign_roles,
    change_email,
    create_user,
    deactivate_user,
    delete_user,
    edit_profile,
    invite_user,
    reactivate_user,
    remove_role,
    send_invitation,
    send_reset,
)
from cms.accounts.events import ProfileEdited, RolesChanged, UserDeactivated, UserDeleted
from cms.accounts.models import Role, RoleGrant, SignIn, User
from cms.accounts.policies import (
    holds_all,
    may_assign_roles,
    may_change_email,
    may_deactivate,
    may_delete_user,
    may_edit_user,
    may_enter_office,
    may_invite,
    may_list_people,
    may_see_user,
    may_view_roles,
)
from cms.accounts.queries import get_role, get_role_explained, list_roles
from cms.accounts.roles import DEFAULT_ROLES, sync_roles
from cms.accounts.sign_ins import find_sign_in, open_sign_in
from cms.core.db import current_session, transaction
from cms.core.errors import Conflict, Forbidden, Invalid
from cms.core.events import on
from cms.core.i18n import _
from cms.core.permissions import ALL, Grant, registry, system_user
from cms.core.references import Reference, _references, register_reference
from cms.settings.policies import may_change_settings
from tests.people import ADA, ART, CON, ED, PEOPLE, SUE, Person

pytestmark = pytest.mark.usefixtures("app")
UserOf = Callable[[Person], User]


@pytest.fixture
def heard() -> list[object]:
    """Every event of this test about people, in order."""
    events: list[object] = []
    for kind in (RolesChanged, UserDeactivated, ProfileEdited, UserDeleted):
        on(kind)(events.append)
    return events


def role(name: str) -> Role:
    return get_role(name)


def make_manager(user_of: UserOf, *rights: str) -> User:
    """Make of Con somebody with a role of their own, which has only `rights`."""
    with transaction() as session:
        made = Role(
            name="manager", label="Manager", grants=[RoleGrant(permission=right, extent=ALL) for right in rights]
        )
        session.add(made)
        session.flush()
        con = user_of(CON)
        con.roles = [made]
    return user_of(CON)


def test_every_default_right_is_a_permission_that_there_is() -> None:
    names = set(registry.names())
    for default in DEFAULT_ROLES:
        for right in default.rights:
            name, _slash, extent = right.partition("/")
            if name.endswith("*"):
                assert any(known.startswith(name[:-1]) for known in names), right
            else:
                assert name in names, right
                assert (extent or ALL) in registry.get(name).extents, right


def test_an_admin_may_do_everything_there_is(user_of: UserOf) -> None:
    assert user_of(ADA).grants == registry.every_grant()


def test_roles_allow_what_their_names_say(user_of: UserOf) -> None:
    people = {person.name: user_of(person) for person in PEOPLE}
    entering = {name for name, user in people.items() if may_enter_office(user)}
    assert entering == {"Ada", "Ed", "Art", "Con"}
    assert {name for name, user in people.items() if may_list_people(user)} == {"Ada", "Ed"}
    assert {name for name, user in people.items() if may_change_settings(user)} == {"Ada"}
    assert {name for name, user in people.items() if may_invite(user)} == {"Ada"}
    assert {name for name, user in people.items() if may_view_roles(user)} == {"Ada", "Ed", "Art", "Con"}
    assert {name for name, user in people.items() if may_edit_user(user, user)} == set(people)
    assert {name for name, user in people.items() if may_edit_user(user, people["Sue"])} == {"Ada", "Sue"}
    content = [right for right in people["Ed"].grants if right.permission.startswith("content:")]
    assert {right.permission for right in content} == {name for name in registry.names() if name.startswith("content:")}
    assert {right.extent for right in content} == {ALL}
    assert Grant("content:post:publish", "own") in people["Art"].grants
    assert Grant("content:post:publish", ALL) not in people["Art"].grants
    assert not any(right.permission == "content:post:publish" for right in people["Con"].grants)
    assert Grant("content:post:create", ALL) in people["Con"].grants
    assert Grant("content:members:read", ALL) in people["Sue"].grants


def test_nobody_and_the_inactive_may_nothing(user_of: UserOf) -> None:
    ada, sue = user_of(ADA), user_of(SUE)
    for question in (may_edit_user, may_deactivate, may_delete_user, may_change_email, may_see_user):
        assert not question(None, sue)
    with transaction():
        user_of(ED).roles = [role("admin")]
    with transaction():
        deactivate_user(user_of(ADA), by=user_of(ED))
    for question in (may_edit_user, may_deactivate, may_delete_user, may_change_email):
        assert not question(ada, sue)


def test_syncing_roles_again_changes_nothing_and_respects_what_was_taken_away() -> None:
    def rows() -> set[tuple[str, str, str]]:
        return {(item.name, grant.permission, grant.extent) for item in list_roles() for grant in item.grants}

    before = rows()
    with transaction():
        sync_roles()
    assert rows() == before
    with transaction() as session:
        for name in ("author", "admin"):
            found = next(grant for grant in role(name).grants if grant.permission == "content:post:create")
            session.delete(found)
    with transaction():
        sync_roles()
    assert before - rows() == {("author", "content:post:create", ALL)}


def test_a_role_is_explained_right_by_right() -> None:
    explained = get_role_explained(role("author"))
    rights = {right.permission: right.extent for area in explained.values() for right in area}
    assert set(rights) == set(registry.names())
    assert rights["content:post:publish"] == "own"
    assert rights["content:post:create"] == ALL
    assert rights["settings:site:change"] is None
    assert all(str(right.sentence).endswith(".") for area in explained.values() for right in area)


def test_nobody_gives_a_right_they_lack(user_of: UserOf) -> None:
    con = make_manager(user_of, "accounts:role:assign", "accounts:user:invite", "accounts:user:list")
    for name in ("admin", "editor", "author", "contributor", "subscriber"):
        assert not may_assign_roles(con, [role(name)]), name
        with pytest.raises(Forbidden), transaction():
            add_role(user_of(SUE), role(name), by=user_of(CON))
        with pytest.raises(Forbidden), transaction():
            invite_user(email="new@example.com", name="New", roles=[role(name)], by=user_of(CON))
        with pytest.raises(Forbidden), transaction():
            add_role(user_of(CON), role(name), by=user_of(CON))
    assert user_of(SUE).role_names == ("subscriber",)
    assert current_session().scalar(select(User).where(User.email == "new@example.com")) is None
    with transaction():
        invite_user(email="new@example.com", name="New", roles=[role("manager")], by=user_of(CON))


def test_own_extent_does_not_give_the_full_one(user_of: UserOf) -> None:
    art = user_of(ART)
    assert holds_all(art, [Grant("content:post:publish", "own")])
    assert not holds_all(art, [Grant("content:post:publish", ALL)])
    assert holds_all(user_of(ADA), [Grant("content:post:publish", "own")])


def test_nobody_touches_those_who_hold_more(user_of: UserOf) -> None:
    make_manager(
        user_of, "accounts:user:edit", "accounts:user:deactivate", "accounts:user:delete", "accounts:role:assign"
    )
    attempts: list[Callable[[User], Any]] = [
        lambda by: deactivate_user(user_of(ADA), by=by),
        lambda by: delete_user(user_of(ADA), by=by),
        lambda by: change_email(user_of(ADA), email="mine@example.com", by=by),
        lambda by: edit_profile(user_of(ADA), {"name": "Owned"}, by=by),
        lambda by: remove_role(user_of(ADA), role("admin"), by=by),
        lambda by: send_reset(user_of(ADA), by=by),
        lambda by: send_invitation(user_of(ADA), by=by),
    ]
    for attempt in attempts:
        with pytest.raises(Forbidden), transaction():
            attempt(user_of(CON))
    ada = user_of(ADA)
    assert (ada.name, ada.email, ada.active, ada.role_names) == ("Ada", ADA.email, True, ("admin",))


@pytest.mark.parametrize("person", [ED, ART, CON, SUE], ids=lambda person: person.name)
def test_only_admins_deal_with_people(user_of: UserOf, person: Person) -> None:
    other = SUE if person is not SUE else CON
    attempts: list[Callable[[User], Any]] = [
        lambda by: create_user(email="new@example.com", name="New", by=by),
        lambda by: invite_user(email="new@example.com", name="New", by=by),
        lambda by: assign_roles(user_of(other), [], by=by),
        lambda by: assign_roles(by, [role("admin")], by=by),
        lambda by: deactivate_user(user_of(other), by=by),
        lambda by: reactivate_user(user_of(other), by=by),
        lambda by: delete_user(user_of(other), by=by),
        lambda by: change_email(user_of(other), email="x@example.com", by=by),
        lambda by: change_email(by, email="x@example.com", by=by),
        lambda by: edit_profile(user_of(other), {"name": "X"}, by=by),
    ]
    for attempt in attempts:
        with pytest.raises(Forbidden), transaction():
            attempt(user_of(person))


def test_the_last_admin_stays_one(user_of: UserOf) -> None:
    attempts: list[Callable[[User], Any]] = [
        lambda ada: assign_roles(ada, [role("editor")], by=ada),
        lambda ada: assign_roles(ada, [], by=system_user()),
        lambda ada: remove_role(ada, role("admin"), by=ada),
        lambda ada: deactivate_user(ada, by=ada),
        lambda ada: deactivate_user(ada, by=system_user()),
        lambda ada: delete_user(ada, hand_over_to=user_of(ED), by=system_user()),
    ]
    for attempt in attempts:
        with pytest.raises(Conflict), transaction():
            attempt(user_of(ADA))
    ada = user_of(ADA)
    assert ada.active
    assert ada.role_names == ("admin",)


def test_one_who_never_came_does_not_count_as_an_admin(user_of: UserOf) -> None:
    with transaction():
        invited = invite_user(email="new@example.com", name="New", roles=[role("admin")], by=user_of(ADA))
        invited_id = invited.id
    with pytest.raises(Conflict, match="Ada is the last active admin"), transaction():
        deactivate_user(user_of(ADA), by=user_of(ADA))
    with transaction() as session:
        deactivate_user(session.get_one(User, invited_id), by=user_of(ADA))


def test_an_admin_may_go_when_there_is_another(user_of: UserOf, heard: list[object]) -> None:
    with transaction():
        add_role(user_of(ED), role("admin"), by=user_of(ADA))
    with transaction():
        assign_roles(user_of(ADA), [role("author")], by=user_of(ADA))
    assert user_of(ADA).role_names == ("author",)
    ed_id, ada_id = user_of(ED).id, user_of(ADA).id
    assert heard == [
        RolesChanged(ed_id, ("editor",), ("editor", "admin"), ada_id),
        RolesChanged(ada_id, ("admin",), ("author",), ada_id),
    ]


def test_a_closed_account_is_out_everywhere_and_its_links_are_void(user_of: UserOf) -> None:
    with transaction() as session:
        key = open_sign_in(user_of(ART))
        session.flush()
    name_before = user_of(ART).fs_uniquifier
    assert find_sign_in(key) is not None
    with transaction():
        deactivate_user(user_of(ART), by=user_of(ADA))
    assert find_sign_in(key) is None
    assert user_of(ART).fs_uniquifier != name_before
    assert current_session().scalars(select(SignIn)).all() == []
    with transaction():
        reactivate_user(user_of(ART), by=user_of(ADA))
    assert find_sign_in(key) is None
    assert user_of(ART).role_names == ("author",)


def test_who_made_things_is_not_deleted_until_somebody_takes_over(user_of: UserOf) -> None:
    owned = {user_of(ART).id: 2}

    def hand_over(old: int, new: int) -> None:
        owned[new] = owned.get(new, 0) + owned.pop(old)

    reference = Reference(
        "user", "test", _("Things"), lambda user_id: owned.get(user_id, 0), lambda _id, _limit: [], hand_over
    )
    register_reference(reference)
    try:
        art_id, ed_id = user_of(ART).id, user_of(ED).id
        with pytest.raises(Conflict, match="somebody must take over"), transaction():
            delete_user(user_of(ART), by=user_of(ADA))
        with pytest.raises(Conflict), transaction():
            delete_user(user_of(ART), hand_over_to=user_of(ART), by=user_of(ADA))
        with transaction():
            delete_user(user_of(ART), hand_over_to=user_of(ED), by=user_of(ADA))
        assert owned == {ed_id: 2}
        assert current_session().get(User, art_id) is None
    finally:
        _references["user"].remove(reference)


def test_nobody_deletes_themselves(user_of: UserOf) -> None:
    with transaction():
        add_role(user_of(ED), role("admin"), by=user_of(ADA))
    with pytest.raises(Conflict, match="their own account"), transaction():
        delete_user(user_of(ADA), by=user_of(ADA))


@pytest.mark.parametrize(
    "field",
    [
        "roles", "role", "grants", "active", "is_active", "id", "email", "password", "fs_uniquifier", "confirmed_at",
        "login_count", "slug_skeleton", "invited_at", "held", "__class__", "roles[0]", "roles.name",
    ],
)  # fmt: skip
def test_a_profile_takes_only_fields_of_a_profile(user_of: UserOf, field: str) -> None:
    for person in (SUE, ADA):
        with pytest.raises(Invalid) as caught, transaction():
            edit_profile(user_of(SUE), {"name": "Susan", field: "admin"}, by=user_of(person))
        assert set(caught.value.fields) == {field}
    assert user_of(SUE).name == "Sue"


def test_a_profile_keeps_what_was_told(user_of: UserOf, heard: list[object]) -> None:
    told: dict[str, object] = {
        "name": "  Sue\u202e   Sailor ",
        "slug": "Sue Sailor",
        "biography": "Writes letters.\r\n\r\n\r\n\r\nReads <b>all</b>.\x00",
        "links": [{"label": "", "url": "https://sue.example/a?b=c"}, {"label": "x", "url": ""}],
        "time_zone": "europe/berlin",
        "language": "de",
    }
    with transaction():
        edit_profile(user_of(SUE), told, by=user_of(SUE))
    sue = user_of(SUE)
    assert (sue.name, sue.slug, sue.time_zone, sue.language) == ("Sue Sailor", "sue-sailor", "Europe/Berlin", "de")
    assert sue.biography == "Writes letters.\n\nReads <b>all</b>."
    assert sue.links == [{"label": "sue.example", "url": "https://sue.example/a?b=c"}]
    (event,) = heard
    assert isinstance(event, ProfileEdited)
    assert (event.slug_before, event.slug) == ("sue", "sue-sailor")


@pytest.mark.parametrize(
    ("field", "entered"),
    [
        ("name", ""),
        ("name", "sue@example.com"),
        ("name", "\u200b"),
        ("name", "x" * 121),
        ("biography", "x" * 5001),
        ("links", [{"label": "x", "url": "javascript:alert(1)"}]),
        ("links", [{"label": "x", "url": "//evil.example"}]),
        ("links", [{"label": "x", "url": 'https://x.example/"onclick='}]),
        ("links", [{"label": "x", "url": f"https://x.example/{number}"} for number in range(11)]),
        ("links", "https://x.example"),
        ("time_zone", "Mars/Olympus"),
        ("language", "<script>"),
        ("picture_id", "1 or 1=1"),
        ("slug", "admin"),
        ("slug", "аdmin"),
        ("slug", "ed"),
        ("slug", "E-d"),
        ("slug", "\u0435d"),
        ("slug", "!!!"),
    ],
)
def test_what_a_profile_cannot_take_is_told_at_the_field(user_of: UserOf, field: str, entered: object) -> None:
    with pytest.raises(Invalid) as caught, transaction():
        edit_profile(user_of(SUE), {field: entered}, by=user_of(SUE))
    assert set(caught.value.fields) == {field}


def test_an_author_address_is_free_and_never_the_sign_in_name() -> None:
    with transaction():
        made = [
            create_user(email=f"n{number}@example.com", name=name, by=system_user())
            for number, name in enumerate(["Ada", "Аda", "Admin", "!x!", "東京", "—z"])
        ]
        slugs = [user.slug for user in made]
    assert slugs[0] == "ada-2"
    assert len(set(slugs)) == len(slugs)
    assert slugs[1] not in ("ada", "аda")
    assert slugs[2] == "admin-2"
    assert slugs[4] == "東京"
    assert not any("@" in slug or "example" in slug for slug in slugs)


def test_two_accounts_never_share_an_address_in_any_spelling() -> None:
    for spelling in ("ada@example.com", "ADA@Example.Com", " ada@example.com "):
        with pytest.raises(Invalid) as caught, transaction():
            create_user(email=spelling, name="Somebody", by=system_user())
        assert set(caught.value.fields) == {"email"}
