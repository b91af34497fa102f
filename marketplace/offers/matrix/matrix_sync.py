"""Keeps one process's matrix in step with the change log, asked at request time, once a second."""

from __future__ import annotations

import threading
import time
from pathlib import Path

from sqlalchemy.orm import Session

from marketplace.kernel.clock import Clock, shanghai_date
from marketplace.kernel.db import Database
from marketplace.offers.matrix import matrix_loading, snapshot
from marketplace.offers.matrix.matrix import Matrix

POLL_SECONDS = 1.0
WORTH_SAVING = 1_000
"""Pools from which on the days are kept on disk: fewer are read in no time."""
SAVE_AFTER = 20_000
"""Changes after which the file on disk is written anew: that many are applied in seconds."""


class Follower:
    """The matrix of this process."""

    def __init__(
        self,
        database: Database,
        clock: Clock,
        *,
        folder: Path | None = None,
        poll_seconds: float = POLL_SECONDS,
    ) -> None:
        """Follow ``database``; nothing is read before the first question.

        ``folder`` is where the days of a large matrix are kept between starts.
        """
        self._database = database
        self._clock = clock
        self._folder = folder
        self._poll_seconds = poll_seconds
        self._lock = threading.Lock()
        self._matrix: Matrix | None = None
        self._looked_at = float("-inf")
        self._saved_cursor: int | None = None

    def current(self) -> Matrix:
        """Return the matrix, at most a second behind the log."""
        with self._lock:
            if self._matrix is None or time.monotonic() - self._looked_at >= self._poll_seconds:
                today = shanghai_date(self._clock.now())
                with self._database.read() as session:
                    matrix = self._matrix or self._first(session)
                    self._matrix = matrix_loading.refresh(session, matrix, today=today)
                    self._keep(session, self._matrix)
                self._looked_at = time.monotonic()
            return self._matrix

    def _first(self, session: Session) -> Matrix:
        known = snapshot.load(self._folder, session) if self._folder else None
        if known is not None:
            self._saved_cursor = known.cursor
        return matrix_loading.build(session, today=shanghai_date(self._clock.now()), known=known)

    def _keep(self, session: Session, matrix: Matrix) -> None:
        """Write the days to disk when starting without them would take long."""
        if self._folder is None or matrix.pools.count < WORTH_SAVING:
            return
        if self._saved_cursor is None or matrix.cursor - self._saved_cursor >= SAVE_AFTER:
            snapshot.save(self._folder, session, matrix)
            self._saved_cursor = matrix.cursor
