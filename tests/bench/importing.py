"""I1 and I2: importing 20,000 lines through the worker's functions, and the memory it takes.

The file is given as the office gives it; what is owed is delivered as the worker delivers it, piece
by piece, until the import has been read, applied and taken back.
"""

from __future__ import annotations

import resource
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

import sqlalchemy as sa

from catalog.bulk import import_runs, queries
from catalog.bulk.states import RunState
from catalog.bulk.tables import source
from catalog.geography.reference_loading import load_reference
from catalog.models import Enterprise
from marketplace import bootstrap, tasks
from marketplace.bootstrap import Services
from marketplace.kernel import audit, outbox
from marketplace.kernel.db import Database
from marketplace.settings import Environment, Settings
from marketplace.staff.roles import Role
from marketplace.staff.service import NewUser, add_user
from tests.bench.report import Figure, insist, timed
from tests.support.directory_file import as_csv, as_xlsx, lines

LINES = 20_000
GOAL_SECONDS, GOAL_MEGABYTES = 60, 64
STATM = Path("/proc/self/statm")
CLERK = audit.Actor("staff", "1")


class _Worker:
    """Delivers what is owed, and notes the most memory that the process had between two pieces."""

    def __init__(self, services: Services) -> None:
        self.services = services
        self.first = 0.0
        self.most = 0.0

    def work(self) -> None:
        """Deliver until nothing is owed."""
        while True:
            with self.services.database.read() as session:
                owed = outbox.due_ids(session, now=self.services.clock.now())
            if not owed:
                return
            for row_id in owed:
                insist(tasks.deliver(self.services, row_id=row_id), "a piece of work failed")
                now = _megabytes()
                # What the first pieces load stays loaded; only what comes on top can grow.
                self.first = self.first or now
                self.most = max(self.most, now)

    def growth(self) -> float:
        """Return by how many megabytes the process grew after the first piece."""
        return max(0.0, self.most - self.first)


def _megabytes() -> float:
    """Return what the process has in memory, or where nobody says, the most it ever had."""
    if STATM.exists():
        return int(STATM.read_text().split()[1]) * resource.getpagesize() / 2**20
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20


def importing_figures(url: sa.URL, *, count: int) -> Iterator[Figure]:
    """Measure one database; ``count`` lines are read, applied and taken back."""
    with tempfile.TemporaryDirectory(prefix="snowbird-import-") as folder:
        services = bootstrap.build(
            Settings(
                env=Environment.TEST,
                state_dir=Path(folder),
                database_url=url.render_as_string(hide_password=False),
                broker_url="",
            )
        )
        try:
            yield from _figures(services, count)
        finally:
            services.database.dispose()


def _figures(services: Services, count: int) -> Iterator[Figure]:
    load_reference(services.database)
    now = services.clock.now()
    with services.database.write() as session:
        clerk = add_user(
            session,
            NewUser(
                login="bench-clerk",
                password="river-birch-stone",
                role=Role.OFFICE,
            ),
            now=now,
        ).id
    before = _entries(services.database)
    worker = _Worker(services)
    first, reading = timed(lambda: _read(worker, as_csv(lines(count)), clerk))
    applying = timed(lambda: _decide(worker, import_runs.begin_apply, first))[1]
    insist(_entries(services.database) == before + count, "not every line was applied")
    book = as_xlsx(lines(count))
    workbook, opening = timed(lambda: _read(worker, book, clerk))
    with services.database.read() as session:
        counts = queries.run(session, workbook).counts
    insist(counts["unchanged"] == count, "the workbook is not read like the CSV")
    undoing = timed(lambda: _decide(worker, import_runs.begin_undo, first))[1]
    insist(_entries(services.database) == before, "the undo left something")
    seconds = reading + applying
    yield Figure(
        "I1",
        f"{count:,} lines read and applied, in parts of a minute",
        seconds / GOAL_SECONDS,
        1,
        "below",
        f"{seconds:.1f} s: preview {reading:.1f}, applied {applying:.1f}; "
        f"XLSX preview {opening:.1f}, undo {undoing:.1f}",
    )
    yield Figure(
        "I2",
        "memory it grew by, in parts of 64 MB",
        worker.growth() / GOAL_MEGABYTES,
        1,
        "below",
        f"{worker.growth():.0f} MB over {worker.first:.0f} MB",
    )


def _read(worker: _Worker, data: bytes, clerk: int) -> int:
    services = worker.services
    blob = services.blobs.put(data)
    with services.database.write() as session:
        run_id = import_runs.give(
            session,
            name="bench",
            blob=blob,
            encoding=source.check(data),
            given_by=clerk,
            now=services.clock.now(),
        ).id
    worker.work()
    with services.database.read() as session:
        insist(queries.run(session, run_id).state is RunState.PREVIEWED, "it was not read")
    return run_id


def _decide(worker: _Worker, decide: Callable[..., None], run_id: int) -> None:
    with worker.services.database.write() as session:
        decide(session, run_id=run_id, actor=CLERK, now=worker.services.clock.now())
    worker.work()


def _entries(database: Database) -> int:
    with database.read() as session:
        return session.scalar(sa.select(sa.func.count()).select_from(Enterprise)) or 0
