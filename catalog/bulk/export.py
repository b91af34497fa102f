"""The whole directory, line by line: what an import takes again, and what the office knows."""

from __future__ import annotations

import csv
import datetime as dt
import io
from collections.abc import Callable, Collection, Iterator, Sequence
from typing import IO, Any

import openpyxl
import orjson
import sqlalchemy as sa
from sqlalchemy.orm import Session

from catalog.bulk import flat_facts
from catalog.bulk.directory_rows import COLUMNS, NO_CLUSTER, OPTIONAL, TOLD
from catalog.bulk.tables.cells import guard
from catalog.models import Enterprise, EnterpriseGrade
from catalog.office.evidence.fact_evidence import ENTERPRISE
from catalog.office.models import Evidence, Licence
from catalog.vocabulary import GradeScheme

AT_ONCE = 500
"""Entries read at a time: what is in memory, however large the directory is."""
HEADS = (*COLUMNS, *OPTIONAL, *TOLD)
FLUSH_BYTES = 64 * 1024

Row = dict[str, Any]
Condition = sa.ColumnElement[bool]


def rows(session: Session, *, where: Sequence[Condition]) -> Iterator[Row]:
    """Yield the entries that ``where`` leaves by code, each as cells by column.

    Read some at a time in one snapshot; numbers are numbers, everything else is text.
    """
    last = ""
    while codes := session.scalars(
        sa.select(Enterprise.code)
        .where(*where, Enterprise.code > last)
        .order_by(Enterprise.code)
        .limit(AT_ONCE)
    ).all():
        found = flat_facts.entries(session, codes)
        ids = [entry.row.id for entry in found.values()]
        told = _Told(session, ids)
        for code in codes:
            yield _row(found[code], told)
        session.expunge_all()
        last = codes[-1]


class _Told:
    """What the office knows of some entries besides their facts."""

    def __init__(self, session: Session, ids: Collection[int]) -> None:
        grades = session.scalars(
            sa.select(EnterpriseGrade)
            .where(
                EnterpriseGrade.enterprise_id.in_(ids),
                EnterpriseGrade.scheme != GradeScheme.A_LEVEL,
            )
            .order_by(EnterpriseGrade.enterprise_id, EnterpriseGrade.scheme)
        )
        licences = session.scalars(
            sa.select(Licence)
            .where(Licence.enterprise_id.in_(ids), Licence.replaced_at.is_(None))
            .order_by(Licence.enterprise_id, Licence.kind)
        )
        self.grades: dict[int, list[str]] = {}
        for grade in grades:
            text = f"{grade.scheme.value}:{grade.value}:{grade.as_of}"
            self.grades.setdefault(grade.enterprise_id, []).append(text)
        self.licences: dict[int, list[str]] = {}
        for licence in licences:
            until = licence.expires_on.isoformat() if licence.expires_on else ""
            text = f"{licence.kind.value}:{until}"
            self.licences.setdefault(licence.enterprise_id, []).append(text)
        counted = session.execute(
            sa.select(
                Evidence.subject_id,
                sa.func.count().label("number"),
                sa.func.count(Evidence.verified_at).label("verified"),
            )
            .where(Evidence.subject_kind == ENTERPRISE, Evidence.subject_id.in_(ids))
            .group_by(Evidence.subject_id)
        )
        self.evidence = {row.subject_id: f"{row.verified}/{row.number}" for row in counted}


def _row(entry: flat_facts.Entry, told: _Told) -> Row:
    row, have = entry.row, entry.facts()
    have |= {
        "id": row.code,
        "type": have["category"],
        "cluster": ";".join(have["clusters"]) or NO_CLUSTER,
        "planned": "1" if row.planned else "0",
        "status": row.status.value,
        "claimed": "1" if row.claimed else "0",
        "other_grades": ";".join(told.grades.get(row.id, ())),
        "licences": ";".join(told.licences.get(row.id, ())),
        "evidence": told.evidence.get(row.id, "0/0"),
        "checked_at": _moment(row.checked_at),
        "version": row.version,
        "updated_at": _moment(row.updated_at),
    }
    return {head: have.get(head, "") for head in HEADS}


def _moment(at: dt.datetime | None) -> str:
    return at.isoformat(timespec="seconds") if at else ""


def as_csv(found: Iterator[Row]) -> Iterator[bytes]:
    """Yield a CSV that spreadsheets open rightly (UTF-8 with its mark) and run nothing of."""
    text = io.StringIO(newline="")
    writer = csv.writer(text)
    text.write("\ufeff")
    writer.writerow(HEADS)
    for row in found:
        writer.writerow([_harmless(row[head]) for head in HEADS])
        if text.tell() > FLUSH_BYTES:
            yield text.getvalue().encode()
            text.seek(0)
            text.truncate()
    yield text.getvalue().encode()


def _harmless(cell: Any) -> Any:
    return guard(cell) if isinstance(cell, str) else cell


def as_json(found: Iterator[Row]) -> Iterator[bytes]:
    """Yield a JSON list of objects, one a line."""
    comma = b"[\n"
    for row in found:
        yield comma + orjson.dumps(row)
        comma = b",\n"
    yield b"\n]\n" if comma == b",\n" else b"[]\n"


def write_xlsx(found: Iterator[Row], file: IO[bytes]) -> None:
    """Write a workbook of one sheet into ``file``, row by row."""
    book = openpyxl.Workbook(write_only=True)
    sheet = book.create_sheet("directory")
    sheet.freeze_panes = "C2"
    sheet.append(list(HEADS))
    for row in found:
        sheet.append([_harmless(row[head]) for head in HEADS])
    book.save(file)


TEXTS: dict[str, Callable[[Iterator[Row]], Iterator[bytes]]] = {"csv": as_csv, "json": as_json}
"""How rows are written as text, by the ending of the file's name."""
