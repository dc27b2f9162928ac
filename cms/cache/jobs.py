"""Work for the page cache that was recorded with a change."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from cms.cache.invalidation import page_store
from cms.cache.untold import CLEAR_PAGES
from cms.core.jobs import job


#: Tried for as long as a page may be kept, so that none outlives what made it old.
@job(CLEAR_PAGES, tries=5000, longest_wait=timedelta(minutes=5))
def clear_pages(_payload: dict[str, Any]) -> None:
    """Empty the store, for a change that could not be told to it; while it does not answer, the job is tried again."""
    store = page_store()
    if store is not None:
        store.clear()
