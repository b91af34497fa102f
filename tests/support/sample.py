"""What tests of the sample share: its clock, the directory it stands on, rows counted."""

from __future__ import annotations

import datetime as dt

import sqlalchemy as sa

from catalog.bulk.directory_loading import DATA, import_directory
from catalog.geography.reference_loading import load_reference
from marketplace.kernel.clock import SetClock
from marketplace.kernel.db import Database

NOW = dt.datetime(2026, 6, 1, 4, 0, tzinfo=dt.UTC)


def with_directory(database: Database, clock: SetClock) -> Database:
    """Load what the sample stands on: reference figures, stations, enterprises."""
    load_reference(database)
    import_directory(database, DATA / "directory-places.csv", clock=clock)
    return database


def count(database: Database, model: type, *where: sa.ColumnElement[bool]) -> int:
    """How many rows there are."""
    with database.read() as session:
        return session.scalar(sa.select(sa.func.count()).select_from(model).where(*where)) or 0
