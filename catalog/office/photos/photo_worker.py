"""The worker's part of a photograph: one at a time, the oldest first, as often as it takes."""

from __future__ import annotations

import fcntl
import os
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import sqlalchemy as sa

from catalog.office.models import Photo
from catalog.office.photos import photo_encoding
from catalog.office.photos.photo_problems import PhotoRefused
from catalog.states import PhotoProblem, PhotoState
from marketplace.kernel.blobs import BlobStore
from marketplace.kernel.db import Database
from marketplace.kernel.errors import NotFound
from marketplace.kernel.scanner import Scanner

SECONDS_AT_ONCE = 12.0
"""After so long a task leaves the rest to the next one: the worker ends those of 30 seconds."""
MOST_TRIES = 3
"""A photograph that ended the worker so often is not tried again."""


@dataclass(frozen=True, slots=True)
class Tools:
    """What the work needs."""

    database: Database
    blobs: BlobStore
    scanner: Scanner
    alone: Path
    """The file that one process of this machine locks while it works."""


def develop_waiting(tools: Tools, *, monotonic: Callable[[], float] = time.monotonic) -> int:
    """Make the photographs that wait; returns how many were made or refused.

    Does nothing while another process of this machine is at it, which then makes them all.

    Raises:
        ScannerDown: those that are left go on waiting.
    """
    done, ends = 0, monotonic() + SECONDS_AT_ONCE
    with _alone(tools.alone) as mine:
        while mine and monotonic() < ends and (taken := _next(tools)) is not None:
            photo_id, original, tries = taken
            _develop(tools, photo_id, original, tries)
            done += 1
    return done


@contextmanager
def _alone(path: Path) -> Iterator[bool]:
    descriptor = os.open(path, os.O_CREAT | os.O_RDWR, 0o600)
    try:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            mine = True
        except BlockingIOError:
            mine = False
        yield mine
    finally:
        os.close(descriptor)


def _next(tools: Tools) -> tuple[int, str, int] | None:
    with tools.database.read() as session:
        row = session.execute(
            sa.select(Photo.id, Photo.original, Photo.tries)
            .where(Photo.state == PhotoState.WAITING)
            .order_by(Photo.id)
            .limit(1)
        ).one_or_none()
    return (row.id, row.original or "", row.tries) if row is not None else None


def _develop(tools: Tools, photo_id: int, original: str, tries: int) -> None:
    try:
        content = tools.blobs.get(original)
    except NotFound:
        _fail(tools, photo_id, PhotoProblem.LOST)
        return
    if not tools.scanner.is_clean(content):
        _fail(tools, photo_id, PhotoProblem.HARMFUL)
    elif tries >= MOST_TRIES:
        _fail(tools, photo_id, PhotoProblem.SPOILT)
    else:
        # Counted before the work, which may be the end of this process.
        _set(tools, photo_id, tries=tries + 1)
        try:
            made = photo_encoding.encode(content)
        except PhotoRefused as refused:
            _fail(tools, photo_id, refused.problem)
        else:
            _keep(tools, photo_id, made)
    tools.blobs.drop(original)


def _keep(tools: Tools, photo_id: int, made: photo_encoding.Encoded) -> None:
    sizes = {
        str(width): {kind: tools.blobs.put(data) for kind, data in files.items()}
        for width, files in made.files.items()
    }
    size = sum(len(data) for files in made.files.values() for data in files.values())
    _set(
        tools,
        photo_id,
        state=PhotoState.READY,
        original=None,
        size=size,
        sizes=sizes,
        width=made.width,
        height=made.height,
    )


def _fail(tools: Tools, photo_id: int, problem: PhotoProblem) -> None:
    _set(tools, photo_id, state=PhotoState.FAILED, original=None, size=0, problem=problem)


def _set(tools: Tools, photo_id: int, **values: object) -> None:
    """Set what became of a photograph that still waits."""
    with tools.database.write() as session:
        session.execute(
            sa.update(Photo)
            .where(Photo.id == photo_id, Photo.state == PhotoState.WAITING)
            .values(**values)
        )
