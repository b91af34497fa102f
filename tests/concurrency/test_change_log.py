"""No reader of the change log misses a row, however slowly a writer commits."""

from __future__ import annotations

import random
import threading
import time

import sqlalchemy as sa

from marketplace.kernel import changes
from marketplace.kernel.changes import Change
from marketplace.kernel.db import Database
from tests.factories import NOW

WRITERS, EACH = 8, 25


def write_slowly(database: Database, seed: int) -> None:
    """Record changes in transactions that stay open for a while before they commit."""
    chance = random.Random(seed)
    for number in range(EACH):
        with database.write() as session:
            changes.record(session, changes.STOCK, f"{seed}-{number}", now=NOW)
            time.sleep(chance.random() * 0.01)


def follow(database: Database, done: threading.Event, seen: list[str], *, by: str) -> None:
    """Read on from a cursor, the way feed, search and matrix do."""
    cursor = 0
    while True:
        last_round = done.is_set()
        if by == "number":
            changes.sequence(database)
        with database.read() as session:
            if by == "number":
                found = [
                    (change.number or 0, change.entity_id)
                    for change in changes.since(session, cursor, kinds=(changes.STOCK,))
                ]
            else:
                later = sa.select(Change.id, Change.entity_id).where(Change.id > cursor)
                rows = session.execute(later.order_by(Change.id))
                found = [(row.id, row.entity_id) for row in rows]
        seen += [entity for _, entity in found]
        cursor = max([cursor, *(number for number, _ in found)])
        if last_round:
            return


def run(database: Database, *, by: str) -> list[str]:
    """Let writers and two readers run together; returns what one reader saw."""
    done, seen, other = threading.Event(), list[str](), list[str]()
    readers = [
        threading.Thread(target=follow, args=(database, done, into), kwargs={"by": by})
        for into in (seen, other)
    ]
    writers = [
        threading.Thread(target=write_slowly, args=(database, seed)) for seed in range(WRITERS)
    ]
    for thread in readers + writers:
        thread.start()
    for thread in writers:
        thread.join()
    done.set()
    for thread in readers:
        thread.join()
    return seen


def test_every_change_is_seen_once_by_its_number(database: Database) -> None:
    seen = run(database, by="number")
    assert len(seen) == WRITERS * EACH
    assert len(set(seen)) == WRITERS * EACH


def test_numbers_have_no_gap(database: Database) -> None:
    run(database, by="number")
    with database.read() as session:
        numbers = session.scalars(sa.select(Change.number).order_by(Change.number)).all()
    assert numbers == list(range(1, WRITERS * EACH + 1))


def test_the_twin_that_reads_by_insertion_order_misses_rows(postgres_database: Database) -> None:
    """What a plain sequence would do: ids are taken at insertion and commit out of order."""
    seen = run(postgres_database, by="id")
    assert len(set(seen)) < WRITERS * EACH
