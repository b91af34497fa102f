"""Loading a directory file by command: the office's import without its preview."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import sqlalchemy as sa

from catalog.bulk import import_runs
from catalog.bulk.diff import station_points
from catalog.bulk.reasons import MOST_BYTES, FileRefused, unpack
from catalog.bulk.states import Verdict
from catalog.bulk.tables import source
from catalog.office.models import ImportLine, ImportRun
from marketplace.kernel import audit
from marketplace.kernel.blobs import name_of
from marketplace.kernel.clock import Clock
from marketplace.kernel.db import Database
from marketplace.kernel.errors import NotFound
from marketplace.kernel.messages import filled
from marketplace.kernel.outbox import OutboxRow

__all__ = ["DATA", "ImportReport", "Progress", "import_directory", "no_progress", "station_points"]

DATA = Path(__file__).resolve().parents[2] / "data"
"""The files that come with the product."""
PATIENCE = dt.timedelta(minutes=2)
"""After this time the worker takes over what a command has begun."""

Progress = Callable[[int, int], None]
"""Told after each piece of work how much is done, and of how much."""


def no_progress(done: int, total: int) -> None:
    """Show nothing."""


@dataclass(frozen=True, slots=True)
class ImportReport:
    """What an import did, in lines of the file."""

    created: int
    updated: int
    unchanged: int
    refused: tuple[tuple[int, str], ...]
    """Line number and reason, in Chinese, of every line left out."""


class _OneFile:
    """Holds the file of a command, and nothing else."""

    def __init__(self, content: bytes) -> None:
        self._content = content

    def get(self, name: str) -> bytes:
        """Return the file; raises ``NotFound`` for another."""
        if name != name_of(self._content):
            raise NotFound
        return self._content


def import_directory(
    database: Database,
    path: Path,
    *,
    clock: Clock,
    said: str = "",
    actor: audit.Actor = audit.SYSTEM,
    progress: Progress = no_progress,
) -> ImportReport:
    """Load a directory file; lines that cannot be used are reported, and all others load.

    What the office has decided (suspended, claimed) is never touched. An import that changes
    something stands in the office's list and can be taken back there. Killed while it changes the
    directory, it is gone on with by the worker. ``said`` names the encoding of a CSV,
    ``actor`` who the trail says gave it.

    Raises:
        FileRefused: the file as a whole is no directory file.
        ImportUnderWay: another import is changing the directory.
    """
    with path.open("rb") as file:
        data = file.read(MOST_BYTES + 1)
    encoding = source.certain_encoding(data, said)
    tools = import_runs.Tools(database, _OneFile(data), clock, owes=False)
    with database.write() as session:
        run_id = import_runs.give(
            session,
            name=path.name,
            blob=name_of(data),
            encoding=encoding,
            given_by=None,
            now=clock.now(),
            owes=False,
        ).id
    _work(tools, run_id, actor, progress)
    with database.write() as session:
        run = session.get_one(ImportRun, run_id)
        if run.problem:
            raise FileRefused.of(run.problem)
        if not any(run.counts[verdict] for verdict in Verdict if verdict is not Verdict.UNCHANGED):
            # As at every start: nothing to do, and nothing to take back in the office's list.
            session.execute(sa.delete(ImportLine).where(ImportLine.run_id == run_id))
            session.delete(run)
            return ImportReport(0, 0, run.counts[Verdict.UNCHANGED], ())
        due_at = clock.now() + PATIENCE
        import_runs.begin_apply(session, run_id=run_id, actor=actor, now=clock.now(), due_at=due_at)
        owed = import_runs.key_of(run)
    _work(tools, run_id, actor, progress)
    with database.write() as session:
        session.execute(sa.delete(OutboxRow).where(OutboxRow.key == owed))
    return _report(database, run_id)


def _work(tools: import_runs.Tools, run_id: int, actor: audit.Actor, progress: Progress) -> None:
    more = True
    while more:
        more = import_runs.advance(tools, run_id=run_id, actor=actor, pieces=1)
        with tools.database.read() as session:
            run = session.get_one(ImportRun, run_id)
        progress(run.done, run.total or run.done)


def _report(database: Database, run_id: int) -> ImportReport:
    with database.read() as session:
        counts = session.get_one(ImportRun, run_id).counts
        refused = session.execute(
            sa.select(ImportLine.line, ImportLine.reason)
            .where(ImportLine.run_id == run_id, ImportLine.verdict == Verdict.REFUSED)
            .order_by(ImportLine.line)
        ).all()
    return ImportReport(
        counts[Verdict.NEW],
        counts[Verdict.CHANGED],
        counts[Verdict.UNCHANGED],
        tuple((row.line, _words(row.reason)) for row in refused),
    )


def _words(packed: str) -> str:
    message, params = unpack(packed)
    return filled(message, **params)
