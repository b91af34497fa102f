"""Forgets files that nothing names any more, a day after they were given or let go.

What a form brought may be named a moment later, and a backup of the files is copied after that of
the database: the day is for them. It is also how deletion ends: who deletes a row need not know
whether another row shows the same file.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from catalog.office.entries.entry_facts import PHOTO_FACT
from catalog.office.models import Document, Evidence, ImportRun, Licence, Photo, ReviewCase
from marketplace.kernel.blobs import BlobStore
from marketplace.kernel.db import Database

GRACE = dt.timedelta(days=1)


def sweep(database: Database, blobs: BlobStore, *, now: dt.datetime) -> int:
    """Forget rows and files that nothing names; returns how many files went."""
    before = now - GRACE
    for name in _drop_rows(database, before):
        blobs.mark(name)
    # What is named is read after the files were listed: a file that was given meanwhile is young.
    old = set(blobs.given_before(before))
    if not old:
        return 0
    with database.read() as session:
        old -= set(_named(session))
    return sum(blobs.drop_if_before(name, before) for name in old)


def _drop_rows(database: Database, before: dt.datetime) -> list[str]:
    """Delete what was given before then and stands in no case, entry or listing; returns blobs.

    What nothing names after a day is named by nothing again: a form only brings new files.
    """
    with database.read() as session:
        documents = session.scalars(
            sa.select(Document)
            .where(Document.given_at < before)
            .where(~sa.exists().where(Evidence.document_id == Document.id))
            .where(~sa.exists().where(Licence.document_id == Document.id))
        ).all()
        photos = session.scalars(
            sa.select(Photo).where(Photo.given_at < before, Photo.listing_id.is_(None))
        ).all()
        if not documents and not photos:
            return []
        said_documents, said_photos = _said(session)
        gone: list[Document | Photo] = [row for row in documents if row.id not in said_documents]
        gone += [row for row in photos if row.id not in said_photos]
        names = [name for row in gone for name in _blobs(row)]
    with database.write() as session:
        for row in gone:
            session.delete(row)
    return names


def _said(session: Session) -> tuple[set[int], set[int]]:
    """Return the files and photographs that cases and the directory's entries name."""
    documents: set[int] = set()
    photos = {
        int(fact.removeprefix(PHOTO_FACT))
        for fact in session.scalars(
            sa.select(Evidence.fact).where(Evidence.fact.startswith(PHOTO_FACT, autoescape=True))
        )
    }
    rows = session.execute(sa.select(ReviewCase.document, ReviewCase.base)).yield_per(500)
    for row in rows:
        for said in row:
            documents.update(key for key in _values(said, "document_id") if key is not None)
            photos.update(photo["id"] for photo in said.get("photos") or [])
    return documents, photos


def _values(said: Any, name: str) -> Iterator[Any]:
    """Yield what stands under ``name`` anywhere in a case's document."""
    if isinstance(said, dict):
        if name in said:
            yield said[name]
        for part in said.values():
            yield from _values(part, name)
    elif isinstance(said, list):
        for part in said:
            yield from _values(part, name)


def _named(session: Session) -> Iterator[str]:
    yield from session.scalars(sa.select(Document.blob))
    yield from session.scalars(sa.select(ImportRun.blob))
    for photo in session.execute(sa.select(Photo.original, Photo.sizes)).yield_per(500):
        yield from _names(photo.original, photo.sizes)


def _blobs(row: Document | Photo) -> Iterator[str]:
    if isinstance(row, Document):
        yield row.blob
    else:
        yield from _names(row.original, row.sizes)


def _names(original: str | None, sizes: dict[str, dict[str, str]]) -> Iterator[str]:
    if original is not None:
        yield original
    for files in sizes.values():
        yield from files.values()
