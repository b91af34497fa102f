"""Many clients at once, and what became of each."""

from __future__ import annotations

import datetime as dt
import threading
from collections import Counter
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor

import sqlalchemy as sa

from marketplace.inventory.models import ClaimKind, StockDay
from marketplace.inventory.service import Want, take
from marketplace.kernel.db import Database
from marketplace.kernel.errors import DomainError
from marketplace.kernel.ids import RandomIds
from marketplace.operations import invariants
from tests.factories import NOW, make_enterprise, make_listing, make_room

IDS = RandomIds()
Client = Callable[[], object]


def rush(clients: Sequence[Client]) -> Counter[str]:
    """Start every client at the same moment; counts ``ok`` and the codes of refusals.

    Anything but success or a refusal in our own words, a deadlock or a locked database, is raised.
    """
    start = threading.Barrier(len(clients))

    def run(client: Client) -> str:
        start.wait(timeout=60)
        try:
            client()
        except DomainError as error:
            return error.code
        return "ok"

    with ThreadPoolExecutor(len(clients)) as pool:
        return Counter(pool.map(run, clients))


def taking(database: Database, *wants: Want) -> Client:
    """A client that wants these pool-days, all or nothing."""

    def run() -> None:
        with database.write() as session:
            take(session, wants=wants, kind=ClaimKind.BLOCK, holder=IDS.new_id(), now=NOW)

    return run


def make_rooms(database: Database, *, capacities: Sequence[int], days: int = 120) -> list[int]:
    """Put one room type for each capacity on sale; returns their pool ids."""
    with database.write() as session:
        listing = make_listing(session, enterprise_id=make_enterprise(session))
        return [
            make_room(session, listing_id=listing, capacity=units, days=days).pool_id
            for units in capacities
        ]


def free_everything(database: Database) -> None:
    """Make all stock free again between rounds."""
    with database.write() as session:
        session.execute(sa.text("DELETE FROM stock_claim"))
        session.execute(sa.update(StockDay).values(taken=0))


def taken(database: Database, pool_id: int) -> dict[dt.date, int]:
    """Return how many units are taken on each day of a pool that has any."""
    with database.read() as session:
        rows = session.execute(
            sa.select(StockDay.day, StockDay.taken).where(
                StockDay.pool_id == pool_id, StockDay.taken > 0
            )
        )
        return {row.day: row.taken for row in rows}


def faults(database: Database) -> list[str]:
    """Return what the invariants say about stock."""
    report = invariants.check(database, now=NOW)
    names = ("sold_within_capacity", "taken_equals_live_claims")
    return [fault for name in names for fault in report.faults[name]]
