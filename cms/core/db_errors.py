"""What errors of the database mean: for a person, and for what waits for the end of a transaction."""

from __future__ import annotations

import logging
import sqlite3

from sqlalchemy.exc import DataError, DBAPIError, IntegrityError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from sqlalchemy.orm.exc import ObjectDeletedError, StaleDataError

from cms.core.errors import Conflict, Invalid, NotFound, Unavailable
from cms.core.i18n import _

#: Two transactions at once of which PostgreSQL gave up one: serialization_failure, deadlock_detected.
_TOGETHER = ("40001", "40P01")
#: Said by what stands between us and PostgreSQL: transaction_resolution_unknown, statement_completion_unknown.
_UNRESOLVED = ("08007", "40003")
_log = logging.getLogger("cms.db")


def is_outcome_unknown(error: BaseException) -> bool:
    """Tell whether a transaction may be committed although its commit raised `error`.

    So it is when the connection ended between COMMIT and its answer, or whoever waited for that was interrupted. An
    answer that says no is one, and SQLite has always given up what it could not commit.
    """
    if not isinstance(error, Exception):
        return True
    # An error of COMMIT itself names no statement: one that does came before it.
    if not isinstance(error, DBAPIError) or error.statement is not None or isinstance(error.orig, sqlite3.Error):
        return False
    return error.connection_invalidated or getattr(error.orig, "sqlstate", None) in _UNRESOLVED


def as_cms_error(error: BaseException) -> BaseException:
    """Return the error that a person should hear of instead of one of the database; any other as it is."""
    if isinstance(error, StaleDataError):
        return Conflict()
    if isinstance(error, ObjectDeletedError):
        return NotFound(_("Somebody deleted this just now."))
    if isinstance(error, IntegrityError):
        # Most likely two people at once; what is not can be found here.
        _log.warning("the database refused a change: %s", error.orig)
        return Conflict(_("Somebody else saved something with the same name or address just now. Please save again."))
    if isinstance(error, DataError):
        return Invalid(_("Something here is too long, or holds characters that are no text."))
    if isinstance(error, OperationalError) and getattr(error.orig, "sqlstate", None) in _TOGETHER:
        return Conflict(_("Somebody else was changing the same things just now. Please try again."))
    if isinstance(error, OperationalError | PoolTimeout | sqlite3.OperationalError):
        return Unavailable(
            _("The database does not answer just now. Nothing was changed; please try again in a moment.")
        )
    return error
