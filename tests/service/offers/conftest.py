"""The whole sample, loaded."""

from __future__ import annotations

from pathlib import Path

import pytest

from catalog.bulk.directory_loading import import_directory
from catalog.geography.reference_loading import load_reference
from marketplace.kernel import changes
from marketplace.kernel.clock import SetClock
from marketplace.kernel.db import Database
from marketplace.sample import load_sample
from tests.factories import NOW

DATA = Path(__file__).resolve().parents[3] / "data"


@pytest.fixture
def sample(database: Database) -> Database:
    """The directory and the sample, with every change numbered."""
    clock = SetClock(NOW)
    load_reference(database)
    import_directory(database, DATA / "directory-places.csv", clock=clock)
    load_sample(database, clock=clock)
    while changes.sequence(database):
        pass
    return database
