"""An import from the file to its undo: states, decisions, and the work done piece by piece.

The worker and the command line run the same pieces. Each piece is a transaction that locks the run
first and looks in the database how far it is, so that it may be tried again after any crash, and
two workers never do the same lines.
"""

from __future__ import annotations

import datetime as dt
import time
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import islice

import sqlalchemy as sa
from sqlalchemy.orm import Session

from catalog.bulk import application
from catalog.bulk.diff import Ground, ground, judge
from catalog.bulk.reasons import FileRefused
from catalog.bulk.states import (
    CHANGING,
    KEPT,
    RUNNING,
    ImportUnderWay,
    RunState,
    Verdict,
    check_run,
)
from catalog.bulk.tables import source
from catalog.bulk.tables.encodings import AMBIGUOUS
from catalog.effects import StepImport
from catalog.office.models import ImportLine, ImportRun
from marketplace.kernel import audit, outbox
from marketplace.kernel.blobs import BlobReader
from marketplace.kernel.clock import Clock
from marketplace.kernel.db import Database, lock_word, table_of
from marketplace.kernel.errors import NotFound

LINES_AT_ONCE = 1_000
"""Lines of one transaction."""
PIECES_AT_ONCE = 20
SECONDS_AT_ONCE = 12.0
"""After so many transactions, or so long, a task leaves the rest to the next one: the worker ends
those that take 30 seconds."""
LONGEST_NAME = 120


@dataclass(frozen=True, slots=True)
class Tools:
    """What the work needs; ``owes`` tells whether the worker shall go on with it."""

    database: Database
    blobs: BlobReader
    clock: Clock
    owes: bool = True


def give(
    session: Session,
    *,
    name: str,
    blob: str,
    encoding: str,
    given_by: int | None,
    now: dt.datetime,
    owes: bool = True,
) -> ImportRun:
    """Take a file that ``source.check`` let pass, and owe its reading, if it is clear how.

    A form sent twice, the same file by the same person while it is being read, leads to the same
    import.
    """
    if given_by is not None:
        lock_word(session, f"import.give:{given_by}")
        standing = session.scalars(
            sa.select(ImportRun)
            .where(
                ImportRun.blob == blob,
                ImportRun.given_by == given_by,
                ImportRun.state.in_((RunState.ASKING, RunState.READING)),
            )
            .limit(1)
        ).one_or_none()
        if standing is not None:
            return standing
    run = ImportRun(
        name=name[:LONGEST_NAME],
        blob=blob,
        encoding=encoding,
        state=RunState.ASKING if encoding == AMBIGUOUS else RunState.READING,
        counts={},
        given_by=given_by,
        given_at=now,
    )
    session.add(run)
    session.flush()
    if owes and run.state == RunState.READING:
        _owe(session, run, actor=audit.SYSTEM, now=now)
    return run


def tell_encoding(session: Session, *, run_id: int, encoding: str, now: dt.datetime) -> None:
    """Read a file that may be read in two ways as somebody has said, and owe that.

    Raises:
        NotFound: there is no such import. WrongRunState: it does not ask for this.
    """
    run = _locked(session, run_id)
    check_run(RunState(run.state), RunState.READING)
    run.state, run.encoding = RunState.READING, encoding
    session.flush()
    _owe(session, run, actor=audit.SYSTEM, now=now)


def begin_apply(
    session: Session,
    *,
    run_id: int,
    actor: audit.Actor,
    now: dt.datetime,
    due_at: dt.datetime | None = None,
) -> None:
    """Decide that a previewed import shall change the directory, and owe the work.

    Raises:
        NotFound: there is no such import. WrongRunState: it is not waiting for this.
        ImportUnderWay: another one is changing the directory.
    """
    run = _begin(session, run_id, RunState.APPLYING)
    run.total = run.counts[Verdict.NEW] + run.counts[Verdict.CHANGED]
    _owe(session, run, actor=actor, now=now, due_at=due_at)


def begin_undo(session: Session, *, run_id: int, actor: audit.Actor, now: dt.datetime) -> None:
    """Decide that an applied import shall be taken back, and owe the work.

    Raises:
        NotFound: there is no such import. WrongRunState: it is not applied.
        ImportUnderWay: another one is changing the directory.
    """
    run = _begin(session, run_id, RunState.UNDOING)
    run.total = run.counts[Verdict.NEW] + run.counts[Verdict.CHANGED]
    _owe(session, run, actor=actor, now=now)


def drop(session: Session, *, run_id: int) -> None:
    """Give up an import that has changed nothing yet; its lines are forgotten.

    Raises:
        NotFound: there is no such import. WrongRunState: it is not waiting for a decision.
    """
    run = _locked(session, run_id)
    check_run(RunState(run.state), RunState.DROPPED)
    run.state = RunState.DROPPED
    session.execute(sa.delete(ImportLine).where(ImportLine.run_id == run_id))


def _begin(session: Session, run_id: int, then: RunState) -> ImportRun:
    lock_word(session, "import.change")
    run = _locked(session, run_id)
    check_run(RunState(run.state), then)
    other = session.scalar(
        sa.select(ImportRun.id)
        .where(ImportRun.state.in_(CHANGING), ImportRun.id != run_id)
        .limit(1)
    )
    if other is not None:
        raise ImportUnderWay(extra={"run": other})
    run.state, run.done = then, 0
    session.flush()
    application.reopen(session, run_id)
    return run


def _locked(session: Session, run_id: int) -> ImportRun:
    run = session.scalars(
        sa.select(ImportRun)
        .where(ImportRun.id == run_id)
        .with_for_update()
        .execution_options(populate_existing=True)
    ).one_or_none()
    if run is None:
        raise NotFound
    return run


