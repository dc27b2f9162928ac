"""Counters of how often the API was asked: in this process, or in the Redis that the machines of a site share."""

from __future__ import annotations

import threading
import time
from dataclasses import dataclass

from flask import g
from limits.storage import Storage

from cms.core.redis_link import RedisAway, RedisLink

#: Counters of one process; more only when very many addresses ask at once, and then counting begins anew.
MOST = 50_000
#: Counts, and says what stands there and for how many milliseconds more, on one way there and back.
_COUNT = """
local count = redis.call('INCRBY', KEYS[1], ARGV[1])
local left = redis.call('PTTL', KEYS[1])
if left < 0 then
  left = tonumber(ARGV[2])
  redis.call('PEXPIRE', KEYS[1], left)
end
return {count, left}
"""


@dataclass(frozen=True)
class Window:
    """What a counter stands at, and when it begins anew (seconds since 1970)."""

    count: int
    ends_at: float


class LocalCounters:
    """Counters of this process; safe for threads."""

    def __init__(self, most: int = MOST) -> None:
        self._most = most
        self._windows: dict[str, Window] = {}
        self._lock = threading.Lock()

    def add(self, key: str, seconds: int, amount: int, *, now: float | None = None) -> Window:
        """Count `amount` more in the window of so many `seconds` that is open for `key`, else in a new one."""
        moment = time.time() if now is None else now
        with self._lock:
            window = self._windows.get(key)
            if window is None or window.ends_at <= moment:
                self._make_room(moment)
                window = Window(0, moment + seconds)
            window = self._windows[key] = Window(window.count + amount, window.ends_at)
        return window

    def _make_room(self, now: float) -> None:
        if len(self._windows) >= self._most:
            self._windows = {key: window for key, window in self._windows.items() if window.ends_at > now}
        if len(self._windows) >= self._most:
            self._windows = {}


class Counters(Storage):
    """A storage of Flask-Limiter that always answers: while Redis is away, this process counts for itself.

    Each counter is asked once a request; what it said is kept with the request, for the headers of the answer.
    """

    STORAGE_SCHEME = ["masthead"]  # noqa: RUF012 -- the name by which the library finds it

    def __init__(self, uri: str | None = None, *, link: RedisLink | None = None, prefix: str = "") -> None:
        super().__init__(uri)
        self._link = link
        self._prefix = prefix
        self._local = LocalCounters()

    @property
    def base_exceptions(self) -> type[Exception]:
        """What the library would wrap."""
        return RedisAway

    def incr(self, key: str, expiry: int, amount: int = 1) -> int:
        """Count `amount` more and return what the counter stands at."""
        window = self._shared(key, expiry, amount) or self._local.add(key, expiry, amount)
        self._seen()[key] = window
        return window.count

    def get(self, key: str) -> int:
        """Return what the counter stood at when this request counted."""
        window = self._seen().get(key)
        return window.count if window is not None else 0

    def get_expiry(self, key: str) -> float:
        """Return when the counter that this request counted on begins anew (seconds since 1970)."""
        window = self._seen().get(key)
        return window.ends_at if window is not None else time.time()

    def check(self) -> bool:
        """Tell that it can count, which is always so."""
        return True

    def reset(self) -> int | None:
        """Forget nothing: several machines may count here."""
        raise NotImplementedError

    def clear(self, key: str) -> None:
        """Forget nothing: several machines may count here."""
        raise NotImplementedError

    def _shared(self, key: str, seconds: int, amount: int) -> Window | None:
        if self._link is None:
            return None
        try:
            count, left = self._link.ask(_COUNT, [f"{self._prefix}{key}"], [amount, seconds * 1000])
        except RedisAway:
            return None
        return Window(int(count), time.time() + int(left) / 1000)

    def _seen(self) -> dict[str, Window]:
        seen: dict[str, Window] = g.setdefault("masthead_rate_windows", {})
        return seen
