"""The store of the page cache in Redis, for installations on more than one machine.

It keeps the same law as `store.SharedStore`. A Redis that does not answer costs a request 0.3 seconds and then nothing
for a while (`core.redis_link`); changes are saved all the same. Whoever could not stamp a change empties the store
before using it again, and a job recorded with the change does so in any case, should that process end first. Whoever
has just begun, or found Redis away, looks for such a job before it gives a page out. A Redis that can be read and not
written (full, a replica, a disk that failed) cannot be told of changes, so pages are not read there either.
"""

from __future__ import annotations

import json
import secrets
import time
from collections.abc import Iterable
from datetime import timedelta
from typing import Any

from flask import Flask
from flask_caching.backends.base import BaseCache
from sqlalchemy.exc import SQLAlchemyError

from cms.cache.store import LONGEST_WRITE, MOST_BYTES, Start
from cms.cache.untold import is_something_untold
from cms.core.redis_link import RedisAway, RedisLink, RedisSlow, redis_link

#: A page that nothing changes goes after this many seconds.
LONGEST_KEPT = 14 * 24 * 3600
# Epoch and sequence live in the hash of stamps: should Redis evict it, no page is valid any more.
_LOAD = """
redis.call('HSETNX', KEYS[2], '#epoch', ARGV[2])
local page = redis.call('HMGET', KEYS[1], 'epoch', 'start', 'tags', 'value')
if not page[1] or page[1] ~= redis.call('HGET', KEYS[2], '#epoch') then return false end
for tag in string.gmatch(page[3], '%S+') do
  local stamp = redis.call('HGET', KEYS[2], tag)
  if stamp and tonumber(stamp) > tonumber(page[2]) then return false end
  if redis.call('EXISTS', ARGV[1] .. 'pending:' .. tag) == 1 then return false end
end
return page[4]
"""
_START = """
redis.call('HSETNX', KEYS[1], '#epoch', ARGV[1])
redis.call('HSETNX', KEYS[1], '#sequence', '1')
return redis.call('HMGET', KEYS[1], '#epoch', '#sequence')
"""
_SAVE = """
if redis.call('HGET', KEYS[2], '#epoch') ~= ARGV[2] then return 0 end
for tag in string.gmatch(ARGV[4], '%S+') do
  local key = ARGV[1] .. 'pending:' .. tag
  if redis.call('ZREMRANGEBYSCORE', key, '-inf', ARGV[6]) > 0 then
    redis.call('HSET', KEYS[2], tag, redis.call('HINCRBY', KEYS[2], '#sequence', 1))
  end
end
redis.call('HSET', KEYS[1], 'epoch', ARGV[2], 'start', ARGV[3], 'tags', ARGV[4], 'value', ARGV[5])
redis.call('PEXPIRE', KEYS[1], ARGV[7])
local kept = redis.call('INCRBY', ARGV[1] .. 'bytes', #ARGV[5])
redis.call('RPUSH', ARGV[1] .. 'order', #ARGV[5] .. ' ' .. KEYS[1])
while kept > tonumber(ARGV[8]) do
  local size, key = string.match(redis.call('LPOP', ARGV[1] .. 'order'), '^(%d+) (.*)$')
  redis.call('DEL', key)
  kept = redis.call('DECRBY', ARGV[1] .. 'bytes', size)
  -- Where Redis itself threw the order away, what was counted is gone.
  if redis.call('EXISTS', ARGV[1] .. 'order') == 0 then redis.call('DEL', ARGV[1] .. 'bytes') break end
end
return 1
"""
_ANNOUNCE = """
for tag in string.gmatch(ARGV[2], '%S+') do redis.call('ZADD', ARGV[1] .. 'pending:' .. tag, ARGV[4], ARGV[3]) end
"""
_STAMP = """
local sequence = redis.call('HINCRBY', KEYS[1], '#sequence', 1)
for tag in string.gmatch(ARGV[2], '%S+') do
  redis.call('HSET', KEYS[1], tag, sequence)
  redis.call('ZREM', ARGV[1] .. 'pending:' .. tag, ARGV[3])
end
"""


