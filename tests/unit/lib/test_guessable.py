"""Passwords that are guessed first are known, and a few words of one's own are not among them."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as some

from cms.lib.guessable import common_passwords, is_common, is_pattern, says_what_is_known

KNOWN = ("o'brien@example.com", "Miles O'Brien", "The Harbour Chronicle")


def test_the_list_holds_ten_thousand_of_a_length_that_is_taken() -> None:
    assert len(common_passwords()) > 10_000
    assert min(map(len, common_passwords())) == 8


@pytest.mark.parametrize(
    "password",
    [
        "password",
        "PassWord",
        "Password1",
        "password123!",
        "1234football",
        "ｐａｓｓｗｏｒｄ",
        "sunshine",
        "trustno1",
        "iloveyou2024",
    ],
)
def test_common_ones_are_found_in_any_spelling(password: str) -> None:
    assert is_common(password)


@pytest.mark.parametrize(
    "password",
    [
        "abcdefgh", "87654321", "qwertyuiop", "poiuytrewq", "qwertzuiop", "azertyuiop", "asdfghjkl;", "abcd1234",
        "1qaz2wsx3edc", "aaaabbbb", "!!!!!!!!", "abcabcabcabc", "24682468", "xyxyxyxyxy", "qwerty12345ab", "αβγδεζηθ",
        "passwordpassword", "qwertyuqwertyu",
    ],
)  # fmt: skip
def test_patterns_are_found(password: str) -> None:
    assert is_pattern(password)


@pytest.mark.parametrize(
    "password",
    [
        "milesobrien",
        "Brien1985",
        "obrien@example.com",
        "HarbourChronicle!",
        "chronicle",
        "the-harbour-1",
        "obrienexample",
    ],
)
def test_what_is_known_is_found(password: str) -> None:
    assert says_what_is_known(password, KNOWN)


@pytest.mark.parametrize(
    "password",
    [
        "the ferry leaves at five", "correct horse battery staple", "miles went to the harbour twice",
        "Ch4irs&Tables.x", "пароход уходит в пять",
        "船は五時に出ます朝", "🚢🌊🐟🦀🐚⚓🧭🌅", "zk3Lm9Qp", "kettle-on-monday",
    ],
)  # fmt: skip
def test_ones_own_words_are_taken(password: str) -> None:
    assert not is_common(password)
    assert not is_pattern(password)
    assert not says_what_is_known(password, KNOWN)


def test_nothing_known_forbids_nothing() -> None:
    assert not says_what_is_known("whatever", ("", "  ", "@", "a"))


@given(some.text(max_size=520), some.text(max_size=40))
def test_any_text_gets_an_answer(password: str, known: str) -> None:
    assert is_common(password) in (True, False)
    assert is_pattern(password) in (True, False)
    assert says_what_is_known(password, (known,)) in (True, False)


@given(some.text(alphabet="abcdefghijklmnopqrstuvwxyz", min_size=3, max_size=12))
def test_one_s_own_name_is_never_a_password(name: str) -> None:
    assert says_what_is_known(name.title(), (name,))
