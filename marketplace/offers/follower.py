"""Keeps one process's matrix in step with the change log, asked at request time, once a second."""

from __future__ import annotations

import threading
import time

from marketplace.kernel.clock import Clock, shanghai_date
from marketplace.kernel.db import Database
from marketplace.offers import matrix as matrices
from marketplace.offers.matrix import Matrix

POLL_SECONDS = 1.0


class Follower:
    """The matrix of this process."""

    def __init__(
        self, database: Database, clock: Clock, *, poll_seconds: float = POLL_SECONDS
    ) -> None:
        """Follow ``database``; nothing is read before the first question."""
        self._database = database
        self._clock = clock
        self._poll_seconds = poll_seconds
        self._lock = threading.Lock()
        self._matrix: Matrix | None = None
        self._looked_at = float("-inf")

    def current(self) -> Matrix:
        """Return the matrix, at most a second behind the log."""
        with self._lock:
            if self._matrix is None or time.monotonic() - self._looked_at >= self._poll_seconds:
                today = shanghai_date(self._clock.now())
                with self._database.read() as session:
                    if self._matrix is None:
                        self._matrix = matrices.build(session, today=today)
                    else:
                        self._matrix = matrices.refresh(session, self._matrix, today=today)
                self._looked_at = time.monotonic()
            return self._matrix
