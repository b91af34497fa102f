"""Licences that come to their end: warnings before it, and a stop of sales after it.

A licence's last valid day is the last on which its enterprise may sell on it, in Asia/Shanghai. The
rows of ``LicenceWarning`` say what was done already: whatever the clock does, however many sweeps
run, each step is taken once.
"""

from __future__ import annotations

import datetime as dt

import sqlalchemy as sa
from sqlalchemy.orm import Session

from catalog import service
from catalog.effects import LicenceEnding
from catalog.labels import label
from catalog.models import Enterprise
from catalog.office.models import Licence, LicenceWarning, Suspension
from catalog.states import EnterpriseStatus
from marketplace.kernel import audit, outbox
from marketplace.kernel.clock import Clock, shanghai_date
from marketplace.kernel.db import Database

WARN_DAYS = (60, 30, 7)
"""How many days before the last valid day an operator is warned."""
EXPIRED = 0
STEPS = (*WARN_DAYS, EXPIRED)
MOST_AT_ONCE = 500
REASON = "%(licence)s的有效期到 %(day)s 为止，已经过期"


def step_of(expires_on: dt.date, today: dt.date) -> int | None:
    """Return the nearest step that is due: 60, 30, 7, or 0 after the last valid day."""
    left = (expires_on - today).days
    if left < 0:
        return EXPIRED
    return min((days for days in WARN_DAYS if left <= days), default=None)


def sweep(database: Database, *, clock: Clock) -> int:
    """Take every step that is due, each licence in a transaction of its own; returns how many."""
    today = shanghai_date(clock.now())
    with database.read() as session:
        due = due_licences(session, today=today)
    done = 0
    for licence_id in due:
        with database.write() as session:
            done += advance(session, licence_id=licence_id, now=clock.now())
    return done


def due_licences(session: Session, *, today: dt.date) -> list[int]:
    """Return the licences whose nearest due step has not been taken, the most urgent first."""
    step = sa.case(
        (Licence.expires_on < today, EXPIRED),
        *((Licence.expires_on <= today + dt.timedelta(days), days) for days in WARN_DAYS[::-1]),
    )
    taken = (
        sa.select(LicenceWarning.licence_id)
        .where(LicenceWarning.licence_id == Licence.id, LicenceWarning.days_before == step)
        .exists()
    )
    rows = session.scalars(
        sa.select(Licence.id)
        .join(Enterprise, Enterprise.id == Licence.enterprise_id)
        .where(
            Licence.replaced_at.is_(None),
            Licence.expires_on <= today + dt.timedelta(days=max(WARN_DAYS)),
            Enterprise.status != EnterpriseStatus.DELISTED,
            ~taken,
        )
        .order_by(Licence.expires_on, Licence.id)
        .limit(MOST_AT_ONCE)
    )
    return list(rows)


def advance(session: Session, *, licence_id: int, now: dt.datetime) -> bool:
    """Take the nearest step that is due for a licence, unless it was taken; tells whether it was.

    Steps that the clock has passed over are noted as taken: nobody is warned of a distance that is
    gone. After the last valid day the enterprise is suspended, if it is listed.
    """
    enterprise_id = session.scalar(sa.select(Licence.enterprise_id).where(Licence.id == licence_id))
    if enterprise_id is None:
        return False
    enterprise = service.locked(session, enterprise_id)
    # Under the lock: a new licence of its kind, or another sweep, may have come first.
    licence = session.get_one(Licence, licence_id, populate_existing=True)
    if licence.replaced_at is not None or licence.expires_on is None:
        return False
    step = step_of(licence.expires_on, shanghai_date(now))
    if step is None or not _note_step(session, licence_id, step, now):
        return False
    if step == EXPIRED and enterprise.status is EnterpriseStatus.LISTED:
        _stop(session, licence, now)
    outbox.owe(session, LicenceEnding(licence_id, days_before=step), now=now)
    return True


def _note_step(session: Session, licence_id: int, step: int, now: dt.datetime) -> bool:
    """Note a step and those before it as taken; tells whether this one was not yet."""
    taken = set(
        session.scalars(
            sa.select(LicenceWarning.days_before).where(LicenceWarning.licence_id == licence_id)
        )
    )
    session.add_all(
        LicenceWarning(licence_id=licence_id, days_before=days, at=now)
        for days in STEPS
        if days >= step and days not in taken
    )
    session.flush()
    return step not in taken


def _stop(session: Session, licence: Licence, now: dt.datetime) -> None:
    """Suspend the enterprise because of this licence, once and never again."""
    assert licence.expires_on is not None  # noqa: S101 - it has a last day, or it would not end
    stopped = session.scalar(sa.select(Suspension.id).where(Suspension.licence_id == licence.id))
    if stopped is not None:
        return
    service.suspend(
        session,
        enterprise_id=licence.enterprise_id,
        reason=REASON % {"licence": label(licence.kind), "day": licence.expires_on.isoformat()},
        actor=audit.SYSTEM,
        now=now,
        licence_id=licence.id,
    )
