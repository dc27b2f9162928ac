"""Mail: written in the transaction that causes it, sent by a job over the transport that `CMS_MAIL_URL` names."""

from __future__ import annotations

import re
import smtplib
import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime, make_msgid
from pathlib import Path
from typing import Any, Protocol
from urllib.parse import unquote, urlsplit

from flask import current_app

from cms.core.errors import Invalid
from cms.core.i18n import Text, _
from cms.core.jobs import enqueue, job
from cms.lib.clock import utcnow

SECONDS_TO_ANSWER = 20
_BREAKS = re.compile(r"[\x00-\x1f\x7f\u0085\u2028\u2029]+")


class Transport(Protocol):
    """A way for mail to leave."""

    def send(self, message: EmailMessage) -> None:
        """Hand the message on; raises OSError or smtplib.SMTPException when that fails."""


@dataclass(frozen=True)
class SmtpTransport:
    """An SMTP server: `smtp://user:password@host:port` (STARTTLS where offered) or `smtps://…`."""

    url: str

    def send(self, message: EmailMessage) -> None:
        """Hand the message to the server."""
        with self._greeted(SECONDS_TO_ANSWER) as server:
            server.send_message(message)

    def greet(self, *, seconds: float) -> None:
        """Go as far as a mail would, and send none; raises OSError or smtplib.SMTPException when that fails."""
        with self._greeted(seconds):
            pass

    @contextmanager
    def _greeted(self, seconds: float) -> Iterator[smtplib.SMTP]:
        parts = urlsplit(self.url)
        host, secure = parts.hostname or "localhost", parts.scheme == "smtps"
        port = parts.port or (465 if secure else 25)
        context = ssl.create_default_context()
        with (
            smtplib.SMTP_SSL(host, port, timeout=seconds, context=context)
            if secure
            else smtplib.SMTP(host, port, timeout=seconds)
        ) as server:
            server.ehlo()
            if not secure and server.has_extn("starttls"):
                server.starttls(context=context)
                server.ehlo()
            if parts.username:
                server.login(unquote(parts.username), unquote(parts.password or ""))
            yield server


@dataclass(frozen=True)
class FolderTransport:
    """A folder of `.eml` files: for development, where mail should stay on the machine."""

    folder: Path

    def send(self, message: EmailMessage) -> None:
        """Write the message as a new file, readable by its owner alone."""
        self.folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        name = f"{utcnow():%Y%m%dT%H%M%S%f}-{_BREAKS.sub('', message['Message-ID'])[1:17]}.eml"
        path = self.folder / re.sub(r"[^\w.-]", "_", name)
        path.touch(mode=0o600)
        path.write_bytes(message.as_bytes(policy=SMTP))


@dataclass(frozen=True)
class NullTransport:
    """No mail at all."""

    def send(self, message: EmailMessage) -> None:
        """Drop the message."""


def transport(url: str | None, instance: Path) -> Transport:
    """Return the transport for a `CMS_MAIL_URL`; without one, mails go to `mails` in the instance folder."""
    scheme = urlsplit(url).scheme if url else "folder"
    if scheme in ("smtp", "smtps"):
        return SmtpTransport(str(url))
    if scheme == "null":
        return NullTransport()
    return FolderTransport(Path(unquote(urlsplit(url).path)) if url else instance / "mails")


def leaves_the_house() -> bool:
    """Tell whether mails go to a server, rather than into a folder or nowhere."""
    return urlsplit(current_app.config["CMS_MAIL_URL"] or "").scheme in ("smtp", "smtps")


def send_mail(to: str, subject: Text, text: str, html: str | None = None) -> None:
    """Record a mail to one person within the open transaction; raises Invalid for an address that is not one."""
    recipient = str(to)
    if _BREAKS.search(recipient) or recipient.count("@") != 1 or re.search(r"[,;<>\s]", recipient):
        raise Invalid(_("“%(address)s” is not a mail address.", address=_BREAKS.sub(" ", recipient)))
    enqueue("send_mail", {"to": recipient, "subject": _BREAKS.sub(" ", str(subject)), "text": text, "html": html})


def compose(payload: dict[str, Any], sender: str, sender_name: str = "") -> EmailMessage:
    """Build the message that a recorded mail stands for (RFC 5322)."""
    message = EmailMessage(policy=SMTP)
    local, _at, domain = sender.rpartition("@")
    message["From"] = Address(_BREAKS.sub(" ", sender_name), local, domain)
    to_local, _at, to_domain = payload["to"].rpartition("@")
    message["To"] = Address("", to_local, to_domain)
    message["Subject"] = payload["subject"]
    message["Date"] = format_datetime(utcnow())
    message["Message-ID"] = make_msgid(domain=domain)
    message["Auto-Submitted"] = "auto-generated"
    message.set_content(payload["text"])
    if payload.get("html"):
        message.add_alternative(payload["html"], subtype="html")
    return message


@job("send_mail", tries=10)
def deliver(payload: dict[str, Any]) -> None:
    """Send a recorded mail; an error is tried again later by the runner."""
    config = current_app.config
    sender, name = current_app.extensions["masthead_mail_sender"]()
    chosen = transport(config["CMS_MAIL_URL"], Path(config["CMS_INSTANCE"]))
    chosen.send(compose(payload, sender, name))
