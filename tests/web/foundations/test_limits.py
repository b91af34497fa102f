"""Rate limits: counted over all web workers, forgiven in time, said in plain words."""

from __future__ import annotations

import os
import subprocess
import sys
import time
import uuid
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
import redis
import time_machine
from flask import Flask
from limits import parse
from limits.storage import RedisStorage
from limits.strategies import FixedWindowRateLimiter

from marketplace.settings import ROOT, Environment, Settings
from marketplace.web.protection import attempts, limits
from tests.support.staff import Browser

THREE = parse("3 per minute")
REDIS = os.environ.get("TEST_BROKER_URL", "")

OTHER_PROCESS = """
import sys
from pathlib import Path
from limits import parse
from limits.strategies import FixedWindowRateLimiter
from marketplace.web.protection.limits import FileStorage

limiter = FixedWindowRateLimiter(FileStorage(Path(sys.argv[1])))
allowed = [limiter.hit(parse("100 per hour"), "who") for _ in range(40)]
print(sum(allowed))
"""


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "limits.sqlite3"


class TestFile:
    def test_two_workers_count_as_one(self, file: Path) -> None:
        first, second = (FixedWindowRateLimiter(limits.FileStorage(file)) for _ in range(2))
        assert [worker.hit(THREE, "who") for worker in (first, second, first, second)] == [
            True,
            True,
            True,
            False,
        ]
        assert first.get_window_stats(THREE, "who").remaining == 0
        assert first.hit(THREE, "somebody else")

    def test_a_count_tells_when_its_window_ends(self, file: Path) -> None:
        storage, begin = limits.FileStorage(file), time.time()
        for tries in (1, 2):
            count, ends = storage.add("who", 60)
            assert count == tries
            assert ends == storage.get_expiry("who") == pytest.approx(begin + 60, abs=30)

    def test_so_do_processes_that_start_at_once(self, file: Path) -> None:
        programs = [
            subprocess.Popen(
                [sys.executable, "-c", OTHER_PROCESS, str(file)],
                cwd=ROOT,
                stdout=subprocess.PIPE,
                text=True,
            )
            for _ in range(4)
        ]
        allowed = [int(program.communicate(timeout=120)[0]) for program in programs]
        assert sum(allowed) == 100

    def test_threads_lose_no_count(self, file: Path) -> None:
        storage = limits.FileStorage(file)
        with ThreadPoolExecutor(8) as pool:
            counts = list(pool.map(lambda _: storage.incr("who", 60), range(400)))
        assert sorted(counts) == list(range(1, 401))

    def test_a_window_that_is_over_is_forgiven(self, file: Path) -> None:
        storage = limits.FileStorage(file)
        with time_machine.travel("2027-06-01T04:00:00Z", tick=False) as clock:
            assert [storage.incr("who", 60) for _ in range(3)] == [1, 2, 3]
            ends = storage.get_expiry("who")
            clock.shift(59)
            assert storage.incr("who", 60) == 4
            assert storage.get_expiry("who") == ends
            clock.shift(1)
            assert storage.get("who") == 0
            assert storage.incr("who", 60) == 1

    def test_nothing_is_kept_for_longer_than_it_counts(
        self, file: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(limits, "TIDY_EVERY", 3)
        storage = limits.FileStorage(file)
        with time_machine.travel("2027-06-01T04:00:00Z", tick=False) as clock:
            storage.incr("10.0.0.1", 60)
            clock.shift(61)
            storage.incr("10.0.0.2", 60)
            storage.incr("10.0.0.2", 60)
            rows = storage._connection().execute("SELECT key FROM hit").fetchall()
        assert rows == [("10.0.0.2",)]

    def test_one_or_all_can_be_forgotten(self, file: Path) -> None:
        storage = limits.FileStorage(file)
        for who in ("a", "b", "c"):
            storage.incr(who, 60)
        storage.clear("a")
        assert (storage.get("a"), storage.get("b"), storage.check()) == (0, 1, True)
        assert storage.reset() == 2
        assert storage.get("b") == 0


def _noting(calls: list[str], execute: Callable[..., object]) -> Callable[..., object]:
    """Return ``execute`` that notes the names of the commands it is given."""

    def noted(self: object, *command: object, **more: object) -> object:
        calls.append(str(command[0]))
        return execute(self, *command, **more)

    return noted


class TestChoice:
    def test_a_file_in_the_state_directory(self, tmp_path: Path) -> None:
        limiter = limits.build(Settings(env=Environment.TEST, state_dir=tmp_path))
        assert isinstance(limiter.storage, limits.FileStorage)
        assert (tmp_path / "limits.sqlite3").exists()

    @pytest.mark.skipif(not REDIS.startswith("redis"), reason="TEST_BROKER_URL is no Redis")
    def test_redis_where_the_broker_is_redis(self, tmp_path: Path) -> None:
        settings = Settings(env=Environment.TEST, state_dir=tmp_path, broker_url=REDIS)
        first, second = limits.build(settings), limits.build(settings)
        assert isinstance(first.storage, RedisStorage)
        who = uuid.uuid4().hex
        allowed = [worker.hit(THREE, who) for worker in (first, second, first, second)]
        assert allowed == [True, True, True, False]
        first.clear(THREE, who)

    @pytest.mark.skipif(not REDIS.startswith("redis"), reason="TEST_BROKER_URL is no Redis")
    def test_redis_is_asked_once_for_count_and_end(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        settings = Settings(env=Environment.TEST, state_dir=tmp_path, broker_url=REDIS)
        first, second = (limits.build(settings).counter for _ in range(2))
        who, begin = uuid.uuid4().hex, time.time()
        first.add(who, 60)  # the script is known from here on
        calls: list[str] = []
        monkeypatch.setattr(
            redis.Redis, "execute_command", _noting(calls, redis.Redis.execute_command)
        )
        count, ends = second.add(who, 60)
        assert calls == ["EVALSHA"]
        assert count == 2
        assert ends == pytest.approx(begin + 60, abs=30)
        first.clear(who)


class TestAnswer:
    def test_says_for_how_long_and_what_else_can_be_done(self, browser: Browser) -> None:
        for _ in range(attempts.FREE):
            browser.sign_in("nobody", "wrong-password", expect=401)
        browser.open("/account/sign-in")
        answer = browser.client.post(
            "/account/sign-in",
            data={"csrf_token": browser.token, "login": "nobody", "password": "wrong"},
        )
        assert answer.status_code == 429
        assert 0 < int(answer.headers["Retry-After"]) <= 60
        page = answer.get_data(as_text=True)
        assert "试的次数太多了，请过 1 分钟再试，或打电话给我们" in page

    def test_a_limit_that_cannot_be_counted_locks_nobody_out(
        self, app: Flask, browser: Browser
    ) -> None:
        storage = app.extensions["limiter"].storage
        storage._connection().execute("DROP TABLE hit")
        browser.sign_in("nobody", "wrong-password", expect=401)
