"""Reading the settings of the site: kept warm in every process, and never older than the last commit."""

from __future__ import annotations

import logging
from dataclasses import dataclass
from typing import TYPE_CHECKING
from weakref import WeakKeyDictionary

from sqlalchemy import Connection, Engine, func, select, text
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session

from cms.core.db import current_session, in_transaction
from cms.core.events import after
from cms.settings.events import SettingsChanged
from cms.settings.models import Setting
from cms.settings.registry import SiteSettings, from_stored

if TYPE_CHECKING:
    from flask import Flask

_KNOWN = "masthead_settings"
#: Asked with every request, so it is made once.
_SEQUENCE = select(func.coalesce(func.sum(Setting.version), 0))
_log = logging.getLogger("cms.settings")


@dataclass(frozen=True)
class _Warm:
    """Settings as they were at a sequence; the sequence rises with each change (`models.Setting`)."""

    sequence: int
    settings: SiteSettings


#: What this process knows, for each database.
_warm: WeakKeyDictionary[Engine | Connection, _Warm] = WeakKeyDictionary()


def get_settings() -> SiteSettings:
    """Return the settings of the site.

    A request asks the database once for their sequence, one number, and reads the rest only when another
    process has changed something. While the database does not answer, the last known settings serve.
    """
    session = current_session()
    # A session lives as long as the request does.
    known: SiteSettings | None = session.info.get(_KNOWN)
    if known is not None:
        return known
    try:
        settings = _read(session)
    except SQLAlchemyError as error:
        if in_transaction():
            raise
        session.rollback()
        _log.warning("settings could not be read: %s", type(error).__name__)
        warm = _warm.get(session.get_bind())
        return warm.settings if warm is not None else SiteSettings()
    if not in_transaction():
        session.info[_KNOWN] = settings
    return settings


def settings_version(*, hold: bool = False) -> int:
    """Return how often the settings were changed; with `hold`, nobody else changes them until the transaction ends."""
    session = current_session()
    if hold and session.get_bind().dialect.name == "postgresql":
        # Rows alone will not do: what was never changed has none. SQLite's writing transactions wait for each other.
        session.execute(text(f"LOCK TABLE {Setting.__tablename__} IN SHARE ROW EXCLUSIVE MODE"))
    return _sequence(session)


def _sequence(session: Session) -> int:
    return int(session.scalar(_SEQUENCE) or 0)


def _read(session: Session) -> SiteSettings:
    with session.no_autoflush:
        sequence = _sequence(session)
        warm = _warm.get(session.get_bind())
        if warm is not None and warm.sequence == sequence:
            return warm.settings
        # The sequence was read first: a change in between makes these newer than it says, never older.
        rows = session.execute(select(Setting.key, Setting.value))
        settings = from_stored(dict(rows.all()))
    # Within a transaction these may be values that are never committed.
    if not in_transaction():
        _warm[session.get_bind()] = _Warm(sequence, settings)
    return settings


@after(SettingsChanged)
def forget_settings(_event: SettingsChanged) -> None:
    """Forget what this request knows about the settings, so that it sees what it changed."""
    current_session().info.pop(_KNOWN, None)


def init_settings(app: Flask) -> None:
    """Let mails come from the sender, and in the name, that the settings tell."""

    def sender() -> tuple[str, str]:
        settings = get_settings()
        return settings.mail_sender or app.config["CMS_MAIL_SENDER"], settings.name

    app.extensions["masthead_mail_sender"] = sender
