"""Work for the page cache that was recorded with a change."""

from __future__ import annotations

from typing import Any

from cms.cache.invalidation import page_store
from cms.core.jobs import job


@job("clear_pages", tries=50)
def clear_pages(_payload: dict[str, Any]) -> None:
    """Empty the store, for a change that could not be told to it; while it does not answer, the job is tried again."""
    store = page_store()
    if store is not None:
        store.clear()