def key_of(run: ImportRun) -> str:
    """Return the outbox key of the next piece of work on a run."""
    return f"import:{run.id}:{run.state}:{run.done}"


def _owe(
    session: Session,
    run: ImportRun,
    *,
    actor: audit.Actor,
    now: dt.datetime,
    due_at: dt.datetime | None = None,
) -> None:
    step = StepImport(run.id, by=(actor.kind, actor.id), key=key_of(run))
    outbox.owe(session, step, now=now, due_at=due_at)


# ------------------------------------------------------------------ the work


def advance(
    tools: Tools,
    *,
    run_id: int,
    actor: audit.Actor,
    lines: int = LINES_AT_ONCE,
    pieces: int = PIECES_AT_ONCE,
) -> bool:
    """Do the next pieces of a run's work; tells whether there is more to do.

    Safe to call at any time, from several processes: a run that waits for nothing is left alone.
    """
    with tools.database.read() as session:
        run = session.get(ImportRun, run_id)
        state = RunState(run.state) if run is not None else RunState.DROPPED
    if state is RunState.READING:
        return _Reading(tools, run_id).go_on(lines=lines, pieces=pieces)
    for last in _pieces(pieces):
        if state not in RUNNING:
            return False
        with tools.database.write() as session:
            state = _change(
                session,
                run_id,
                lines=lines,
                actor=actor,
                now=tools.clock.now(),
                owes=tools.owes and last,
            )
    return state in RUNNING


def _pieces(most: int) -> Iterator[bool]:
    """Yield for each piece of a task whether it is the last one."""
    began = time.monotonic()
    for number in range(1, most + 1):
        last = number == most or time.monotonic() - began > SECONDS_AT_ONCE
        yield last
        if last:
            return


def _change(
    session: Session,
    run_id: int,
    *,
    lines: int,
    actor: audit.Actor,
    now: dt.datetime,
    owes: bool,
) -> RunState:
    """Apply or take back the next lines; returns where the run stands then."""
    run = _locked(session, run_id)
    state = RunState(run.state)
    if state not in CHANGING:
        return state
    forth = state is RunState.APPLYING
    chosen = application.open_lines(session, run_id, limit=lines, stations_first=forth)
    do = application.apply_lines if forth else application.undo_lines
    moves = do(session, chosen, now=now)
    counts = Counter(run.counts)
    counts.update(moves)
    run.counts = dict(counts)
    run.done += len(chosen)
    if len(chosen) < lines:
        _finish(session, run, actor=actor, now=now)
    elif owes:
        _owe(session, run, actor=actor, now=now)
    return RunState(run.state)


def _finish(session: Session, run: ImportRun, *, actor: audit.Actor, now: dt.datetime) -> None:
    counts = run.counts
    touched = counts[Verdict.NEW] + counts[Verdict.CHANGED]
    if run.state == RunState.APPLYING:
        run.state, run.applied_at = RunState.APPLIED, now
        action = "import.applied"
        detail = {verdict.value: counts[verdict] for verdict in Verdict}
    else:
        run.state, run.undone_at = RunState.UNDONE, now
        kept = counts.get(KEPT, 0)
        action = "import.undone"
        detail = {"taken_back": touched - kept, KEPT: kept}
    session.flush()
    audit.note(session, actor=actor, action=action, subject=("import", run.id), now=now, **detail)


class _Reading:
    """Reads the file of a run from where it was left, and judges its lines."""

    def __init__(self, tools: Tools, run_id: int) -> None:
        self._tools = tools
        self._run_id = run_id
        with tools.database.read() as session:
            run = session.get_one(ImportRun, run_id)
            self._ground: Ground = ground(session)
        self._done = run.done
        self._blob, self._encoding = run.blob, run.encoding

    def go_on(self, *, lines: int, pieces: int) -> bool:
        """Read the next lines; tells whether there are more."""
        try:
            stream = source.read(self._tools.blobs.get(self._blob), self._encoding)
            # Those that are in the database already.
            for _line in islice(stream, self._done):
                pass
            for last in _pieces(pieces):
                if not self._piece(stream, lines, owes=self._tools.owes and last):
                    return False
        except (FileRefused, NotFound) as error:
            refused = error if isinstance(error, FileRefused) else FileRefused("broken", line=1)
            self._write(lambda _session, run: self._refuse(_session, run, refused))
            return False
        return True

    def _piece(self, stream: Iterator[source.Line], lines: int, *, owes: bool) -> bool:
        chunk = list(islice(stream, lines))

        def keep(session: Session, run: ImportRun) -> None:
            rows = judge(session, run_id=run.id, lines=chunk, against=self._ground)
            if rows:
                session.execute(sa.insert(table_of(ImportLine)), rows)
            counts = Counter({verdict.value: 0 for verdict in Verdict})
            counts.update(run.counts)
            counts.update(row["verdict"] for row in rows)
            run.counts = dict(counts)
            run.done = self._done = run.done + len(rows)
            if len(chunk) < lines:
                run.state, run.total = RunState.PREVIEWED, run.done
            elif owes:
                _owe(session, run, actor=audit.SYSTEM, now=self._tools.clock.now())

        return self._write(keep) and len(chunk) == lines

    def _refuse(self, session: Session, run: ImportRun, error: FileRefused) -> None:
        session.execute(sa.delete(ImportLine).where(ImportLine.run_id == run.id))
        run.state, run.problem, run.counts = RunState.REFUSED, error.packed, {}

    def _write(self, change: Callable[[Session, ImportRun], None]) -> bool:
        """Run ``change`` on the locked run, unless somebody else has gone on with it meanwhile."""
        with self._tools.database.write() as session:
            run = _locked(session, self._run_id)
            if run.state != RunState.READING or run.done != self._done:
                return False
            change(session, run)
        return True
