"""The office's imports in front of a test: files given, the worker's steps, what came of them."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any

import sqlalchemy as sa

from catalog.bulk import export, import_runs, queries
from catalog.bulk.reasons import unpack
from catalog.bulk.tables import source
from catalog.effects import StepImport
from catalog.models import Enterprise, Station
from marketplace.kernel import audit, outbox
from marketplace.kernel.blobs import name_of
from marketplace.kernel.clock import SetClock
from marketplace.kernel.db import Database
from marketplace.kernel.messages import filled
from tests.support.directory_file import Row, as_csv

CLERK = audit.Actor("staff", "1")


@dataclass
class MemoryBlobs:
    kept: dict[str, bytes] = field(default_factory=dict)

    def put(self, content: bytes) -> str:
        self.kept[name_of(content)] = content
        return name_of(content)

    def get(self, name: str) -> bytes:
        return self.kept[name]

    def drop(self, name: str) -> None:
        self.kept.pop(name, None)


@dataclass
class Bureau:
    """The office's imports, with the worker at hand."""

    database: Database
    clock: SetClock
    clerk: int
    blobs: MemoryBlobs = field(default_factory=MemoryBlobs)

    def give(self, data: bytes) -> int:
        blob = self.blobs.put(data)
        with self.database.write() as session:
            return import_runs.give(
                session,
                name="places.csv",
                blob=blob,
                encoding=source.check(data),
                given_by=self.clerk,
                now=self.clock.now(),
            ).id

    def previewed(self, rows: Iterable[Row], **more: Any) -> int:
        run_id = self.give(as_csv(rows, **more))
        self.work()
        return run_id

    def decide(self, decision: Callable[..., None], run_id: int) -> None:
        with self.database.write() as session:
            decision(session, run_id=run_id, actor=CLERK, now=self.clock.now())

    def applied(self, rows: Iterable[Row], **more: Any) -> int:
        run_id = self.previewed(rows, **more)
        self.decide(import_runs.begin_apply, run_id)
        self.work()
        return run_id

    def undo(self, run_id: int) -> None:
        self.decide(import_runs.begin_undo, run_id)
        self.work()

    def step(self, *, lines: int = 200, pieces: int = 1) -> bool:
        """Deliver one owed piece of work as the worker does; tells whether there was one."""
        with self.database.write() as session:
            owed = session.scalars(
                sa.select(outbox.OutboxRow.id).where(
                    outbox.OutboxRow.topic == StepImport.topic, outbox.OutboxRow.done_at.is_(None)
                )
            ).all()
            if not owed:
                return False
            delivery = outbox.take_up(session, owed[0], now=self.clock.now())
        assert delivery is not None
        tools = import_runs.Tools(self.database, self.blobs, self.clock)
        import_runs.advance(
            tools,
            run_id=delivery.payload["run_id"],
            actor=audit.Actor(*delivery.payload["by"]),
            lines=lines,
            pieces=pieces,
        )
        with self.database.write() as session:
            outbox.settle(session, owed[0], now=self.clock.now())
        return True

    def work(self) -> None:
        while self.step(lines=1000, pieces=5):
            pass

    def run(self, run_id: int) -> queries.Run:
        with self.database.read() as session:
            return queries.run(session, run_id)

    def reasons(self, run_id: int, show: str = "refused") -> dict[str, str]:
        """Why lines were not used, or kept by an undo, by code."""
        with self.database.read() as session:
            page = queries.lines(session, run_id=run_id, show=show, page=1)
        words = {one.code: unpack(one.reason) for one in page.items}.items()
        return {code: filled(message, **params) for code, (message, params) in words}

    def entry(self, code: str) -> Enterprise:
        with self.database.read() as session:
            return session.scalars(sa.select(Enterprise).where(Enterprise.code == code)).one()

    def count(self, model: type) -> int:
        with self.database.read() as session:
            return session.scalar(sa.select(sa.func.count()).select_from(model)) or 0

    def snapshot(self) -> list[Any]:
        """The whole directory, as an export tells it, without what counts its changes."""
        passing = {"version", "updated_at"}
        with self.database.read() as session:
            found = list(export.rows(session, where=[]))
            stations = session.execute(sa.select(sa.text("*")).select_from(Station)).all()
        return [{k: v for k, v in row.items() if k not in passing} for row in found] + [
            tuple(row) for row in stations
        ]
