"""Giving somebody what is held about them."""

from __future__ import annotations

from cms.accounts.events import PersonalDataExported
from cms.accounts.models import User
from cms.accounts.policies import may_export_data
from cms.core.db import current_session
from cms.core.events import record
from cms.core.i18n import _
from cms.core.permissions import Actor, require
from cms.core.privacy import DataSubject


def export_user(subject: DataSubject, *, by: Actor) -> None:
    """Let `by` have what is held about `subject` (`archive.write_archive`), and keep that they had it.

    Raises Forbidden.
    """
    person = current_session().get(User, subject.user_id) if subject.user_id is not None else None
    require(may_export_data(by, person), _("You may export what is held about you. An admin can do more."))
    record(PersonalDataExported(subject.user_id, by.id))
