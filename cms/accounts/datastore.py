"""The bridge between Flask-Security and our rules: one commit, mails in the outbox, addresses in one form."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, cast

from flask_security import MailUtil, SQLAlchemyUserDatastore
from flask_security.mail_util import EmailValidateException

from cms.accounts.challenges import end_challenges
from cms.accounts.devices import end_devices
from cms.accounts.models import Role, User, new_uniquifier
from cms.accounts.personal_tokens import end_tokens
from cms.accounts.sign_ins import end_sign_ins
from cms.core.db import current_session, in_transaction, transaction
from cms.core.i18n import gettext
from cms.core.mail import send_mail
from cms.extensions import db
from cms.lib.errors import LibError
from cms.lib.mail_addresses import read_mail_address

_LATER = "accounts_at_commit"


def at_commit(act: Callable[[], None]) -> None:
    """Do `act` (record an event, send a mail) in the transaction in which Flask-Security's change is committed.

    Within a transaction of our own that is now.
    """
    if in_transaction():
        act()
    else:
        current_session().info.setdefault(_LATER, []).append(act)


def keep_changes() -> None:
    """Commit what Flask-Security left changed in the session, and what waits for that (`at_commit`)."""
    with transaction(adopt=True):
        do_what_waits()


def do_what_waits() -> None:
    """Do what waits for a commit (`at_commit`), in the open transaction."""
    for act in current_session().info.pop(_LATER, []):
        act()


class Datastore(SQLAlchemyUserDatastore):
    """Flask-Security's way to people; what it changes is committed together with our events and mails."""

    def __init__(self) -> None:
        super().__init__(db, cast(Any, User), cast(Any, Role))

    def commit(self) -> None:
        """Commit what Flask-Security changed, and what waits for that."""
        keep_changes()

    def set_uniquifier(self, user: Any, uniquifier: str | None = None) -> None:
        """Give `user` a new name in links, and end every sign-in there is; the password is hashed by then.

        No device is known any more, no personal token works, and what waited for a second step waits in vain.
        """
        super().set_uniquifier(user, uniquifier or new_uniquifier())
        end_sign_ins(user.id)
        end_tokens(user.id)
        end_devices(user.id)
        end_challenges(user.id)


class OutboxMailUtil(MailUtil):
    """Addresses in the one form in which they are kept, and mails through the outbox."""

    def normalize(self, email: str) -> str:
        """Return a mail address as it is kept; raises EmailValidateException for what is none."""
        try:
            return read_mail_address(email)
        except LibError:
            raise EmailValidateException(gettext("This is not a mail address.")) from None

    def validate(self, email: str) -> str:
        """Return a mail address as it is kept; nothing is looked up."""
        return self.normalize(email)

    def send_mail(
        self,
        template: str,
        subject: str,
        recipient: str | tuple[str, str],
        sender: str | tuple[str, str],
        body: str | None,
        html: str | None,
        **kwargs: Any,
    ) -> None:
        """Record the mail with the change that causes it; the sender is the site's."""
        address = recipient[1] if isinstance(recipient, tuple) else recipient
        at_commit(lambda: send_mail(address, str(subject), body or "", html))
