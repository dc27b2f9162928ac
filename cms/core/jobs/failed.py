"""Work that did not go well: what is given up or tried again and again, and having it tried once more."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import and_, or_, select

from cms.core.db import current_session
from cms.core.errors import NotFound
from cms.core.jobs.models import Job
from cms.lib.clock import utcnow

#: One failed try is ordinary; after this many somebody should hear of it.
WORTH_TELLING = 2


def list_troubled(limit: int = 5) -> Sequence[Job]:
    """Return jobs that were given up, or that failed more than once and wait for another try, newest first."""
    again = and_(Job.state == "waiting", Job.attempts >= WORTH_TELLING)
    query = select(Job).where(or_(Job.state == "failed", again)).order_by(Job.id.desc()).limit(limit)
    return current_session().scalars(query).all()


def retry(job_id: int) -> Job:
    """Have a job that failed done again at once, with all its tries; raises NotFound for one that did not fail."""
    job = current_session().get(Job, job_id)
    if job is None or job.state not in ("failed", "waiting"):
        raise NotFound
    job.state, job.attempts, job.run_at, job.finished_at = "waiting", 0, utcnow(), None
    current_session().flush()
    return job
