"""Jobs: work recorded in the transaction that causes it (an outbox) and done later, at least once."""

from cms.core.jobs.models import Job, Lease
from cms.core.jobs.queue import enqueue, job, periodic
from cms.core.jobs.runner import Runner, run_due

__all__ = ["Job", "Lease", "Runner", "enqueue", "job", "periodic", "run_due"]
