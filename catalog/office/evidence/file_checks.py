"""The worker's part of a file that proves something: it is found harmless, or not kept."""

from __future__ import annotations

from dataclasses import dataclass

import sqlalchemy as sa

from catalog.office.models import Document, Photo
from catalog.states import FileState
from marketplace.kernel.blobs import BlobStore
from marketplace.kernel.crypto import NO_KEY_OPENS
from marketplace.kernel.db import Database
from marketplace.kernel.errors import NotFound
from marketplace.kernel.scanner import Scanner

MOST_AT_ONCE = 50


@dataclass(frozen=True, slots=True)
class Resealed:
    """What came of encrypting files anew."""

    files: int
    """How many were written."""
    unreadable: int
    """How many no key opens; they stay as they are."""


def check_waiting(database: Database, blobs: BlobStore, scanner: Scanner) -> int:
    """Look at the files that wait, the oldest first; returns how many were decided.

    Raises:
        ScannerDown: those that are left go on waiting.
    """
    with database.read() as session:
        rows = session.execute(
            sa.select(Document.id, Document.blob)
            .where(Document.state == FileState.WAITING)
            .order_by(Document.id)
            .limit(MOST_AT_ONCE)
        ).all()
    for row in rows:
        try:
            clean = scanner.is_clean(blobs.get(row.blob))
        except NotFound:
            # A restored backup may be ahead of its files; asked for, this one is not there.
            clean = True
        with database.write() as session:
            session.execute(
                sa.update(Document)
                .where(Document.id == row.id, Document.state == FileState.WAITING)
                .values(
                    {Document.state: FileState.CLEAN}
                    if clean
                    else {Document.state: FileState.HARMFUL, Document.size: 0}
                )
            )
        if not clean:
            blobs.drop(row.blob)
    return len(rows)


def reseal(database: Database, blobs: BlobStore) -> Resealed:
    """Encrypt with the newest key what is plain or under an older one.

    Each file may be done twice, and is readable all the while. One that no key opens is counted
    and does not keep the others waiting.
    """
    with database.read() as session:
        names = [
            *session.scalars(sa.select(Document.blob).where(Document.state != FileState.HARMFUL)),
            *session.scalars(sa.select(Photo.original).where(Photo.original.is_not(None))),
        ]
    done, unreadable = 0, 0
    for name in names:
        if name is None:
            continue
        try:
            done += blobs.reseal(name)
        except NO_KEY_OPENS:
            unreadable += 1
    return Resealed(done, unreadable)
