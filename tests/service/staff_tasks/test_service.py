"""Tasks of the staff: one for each cause, in one statement, settled once."""

from __future__ import annotations

import sqlalchemy as sa

from marketplace.kernel.db import Database
from marketplace.staff_tasks import queries, service
from marketplace.staff_tasks.models import StaffTask
from marketplace.staff_tasks.service import NewTask, new_task
from tests.factories import NOW


def task(key: str) -> NewTask:
    return new_task(kind="wrong_amount", key=key, booking_id=None, amount_fen=12_300)


def test_what_is_told_already_is_not_told_again(database: Database) -> None:
    with database.write() as session:
        assert service.open_task(session, task("suspense:1"), now=NOW)
        assert not service.open_task(session, task("suspense:1"), now=NOW)
        told = [task(f"suspense:{number}") for number in (1, 2, 3)]
        assert service.open_tasks(session, told, now=NOW) == 2
        assert service.open_tasks(session, [], now=NOW) == 0
        page = queries.tasks(session, done=False, page=1)
    assert [row.detail for row in page.items] == [{"amount_fen": 12_300}] * 3
    assert page.total == 3


def test_what_was_done_elsewhere_settles_its_task_alone_and_once(database: Database) -> None:
    with database.write() as session:
        service.open_tasks(session, [task("suspense:1"), task("suspense:2")], now=NOW)
        service.settle(session, key="suspense:1", now=NOW)
        service.settle(session, key="suspense:1", now=NOW.replace(year=NOW.year + 1))
        rows = session.execute(sa.select(StaffTask.key, StaffTask.done_at).order_by(StaffTask.id))
        assert [tuple(row) for row in rows] == [("suspense:1", NOW), ("suspense:2", None)]
        assert queries.tasks(session, done=True, page=9).total == 1
