"""What somebody signs in with changes when the old and the new address have both said yes."""

from __future__ import annotations

import re
import socket
from collections.abc import Callable, Iterator
from datetime import timedelta

import pytest
from aiosmtpd.controller import Controller
from flask import Flask
from sqlalchemy import select, update

from cms.accounts.actions import change_email, create_user, edit_profile, invite_user
from cms.accounts.actions.move_email import ask_for_email
from cms.accounts.models import EmailChange, SignIn, User
from cms.audit.models import AuditEntry
from cms.core.db import current_session, transaction
from cms.core.jobs import run_due
from cms.core.permissions import system_user
from cms.lib.clock import utcnow
from tests.clients import PageClient
from tests.functional.accounts.letters import letters, link_in
from tests.functional.core.test_mail import Sink
from tests.people import ADA, PASSWORD, SUE, Person

As = Callable[[Person], PageClient]
UserOf = Callable[[Person], User]
NEW = "sue.o'brien+news@example.org"


def ask(client: PageClient, email: str = NEW) -> dict[str, str]:
    """Ask for another address and return the links that went out, by the address they went to."""
    assert client.submit("/account/email", {"email": email}).status_code == 303
    return {letter["to"]: link_in(letter) for letter in letters()[-2:]}


def say(app: Flask, link: str, answer: str = "yes") -> str:
    """Press a button of the page behind a link, as a stranger, and return what the page says."""
    client = app.test_client()
    assert isinstance(client, PageClient)
    return client.submit(link, button=("answer", answer)).get_data(as_text=True)


def address_of(user_id: int) -> str:
    return str(current_session().scalar(select(User.email).where(User.id == user_id)))


@pytest.fixture
def sue_id(user_of: UserOf) -> int:
    return user_of(SUE).id


def test_both_say_yes_and_then_it_is_changed(app: Flask, as_: As, sue_id: int) -> None:
    links = ask(as_(SUE))
    assert set(links) == {SUE.email, NEW}
    assert "One more yes" in say(app, links[NEW])
    assert address_of(sue_id) == SUE.email
    assert "The new address has said yes" in as_(SUE).get("/account/").get_data(as_text=True)
    assert "is changed" in say(app, links[SUE.email])
    assert address_of(sue_id) == NEW
    told = letters()[-2:]
    assert {letter["to"] for letter in told} == {SUE.email, NEW}
    assert all("was changed" in letter["subject"] for letter in told)
    client = app.test_client()
    assert isinstance(client, PageClient)
    assert client.submit("/login", {"email": NEW.upper(), "password": PASSWORD}).status_code == 302
    acts = current_session().scalars(select(AuditEntry.act).where(AuditEntry.subject_id == sue_id)).all()
    assert {"user.email_change_asked", "user.email_changed"} <= set(acts)


@pytest.mark.parametrize("order", [(0, 0), (1, 1)])
def test_one_address_alone_changes_nothing(app: Flask, as_: As, sue_id: int, order: tuple[int, int]) -> None:
    links = list(ask(as_(SUE)).values())
    for index in order:
        page = say(app, links[index])
        assert "is changed" not in page
    assert address_of(sue_id) == SUE.email


def test_looking_at_a_link_changes_nothing(app: Flask, as_: As, sue_id: int) -> None:
    for link in ask(as_(SUE)).values():
        for method in ("GET", "HEAD"):
            assert app.test_client().open(link, method=method).status_code == 200
        assert app.test_client().post(link, data={"answer": "yes"}).status_code == 400
    row = current_session().scalars(select(EmailChange)).one()
    assert (row.old_confirmed_at, row.new_confirmed_at) == (None, None)
    assert address_of(sue_id) == SUE.email


@pytest.mark.parametrize("who", [SUE.email, NEW])
def test_either_address_says_no(app: Flask, as_: As, sue_id: int, who: str) -> None:
    links = ask(as_(SUE))
    other = next(address for address in links if address != who)
    say(app, links[other])
    assert "Nothing was changed" in say(app, links[who], "no")
    assert app.test_client().get(links[other]).status_code == 410
    assert address_of(sue_id) == SUE.email


def test_the_person_cancels_and_a_later_wish_replaces_an_older_one(app: Flask, as_: As, sue_id: int) -> None:
    first = ask(as_(SUE))
    second = ask(as_(SUE), "other@example.org")
    assert app.test_client().get(first[NEW]).status_code == 410
    assert as_(SUE).submit("/account/", form="form[action$='/email/cancel']").status_code == 303
    assert app.test_client().get(second["other@example.org"]).status_code == 410
    assert address_of(sue_id) == SUE.email


def test_a_link_ends_after_a_day_and_after_its_use(app: Flask, as_: As, sue_id: int) -> None:
    links = ask(as_(SUE))
    with transaction() as session:
        session.execute(update(EmailChange).values(expires_at=utcnow()))
    assert app.test_client().get(links[NEW]).status_code == 410
    links = ask(as_(SUE))
    for link in links.values():
        say(app, link)
    assert address_of(sue_id) == NEW
    assert [app.test_client().get(link).status_code for link in links.values()] == [410, 410]


def test_keys_are_kept_as_hashes(as_: As) -> None:
    keys = {link.rsplit("/", 1)[-1] for link in ask(as_(SUE)).values()}
    row = current_session().scalars(select(EmailChange)).one()
    assert len(keys) == 2
    assert keys.isdisjoint({row.old_key_hash, row.new_key_hash})


