"""Changes that a store which does not answer could not be told of: they wait as a job, for every process to see."""

from __future__ import annotations

from flask import has_app_context
from sqlalchemy import select

from cms.core.jobs import Job
from cms.extensions import db

#: The job that empties the store for them.
CLEAR_PAGES = "clear_pages"


def is_something_untold() -> bool:
    """Tell whether a change waits of which the store has not heard; raises SQLAlchemyError without a database."""
    if not has_app_context():
        return False
    waiting = select(Job.id).where(Job.state.in_(("waiting", "running", "failed")), Job.name == CLEAR_PAGES).limit(1)
    # Beside the session: this is asked in the middle of anything.
    with db.engine.connect() as connection:
        return connection.scalar(waiting) is not None
