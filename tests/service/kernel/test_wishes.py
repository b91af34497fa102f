"""The first answer under a key is the answer."""

from __future__ import annotations

import datetime as dt
import threading
import zlib
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import orjson
import pytest
import sqlalchemy as sa

from marketplace.kernel import wishes
from marketplace.kernel.db import Database
from marketplace.kernel.wishes import Answer, InProgress, KeptWish, KeyReused, Wish
from tests.factories import NOW

PRINT = wishes.fingerprint("POST", "/holds", {})
DONE = Answer(201, b'{"id":1}' * 100)


WISH = Wish("partner:1", "k", PRINT)


def request(
    database: Database, wish: Wish = WISH, *, now: dt.datetime = NOW, answer: Answer = DONE
) -> Answer | None:
    """Run a request under the key; returns the answer it found, ``None`` if it ran itself."""
    with database.write() as session:
        found = wishes.begin(session, wish, now=now)
        if found is None:
            wishes.keep(session, wish, answer)
    return found


def after(**time: float) -> dt.datetime:
    return NOW + dt.timedelta(**time)


def keys(database: Database) -> int:
    with database.read() as session:
        return session.scalar(sa.select(sa.func.count()).select_from(KeptWish)) or 0


def test_the_first_runs_and_the_next_get_its_bytes(database: Database) -> None:
    assert request(database) is None
    assert [request(database, now=after(days=day)) for day in (0, 1, 89)] == [DONE] * 3


def test_another_request_under_the_key_is_refused(database: Database) -> None:
    request(database)
    with pytest.raises(KeyReused) as refusal:
        request(database, replace(WISH, print_=wishes.fingerprint("POST", "/holds", {"rooms": 2})))
    assert (refusal.value.http_status, refusal.value.code) == (422, "idempotency_key_reused")


def test_two_callers_keys_never_meet(database: Database) -> None:
    request(database)
    assert request(database, replace(WISH, scope="partner:2")) is None


def test_a_key_lives_and_dies_with_its_effect(database: Database) -> None:
    """Whatever ends a request before its commit, a kill as well, leaves no key behind."""

    def begin_and_die() -> None:
        with database.write() as session:
            wishes.begin(session, WISH, now=NOW)
            raise RuntimeError

    with pytest.raises(RuntimeError):
        begin_and_die()
    assert keys(database) == 0
    assert request(database) is None


def test_who_comes_second_waits_and_gets_the_answer(database: Database) -> None:
    begun, found = threading.Event(), []

    def follow() -> None:
        begun.wait(timeout=30)
        found.append(request(database))

    thread = threading.Thread(target=follow)
    thread.start()
    with database.write() as session:
        wishes.begin(session, WISH, now=NOW)
        begun.set()
        wishes.keep(session, WISH, DONE)
    thread.join(timeout=30)
    assert found == [DONE]


def test_the_wait_is_bounded_and_no_other_wait_is(
    postgres_database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    """SQLite's writers have waited before, at the beginning of their transaction."""
    monkeypatch.setattr(wishes, "PATIENCE_SECONDS", 1)
    with postgres_database.write() as running:
        wishes.begin(running, WISH, now=NOW)
        assert running.scalar(sa.text("SHOW lock_timeout")) == "0"
        with pytest.raises(InProgress) as refusal:
            request(postgres_database)
    assert (refusal.value.http_status, refusal.value.code) == (409, "idempotency_in_progress")


def test_an_answer_is_kept_compressed_and_for_as_long_as_was_said(database: Database) -> None:
    request(database, replace(WISH, kept=dt.timedelta(minutes=30)))
    with database.read() as session:
        row = session.scalars(sa.select(KeptWish)).one()
    assert zlib.decompress(row.body or b"") == DONE.body
    assert len(row.body or b"") < len(DONE.body) / 5
    assert request(database, now=after(minutes=29)) == DONE
    other = replace(WISH, print_=wishes.fingerprint("POST", "/holds", {"rooms": 2}))
    later = Answer(200, b"anew")
    assert request(database, other, now=after(minutes=30), answer=later) is None
    assert request(database, other, now=after(minutes=30)) == later
    assert keys(database) == 1


def test_keys_are_forgotten_after_90_days(database: Database) -> None:
    request(database)
    for now, count in ((after(days=89, hours=23), 1), (after(days=90), 0)):
        with database.write() as session:
            wishes.forget_old(session, now=now)
        assert keys(database) == count


def test_what_is_kept_for_good_is_never_forgotten(database: Database) -> None:
    request(database, replace(WISH, kept=None))
    with database.write() as session:
        wishes.forget_old(session, now=after(days=36_500))
    assert request(database, replace(WISH, kept=None), now=after(days=36_500)) == DONE


def test_method_path_and_command_make_a_request() -> None:
    prints = {
        PRINT,
        wishes.fingerprint("PUT", "/holds", {}),
        wishes.fingerprint("POST", "/quote", {}),
        wishes.fingerprint("POST", "/holds", {"rooms": 1}),
        wishes.fingerprint("POST", "/holds", {"rooms": True}),
        wishes.fingerprint("POST", "/holds", {"rooms": "1"}),
        wishes.fingerprint("POST", "/holds", {"rooms": 1.5}),
        wishes.fingerprint("POST", "/holds", {"rooms": None}),
        wishes.fingerprint("POST", "/holds", {"rooms": [1]}),
        wishes.fingerprint("POST", "/holds", [{"rooms": 1}]),
    }
    assert len(prints) == 10


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ('{"a":1,"b":2}', '{ "b" : 2,\n\t"a":1 }'),
        ('{"a":1,"b":-0.0}', '{"a":1.0,"b":0}'),
        ('{"a":[10,{"c":1}]}', '{"a":[1e1,{"c":1.00}]}'),
        ('{"a":"王秀英"}', r'{"\u0061":"\u738b\u79c0\u82f1"}'),
        (r'{"a":"😀/"}', r'{"a":"\ud83d\ude00\/"}'),
    ],
)
def test_how_a_command_is_written_says_nothing(one: str, other: str) -> None:
    assert wishes.canonical(orjson.loads(one)) == wishes.canonical(orjson.loads(other))


def test_of_16_with_one_key_one_runs(database: Database) -> None:
    def ask(_: int) -> str:
        return "ran" if request(database) is None else "found"

    with ThreadPoolExecutor(16) as pool:
        assert Counter(pool.map(ask, range(16))) == {"ran": 1, "found": 15}