def test_every_other_way_in_ends(app: Flask, as_: As, user_of: UserOf, sue_id: int) -> None:
    elsewhere = app.test_client()
    assert isinstance(elsewhere, PageClient)
    elsewhere.sign_in(SUE)
    elsewhere.submit("/reset", {"email": SUE.email})
    reset = link_in(letters()[-1])
    here = as_(SUE)
    links = ask(here)
    say(app, links[NEW])
    here.submit(links[SUE.email], button=("answer", "yes"))
    assert here.get("/account/").status_code == 200
    assert elsewhere.get("/account/").status_code == 302
    assert app.test_client().get(reset).headers["Location"].endswith("/reset")
    assert current_session().scalars(select(SignIn.user_id).where(SignIn.user_id == sue_id)).all() == [sue_id]


def test_the_address_of_somebody_else_is_refused_at_the_end_and_not_before(app: Flask, as_: As, sue_id: int) -> None:
    known = as_(SUE).submit("/account/email", {"email": ADA.email})
    unknown = as_(SUE).submit("/account/email", {"email": "nobody@example.com"})
    assert (known.status_code, known.headers["Location"]) == (unknown.status_code, unknown.headers["Location"])
    links = ask(as_(SUE), ADA.email)
    say(app, links[SUE.email])
    assert "cannot be used here" in say(app, links[ADA.email])
    assert address_of(sue_id) == SUE.email


def test_who_takes_the_address_meanwhile_keeps_it(app: Flask, as_: As, sue_id: int) -> None:
    links = ask(as_(SUE))
    say(app, links[SUE.email])
    with transaction():
        create_user(email=NEW, name="Somebody", by=system_user())
    assert "cannot be used here" in say(app, links[NEW])
    assert address_of(sue_id) == SUE.email


def test_it_takes_a_fresh_sign_in(as_: As, sue_id: int) -> None:
    client = as_(SUE)
    with transaction() as session:
        session.execute(update(SignIn).values(confirmed_at=utcnow() - timedelta(minutes=16)))
    answer = client.submit("/account/email", {"email": NEW})
    assert answer.status_code == 403
    assert NEW.replace("'", "&#39;") in answer.get_data(as_text=True)
    assert current_session().scalar(select(EmailChange)) is None
    assert address_of(sue_id) == SUE.email


@pytest.mark.parametrize(
    "email",
    [
        "", "no address", "a@b@c", SUE.email, SUE.email.upper(), "x@example.com, y@example.com",
        "x@example.com\r\nBcc: y@example.com",
        "Sue <sue@example.org>", "sue@exam\u2028ple.org", f"{'x' * 300}@example.org",
    ],
)  # fmt: skip
def test_what_is_no_other_address_is_told_and_kept_on_the_page(as_: As, email: str) -> None:
    answer = as_(SUE).submit("/account/email", {"email": email})
    assert answer.status_code == 422
    assert "invalid-feedback" in answer.get_data(as_text=True)
    assert [letter for letter in letters() if "Confirm" in letter["subject"]] == []


def test_an_admin_changes_it_at_once_and_both_addresses_are_told(app: Flask, user_of: UserOf) -> None:
    with transaction():
        change_email(user_of(SUE), email=NEW, by=user_of(ADA))
    told = {letter["to"]: letter["text"] for letter in letters()}
    assert set(told) == {SUE.email, NEW}
    assert all("Ada" in text for text in told.values())


def test_addresses_with_plus_and_apostrophe_work_everywhere(app: Flask) -> None:
    """Invited, reset, signed in: one letter to one address each time."""
    with transaction():
        invite_user(email="o'brien+blog@example.com", name="Miles", by=system_user())
    client = app.test_client()
    assert isinstance(client, PageClient)
    (invited,) = letters()
    assert invited["to"] == "o'brien+blog@example.com"
    words = "seven herons on a jetty"
    assert client.submit(link_in(invited), {"password": words, "password_confirm": words}).status_code == 302
    client = app.test_client()
    assert isinstance(client, PageClient)
    assert client.submit("/login", {"email": "O'Brien+Blog@Example.com", "password": words}).status_code == 302
    assert client.submit("/reset", {"email": "o'brien+blog@example.com"}).status_code in (200, 302)
    assert all(re.fullmatch(r"o'brien\+blog@example\.com", letter["to"]) for letter in letters())


@pytest.fixture
def post_office() -> Iterator[tuple[Sink, str]]:
    """A real SMTP server that keeps what it is given."""
    kept = Sink()
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    controller = Controller(kept, hostname="127.0.0.1", port=port)
    controller.start()
    yield kept, f"smtp://127.0.0.1:{port}"
    controller.stop()


def test_letters_go_to_one_recipient_each_whatever_the_address(
    make_app: Callable[..., Flask], post_office: tuple[Sink, str]
) -> None:
    kept, url = post_office
    app = make_app(CMS_MAIL_URL=url, CMS_MAIL_SENDER="desk@example.org")
    with app.app_context():
        with transaction() as session:
            sue = session.scalars(select(User).where(User.email == SUE.email)).one()
            edit_profile(sue, {"name": "Sue, <bcc>\r\nBcc: nobody, somebody"}, by=system_user())
            ask_for_email(sue, email=NEW, by=sue)
        run_due()
    assert sorted(kept.recipients) == [[NEW], [SUE.email]]
    for mail in kept.mails:
        assert mail["Bcc"] is None
        assert str(mail["To"]) in (NEW, SUE.email)
        assert mail["Subject"] == "Confirm your new mail address at Masthead"
