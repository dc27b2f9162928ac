"""The Redis that machines of one site share, which may be away: asked with little patience, then left alone a while.

Whoever asks shares one link for each application, so that a Redis that hangs costs a request at most CONNECT + ANSWER
in all, however many parts of the site would have liked to ask it. One that answers, but slowly, is asked no more in a
request that has waited PATIENCE for it, except for what must be said there: that pages are old.
"""

from __future__ import annotations

import hashlib
import logging
import threading
import time
from collections.abc import Sequence
from typing import Any

import redis
from flask import Flask, has_request_context, request
from redis.backoff import NoBackoff
from redis.retry import Retry

#: Seconds that Redis is given to take a connection, and to answer.
CONNECT, ANSWER = 0.08, 0.16
#: Seconds after which a request does without what it need not know; with the two above they make 0.3 in all.
PATIENCE = 0.05
#: Seconds that it is left alone after it did not.
PAUSE = 2.0
_EXTENSION = "masthead_redis"
_WAITED = "masthead.redis_seconds"
_log = logging.getLogger("cms.redis")


class RedisAway(redis.RedisError):
    """Redis did not answer, just now or a moment ago."""


class RedisSlow(RedisAway):
    """Redis is there, but this request has waited for it long enough."""


class RedisLink:
    """One Redis, asked by scripts alone: each question is one way there and back. Opens no connection by itself."""

    def __init__(self, url: str) -> None:
        self._redis = redis.Redis.from_url(
            url,
            socket_connect_timeout=CONNECT,
            socket_timeout=ANSWER,
            socket_keepalive=True,
            # Each further try would cost as much again.
            retry=Retry(NoBackoff(), 0),
            # Telling the name of this library would cost two more ways there and back with each connection.
            driver_info=None,
        )
        self._lock = threading.Lock()
        self._away_until = 0.0

    def ask(self, script: str, keys: Sequence[str], arguments: Sequence[Any], *, needed: bool = False) -> Any:
        """Run a script and return what it returns; raises RedisAway, at once while Redis is left alone.

        After the pause one request finds out for all whether it is back. What is not `needed` is not asked any more in
        a request that has waited too long for Redis already: raises RedisSlow.
        """
        if not needed and _waited() > PATIENCE:
            raise RedisSlow
        self._take_turn()
        began = time.monotonic()
        try:
            answer = self._redis.eval(script, len(keys), *keys, *arguments)
        except (redis.RedisError, OSError) as error:
            if not self._away_until:
                _log.warning("Redis does not answer (%s); what it keeps for all is done without", type(error).__name__)
            self._away_until = time.monotonic() + PAUSE
            raise RedisAway from error
        finally:
            if has_request_context():
                request.environ[_WAITED] = _waited() + time.monotonic() - began
        self._away_until = 0.0
        return answer

    def _take_turn(self) -> None:
        with self._lock:
            now = time.monotonic()
            if now < self._away_until:
                raise RedisAway
            if self._away_until:
                self._away_until = now + PAUSE


def _waited() -> float:
    """Return for how many seconds the request in hand has waited for Redis; nothing outside of one."""
    return float(request.environ.get(_WAITED, 0)) if has_request_context() else 0.0


def redis_link(app: Flask) -> RedisLink | None:
    """Return the application's link to the Redis of `CMS_REDIS_URL`; None without one."""
    url = app.config["CMS_REDIS_URL"]
    if not url:
        return None
    link: RedisLink = app.extensions.setdefault(_EXTENSION, RedisLink(url))
    return link


def site_prefix(app: Flask) -> str:
    """Return what the keys of this site begin with in a Redis that several sites may share.

    The machines of one site share this secret, no two sites do, and it stays when keys are rotated: a machine with the
    older key would not hear of changes on the others.
    """
    site = hashlib.sha256(f"page cache {app.config['SECURITY_PASSWORD_SALT']}".encode()).hexdigest()[:16]
    return f"masthead:{site}:"
