"""The form of secrets, and that a token only ever takes rights away."""

from __future__ import annotations

import string

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy.orm.attributes import set_committed_value

from cms.accounts.models import RoleGrant, User
from cms.accounts.personal_tokens import PREFIX, hash_secret, is_well_formed, new_secret
from cms.accounts.policies import is_narrowed, is_oneself
from cms.core.permissions import Grant, registry
from cms.lib.redaction import GONE, redact_text

LETTERS = string.ascii_letters + string.digits + "-_"
PERMISSIONS = sorted(registry.names())
grants = st.builds(Grant, st.sampled_from(PERMISSIONS), st.sampled_from(["all", "own", "category:7", "section:12"]))


def test_secrets_are_long_of_one_form_and_each_another() -> None:
    made = {new_secret() for _each in range(200)}
    assert len(made) == 200
    for secret in made:
        assert len(secret) == 53
        assert secret.startswith(PREFIX)
        assert set(secret) <= set(LETTERS)
        assert is_well_formed(secret)


@given(st.integers(0, 52), st.sampled_from(LETTERS))
def test_a_slip_of_the_pen_is_seen(place: int, letter: str) -> None:
    secret = new_secret()
    slipped = secret[:place] + letter + secret[place + 1 :]
    assert is_well_formed(slipped) is (slipped == secret)


@given(st.text(max_size=80) | st.from_regex(r"mhp_[A-Za-z0-9_-]{49}\n?", fullmatch=True))
def test_what_only_looks_like_a_secret_is_none(text: str) -> None:
    assert not is_well_formed(text)


@pytest.mark.parametrize("around", ["{}\n", " {}", "{}{}", "{}é", "Bearer {}"])
def test_what_stands_around_a_secret_makes_it_none(around: str) -> None:
    secret = new_secret()
    assert not is_well_formed(around.replace("{}", secret))


def test_what_is_kept_is_not_the_secret() -> None:
    secret = new_secret()
    assert len(hash_secret(secret)) == 64
    assert secret[len(PREFIX) :] not in hash_secret(secret)
    assert redact_text(f"could not use {secret}, sorry") == f"could not use {GONE}, sorry"


def holder(held: frozenset[Grant]) -> User:
    person = User(id=7, name="Art", active=True)
    set_committed_value(person, "held", [RoleGrant(permission=one.permission, extent=one.extent) for one in held])
    return person


@given(st.frozensets(grants), st.frozensets(st.sampled_from(PERMISSIONS)), st.frozensets(grants))
def test_a_token_gives_nothing_that_it_does_not_name_or_its_person_does_not_hold(
    held: frozenset[Grant], scopes: frozenset[str], later: frozenset[Grant]
) -> None:
    person = holder(held)
    assert person.grants == held
    person.narrowed_to = scopes
    assert person.grants == {right for right in held if right.permission in scopes}
    assert person.grants <= held
    # Another reading of the rows, as after a change of roles, is narrowed as well.
    rows = [RoleGrant(permission=one.permission, extent=one.extent) for one in later]
    set_committed_value(person, "held", rows)
    assert person.grants == {right for right in later if right.permission in scopes}


def test_a_program_is_not_the_person_themselves_whatever_it_may_do() -> None:
    person = holder(frozenset({Grant(name) for name in PERMISSIONS}))
    assert is_oneself(person, 7)
    assert not is_oneself(person, 8)
    assert not is_oneself(None, 7)
    person.narrowed_to = frozenset(PERMISSIONS)
    assert is_narrowed(person)
    assert not is_oneself(person, 7)
