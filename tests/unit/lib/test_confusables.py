import pytest
from hypothesis import given
from hypothesis import strategies as st

from cms.lib.confusables import skeleton


@pytest.mark.parametrize(
    "other",
    [
        "Admin",
        "аdmin",
        "аdmіn",
        "ａｄｍｉｎ",
        "ad\u200bmin",
        "ad\u00admin",
        "ádmin",
        "adm1n",
        "admln",
        "ad-min",
        "adrnin",
        "a d m i n",
        "\u202eadmin",
    ],
)
def test_names_that_look_alike_have_one_skeleton(other: str) -> None:
    assert skeleton(other) == skeleton("admin")


@pytest.mark.parametrize(("one", "other"), [("ada", "ida"), ("ed", "ad"), ("東京", "京都"), ("ada-2", "ada-3")])
def test_names_that_differ_to_the_eye_stay_apart(one: str, other: str) -> None:
    assert skeleton(one) != skeleton(other)


@given(st.text())
def test_a_skeleton_has_no_skeleton_in_it(text: str) -> None:
    """A skeleton is what every spelling ends in, also the skeleton itself."""
    assert skeleton(text.upper()) == skeleton(text.upper().casefold())
    assert not any(letter.isspace() for letter in skeleton(text))
