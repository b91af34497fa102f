"""The reference files and the real directory, loaded."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from pathlib import Path

import pytest

from catalog.bulk.directory_loading import DATA, import_directory
from catalog.geography.reference_loading import load_reference
from catalog.office.listings import listing_removal
from marketplace.inventory import pool_setup
from marketplace.kernel.blobs import FolderBlobs
from marketplace.kernel.clock import SetClock
from marketplace.kernel.db import Database
from marketplace.staff.roles import Role
from marketplace.staff.service import NewUser, add_user
from tests.factories import NOW, make_enterprise
from tests.service.catalog.listing_office import Office


@pytest.fixture
def clock() -> SetClock:
    return SetClock(dt.datetime(2026, 6, 1, 4, 0, tzinfo=dt.UTC))


@pytest.fixture
def directory(database: Database, clock: SetClock) -> Database:
    """The database with everything that comes in ``data/``."""
    load_reference(database)
    import_directory(database, DATA / "directory-places.csv", clock=clock)
    return database


@pytest.fixture
def office(database: Database, tmp_path: Path) -> Iterator[Office]:
    with database.write() as session:
        enterprise_id = make_enterprise(session)
        users = [
            add_user(session, NewUser(login, "river-birch-stone", role, own), now=NOW).id
            for login, role, own in (
                ("front", Role.OPERATOR, enterprise_id),
                ("clerk", Role.OFFICE, None),
            )
        ]
    listing_removal.register(pool_setup.needed, pool_setup.release)
    yield Office(
        database, FolderBlobs(tmp_path / "blobs"), tmp_path, users[0], users[1], enterprise_id
    )
    listing_removal.NEEDED.clear()
    listing_removal.RELEASES.clear()
