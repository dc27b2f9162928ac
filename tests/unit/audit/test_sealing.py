"""The seals of the record: one form for one meaning, and another seal for every other."""

import json
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cms.audit.sealing import canonical, chain_hash, digest, moment, plain, words_of
from cms.core.i18n import _

TEXTS = st.text(st.characters(codec="utf-8", exclude_characters="\0"))
LEAVES = st.none() | st.booleans() | st.integers() | TEXTS
VALUES = st.recursive(
    LEAVES, lambda inner: st.lists(inner, max_size=4) | st.dictionaries(TEXTS, inner, max_size=4), max_leaves=12
)
ANYTHING = st.recursive(
    LEAVES | st.text() | st.floats() | st.binary() | st.datetimes(timezones=st.just(UTC)),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text() | st.integers(), inner, max_size=3) | st.tuples(inner)
    ),
    max_leaves=8,
)
KEY = b"k" * 32
ENTRY: dict[str, Any] = {
    "number": 2,
    "at": datetime(2026, 11, 20, 9, 5, 7, 12, UTC),
    "act": "user.roles_changed",
    "actor_id": 1,
    "seen_by_id": None,
    "token_id": None,
    "subject": "user",
    "subject_id": 3,
    "undoes": None,
    "details_digest": "d" * 64,
    "key_id": "tests",
    "previous_hash": "p" * 64,
}


@given(VALUES)
def test_what_a_database_gives_back_has_the_same_form(value: Any) -> None:
    assert canonical(json.loads(json.dumps(value))) == canonical(value)
    assert plain(value) == value


@given(VALUES, VALUES)
def test_different_values_have_different_forms(one: Any, other: Any) -> None:
    same = json.dumps(one, sort_keys=True) == json.dumps(other, sort_keys=True)
    assert (canonical(one) == canonical(other)) == same


@given(ANYTHING)
def test_whatever_an_event_tells_can_be_sealed(value: Any) -> None:
    told = plain(value)
    assert canonical(json.loads(json.dumps(told))) == canonical(told)
    assert plain(told) == told


def test_fractions_are_refused() -> None:
    with pytest.raises(ValueError, match="Fractions"):
        canonical({"a": [1, {"b": 0.5}]})


def test_a_lazy_text_has_its_words() -> None:
    assert plain({1: _("Site")}) == {"1": "Site"}
    assert plain({"b", "a"}) == ["a", "b"]


@given(VALUES, VALUES, TEXTS, TEXTS)
def test_a_seal_belongs_to_one_salt_and_one_meaning(one: Any, other: Any, salt: str, salt_2: str) -> None:
    mine, theirs = {"after": one}, {"after": other}
    same = canonical(mine) == canonical(theirs) and salt == salt_2
    assert (digest(KEY, salt, mine) == digest(KEY, salt_2, theirs)) == same
    assert digest(KEY, salt, mine) != digest(b"j" * 32, salt, mine)


@pytest.mark.parametrize("name", ENTRY)
def test_every_column_is_sealed(name: str) -> None:
    value = ENTRY[name]
    if isinstance(value, datetime):
        other: Any = value + timedelta(microseconds=1)
    else:
        other = 9 if value is None or isinstance(value, int) else value + "x"
    assert chain_hash(KEY, ENTRY | {name: other}) != chain_hash(KEY, ENTRY)


def test_a_moment_is_the_same_in_every_zone() -> None:
    there = ENTRY["at"].astimezone(timezone(timedelta(hours=9)))
    assert moment(there) == moment(ENTRY["at"]) == "2026-11-20T09:05:07.000012Z"


@given(VALUES)
def test_words_are_short_and_small(value: Any) -> None:
    words = words_of({"title": "Con", "before": value, "after": {"name": "ÖLBERG  and\nso on"}})
    assert len(words) <= 2000
    assert words == words_of({"title": "Con", "before": value, "after": {"name": "ÖLBERG  and\nso on"}})
    assert "ölberg and so on" in words or len(words) == 2000
