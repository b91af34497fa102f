"""Reads of the audit trail: the story of one thing, and the whole trail for the office."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from marketplace.kernel.audit import Actor, AuditEntry, AuditSeal
from marketplace.kernel.clock import shanghai_midnight
from marketplace.kernel.pagination import Page

PAGE_SIZE = 50
MOST_EXPORTED = 20_000


@dataclass(frozen=True, slots=True)
class TrailEntry:
    """One decision as it is read; ``sealed`` tells whether the chain covers it yet."""

    id: int
    at: dt.datetime
    actor: Actor
    action: str
    subject_kind: str
    subject_id: str
    detail: dict[str, Any]
    sealed: bool


@dataclass(frozen=True, slots=True)
class TrailFilters:
    """What to show of the trail; empty fields do not restrict. Days are Asia/Shanghai dates."""

    subject_kind: str = ""
    subject_id: str = ""
    action: str = ""
    first_day: dt.date | None = None
    last_day: dt.date | None = None
    """The last day itself."""


def _rows() -> sa.Select[AuditEntry, int]:
    return sa.select(AuditEntry, AuditSeal.number).outerjoin(
        AuditSeal, AuditSeal.entry_id == AuditEntry.id
    )


def _entry(row: sa.Row[AuditEntry, int]) -> TrailEntry:
    # The number is null where no seal stands beside the entry yet.
    entry, number = row
    return TrailEntry(
        entry.id,
        entry.at,
        Actor(entry.actor_kind, entry.actor_id),
        entry.action,
        entry.subject_kind,
        entry.subject_id,
        entry.detail,
        number is not None,
    )


def account_ids(entries: Iterable[TrailEntry]) -> set[int]:
    """Return the accounts of the people who acted, whatever older releases wrote down."""
    return {found for entry in entries if (found := entry.actor.account_id) is not None}


def entries_for(session: Session, *, subject: tuple[str, object]) -> list[TrailEntry]:
    """Return everything that was done to one thing, the oldest first."""
    rows = session.execute(
        _rows()
        .where(AuditEntry.subject_kind == subject[0], AuditEntry.subject_id == str(subject[1]))
        .order_by(AuditEntry.id)
    )
    return [_entry(row) for row in rows]


def entries_about(
    session: Session, *, subjects: Mapping[str, Collection[object]]
) -> list[TrailEntry]:
    """Return everything that was done to several things, the newest first.

    ``subjects`` are ids by the kind of thing.
    """
    wanted = [
        sa.and_(AuditEntry.subject_kind == kind, AuditEntry.subject_id.in_([str(i) for i in ids]))
        for kind, ids in subjects.items()
    ]
    rows = session.execute(_rows().where(sa.or_(*wanted)).order_by(AuditEntry.id.desc()))
    return [_entry(row) for row in rows]


def trail_page(session: Session, *, filters: TrailFilters, page: int) -> Page[TrailEntry]:
    """Return one page of the trail, the newest first."""
    where = _where(filters)
    total = session.scalar(sa.select(sa.func.count()).select_from(AuditEntry).where(*where)) or 0
    number = min(max(page, 1), max(1, -(-total // PAGE_SIZE)))
    rows = session.execute(
        _rows()
        .where(*where)
        .order_by(AuditEntry.id.desc())
        .limit(PAGE_SIZE)
        .offset((number - 1) * PAGE_SIZE)
    )
    return Page([_entry(row) for row in rows], total, number, PAGE_SIZE)


def trail_rows(session: Session, *, filters: TrailFilters) -> Iterator[TrailEntry]:
    """Yield the newest 20,000 entries at most, the newest first, for a file."""
    rows = session.execute(
        _rows().where(*_where(filters)).order_by(AuditEntry.id.desc()).limit(MOST_EXPORTED)
    )
    return (_entry(row) for row in rows)


def kinds(session: Session) -> tuple[list[str], list[str]]:
    """Return the kinds of subjects and the actions that occur in the trail."""
    subjects = session.scalars(sa.select(AuditEntry.subject_kind).distinct())
    actions = session.scalars(sa.select(AuditEntry.action).distinct())
    return sorted(subjects), sorted(actions)


def _where(filters: TrailFilters) -> list[sa.ColumnElement[bool]]:
    where: list[sa.ColumnElement[bool]] = []
    if filters.subject_kind:
        where.append(AuditEntry.subject_kind == filters.subject_kind)
    if filters.subject_id:
        where.append(AuditEntry.subject_id == filters.subject_id)
    if filters.action:
        where.append(AuditEntry.action == filters.action)
    if filters.first_day:
        where.append(AuditEntry.at >= shanghai_midnight(filters.first_day))
    if filters.last_day:
        where.append(AuditEntry.at < shanghai_midnight(filters.last_day + dt.timedelta(days=1)))
    return where
