"""Photographs and files as the web forms bring them, without the forms; and the worker's part."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from catalog.office.evidence import documents
from catalog.office.evidence.documents import GivenFile
from catalog.office.models import Document, Photo
from catalog.office.photos import photo_intake, photo_worker
from catalog.office.photos.photo_intake import GivenPhoto
from marketplace.kernel.blobs import BlobStore
from marketplace.kernel.db import Database
from marketplace.kernel.scanner import NoScanner, Scanner
from tests.factories import NOW

MOST = 200 * 1024 * 1024


def give_photo(
    database: Database,
    blobs: BlobStore,
    content: bytes,
    *,
    alt_zh: str = "院子里的长椅",
    alt_en: str = "",
    owner_id: int = 1,
    enterprise_id: int | None = None,
    now: dt.datetime = NOW,
) -> int:
    """Give a photograph; the worker has not seen it yet. Returns its number."""
    photo_intake.look_over(content, alt_zh=alt_zh, alt_en=alt_en)
    name = blobs.put_sealed(content)
    with database.write() as session:
        photo = photo_intake.add_photo(
            session,
            GivenPhoto(
                original=name,
                size=len(content),
                alt_zh=alt_zh,
                alt_en=alt_en,
                owner_id=owner_id,
                enterprise_id=enterprise_id,
            ),
            most_bytes=MOST,
            now=now,
        )
        return photo.id


def work(database: Database, blobs: BlobStore, folder: Path, scanner: Scanner | None = None) -> int:
    """Do the worker's part with every photograph that waits."""
    tools = photo_worker.Tools(database, blobs, scanner or NoScanner(), folder / "photos.lock")
    return photo_worker.develop_waiting(tools)


def made_photo(
    database: Database,
    blobs: BlobStore,
    content: bytes,
    *,
    folder: Path,
    listing_id: int | None = None,
    position: int = 0,
    alt_zh: str = "院子里的长椅",
    alt_en: str = "",
    owner_id: int = 1,
    enterprise_id: int | None = None,
    **shows: Any,
) -> int:
    """Give a photograph and have it made; ``listing_id`` shows it at once. Returns its number.

    ``shows`` says what it shows: ``room_type_id``, ``subject`` and ``focus``.
    """
    photo_id = give_photo(
        database,
        blobs,
        content,
        alt_zh=alt_zh,
        alt_en=alt_en,
        owner_id=owner_id,
        enterprise_id=enterprise_id,
    )
    work(database, blobs, folder)
    with database.write() as session:
        session.execute(
            sa.update(Photo)
            .where(Photo.id == photo_id)
            .values(listing_id=listing_id, position=position, **shows)
        )
    return photo_id


def give_document(
    database: Database,
    blobs: BlobStore,
    content: bytes,
    *,
    name: str = "扫描件.pdf",
    owner_id: int = 1,
    enterprise_id: int | None = None,
    waits: bool = False,
    now: dt.datetime = NOW,
) -> int:
    """Give a file that proves something. Returns its number."""
    media_type = documents.look_over(content)
    blob = blobs.put_sealed(content)
    with database.write() as session:
        row: Document = documents.add_document(
            session,
            GivenFile(
                blob=blob,
                name=name,
                media_type=media_type,
                size=len(content),
                owner_id=owner_id,
                enterprise_id=enterprise_id,
            ),
            most_bytes=MOST,
            waits=waits,
            now=now,
        )
        return row.id
