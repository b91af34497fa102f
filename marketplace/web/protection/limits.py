"""Rate limits that hold across web workers.

Counted in Redis when the broker is Redis, else in a small SQLite file that the workers of one
machine share. Losing it forgives; it never locks anybody out.
"""

from __future__ import annotations

import itertools
import sqlite3
import threading
import time
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import structlog
from flask import current_app
from limits import RateLimitItem, parse
from limits.storage import RedisStorage, Storage
from limits.strategies import FixedWindowRateLimiter
from redis import RedisError

from marketplace.kernel.errors import DomainError
from marketplace.settings import Settings

SIGN_IN = parse("10 per 15 minutes")
SEARCH = parse("120 per minute")
COMPLETE = parse("600 per minute")
"""What is being typed asks after every few letters, and a community centre shares one address."""
LOOK_UP = parse("10 per hour")
HOLD = parse("120 per hour")
"""Of an address, which a whole class or mobile network can share; what is unpaid has caps."""
DRAFT = parse("60 per minute")
TIDY_EVERY = 500
"""After how many tries a process drops the windows that are over, addresses and all."""
ADD = b"""
local count = redis.call("INCRBY", KEYS[1], ARGV[2])
local left = redis.call("PTTL", KEYS[1])
if left < 0 then
    redis.call("EXPIRE", KEYS[1], ARGV[1])
    left = ARGV[1] * 1000
end
return {count, left}
"""
"""Counts in a window that ends, and tells when: a script of Redis, so that no other comes between.

A counter that somebody gave a try back to after its window ended has no end; it is given one.
"""


class TooManyTries(DomainError):
    """The limit is reached; ``extra['retry_after']`` says for how many seconds."""

    code = "too_many_requests"
    http_status = 429
    message = "试的次数太多了，请过 %(minutes)s 分钟再试，或打电话给我们"


class FileStorage(Storage):
    """Fixed-window counters in a SQLite file, shared by the processes of one machine."""

    STORAGE_SCHEME = ["snowbird-file"]  # noqa: RUF012 - the library's own way to declare it

    def __init__(self, path: Path) -> None:
        """Open or make the file at ``path``."""
        super().__init__()
        self._path = path
        self._local = threading.local()
        self._counted = itertools.count(1)
        self._connection().execute(
            "CREATE TABLE IF NOT EXISTS hit (key TEXT PRIMARY KEY, count INTEGER, ends REAL)"
        )

    @property
    def base_exceptions(self) -> type[Exception]:
        """What this storage may raise."""
        return sqlite3.Error

    def _connection(self) -> sqlite3.Connection:
        connection: sqlite3.Connection | None = getattr(self._local, "connection", None)
        if connection is None:
            connection = sqlite3.connect(self._path, timeout=5, isolation_level=None)
            connection.execute("PRAGMA journal_mode=WAL")
            connection.execute("PRAGMA synchronous=OFF")
            self._local.connection = connection
        return connection

    def incr(self, key: str, expiry: int, amount: int = 1) -> int:
        """Count ``amount`` more under ``key``; a window that is over begins anew."""
        return self.add(key, expiry, amount)[0]

    def add(self, key: str, expiry: int, amount: int = 1) -> tuple[int, float]:
        """Count like ``incr``; returns the count and when its window ends, from one statement."""
        now = time.time()
        found = self._connection().execute(
            "INSERT INTO hit VALUES (?, ?, ?) ON CONFLICT (key) DO UPDATE SET "
            "count = CASE WHEN ends <= ? THEN excluded.count ELSE count + excluded.count END, "
            "ends = CASE WHEN ends <= ? THEN excluded.ends ELSE ends END RETURNING count, ends",
            (key, amount, now + expiry, now, now),
        )
        count, ends = found.fetchone()
        if next(self._counted) % TIDY_EVERY == 0:
            self.forget_old()
        return int(count), float(ends)

    def _row(self, key: str) -> tuple[int, float]:
        found = self._connection().execute(
            "SELECT count, ends FROM hit WHERE key = ? AND ends > ?", (key, time.time())
        )
        row = found.fetchone()
        return (int(row[0]), float(row[1])) if row else (0, time.time())

    def get(self, key: str) -> int:
        """Return the count under ``key``."""
        return self._row(key)[0]

    def get_expiry(self, key: str) -> float:
        """Return when the window of ``key`` ends, in seconds since the epoch."""
        return self._row(key)[1]

    def check(self) -> bool:
        """Tell whether the storage works."""
        self._connection().execute("SELECT 1")
        return True

    def reset(self) -> int:
        """Forget everything."""
        return self._connection().execute("DELETE FROM hit").rowcount

    def clear(self, key: str) -> None:
        """Forget one key."""
        self._connection().execute("DELETE FROM hit WHERE key = ?", (key,))

    def forget_old(self) -> None:
        """Drop the windows that are over."""
        self._connection().execute("DELETE FROM hit WHERE ends <= ?", (time.time(),))


