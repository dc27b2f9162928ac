"""Mail over a real SMTP server, and into a folder."""

from __future__ import annotations

import email
import socket
from collections.abc import Callable, Iterator
from datetime import timedelta
from email.message import Message
from email.policy import default
from pathlib import Path
from typing import Any

import pytest
from aiosmtpd.controller import Controller
from flask import Flask
from sqlalchemy import select

from cms.core.db import current_session, transaction
from cms.core.errors import Invalid
from cms.core.jobs import Job, run_due
from cms.core.mail import send_mail
from cms.lib.clock import utcnow


class Sink:
    """An SMTP server that keeps what it is given, or answers with `refusal`."""

    def __init__(self) -> None:
        self.mails: list[Message] = []
        self.recipients: list[list[str]] = []
        self.refusal = ""

    async def handle_DATA(self, _server: Any, _session: Any, envelope: Any) -> str:  # noqa: N802 -- aiosmtpd's name
        if self.refusal:
            return self.refusal
        self.mails.append(email.message_from_bytes(envelope.content, policy=default))
        self.recipients.append(envelope.rcpt_tos)
        return "250 OK"


@pytest.fixture
def sink() -> Iterator[tuple[Sink, str]]:
    """A sink and its address."""
    kept = Sink()
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    controller = Controller(kept, hostname="127.0.0.1", port=port)
    controller.start()
    yield kept, f"smtp://127.0.0.1:{port}"
    controller.stop()


def test_mail_is_sent_by_a_job_over_smtp(make_app: Callable[..., Flask], sink: tuple[Sink, str]) -> None:
    kept, url = sink
    with make_app(CMS_MAIL_URL=url, CMS_MAIL_SENDER="desk@example.org").app_context():
        with transaction():
            send_mail("ada@example.com", "Grüße aus dem Hafen", "Hello Ada,\n\nit rains.\n")
        assert kept.mails == []
        run_due()
    (mail,) = kept.mails
    assert mail["Subject"] == "Grüße aus dem Hafen"
    assert "desk@example.org" in mail["From"]
    assert mail["Message-ID"]
    assert mail["Date"]
    assert "it rains." in mail.get_content()  # type: ignore[attr-defined]  # EmailMessage by the default policy
    assert kept.recipients == [["ada@example.com"]]


def test_a_server_that_is_busy_gets_the_mail_later(make_app: Callable[..., Flask], sink: tuple[Sink, str]) -> None:
    kept, url = sink
    kept.refusal = "451 Try later"
    with make_app(CMS_MAIL_URL=url).app_context():
        with transaction():
            send_mail("ada@example.com", "Later", "Words.")
        run_due()
        assert "451" in current_session().scalars(select(Job)).one().last_error
        kept.refusal = ""
        run_due(now=utcnow() + timedelta(minutes=1))
    assert len(kept.mails) == 1


def test_no_server_no_loss(make_app: Callable[..., Flask]) -> None:
    with make_app(CMS_MAIL_URL="smtp://127.0.0.1:1").app_context():
        with transaction():
            send_mail("ada@example.com", "Later", "Words.")
        run_due()
        waiting = current_session().scalars(select(Job)).one()
        assert (waiting.state, waiting.attempts) == ("waiting", 1)


@pytest.mark.parametrize(
    "address",
    [
        "ada@example.com\r\nBcc: sue@example.com",
        "ada@example.com,sue@example.com",
        "ada@example.com\u2028sue@example.com",
        "Ada <ada@example.com>",
        "nowhere",
    ],
)
def test_an_address_is_one_address(app: Flask, address: str) -> None:
    with pytest.raises(Invalid), transaction():
        send_mail(address, "Words", "Words.")


def test_a_subject_stays_one_line(make_app: Callable[..., Flask], sink: tuple[Sink, str]) -> None:
    kept, url = sink
    with make_app(CMS_MAIL_URL=url).app_context():
        with transaction():
            send_mail("ada@example.com", "Hello\r\nBcc: sue@example.com", "Words.")
        run_due()
    assert kept.mails[0]["Bcc"] is None
    assert kept.recipients == [["ada@example.com"]]


def test_in_development_mails_go_to_a_folder(make_app: Callable[..., Flask], tmp_path: Path) -> None:
    with make_app(CMS_MAIL_URL=f"folder://{tmp_path / 'mails'}").app_context():
        with transaction():
            send_mail("o'brien@example.com", "Hello", "Words.")
        run_due()
    (path,) = (tmp_path / "mails").iterdir()
    assert b"o'brien@example.com" in path.read_bytes()
    assert path.stat().st_mode & 0o077 == 0
