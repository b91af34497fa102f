"""Doing what the preview said, and taking it back: some lines at a time, each line once."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Collection, Sequence

import sqlalchemy as sa
from sqlalchemy.orm import Session

from catalog.bulk import fact_writer, flat_facts
from catalog.bulk.diff import check_open, credit_holders, ground
from catalog.bulk.reasons import RowError, pack
from catalog.bulk.states import KEPT, Verdict
from catalog.models import Site
from catalog.office.models import Evidence, ImportLine
from marketplace.kernel.db import Base

DONE_BY_IMPORT = (Verdict.NEW, Verdict.CHANGED)
OWN = {"site", "enterprise_cluster", "enterprise_grade"}
"""Tables whose rows an import makes with the entry, and an undo removes with it."""


def reopen(session: Session, run_id: int) -> None:
    """Leave to the state that begins all lines that change something, and no others."""
    session.execute(
        sa.update(ImportLine)
        .where(ImportLine.run_id == run_id)
        .values(settled=ImportLine.verdict.not_in(DONE_BY_IMPORT))
    )


def open_lines(
    session: Session, run_id: int, *, limit: int, stations_first: bool
) -> list[ImportLine]:
    """Return the next lines that the present state has not dealt with."""
    found: list[ImportLine] = []
    for is_station in (stations_first, not stations_first):
        # In the order of the index, so that no step sorts what is left.
        found += session.scalars(
            sa.select(ImportLine)
            .where(
                ImportLine.run_id == run_id,
                ImportLine.settled.is_(False),
                ImportLine.is_station.is_(is_station),
            )
            .order_by(ImportLine.line)
            .limit(limit - len(found))
        )
    return found


def apply_lines(session: Session, lines: Sequence[ImportLine], *, now: dt.datetime) -> Counter[str]:
    """Set what the lines say, as far as the directory still is as the preview saw it.

    Returns how the counts of verdicts move: what cannot be done any more goes over to refused.
    """
    moves: Counter[str] = Counter()
    _apply_stations(session, [line for line in lines if line.is_station], moves)
    session.flush()
    _apply_entries(session, [line for line in lines if not line.is_station], moves, now=now)
    for line in lines:
        line.settled = True
    return moves


def _refuse(line: ImportLine, packed: str, moves: Counter[str]) -> None:
    moves[line.verdict] -= 1
    moves[Verdict.REFUSED] += 1
    line.verdict, line.reason, line.credit_code = Verdict.REFUSED, packed, None


def _apply_stations(session: Session, lines: Sequence[ImportLine], moves: Counter[str]) -> None:
    if not lines:
        return
    codes = {line.code for line in lines}
    rows = flat_facts.stations(session, codes)
    taken = flat_facts.entries(session, codes)
    new = {}
    for line in lines:
        row, after = rows.get(line.code), line.after or {}
        if line.verdict == Verdict.NEW and row is None and line.code not in taken:
            new[line.code] = after
        elif (
            line.verdict == Verdict.CHANGED
            and row is not None
            and _still(flat_facts.station_facts(row), line)
        ):
            fact_writer.set_station(row, after)
        else:
            _refuse(line, pack("moved"), moves)
    fact_writer.add_stations(session, new)


def _apply_entries(
    session: Session, lines: Sequence[ImportLine], moves: Counter[str], *, now: dt.datetime
) -> None:
    if not lines:
        return
    here = ground(session)
    codes = {line.code for line in lines}
    entries = flat_facts.entries(session, codes, lock=True)
    stations = flat_facts.stations(session, codes)
    holders = credit_holders(session, {line.credit_code for line in lines if line.credit_code})
    new: dict[str, ImportLine] = {}
    told = set()
    for line in lines:
        entry = entries.get(line.code)
        try:
            _check(line, entry, holders, is_station=line.code in stations)
        except RowError as error:
            _refuse(line, error.packed, moves)
            continue
        if entry is None:
            new[line.code] = line
            line.version = 1
        else:
            fact_writer.set_entry(session, entry, line.after or {}, ground=here, now=now)
            line.version = entry.row.version
            told.add(entry.row.id)
    # What changed leaves its credit code free before what is new takes it.
    session.flush()
    wanted = {code: line.after or {} for code, line in new.items()}
    ids = fact_writer.add_entries(session, wanted, ground=here, now=now)
    fact_writer.tell(session, told | set(ids.values()), now=now)


def _check(
    line: ImportLine, entry: flat_facts.Entry | None, holders: dict[str, str], *, is_station: bool
) -> None:
    """Raise ``RowError`` when the line cannot be done as it was previewed."""
    if (line.verdict == Verdict.NEW) != (entry is None) or is_station:
        raise RowError("moved")
    if entry is not None:
        if entry.row.is_sample:
            raise RowError("moved")
        check_open(entry)
        if not _still(entry.facts(), line):
            raise RowError("moved")
    if line.credit_code and holders.get(line.credit_code, line.code) != line.code:
        raise RowError(
            "credit_code_taken", value=line.credit_code, holder=holders[line.credit_code]
        )


def _still(have: flat_facts.Facts, line: ImportLine) -> bool:
    """Tell whether what the line changes is as the preview saw it."""
    return all(have.get(name, "") == value for name, value in (line.before or {}).items())


def undo_lines(session: Session, lines: Sequence[ImportLine], *, now: dt.datetime) -> Counter[str]:
    """Take back what the lines did; returns how many were kept, and each kept line says why."""
    moves: Counter[str] = Counter()
    _undo_entries(session, [line for line in lines if not line.is_station], moves, now=now)
    session.flush()
    _undo_stations(session, [line for line in lines if line.is_station], moves)
    for line in lines:
        line.settled = True
    return moves


def _keep(line: ImportLine, packed: str, moves: Counter[str]) -> None:
    moves[KEPT] += 1
    line.reason = packed


def _undo_entries(
    session: Session, lines: Sequence[ImportLine], moves: Counter[str], *, now: dt.datetime
) -> None:
    if not lines:
        return
    here = ground(session)
    entries = flat_facts.entries(session, {line.code for line in lines}, lock=True)
    # An entry that somebody removed already leaves nothing to take back.
    pairs = [(line, entries[line.code]) for line in lines if line.code in entries]
    made = {entry.row.id for line, entry in pairs if line.verdict == Verdict.NEW}
    used = referred_to(session, "enterprise", made, but=OWN)
    holders = credit_holders(session, {_credit_before(line) for line in lines} - {""})
    told, remove = set(), set()
    for line, entry in pairs:
        if why := _why_kept(line, entry, used, holders):
            _keep(line, why, moves)
        elif line.verdict == Verdict.CHANGED:
            fact_writer.set_entry(session, entry, line.before or {}, ground=here, now=now)
            told.add(entry.row.id)
        else:
            remove.add(entry.row.id)
    session.flush()
    if remove:
        fact_writer.remove_entries(session, remove)
    fact_writer.tell(session, told | remove, now=now)


def _why_kept(
    line: ImportLine, entry: flat_facts.Entry, used: Collection[int], holders: dict[str, str]
) -> str:
    """Return the packed reason why an entry stays as the import made it, if there is one."""
    if entry.row.version != line.version:
        return pack("changed_since")
    if entry.row.id in used:
        return pack("in_use")
    credit = _credit_before(line)
    if holders.get(credit, line.code) != line.code:
        return pack("credit_code_taken", value=credit, holder=holders[credit])
    return ""


def _credit_before(line: ImportLine) -> str:
    """Return the credit code that an undo would set again."""
    return str((line.before or {}).get("credit_code", ""))


def _undo_stations(session: Session, lines: Sequence[ImportLine], moves: Counter[str]) -> None:
    if not lines:
        return
    rows = flat_facts.stations(session, {line.code for line in lines})
    used = set(
        session.scalars(
            sa.select(Site.nearest_station_id).where(
                Site.nearest_station_id.in_([row.id for row in rows.values()])
            )
        )
    )
    for line in lines:
        row = rows.get(line.code)
        if row is None:
            continue
        have, after = flat_facts.station_facts(row), line.after or {}
        if any(have.get(name, "") != value for name, value in after.items()):
            _keep(line, pack("changed_since"), moves)
        elif line.verdict == Verdict.CHANGED:
            fact_writer.set_station(row, line.before or {})
        elif row.id in used:
            _keep(line, pack("station_in_use"), moves)
        else:
            session.delete(row)


def referred_to(
    session: Session, table: str, ids: Collection[int], *, but: Collection[str]
) -> set[int]:
    """Return which rows of ``table`` another table refers to, whichever context that is of.

    One query for each foreign key that leads there, except those of the tables in ``but``.
    """
    if not ids:
        return set()
    found: set[int] = set()
    for other in Base.metadata.sorted_tables:
        if other.name in but:
            continue
        for column in other.columns:
            if any(key.column.table.name == table for key in column.foreign_keys):
                found.update(session.scalars(sa.select(column).where(column.in_(ids)).distinct()))
    evidence = sa.select(Evidence.subject_id).where(
        Evidence.subject_kind == table, Evidence.subject_id.in_(ids)
    )
    return found | set(session.scalars(evidence))
