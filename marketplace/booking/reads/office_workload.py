"""How much work waits for the directory office, in one statement: for the menu of every page."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

import sqlalchemy as sa
from sqlalchemy.orm import Session

from catalog.models import Enterprise
from catalog.office.cases.review_queue import ending
from catalog.office.models import Licence, ReviewCase
from catalog.states import CaseStatus
from marketplace.booking.models import Rehousing
from marketplace.booking.states import REHOUSING_OPEN
from marketplace.staff_tasks.models import StaffTask


@dataclass(frozen=True, slots=True)
class Waits:
    """Cases to take up, licences that end, guests to rehouse, open tasks."""

    cases: int
    licences: int
    rehousing: int
    tasks: int


def waits(session: Session, *, today: dt.date) -> Waits:
    """Count what waits; ``today`` is the date of Asia/Shanghai from which licences count."""
    row = session.execute(
        sa.select(
            _count(ReviewCase, ReviewCase.status == CaseStatus.APPLIED),
            _count(Licence, Enterprise.id == Licence.enterprise_id, *ending(today)),
            _count(Rehousing, Rehousing.state.in_(REHOUSING_OPEN)),
            _count(StaffTask, StaffTask.done_at.is_(None)),
        )
    ).one()
    return Waits(*row)


def _count(table: type, *where: sa.ColumnElement[bool]) -> sa.ScalarSelect[int]:
    return sa.select(sa.func.count(table.id)).where(*where).scalar_subquery()  # type: ignore[attr-defined]
