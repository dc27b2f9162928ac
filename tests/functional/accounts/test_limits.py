"""How often one may try: exact with many at once, by account, address and device, and never for long for the owner."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextvars import Context
from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from hypothesis import given
from hypothesis import strategies as some
from selectolax.lexbor import LexborHTMLParser
from sqlalchemy import func, select, update

from cms.accounts import limits
from cms.accounts.limits import BY_ACCOUNT, BY_ADDRESS, BY_NETWORK, SIGN_IN, TooManyTries, begin
from cms.accounts.models import Limit, SignIn
from cms.accounts.passwords import hash_password
from cms.audit.models import AuditDetails, AuditEntry
from cms.core.db import current_session, transaction
from cms.core.jobs import run_due
from cms.core.permissions import system_user
from cms.extensions import db
from cms.lib.clock import utcnow
from cms.settings.actions import change_settings
from tests.clients import PageClient
from tests.factories import make_post
from tests.functional.accounts.letters import letters, link_in
from tests.needs import needs
from tests.people import ADA, ED, PASSWORD

MINUTE = timedelta(minutes=1)
NOW = utcnow()


@pytest.fixture(params=["sqlite", pytest.param("postgres", marks=needs("postgres"))])
def counted(request: pytest.FixtureRequest, make_app: Callable[..., Flask]) -> Iterator[Flask]:
    """An application on each database."""
    more = {}
    if request.param == "postgres":
        more["CMS_DATABASE_URL"] = request.getfixturevalue("postgres_url")
    app = make_app(**more)
    with app.app_context():
        yield app


def passes(**more: Any) -> bool:
    """Tell whether an attempt gets through."""
    try:
        begin(SIGN_IN, **{"account": "ada@example.com", "ip": "192.0.2.1", "now": NOW, **more})
    except TooManyTries:
        return False
    return True


def wait_after(**more: Any) -> timedelta | None:
    """Return how long one has to wait, or None if an attempt gets through."""
    try:
        begin(SIGN_IN, **{"account": "ada@example.com", "ip": "192.0.2.1", "now": NOW, **more})
    except TooManyTries as error:
        return timedelta(seconds=error.retry_after)
    return None


def at_once(app: Flask, number: int, act: Callable[[int], bool]) -> int:
    """Return how many of `number` threads, all starting at the same moment, got through."""
    barrier, through = threading.Barrier(number), []

    def run(index: int) -> None:
        with app.app_context():
            barrier.wait()
            through.append(act(index))
            db.session.remove()

    threads = [threading.Thread(target=Context().run, args=(run, index)) for index in range(number)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(through) == number
    return sum(through)


def test_of_many_at_once_no_more_get_through_than_may(counted: Flask) -> None:
    guesses = at_once(counted, 24, lambda index: passes(ip=f"192.0.2.{index}"))
    assert guesses == BY_ACCOUNT.free
    sprays = at_once(counted, 48, lambda index: passes(account=f"person{index}@example.com", ip="198.51.100.7"))
    assert sprays == BY_ADDRESS.free


def test_nothing_is_counted_for_who_has_to_wait(counted: Flask) -> None:
    for _ in range(20):
        passes()
    assert sorted(current_session().scalars(select(Limit.count))) == [BY_ACCOUNT.free, BY_ACCOUNT.free]


def test_the_wait_grows_to_a_quarter_of_an_hour(counted: Flask) -> None:
    for index in range(BY_ACCOUNT.free):
        assert passes(ip=f"192.0.2.{index}")
    moment, waits = NOW, []
    for index in range(7):
        wait = wait_after(now=moment, ip=f"198.51.100.{index}")
        assert wait is not None
        waits.append(wait / MINUTE)
        moment += wait
        assert wait_after(now=moment - timedelta(seconds=1)) == timedelta(seconds=1)
        assert passes(now=moment, ip=f"198.51.100.{index}")
    assert waits == [1, 2, 4, 8, 15, 15, 15]


def test_failures_are_forgotten_after_the_window(counted: Flask) -> None:
    for _ in range(BY_ACCOUNT.free - 1):
        assert passes()
    later = NOW + BY_ACCOUNT.window
    for _ in range(BY_ACCOUNT.free):
        assert passes(now=later)
    assert not passes(now=later)
    with transaction():
        limits.forget_expired_limits(now=later + MINUTE)
    assert current_session().scalar(select(func.count()).select_from(Limit)) == 2
    with transaction():
        limits.forget_expired_limits(now=later + timedelta(hours=1))
    assert current_session().scalar(select(func.count()).select_from(Limit)) == 0


def test_who_succeeds_gets_the_attempt_back(counted: Flask) -> None:
    for _ in range(BY_ACCOUNT.free - 1):
        assert passes()
    for _ in range(10):
        with transaction():
            begin(SIGN_IN, account="ada@example.com", ip="192.0.2.1", now=NOW).succeeded()
    assert passes()
    assert not passes()


def test_somebodys_success_opens_no_address_for_guessing(counted: Flask) -> None:
    """Whoever guesses at others, and signs in as themselves in between, is stopped all the same."""
    through = 0
    for index in range(BY_ADDRESS.free * 2):
        try:
            with transaction():
                begin(SIGN_IN, account="con@example.com", ip="192.0.2.1", now=NOW).succeeded()
        except TooManyTries:
            break
        through += passes(account=f"person{index}@example.com")
    assert through == BY_ADDRESS.free


def test_a_known_device_is_not_stopped_by_others(counted: Flask) -> None:
    for index in range(BY_ADDRESS.free):
        passes()
        passes(account=f"person{index}@example.com")
    assert not passes()
    assert not passes(account="ed@example.com")
    for _ in range(BY_ACCOUNT.free):
        assert passes(device="17")
    assert not passes(device="17")
    assert passes(device="18")
    with transaction():
        begin(SIGN_IN, account="ada@example.com", device="18", now=NOW).succeeded()
    # The address has still to wait; the account has not.
    assert not passes()
    assert passes(ip="203.0.113.9")


@pytest.mark.parametrize(
    ("one", "other", "together"),
    [
        ("192.0.2.1", "192.0.2.1", True),
        ("192.0.2.1", "192.0.2.2", False),
        ("192.0.2.1", "::ffff:192.0.2.1", True),
        ("2001:db8:1:2::1", "2001:db8:1:2:ffff:ffff:ffff:ffff", True),
        ("2001:db8:1:2::1", "2001:db8:1:3::1", False),
        ("", "no address", True),
    ],
)
def test_an_address_is_one_ipv4_or_one_ipv6_network(app: Flask, one: str, other: str, together: bool) -> None:
    for index in range(BY_ADDRESS.free):
        assert passes(account=f"{index}", ip=one)
    assert passes(account="another", ip=other) is not together


def test_many_networks_of_one_customer_are_counted_together(app: Flask) -> None:
    for index in range(BY_NETWORK.free):
        assert passes(account=f"{index}", ip=f"2001:db8:1:{index:x}::1")
    assert not passes(account="another", ip="2001:db8:1:ffff::1")
    assert passes(account="another", ip="2001:db8:2::1")


def test_counters_of_different_things_are_apart(app: Flask) -> None:
    for _ in range(BY_ACCOUNT.free + 1):
        passes()
    begin(limits.CODE, account="ada@example.com", ip="192.0.2.1", now=NOW)


def test_a_copy_of_the_table_tells_nobody_whom_it_is_about(app: Flask) -> None:
    passes(device="17")
    passes(ip="2001:db8::1")
    keys = " ".join(current_session().scalars(select(Limit.key)))
    for secret in ("ada", "example", "2001", "192.0", ":17"):
        assert secret not in keys


@given(some.text(max_size=400))
def test_anything_typed_can_be_counted(text: str) -> None:
    assert len(limits._places(text)) in (1, 2)


def test_workers_count_together(make_app: Callable[..., Flask]) -> None:
    """Two processes that share nothing but the database."""
    through = 0
    for app in [make_app(), make_app()] * BY_ACCOUNT.free:
        with app.app_context():
            through += passes()
            db.session.remove()
    assert through == BY_ACCOUNT.free


# -- at the doors ----------------------------------------------------------------------------------------

WRONG = {"password": "not the one at all"}
FORGED = ("X-Forwarded-For", "Forwarded", "CF-Connecting-IP", "X-Real-IP", "True-Client-IP", "X-Client-IP")


def stranger(app: Flask, ip: str = "198.51.100.1") -> PageClient:
    client = app.test_client()
    assert isinstance(client, PageClient)
    client.environ_base["REMOTE_ADDR"] = ip
    return client


def guess(client: PageClient, email: str, times: int = 1, **more: Any) -> list[int]:
    return [client.submit("/login", {"email": email, **WRONG}, **more).status_code for _ in range(times)]


def test_the_sixth_guess_has_to_wait_and_what_was_typed_stays(app: Flask) -> None:
    client = stranger(app)
    assert guess(client, ADA.email, 5) == [200] * 5
    answer = client.submit("/login", {"email": ADA.email, **WRONG})
    assert answer.status_code == 429
    assert int(answer.headers["Retry-After"]) in range(1, 61)
    page = answer.get_data(as_text=True)
    assert "Please try again in a minute." in page
    assert f'value="{ADA.email}"' in page
    assert WRONG["password"] not in page
    # The right one is not looked at either.
    assert stranger(app, "198.51.100.2").submit("/login", {"email": ADA.email, "password": PASSWORD}).status_code == 429


@pytest.mark.parametrize("proxies", [0, 1])
def test_no_header_makes_somebody_else_of_a_guesser(make_app: Callable[..., Flask], proxies: int) -> None:
    """Twenty guesses at twenty people, each from another address, as the headers say: one address, thirty tries."""
    app = make_app(CMS_TRUSTED_PROXIES=proxies)
    with app.app_context():
        statuses = []
        for index in range(BY_ADDRESS.free + 5):
            forged = dict.fromkeys(FORGED, f"203.0.113.{index}")
            forged["Forwarded"] = f"for=203.0.113.{index}"
            if proxies:
                # What the one trusted proxy adds stands last, and is true.
                forged["X-Forwarded-For"] = f"203.0.113.{index}, 198.51.100.1"
            client = stranger(app, "10.0.0.1" if proxies else "198.51.100.1")
            statuses += guess(client, f"person{index}@example.com", headers=forged)
        assert statuses == [200] * BY_ADDRESS.free + [429] * 5


def test_a_trusted_proxy_tells_guessers_apart(make_app: Callable[..., Flask]) -> None:
    app = make_app(CMS_TRUSTED_PROXIES=1)
    with app.app_context():
        for index in range(BY_ADDRESS.free + 5):
            told = {"X-Forwarded-For": f"203.0.113.{index}"}
            assert guess(stranger(app, "10.0.0.1"), f"person{index}@example.com", headers=told) == [200]


def test_the_owner_gets_in_where_they_were_before(app: Flask) -> None:
    owner = stranger(app).sign_in(ADA)
    owner.post("/logout", data={"csrf_token": owner.csrf_token("/account/")})
    # Somebody behind the same address guesses at this account, and at others.
    guess(stranger(app), ADA.email, 6)
    for index in range(BY_ADDRESS.free):
        guess(stranger(app), f"person{index}@example.com")
    assert guess(stranger(app), ADA.email) == [429]
    assert owner.submit("/login", {"email": ADA.email, "password": PASSWORD}).status_code == 302
    # And the account is open to them elsewhere again.
    assert stranger(app, "203.0.113.9").submit("/login", {"email": ADA.email, "password": PASSWORD}).status_code == 302


def test_a_known_browser_has_a_limit_too_and_knows_its_own_person_alone(app: Flask) -> None:
    browser = stranger(app).sign_in(ADA)
    browser.post("/logout", data={"csrf_token": browser.csrf_token("/account/")})
    assert guess(browser, ADA.email, 6) == [200] * 5 + [429]
    assert guess(browser, ED.email, 6) == [200] * 5 + [429]
    assert guess(stranger(app, "203.0.113.9"), ED.email) == [429]
    assert guess(stranger(app, "203.0.113.9"), ADA.email) == [200]


def test_confirming_counts(app: Flask) -> None:
    client = stranger(app).sign_in(ADA)
    statuses = [client.submit("/verify", WRONG).status_code for _ in range(6)]
    assert statuses == [200] * 5 + [429]
    with transaction() as session:
        session.execute(update(SignIn).values(confirmed_at=None))
    held_up = client.submit("/account/email", {"email": "new@example.org"})
    token = LexborHTMLParser(held_up.get_data(as_text=True)).css_first("input[name=csrf_token]")
    assert token is not None
    fields = {
        "email": "new@example.org",
        "masthead-confirm-password": PASSWORD,
        "csrf_token": token.attributes["value"],
    }
    answer = client.post("/account/email", data=fields)
    assert answer.status_code == 429
    assert answer.headers["Retry-After"]
    assert 'value="new@example.org"' in answer.get_data(as_text=True)
    change = {**WRONG, "new_password": "seven herons on a jetty", "new_password_confirm": "seven herons on a jetty"}
    assert client.submit("/change", {**change, "password": PASSWORD}).status_code == 429


@pytest.mark.parametrize("path", ["/reset", "/register"])
def test_asking_for_mails_is_counted_whether_or_not_one_is_sent(app: Flask, path: str) -> None:
    with transaction():
        change_settings({"registration_open": True}, by=system_user())
    for email in (ADA.email, "nobody@example.com"):
        fields = {"email": email, "name": "Nell"}
        statuses = [stranger(app).submit(path, fields).status_code for _ in range(6)]
        assert statuses == [200] * 5 + [429]
    page = stranger(app).submit(path, {"email": ADA.email, "name": "Nell"}).get_data(as_text=True)
    assert f'value="{ADA.email}"' in page
    assert "tried too often" in page
    assert len([letter for letter in letters() if letter["to"] == ADA.email]) == 5


@pytest.mark.parametrize(
    "path", ["/reset/x{0}", "/invitation/x{0}", "/account/not-me/x{0}", "/account/email/link/x{0}"]
)
def test_guessing_links_is_counted_and_a_right_one_is_never_held_up(app: Flask, path: str) -> None:
    statuses = {stranger(app).get(path.format(index)).status_code for index in range(BY_ADDRESS.free)}
    assert statuses <= {302, 410}
    answer = stranger(app).get(path.format("y"))
    assert answer.status_code == 429
    assert answer.headers["Retry-After"]
    stranger(app, "203.0.113.9").submit("/reset", {"email": ADA.email})
    assert stranger(app).get(link_in(letters()[-1])).status_code == 200


def test_passwords_of_pages_are_counted_by_reader_and_page(app: Flask) -> None:
    secret = hash_password("barley")
    post, other = (make_post(title, visibility="password", password_hash=secret) for title in ("Closed", "Other"))
    here, there, right = str(post.address), str(other.address), {"password": "barley"}
    reader = stranger(app)
    assert [reader.post(here, data={"password": "oats"}).status_code for _ in range(6)] == [403] * 5 + [429]
    held_up = reader.post(here, data=right)
    assert held_up.status_code == 429
    assert held_up.headers["Retry-After"]
    assert "tried too often" in held_up.get_data(as_text=True)
    assert reader.get(here).status_code == 200
    assert reader.post(there, data=right).status_code == 303
    assert stranger(app, "203.0.113.9").post(here, data=right).status_code == 303


def test_a_database_that_cannot_count_lets_nobody_guess_and_everybody_read(app: Flask) -> None:
    client = stranger(app)
    token = client.csrf_token("/login")
    with db.engine.begin() as connection:
        connection.exec_driver_sql("ALTER TABLE limits RENAME TO limits_gone")
    answer = client.post("/login", data={"email": ADA.email, "password": PASSWORD, "csrf_token": token})
    assert answer.status_code == 503
    assert client.get("/").status_code == 200
    assert client.get("/login").status_code == 200


def test_a_flood_is_a_few_entries_in_the_record(app: Flask) -> None:
    for index in range(BY_ADDRESS.free):
        guess(stranger(app), ADA.email if index % 2 else f"person{index}@example.com")
    run_due()
    acts = current_session().scalars(select(AuditEntry.act)).all()
    assert 1 <= acts.count("user.tries_failed") <= 3
    assert 1 <= acts.count("user.stranger_failed") <= 10
    details = [
        row.details for row in current_session().scalars(select(AuditDetails)) if row.details["after"].get("tries")
    ]
    assert {detail["ip"] for detail in details} == {"198.51.100.1"}
    assert "person" not in str(details)


def test_the_owner_is_told_of_many_failures_once_a_day(app: Flask) -> None:
    for index in range(3):
        guess(stranger(app, f"198.51.100.{index}"), ADA.email, 6)
        with transaction() as session:
            session.execute(update(Limit).where(Limit.key.like("sign-in:%")).values(blocked_until=None))
    guess(stranger(app), "nobody@example.com", 6)
    (letter,) = letters()
    assert letter["to"] == ADA.email
    assert "failed 5 times" in letter["text"]
    assert "198.51.100.0" in letter["text"]
    with transaction() as session:
        session.execute(update(Limit).values(expires_at=utcnow(), blocked_until=None))
    guess(stranger(app), ADA.email, 5)
    assert len(letters()) == 2


def test_signing_in_writes_no_more_than_it_must(app: Flask, count_queries: Any) -> None:
    client = stranger(app)
    client.sign_in(ADA)
    client.post("/logout", data={"csrf_token": client.csrf_token("/account/")})
    token = client.csrf_token("/login")
    with count_queries() as asked:
        client.post("/login", data={"email": ADA.email, "password": PASSWORD, "csrf_token": token})
    on_limits = [statement.split()[0] for statement in asked if " limits" in statement]
    assert on_limits == ["INSERT", "DELETE"]
    assert len([statement for statement in asked if statement.startswith("BEGIN")]) <= 2
