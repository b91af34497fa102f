"""Reads of what waits for the staff."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from marketplace.kernel.pagination import Page
from marketplace.staff_tasks.models import StaffTask

PAGE_SIZE = 20


@dataclass(frozen=True, slots=True)
class TaskRow:
    """Something that a person must look at."""

    id: int
    kind: str
    booking_id: str | None
    detail: dict[str, Any]
    opened_at: dt.datetime
    done_at: dt.datetime | None


def tasks(session: Session, *, done: bool, page: int) -> Page[TaskRow]:
    """Return one page of the open tasks, the oldest first, or of the settled ones, newest first."""
    state = StaffTask.done_at.is_not(None) if done else StaffTask.done_at.is_(None)
    total = session.scalar(sa.select(sa.func.count()).select_from(StaffTask).where(state)) or 0
    number = min(max(page, 1), max(1, -(-total // PAGE_SIZE)))
    rows = session.execute(
        sa.select(
            StaffTask.id,
            StaffTask.kind,
            StaffTask.booking_id,
            StaffTask.detail,
            StaffTask.opened_at,
            StaffTask.done_at,
        )
        .where(state)
        .order_by(StaffTask.done_at.desc() if done else StaffTask.opened_at, StaffTask.id)
        .limit(PAGE_SIZE)
        .offset((number - 1) * PAGE_SIZE)
    )
    return Page([TaskRow(*row) for row in rows], total, number, PAGE_SIZE)


def kinds(session: Session, ids: Collection[int]) -> dict[int, str]:
    """Return what tasks are about, by id."""
    rows = session.execute(sa.select(StaffTask.id, StaffTask.kind).where(StaffTask.id.in_(ids)))
    return {row[0]: row[1] for row in rows}
