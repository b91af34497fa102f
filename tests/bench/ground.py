"""Where the figures are measured: a fresh database of each kind, every safety left on."""

from __future__ import annotations

import datetime as dt
import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import sqlalchemy as sa

from marketplace import tables
from marketplace.booking.contract.buyers import WebBuyer
from marketplace.booking.contract.placement import PlaceBooking, place
from marketplace.booking.contract.room_choices import RoomChoice
from marketplace.booking.models import Booking
from marketplace.kernel import audit
from marketplace.kernel.audit import TRAVELLER
from marketplace.kernel.crypto import install
from marketplace.kernel.db import Database
from marketplace.kernel.ids import RandomIds
from marketplace.kernel.stay import Stay
from marketplace.operations import invariants
from marketplace.operations.schema import upgrade
from marketplace.pricing.nights.selection import COUPLE, StaySelection
from tests.bench.report import insist
from tests.factories import NOW, TODAY, Room, make_enterprise, make_listing, make_room
from tests.support.database import KEYRING
from tests.support.postgres import fresh_database, server_url

ARRIVE = TODAY + dt.timedelta(days=10)
PLENTY = 30_000
"""Capacity of a night that never sells out: the figures are about selling, not about refusing."""
SAFE_SETTINGS = {"max_connections": "100"}
"""Nothing is switched off: a commit is on the disk before the buyer hears of it."""
IDS = RandomIds()
METADATA = tables.metadata
"""Every table, which also makes every model known to a process that only books."""


@contextmanager
def databases(kinds: list[str]) -> Iterator[dict[str, sa.URL]]:
    """Give the address of an empty, migrated database of each kind asked for.

    PostgreSQL comes from ``BENCH_DATABASE_URL`` or ``TEST_DATABASE_URL``, or else from a server of
    our own; what is made there is dropped afterwards.
    """
    with tempfile.TemporaryDirectory(prefix="snowbird-bench-") as folder:
        found: dict[str, sa.URL] = {}
        if "sqlite" in kinds:
            found["sqlite"] = sa.make_url(f"sqlite:///{folder}/bench.sqlite3")
            upgrade(found["sqlite"])
        if "postgresql" not in kinds:
            yield found
            return
        with _postgres(Path(folder)) as found["postgresql"]:
            upgrade(found["postgresql"])
            yield found


@contextmanager
def _postgres(folder: Path) -> Iterator[sa.URL]:
    given = os.environ.get("BENCH_DATABASE_URL") or os.environ.get("TEST_DATABASE_URL")
    if given:
        with fresh_database(sa.make_url(given)) as url:
            yield url
        return
    with (
        server_url(folder, settings=SAFE_SETTINGS) as server,
        fresh_database(server) as url,
    ):
        yield url


def open_database(url: sa.URL) -> Database:
    """Return the database with the keys of the tests installed."""
    install(KEYRING)
    return Database(url)


def make_rooms(database: Database, count: int) -> list[Room]:
    """Put ``count`` room types of as many operators on sale, with rooms for everybody."""
    with database.write() as session:
        return [
            make_room(
                session,
                listing_id=make_listing(session, enterprise_id=make_enterprise(session)),
                capacity=PLENTY,
            )
            for _ in range(count)
        ]


def book(database: Database, room_type_id: int, nights: int) -> Booking:
    """Book as a web buyer does, each time somebody else from somewhere else."""
    who = IDS.new_id()
    command = PlaceBooking(
        rooms=(
            RoomChoice(StaySelection(room_type_id, Stay.of(ARRIVE, nights), rooms=1, party=COUPLE)),
        ),
        buyer=WebBuyer(
            lead_name="王秀英",
            phone=who,
            address=who,
            consent_version="1",
            consent_recipient="示例森林小屋",
        ),
    )
    with database.write() as session:
        return place(
            session, command=command, commission_bp=1000, actor=TRAVELLER, ids=IDS, now=NOW
        )


def insist_on_invariants(database: Database) -> None:
    """Recompute every invariant from the rows, and insist that nothing is broken."""
    sealed = 1
    while sealed:  # no sweep runs beside a benchmark
        with database.write() as session:
            sealed = audit.seal(session)
    report = invariants.check(database, now=NOW)
    insist(report.clean, f"the invariants are broken: {report.faults}")