class RedisStore(BaseCache):
    """A Flask-Caching backend that keeps text and bytes (and JSON for its other users) in Redis, never pickles."""

    def __init__(self, link: RedisLink, default_timeout: int = 300, prefix: str = "masthead:") -> None:
        super().__init__(default_timeout)
        self._prefix = prefix
        self._link = link
        self._missed = False
        self._sure = False

    @classmethod
    def factory(cls, app: Flask, config: dict[str, Any], _args: list[Any], _kwargs: dict[str, Any]) -> RedisStore:
        """Make the store as Flask-Caching asks for it; opens no connection."""
        link = redis_link(app) or RedisLink(config["CACHE_REDIS_URL"])
        return cls(link, config["CACHE_DEFAULT_TIMEOUT"], config["CACHE_KEY_PREFIX"])

    # -- the law ---------------------------------------------------------------------------------------------

    def start(self) -> Start | None:
        """Return where the store stands, to be taken before rendering; None when it does not answer."""
        found = self._ask(_START, [f"{self._prefix}stamps"], [secrets.token_hex(8)])
        return None if found is None else Start(found[0].decode(), int(found[1]))

    def load(self, key: str) -> bytes | None:
        """Return the page stored under `key` if nothing it was made from has changed since."""
        where, said = [f"{self._prefix}page:{key}", f"{self._prefix}stamps"], [self._prefix, secrets.token_hex(8)]
        found = self._ask(_LOAD, where, said)
        return found if isinstance(found, bytes) and (self._sure or self._make_sure()) else None

    def _make_sure(self) -> bool:
        """Tell whether the store has heard of every change; empties it where it has not."""
        # Said first: whoever finds Redis away meanwhile takes it back.
        self._sure = True
        try:
            if not is_something_untold():
                return True
            self._empty()
        except (RedisAway, SQLAlchemyError):
            self._sure = False
        return False

    def save(self, key: str, value: bytes, *, start: Start | None, tags: Iterable[str], expires: float = 0) -> None:
        """Keep a page that was rendered from `start` on, until `expires` (seconds since 1970; 0: no such end)."""
        now = time.time()
        lasts = min(expires - now, LONGEST_KEPT) if expires else LONGEST_KEPT
        if start is None or lasts <= 0:
            return
        arguments = [self._prefix, start.epoch, start.sequence, " ".join(sorted(set(tags))), value, now - LONGEST_WRITE]
        arguments += [max(1, int(lasts * 1000)), MOST_BYTES]
        self._ask(_SAVE, [f"{self._prefix}page:{key}", f"{self._prefix}stamps"], arguments)

    def announce(self, tags: Iterable[str]) -> str | None:
        """Say, before a commit, which tags it will change; returns the name to stamp with, None if nobody heard."""
        writer = secrets.token_hex(8)
        said = [self._prefix, " ".join(set(tags)), writer, time.time()]
        heard = self._ask(_ANNOUNCE, [], said, default=False, needed=True)
        self._missed |= heard is False
        return None if heard is False else writer

    def stamp(self, tags: Iterable[str], writer: str | None = None) -> None:
        """Say, after a commit and before the answer, that everything made from `tags` is old."""
        said = [self._prefix, " ".join(set(tags)), writer or ""]
        heard = self._ask(_STAMP, [f"{self._prefix}stamps"], said, default=False, needed=True)
        self._missed |= heard is False

    def _ask(
        self, script: str, keys: list[str], arguments: list[Any], default: Any = None, *, needed: bool = False
    ) -> Any:
        """Run a script; `default` when Redis does not answer, did not a moment ago, or is too slow for who reads."""
        try:
            if self._missed:
                self._empty()
            return self._link.ask(script, keys, arguments, needed=needed)
        except RedisSlow:
            return default
        except RedisAway:
            self._sure = False
            return default

    def _empty(self) -> None:
        """Make every page invalid: some change was not stamped."""
        script = "return redis.call('HSET', KEYS[1], '#epoch', ARGV[1])"
        self._link.ask(script, [f"{self._prefix}stamps"], [secrets.token_hex(8)], needed=True)
        self._missed = False

    # -- what Flask-Caching's users know ------------------------------------------------------------------------

    def get(self, key: str) -> Any:
        """Return what was set under `key`, or None."""
        found = self.load(f"user:{key}")
        return None if found is None else json.loads(found)

    def set(self, key: str, value: Any, timeout: int | timedelta | None = None) -> bool:
        """Keep a JSON value for `timeout` seconds (0: without end); raises TypeError for anything else."""
        lasts = timeout.total_seconds() if isinstance(timeout, timedelta) else timeout
        lasts = self.default_timeout if lasts is None else lasts
        data, start = json.dumps(value, allow_nan=False).encode(), self.start()
        self.save(f"user:{key}", data, start=start, tags=(), expires=time.time() + lasts if lasts else 0)
        return start is not None

    def add(self, key: str, value: Any, timeout: int | timedelta | None = None) -> bool:
        """Keep a value unless there is one."""
        return not self.has(key) and self.set(key, value, timeout)

    def has(self, key: str) -> bool:
        """Tell whether there is a value under `key`."""
        return self.load(f"user:{key}") is not None

    def delete(self, key: str) -> bool:
        """Forget what was set under `key`."""
        script, where = "return redis.call('DEL', KEYS[1])", [f"{self._prefix}page:user:{key}"]
        return bool(self._ask(script, where, [], needed=True))

    def clear(self) -> bool:
        """Forget every page and value; what is being rendered now is not kept either. Raises RedisAway."""
        self._empty()
        return True
