"""Codes of authenticator apps, by the vectors of RFC 6238 and by law."""

from __future__ import annotations

import base64
from datetime import UTC, datetime, timedelta
from urllib.parse import parse_qs, urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cms.lib.totp import (
    STEP_SECONDS,
    TOLERANCE,
    code_at,
    enrolment_address,
    matching_step,
    new_secret,
    step_at,
)

#: RFC 6238, appendix B, SHA-1; six of the eight digits.
SECRET = base64.b32encode(b"12345678901234567890").decode()
VECTORS = [
    (59, "287082"),
    (1111111109, "081804"),
    (1111111111, "050471"),
    (1234567890, "005924"),
    (2000000000, "279037"),
]
MOMENTS = st.datetimes(datetime(2001, 1, 1), datetime(2090, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001 -- bounds are naive


@pytest.mark.parametrize(("seconds", "code"), VECTORS)
def test_codes_are_those_of_the_rfc(seconds: int, code: str) -> None:
    moment = datetime.fromtimestamp(seconds, UTC)
    assert code_at(SECRET, step_at(moment)) == code
    assert matching_step(SECRET, code, moment) == seconds // STEP_SECONDS


@given(moment=MOMENTS, off=st.integers(-4, 4))
def test_a_code_holds_one_step_either_way_and_no_longer(moment: datetime, off: int) -> None:
    step = step_at(moment)
    found = matching_step(SECRET, code_at(SECRET, step + off), moment)
    assert (found is not None) is (abs(off) <= TOLERANCE) or found != step + off


@given(moment=MOMENTS)
def test_a_step_that_was_used_counts_no_more(moment: datetime) -> None:
    step = step_at(moment)
    code = code_at(SECRET, step)
    used = matching_step(SECRET, code, moment)
    assert used is not None
    later = matching_step(SECRET, code, moment + timedelta(seconds=STEP_SECONDS), after=used)
    assert later is None or code_at(SECRET, later) == code
    assert matching_step(SECRET, code, moment, after=step + TOLERANCE) is None


def test_spaces_are_overlooked_and_nothing_else() -> None:
    moment = datetime.fromtimestamp(59, UTC)
    assert matching_step(SECRET, " 287 082 ", moment) == 1
    for typed in ("", "28708", "2870820", "287o82", "٢٨٧٠٨٢", "287082\0"):
        assert matching_step(SECRET, typed, moment) is None, typed


def test_secrets_differ_and_have_160_bits() -> None:
    made = {new_secret() for _each in range(50)}
    assert len(made) == 50
    assert {len(base64.b32decode(secret)) for secret in made} == {20}


def test_the_address_names_site_and_person() -> None:
    parts = urlsplit(enrolment_address(SECRET, issuer="Tea: & scones?", account="o'brien@example.com"))
    assert (parts.scheme, parts.netloc) == ("otpauth", "totp")
    assert parts.path == "/Tea%20%20%26%20scones%3F:o%27brien@example.com"
    assert parse_qs(parts.query) == {"secret": [SECRET], "issuer": ["Tea  & scones?"]}
