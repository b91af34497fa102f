"""B1 and B5: what is free and what it costs, by the matrix and by SQL."""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import replace
from statistics import median

import sqlalchemy as sa

from marketplace.inventory.models import StockDay, StockPool
from marketplace.kernel import changes
from marketplace.kernel.clock import SetClock
from marketplace.kernel.db import Database
from marketplace.kernel.stay import Stay
from marketplace.offers.matrix import matrix_loading
from marketplace.offers.matrix.matrix import Matrix
from marketplace.offers.matrix.restriction_arrays import Limits
from marketplace.offers.matrix.tariff_arrays import NOTHING, Tariffs
from marketplace.pricing.models import NightRate
from marketplace.pricing.nights.selection import COUPLE
from marketplace.sample.scaled import make_scaled
from tests.bench.ground import ARRIVE, book
from tests.bench.report import Figure, insist, timed
from tests.bench.ruling import ALONE, insist_on_quotes, put_rules, totals_of
from tests.factories import NOW, TODAY

NIGHTS = 30
AT_ONCE = 50
"""Bookings that one look at the change log brings in, as on a busy second."""
REFRESH_GOAL = 1 / 20
FIND_GOAL = 1 / 1000


def matrix_figures(
    database: Database, *, pools: int, days: int, rounds: int, booking_seconds: float
) -> list[Figure]:
    """Measure B1 and B5 over a scaled sample; ``booking_seconds`` is what C1 found."""
    make_scaled(database, listings=pools // 3, pools=pools, days=days, seed=7, clock=SetClock(NOW))
    while changes.sequence(database):
        pass
    put_rules(database)
    _settle(database)
    with database.read() as session:
        matrix = matrix_loading.build(session, today=TODAY)
        figures = list(_find(database, matrix, rounds=rounds))
        matrix = matrix_loading.build(session, today=TODAY)
    figures.append(_refresh(database, matrix, rounds=rounds, booking_seconds=booking_seconds))
    return figures


def _settle(database: Database) -> None:
    """Let the database know what was poured into it, as it would after a day of use."""
    how = "ANALYZE" if database.is_sqlite else "VACUUM ANALYZE"
    options = {"isolation_level": "AUTOCOMMIT"}
    engine = sa.create_engine(database.url, poolclass=sa.NullPool, execution_options=options)
    with engine.connect() as connection:
        connection.exec_driver_sql(how)
    engine.dispose()


def _find(database: Database, matrix: Matrix, *, rounds: int) -> Iterator[Figure]:
    """Measure B1: as SQL answers it, and with all tariffs and restrictions in force."""
    stay = Stay.of(ARRIVE, NIGHTS)
    free = sa.func.min(sa.case((StockDay.closed, 0), else_=StockDay.capacity - StockDay.taken))
    query = (
        sa.select(StockPool.room_type_id, sa.func.sum(NightRate.list_fen))
        .join(StockDay, StockDay.pool_id == StockPool.id)
        .join(
            NightRate,
            sa.and_(
                NightRate.room_type_id == StockPool.room_type_id, NightRate.day == StockDay.day
            ),
        )
        .where(StockDay.day >= stay.check_in, StockDay.day < stay.check_out)
        .group_by(StockPool.room_type_id)
        .having(sa.func.count() == NIGHTS, free >= 1)
    )
    # SQL is spared the listings' own rules.
    matrix.pools.min_nights[:], matrix.pools.max_nights[:] = 1, NIGHTS
    tariffs = Tariffs.of([NOTHING] * matrix.pools.count)
    plain = replace(matrix, tariffs=tariffs, limits=Limits(matrix.limits.days))
    plain.note_prices()
    pairs, kept_pairs = [], []
    with database.read() as session:
        for _ in range(rounds):
            by_sql, slow = timed(lambda: session.execute(query).all())
            found, quick = timed(lambda: plain.find(stay=stay, rooms=1, party=ALONE))
            kept, also_quick = timed(lambda: matrix.find(stay=stay, rooms=1, party=ALONE))
            sums = {room: int(fen) for room, fen in by_sql}
            insist(totals_of(found) == sums, "matrix and SQL disagree")
            pairs.append((quick, slow))
            kept_pairs.append((also_quick, slow))
        insist_on_quotes(session, totals_of(kept), stay, among=sums)
    size = f"{matrix.pools.count} pools, {NIGHTS} nights"
    for number, what, times, count in (
        ("B1", f"free with total, {size} / GROUP BY", pairs, len(sums)),
        ("B1r", "the same with tariffs and restrictions", kept_pairs, len(kept.totals_fen)),
    ):
        ours, theirs = (median(side) * 1000 for side in zip(*times, strict=True))
        ratio = median(quick / slow for quick, slow in times)
        note = f"{ours:.3f} against {theirs:.1f} ms, {count} pools free"
        yield Figure(number, what, ratio, FIND_GOAL, "below", note)


def _refresh(database: Database, matrix: Matrix, *, rounds: int, booking_seconds: float) -> Figure:
    stay, each = Stay.of(ARRIVE, NIGHTS), []
    for _ in range(max(2, rounds // 3)):
        free = matrix.find(stay=stay, rooms=1, party=COUPLE)
        rooms = free.room_type_ids[:AT_ONCE].tolist()
        for room in rooms:
            book(database, room, NIGHTS)
        while changes.sequence(database):
            pass
        with database.read() as session:
            begin = time.perf_counter()
            matrix = matrix_loading.refresh(session, matrix, today=TODAY)
            each.append((time.perf_counter() - begin) / len(rooms))
    with database.read() as session:
        anew = matrix_loading.build(session, today=TODAY)
    insist((anew.free == matrix.free).all(), "the refreshed matrix is not the one built anew")
    note = f"{median(each) * 1e6:.0f} µs a booking, {len(rooms)} at a time, read from the log"
    what = "applying one booking to the matrix / one booking"
    return Figure("B5", what, median(each) / booking_seconds, REFRESH_GOAL, "below", note)
