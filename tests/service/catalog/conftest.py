"""The reference files and the real directory, loaded."""

from __future__ import annotations

import datetime as dt

import pytest

from catalog.bulk.directory_loading import DATA, import_directory
from catalog.geography.reference_loading import load_reference
from marketplace.kernel.clock import SetClock
from marketplace.kernel.db import Database


@pytest.fixture
def clock() -> SetClock:
    return SetClock(dt.datetime(2026, 6, 1, 4, 0, tzinfo=dt.UTC))


@pytest.fixture
def directory(database: Database, clock: SetClock) -> Database:
    """The database with everything that comes in ``data/``."""
    load_reference(database)
    import_directory(database, DATA / "directory-places.csv", clock=clock)
    return database
