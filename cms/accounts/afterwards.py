"""What is noted once an answer is ready, and must not spoil it."""

from __future__ import annotations

from collections.abc import Callable

from flask import after_this_request
from werkzeug.wrappers import Response

from cms.core.db import current_session, transaction
from cms.core.errors import CmsError


def after_answer(write: Callable[[], None]) -> None:
    """Have `write` change something in a transaction of its own when the answer to this request is ready.

    It is left undone where it would come between: while something is still being read for the answer, or is left
    unsaved, and when the database is busy. So it suits only what the next request can note as well.
    """

    def note(response: Response) -> Response:
        if response.is_streamed:
            # What is still being read for it must not be forgotten by a transaction.
            return response
        database = current_session()
        if not (database.new or database.dirty or database.deleted):
            try:
                with transaction():
                    write()
            except CmsError:
                # The answer is ready and must not suffer.
                return response
        return response

    after_this_request(note)
