"""Putting things before the staff, and settling them."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import sqlalchemy as sa
from sqlalchemy.orm import Session

from marketplace.kernel.audit import Actor, note
from marketplace.kernel.db import insert_new, table_of
from marketplace.kernel.errors import NotFound
from marketplace.staff_tasks.models import StaffTask


@dataclass(frozen=True, slots=True)
class NewTask:
    """Something to put before the staff; made by ``new_task``."""

    kind: str
    key: str
    booking_id: str | None
    detail: Mapping[str, object]


def new_task(*, kind: str, key: str, booking_id: str | None, **detail: object) -> NewTask:
    """Return a task of ``kind``, one for each ``key``, with facts that name nobody."""
    return NewTask(kind, key, booking_id, detail)


def open_task(session: Session, task: NewTask, *, now: dt.datetime) -> bool:
    """Put something before the staff, once a key; tells whether it is new."""
    return open_tasks(session, [task], now=now) == 1


def open_tasks(session: Session, tasks: Sequence[NewTask], *, now: dt.datetime) -> int:
    """Put all these before the staff in one statement, once a key; returns how many are new."""
    if not tasks:
        return 0
    table = table_of(StaffTask)
    opened = session.execute(
        insert_new(table, session.get_bind().dialect.name)
        .values(
            [
                {
                    "key": task.key,
                    "kind": task.kind,
                    "booking_id": task.booking_id,
                    "detail": dict(task.detail),
                    "opened_at": now,
                }
                for task in tasks
            ]
        )
        .returning(table.c.id)
    )
    return len(opened.all())


def finish(session: Session, *, task_id: int, actor: Actor, now: dt.datetime) -> bool:
    """Mark a task as settled; tells whether this call did it, ``False`` when it was already.

    Raises:
        NotFound: there is no such task.
    """
    task = session.scalars(
        sa.select(StaffTask).where(StaffTask.id == task_id).with_for_update()
    ).one_or_none()
    if task is None:
        raise NotFound
    if task.done_at is not None:
        return False
    task.done_at = now
    note(
        session,
        actor=actor,
        action="task.done",
        subject=("staff_task", task_id),
        now=now,
        kind=task.kind,
    )
    return True


def settle(session: Session, *, key: str, now: dt.datetime) -> None:
    """Mark the task of this key as settled, if it waits: what it asked for was done elsewhere."""
    session.execute(
        sa.update(StaffTask)
        .where(StaffTask.key == key, StaffTask.done_at.is_(None))
        .values(done_at=now)
    )
