"""The page cache: whole public pages, kept as long as nothing they were made from has changed."""

from __future__ import annotations

import os
from pathlib import Path

from flask import Flask

from cms.cache import jobs
from cms.cache.invalidation import watch_writes
from cms.cache.tags import watch_reads
from cms.core.redis_link import site_prefix
from cms.extensions import cache, db

__all__ = ["init_cache", "jobs"]


def init_cache(app: Flask) -> None:
    """Join Flask-Caching with the store that `CACHE_TYPE` names, and watch what is read and changed."""
    kind, redis_url = app.config["CACHE_TYPE"], app.config["CMS_REDIS_URL"]
    shared = "cms.cache.redis_store.RedisStore" if redis_url else "cms.cache.store.SharedStore"
    config = {"CACHE_TYPE": shared if kind == "shared" else kind}
    if redis_url:
        config |= {"CACHE_REDIS_URL": redis_url, "CACHE_KEY_PREFIX": site_prefix(app)}
    config["CACHE_DIR"] = os.fspath(Path(app.config["CMS_INSTANCE"]) / "cache")
    config["CACHE_NO_NULL_WARNING"] = "1"
    cache.init_app(app, config=app.config | config)
    with app.app_context():
        # Making an engine opens no connection.
        engine = db.engine
    watch_reads(engine)
    watch_writes(engine)
