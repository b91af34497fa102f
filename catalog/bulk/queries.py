"""Imports as the office reads them."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from catalog.bulk.states import CHANGING, KEPT, RUNNING, RunState, Verdict
from catalog.office.models import ImportLine, ImportRun
from marketplace.kernel.errors import NotFound
from marketplace.kernel.pagination import Page

PAGE_SIZE = 25


@dataclass(frozen=True, slots=True)
class Run:
    """One import as a page shows it."""

    id: int
    name: str
    encoding: str
    blob: str
    """The file's name in the blob store."""
    state: RunState
    total: int
    """Lines to work on in this state; 0 while they are not counted."""
    done: int
    counts: dict[str, int]
    """Lines by verdict, and what an undo kept."""
    problem: str
    """Why the file as a whole was refused, packed; else empty."""
    given_by: int | None
    given_at: dt.datetime
    applied_at: dt.datetime | None
    undone_at: dt.datetime | None

    @property
    def running(self) -> bool:
        """Whether the worker has something to do."""
        return self.state in RUNNING

    @property
    def changes_something(self) -> bool:
        """Whether there is a line that would change the directory."""
        return bool(self.counts.get(Verdict.NEW, 0) + self.counts.get(Verdict.CHANGED, 0))


@dataclass(frozen=True, slots=True)
class LineView:
    """One line of an import as a page shows it."""

    line: int
    code: str
    verdict: Verdict
    reason: str
    """Packed; empty where there is nothing to say."""
    facts: tuple[tuple[str, Any, Any], ...]
    """Name, old value and new value of each fact that it sets."""


def _run(row: ImportRun) -> Run:
    return Run(
        **{name: getattr(row, name) for name in Run.__dataclass_fields__ if name != "state"},
        state=RunState(row.state),
    )


def runs(session: Session, *, page: int) -> Page[Run]:
    """Return one page of all imports, the newest first."""
    total = session.scalar(sa.select(sa.func.count()).select_from(ImportRun)) or 0
    number = min(max(page, 1), max(1, -(-total // PAGE_SIZE)))
    rows = session.scalars(
        sa.select(ImportRun)
        .order_by(ImportRun.id.desc())
        .limit(PAGE_SIZE)
        .offset((number - 1) * PAGE_SIZE)
    )
    return Page([_run(row) for row in rows], total, number, PAGE_SIZE)


def run(session: Session, run_id: int) -> Run:
    """Return one import; raises ``NotFound``."""
    row = session.get(ImportRun, run_id)
    if row is None:
        raise NotFound
    return _run(row)


def changing(session: Session) -> int | None:
    """Return the import that is changing the directory now, if one is."""
    return session.scalar(
        sa.select(ImportRun.id).where(ImportRun.state.in_(CHANGING)).order_by(ImportRun.id).limit(1)
    )


def lines(session: Session, *, run_id: int, show: str, page: int) -> Page[LineView]:
    """Return one page of the lines of a verdict, or with ``kept`` of what an undo left alone."""
    where = [ImportLine.run_id == run_id, *_shown(show)]
    total = session.scalar(sa.select(sa.func.count()).select_from(ImportLine).where(*where)) or 0
    number = min(max(page, 1), max(1, -(-total // PAGE_SIZE)))
    rows = session.scalars(
        sa.select(ImportLine)
        .where(*where)
        .order_by(ImportLine.line)
        .limit(PAGE_SIZE)
        .offset((number - 1) * PAGE_SIZE)
    )
    return Page([_line(row) for row in rows], total, number, PAGE_SIZE)


def _shown(show: str) -> list[sa.ColumnElement[bool]]:
    if show == KEPT:
        return [ImportLine.verdict.in_((Verdict.NEW, Verdict.CHANGED)), ImportLine.reason != ""]
    return [ImportLine.verdict == show]


def _line(row: ImportLine) -> LineView:
    before, after = row.before or {}, row.after or {}
    facts = tuple(
        (name, before.get(name, ""), value)
        for name, value in after.items()
        if row.before is not None or value not in ("", [], False)
    )
    return LineView(row.line, row.code, Verdict(row.verdict), row.reason, facts)


def refused(session: Session, *, run_id: int) -> Iterator[tuple[int, str, str]]:
    """Yield line number, code and packed reason of every refused line."""
    rows = session.execute(
        sa.select(ImportLine.line, ImportLine.code, ImportLine.reason)
        .where(ImportLine.run_id == run_id, ImportLine.verdict == Verdict.REFUSED)
        .order_by(ImportLine.line)
        .execution_options(yield_per=1000)
    )
    for row in rows:
        yield row.line, row.code, row.reason
