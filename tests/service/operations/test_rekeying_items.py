"""Keys that are written anew reach what is encrypted in a table whose rows have two keys."""

from __future__ import annotations

from pathlib import Path

import sqlalchemy as sa

from marketplace.booking.items import BookingItem
from marketplace.kernel import crypto, key_prints, keyring
from marketplace.kernel.blobs import FolderBlobs
from marketplace.kernel.db import Database
from marketplace.operations import rekeying
from tests.support.booking import make_desk


def test_who_sleeps_where_is_written_anew(database: Database, tmp_path: Path) -> None:
    desk, path = make_desk(database), tmp_path / "keys.json"
    now = desk.clock.now()
    crypto.install(key_prints.prove(database, path, now=now), path)
    desk.hold()
    with database.write() as session:
        session.execute(sa.update(BookingItem).values(sleepers="爷爷奶奶"))
    rekeying.rotate(database, path, purposes=keyring.PURPOSES, now=now)
    rekeying.rewrap(database, path, FolderBlobs(tmp_path / "blobs"), now=now)
    column = sa.type_coerce(BookingItem.sleepers, sa.Text)
    with database.read() as session:
        stored = str(session.scalar(sa.select(column)))
        assert session.scalar(sa.select(BookingItem.sleepers)) == "爷爷奶奶"
    assert (stored.startswith("v2:"), "爷爷" in stored) == (True, False)
