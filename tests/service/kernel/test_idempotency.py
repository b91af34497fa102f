"""The first answer under a key is the answer."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from concurrent.futures import ThreadPoolExecutor

import pytest
import sqlalchemy as sa

from marketplace.kernel import idempotency
from marketplace.kernel.db import Database
from marketplace.kernel.idempotency import Answer, IdempotencyKey, InProgress, KeyReused
from tests.factories import NOW

PRINT = idempotency.fingerprint("POST", "/holds", b"{}")
DONE = Answer(201, b'{"id":1}')


def begin(
    database: Database,
    *,
    scope: str = "partner:1",
    print_: str = PRINT,
    now: dt.datetime = NOW,
) -> Answer | None:
    with database.write() as session:
        return idempotency.begin(session, scope=scope, key="k", print_=print_, now=now)


def complete(database: Database, answer: Answer = DONE) -> None:
    with database.write() as session:
        idempotency.complete(session, scope="partner:1", key="k", answer=answer)


def release(database: Database) -> None:
    with database.write() as session:
        idempotency.release(session, scope="partner:1", key="k")


def after(**time: float) -> dt.datetime:
    return NOW + dt.timedelta(**time)


def test_the_first_runs_and_the_next_get_its_bytes(database: Database) -> None:
    assert begin(database) is None
    complete(database)
    assert [begin(database, now=after(days=day)) for day in (0, 1, 89)] == [DONE] * 3


def test_while_it_runs_the_next_is_told_so(database: Database) -> None:
    begin(database)
    with pytest.raises(InProgress) as refusal:
        begin(database, now=after(seconds=59))
    assert (refusal.value.http_status, refusal.value.code) == (409, "idempotency_in_progress")


def test_a_lapsed_lease_runs_again_once(database: Database) -> None:
    begin(database)
    assert begin(database, now=after(seconds=60)) is None
    with pytest.raises(InProgress):
        begin(database, now=after(seconds=61))


def test_of_two_that_ran_only_the_first_to_finish_keeps_its_effect(database: Database) -> None:
    begin(database)
    begin(database, now=after(seconds=60))
    complete(database)
    with pytest.raises(InProgress):
        complete(database, Answer(201, b'{"id":2}'))
    assert begin(database) == DONE


@pytest.mark.parametrize("finished", [True, False])
def test_another_request_under_the_key_is_refused(database: Database, finished: bool) -> None:
    begin(database)
    if finished:
        complete(database)
    with pytest.raises(KeyReused) as refusal:
        begin(database, print_=idempotency.fingerprint("POST", "/holds", b'{"rooms":2}'))
    assert (refusal.value.http_status, refusal.value.code) == (422, "idempotency_key_reused")


def test_two_callers_keys_never_meet(database: Database) -> None:
    begin(database)
    assert begin(database, scope="partner:2") is None


def test_what_had_no_lasting_outcome_runs_again_at_once(database: Database) -> None:
    begin(database)
    release(database)
    assert begin(database) is None


def test_a_finished_key_is_not_released(database: Database) -> None:
    begin(database)
    complete(database)
    release(database)
    assert begin(database) == DONE


def test_an_answer_is_kept_with_its_effect_or_not_at_all(database: Database) -> None:
    begin(database)

    def complete_and_fail() -> None:
        with database.write() as session:
            idempotency.complete(session, scope="partner:1", key="k", answer=DONE)
            raise RuntimeError

    with pytest.raises(RuntimeError):
        complete_and_fail()
    assert begin(database, now=after(seconds=60)) is None


def test_keys_are_forgotten_after_90_days(database: Database) -> None:
    begin(database)
    complete(database)
    for now, kept in ((after(days=90), 1), (after(days=90, seconds=1), 0)):
        with database.write() as session:
            idempotency.forget_old(session, now=now)
            count = sa.select(sa.func.count()).select_from(IdempotencyKey)
            assert session.scalar(count) == kept


def test_method_path_and_body_make_a_request() -> None:
    prints = {
        PRINT,
        idempotency.fingerprint("PUT", "/holds", b"{}"),
        idempotency.fingerprint("POST", "/quote", b"{}"),
        idempotency.fingerprint("POST", "/holds", b"{} "),
    }
    assert len(prints) == 4


def test_of_16_with_one_key_one_runs(database: Database) -> None:
    def ask(_: int) -> str:
        try:
            found = begin(database)
        except InProgress:
            return "in progress"
        if found is not None:
            return "replayed"
        complete(database)
        return "ran"

    with ThreadPoolExecutor(16) as pool:
        outcomes = Counter(pool.map(ask, range(64)))
    assert outcomes["ran"] == 1
    assert outcomes["replayed"] > 0
    assert sum(outcomes.values()) == 64


def test_a_key_released_while_another_waits_for_it_fails_nobody(database: Database) -> None:
    def ask(_: int) -> None:
        try:
            if begin(database) is None:
                release(database)
        except InProgress:
            pass

    with ThreadPoolExecutor(16) as pool:
        list(pool.map(ask, range(200)))
