"""Never over, never partial, no deadlock; and the proof that these tests would see it."""

from __future__ import annotations

import random
import sqlite3
import threading
from collections.abc import Callable

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session

from marketplace.inventory import service
from marketplace.inventory.models import ClaimKind, StockDay
from marketplace.inventory.service import Want
from marketplace.kernel.db import Database
from marketplace.kernel.stay import Stay
from tests.concurrency.rush import (
    IDS,
    faults,
    free_everything,
    make_rooms,
    rush,
    taken,
    taking,
)
from tests.factories import NOW, TODAY

CLIENTS, ROUNDS, CAPACITY = 200, 50, 5


def one_night(pool_id: int, offset: int = 0) -> Want:
    return Want(pool_id, stay(offset, 1), 1)


def stay(offset: int, nights: int) -> Stay:
    day = TODAY.fromordinal(TODAY.toordinal() + offset)
    return Stay.of(day, nights)


def test_two_hundred_clients_want_five_rooms(database: Database) -> None:
    [pool] = make_rooms(database, capacities=[CAPACITY])
    for _ in range(ROUNDS):
        outcome = rush([taking(database, one_night(pool))] * CLIENTS)
        assert outcome == {"ok": CAPACITY, "sold_out": CLIENTS - CAPACITY}
        assert taken(database, pool) == {TODAY: CAPACITY}
        assert faults(database) == []
        free_everything(database)


def test_month_long_stays_against_single_nights(database: Database) -> None:
    [pool] = make_rooms(database, capacities=[3])
    for seed in range(6):
        chance = random.Random(seed)
        nights = [one_night(pool, chance.randrange(40)) for _ in range(30)]
        months = [Want(pool, stay(chance.randrange(10), 30), 1) for _ in range(10)]
        outcome = rush([taking(database, want) for want in nights + months])
        assert set(outcome) <= {"ok", "sold_out"}
        assert faults(database) == []
        free_everything(database)


def test_overlapping_stays_on_one_room_and_on_two_at_once(database: Database) -> None:
    first, second = make_rooms(database, capacities=[2, 2])
    for seed in range(6):
        chance = random.Random(seed)

        def wants(chance: random.Random = chance) -> list[Want]:
            when = stay(chance.randrange(20), chance.randrange(1, 15))
            pools = chance.choice([[first], [second], [first, second], [second, first]])
            return [Want(pool, when, 1) for pool in pools]

        outcome = rush([taking(database, *wants()) for _ in range(40)])
        assert set(outcome) <= {"ok", "sold_out"}
        assert faults(database) == []
        free_everything(database)


def test_giving_back_twice_returns_the_stock_once(database: Database) -> None:
    [pool] = make_rooms(database, capacities=[2])
    with database.write() as session:
        service.take(
            session,
            wants=[Want(pool, stay(0, 3), 2)],
            kind=ClaimKind.BLOCK,
            holder="h",
            now=NOW,
        )

    def give_back() -> None:
        with database.write() as session:
            service.give_back(session, holder="h", now=NOW)

    assert rush([give_back] * 16) == {"ok": 16}
    assert taken(database, pool) == {}
    assert faults(database) == []


def unguarded(database: Database, want: Want, looked: threading.Barrier) -> Callable[[], None]:
    """A client of the sabotaged twin: it looks, waits until all have looked, then writes."""

    def run() -> None:
        with database.read() as session:
            free = session.scalar(
                sa.select(sa.func.min(StockDay.capacity - StockDay.taken)).where(
                    service.span_of(want)
                )
            )
        looked.wait(timeout=60)
        if free is None or free < want.units:
            raise service.SoldOut(pools=[want.pool_id])
        with database.write() as session:
            service.take(
                session,
                wants=[want],
                kind=ClaimKind.BLOCK,
                holder=IDS.new_id(),
                now=NOW,
            )

    return run


def test_the_twin_without_the_guard_is_caught(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The condition and the lock taken out of ``take``, and the CHECK constraint with them."""
    [pool] = make_rooms(database, capacities=[CAPACITY])
    drop_check(database)

    def fill_without_looking(session: Session, want: Want) -> bool:
        more = StockDay.taken + want.units
        session.execute(sa.update(StockDay).where(service.span_of(want)).values(taken=more))
        return True

    monkeypatch.setattr(service, "fill", fill_without_looking)
    monkeypatch.setattr(service, "lock_days", lambda *_: None)
    looked = threading.Barrier(20)
    outcome = rush([unguarded(database, one_night(pool), looked) for _ in range(20)])
    assert outcome["ok"] > CAPACITY
    assert any("oversold" in fault for fault in faults(database))


def test_the_check_constraint_alone_still_holds(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    [pool] = make_rooms(database, capacities=[1])
    monkeypatch.setattr(
        service,
        "fill",
        lambda session, want: bool(
            session.execute(
                sa.update(StockDay).where(service.span_of(want)).values(taken=StockDay.taken + 2)
            )
        ),
    )
    with pytest.raises(sa.exc.IntegrityError):
        taking(database, one_night(pool))()
    assert faults(database) == []


def drop_check(database: Database) -> None:
    """Take away the second wall, so that only the guard is on trial."""
    if database.is_sqlite:

        @sa.event.listens_for(database.write_engine, "checkout")
        def ignore(connection: sqlite3.Connection, *_: object) -> None:
            connection.execute("PRAGMA ignore_check_constraints=ON")

        return
    with database.write() as session:
        session.execute(
            sa.text("ALTER TABLE stock_day DROP CONSTRAINT ck_stock_day_taken_within_capacity")
        )