class SharedStorage(RedisStorage):
    """Fixed-window counters in Redis, shared by all processes of all machines."""

    STORAGE_SCHEME = ["snowbird-redis"]  # noqa: RUF012 - the library's own way to declare it

    def __init__(self, url: str) -> None:
        """Use the Redis at ``url``; nothing connects yet."""
        super().__init__(url)
        self._add = self.get_connection().register_script(ADD)

    def add(self, key: str, expiry: int, amount: int = 1) -> tuple[int, float]:
        """Count like ``incr``; returns the count and when its window ends, from one round trip."""
        count, milliseconds = self._add([self.prefixed_key(key)], [expiry, amount])
        return int(count), time.time() + milliseconds / 1000


Counter = FileStorage | SharedStorage


class Limiter(FixedWindowRateLimiter):
    """Counts by a storage that tells with each count when its window ends."""

    def __init__(self, storage: Counter) -> None:
        """Count in ``storage``."""
        super().__init__(storage)
        self.counter = storage


def build(settings: Settings) -> Limiter:
    """Return the limiter of an installation."""
    if settings.broker_url.startswith("redis"):
        return Limiter(SharedStorage(settings.broker_url))
    return Limiter(FileStorage(settings.state_dir / "limits.sqlite3"))


def limiter() -> Limiter:
    """Return this process's limiter."""
    found: Limiter = current_app.extensions["limiter"]
    return found


@dataclass(frozen=True, slots=True)
class Counted:
    """One try that was counted, and what it leaves of its window."""

    allowed: bool
    left: int
    seconds: int
    """Until the window ends, one at least."""


def count(limit: RateLimitItem, *who: str) -> Counted | None:
    """Count one try of ``who`` in one round trip.

    ``None`` where counting itself fails: a full disk or a lost Redis shuts nobody out.
    """
    try:
        tries, ends = limiter().counter.add(limit.key_for(*who), limit.get_expiry())
    except (sqlite3.Error, RedisError) as error:
        structlog.get_logger("web").error("limits_unavailable", error=type(error).__name__)
        return None
    seconds = max(1, int(ends - time.time()))
    return Counted(tries <= limit.amount, max(0, limit.amount - tries), seconds)


def spend(limit: RateLimitItem, *who: str) -> None:
    """Count one try of ``who``; raises ``TooManyTries`` when the limit is reached."""
    counted = count(limit, *who)
    if counted is None or counted.allowed:
        return
    wait = counted.seconds
    raise TooManyTries(minutes=-(-wait // 60), extra={"retry_after": wait})


def give_back(limit: RateLimitItem, *who: str) -> None:
    """Take back one try of ``who`` that was none after all: it found what it asked for."""
    with suppress(sqlite3.Error, RedisError):
        limiter().storage.incr(limit.key_for(*who), limit.get_expiry(), -1)
