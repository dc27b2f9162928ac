"""The one place that ends everything by which somebody gets in: whatever is added later is ended here too."""

from __future__ import annotations

from sqlalchemy import delete

from cms.accounts.models import Challenge, Device, EmailChange, User, new_uniquifier
from cms.accounts.personal_tokens import end_tokens
from cms.accounts.sign_ins import end_sign_ins
from cms.core.db import current_session


def end_everything(user: User) -> None:
    """End sign-ins, personal tokens, known browsers, half-done sign-ins, links in mails and changes of address.

    Within a transaction. Invitations and resets are signed with the person's name in links, which is another one
    afterwards.
    """
    end_links(user)
    end_sign_ins(user.id)
    end_tokens(user.id)
    session = current_session()
    for kind in (Device, Challenge, EmailChange):
        session.execute(delete(kind).where(kind.user_id == user.id))


def end_links(user: User) -> None:
    """Make worthless every link that was mailed to `user`: invitations, resets; within a transaction."""
    user.fs_uniquifier = new_uniquifier()
