"""Acts that matter need that the person has just shown that it is them, in the API too (`accounts.freshness`)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from cms.accounts.freshness import is_fresh
from cms.accounts.people import current_token_id
from cms.core.errors import Forbidden
from cms.core.i18n import _

CONFIRM = "/api/v1/auth/confirm"


class ConfirmFirst(Forbidden):
    """The person has not shown lately that it is them; `more` names where that is done."""

    code = "confirm_first"
    default = _("Confirm that it is you: send your password to /api/v1/auth/confirm, then try again.")
    more: Mapping[str, Any] = {"confirm": CONFIRM}


def require_fresh() -> None:
    """Pass for who signed in or confirmed within `freshness.FRESH_FOR`; raises ConfirmFirst. At most one query.

    A personal token passes: whoever made it showed that it is them, and chose what it may do.
    """
    if not current_token_id() and not is_fresh():
        raise ConfirmFirst
