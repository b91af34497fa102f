"""Licences that end: warned of and stopped once, whatever the clock and the sweeps do."""

from __future__ import annotations

import datetime as dt
import threading

import pytest
import sqlalchemy as sa

from catalog import service
from catalog.effects import LicenceEnding
from catalog.models import Enterprise
from catalog.office.licences import licence_expiry
from catalog.office.licences.licence_records import LicenceFacts, record
from catalog.office.models import LicenceWarning, Suspension
from catalog.sale import NotBookable
from catalog.service import LicenceEnded
from catalog.states import EnterpriseStatus
from catalog.vocabulary import LicenceKind, SuspensionCause
from marketplace.kernel.audit import SYSTEM, Actor
from marketplace.kernel.clock import SHANGHAI, SetClock, shanghai_date
from marketplace.kernel.db import Database
from marketplace.kernel.outbox import OutboxRow
from tests.factories import NOW, TODAY, make_enterprise
from tests.support.booking import Desk, make_desk
from tests.support.review import make_licence

OFFICE = Actor("staff", "7")
LAST = TODAY + dt.timedelta(days=65)


class Watch:
    """One licence, a clock, and sweeps."""

    def __init__(self, database: Database) -> None:
        self.database = database
        self.clock = SetClock(NOW)
        with database.write() as session:
            self.enterprise_id = make_enterprise(session)
            self.licence_id = make_licence(
                session, enterprise_id=self.enterprise_id, expires_on=LAST
            )

    def sweep(self, days_left: int | None = None) -> int:
        """Put the clock so many days before the last valid day, and sweep."""
        if days_left is not None:
            self.clock.set(NOW + dt.timedelta(days=65 - days_left))
        return licence_expiry.sweep(self.database, clock=self.clock)

    def advance(self) -> bool:
        """Do what a sweep does that saw the licence before another one took the step."""
        with self.database.write() as session:
            return licence_expiry.advance(session, licence_id=self.licence_id, now=self.clock.now())

    def noted(self) -> set[int]:
        with self.database.read() as session:
            return set(
                session.scalars(
                    sa.select(LicenceWarning.days_before).where(
                        LicenceWarning.licence_id == self.licence_id
                    )
                )
            )

    def owed(self) -> list[int]:
        """The steps that a message is owed for, in the order they were taken."""
        with self.database.read() as session:
            rows = session.scalars(
                sa.select(OutboxRow.payload)
                .where(OutboxRow.topic == LicenceEnding.topic)
                .order_by(OutboxRow.id)
            ).all()
        assert all(set(row) == {"licence_id", "days_before"} for row in rows)
        return [row["days_before"] for row in rows if row["licence_id"] == self.licence_id]

    def suspensions(self) -> list[Suspension]:
        with self.database.read() as session:
            return list(
                session.scalars(
                    sa.select(Suspension)
                    .where(Suspension.enterprise_id == self.enterprise_id)
                    .order_by(Suspension.id)
                )
            )

    def status(self) -> EnterpriseStatus:
        with self.database.read() as session:
            return session.get_one(Enterprise, self.enterprise_id).status


@pytest.fixture
def watch(database: Database) -> Watch:
    return Watch(database)


@pytest.mark.parametrize(
    ("left", "step"),
    [(61, None), (60, 60), (31, 60), (30, 30), (8, 30), (7, 7), (0, 7), (-1, 0), (-400, 0)],
)
def test_the_nearest_step_that_is_due(left: int, step: int | None) -> None:
    assert licence_expiry.step_of(TODAY + dt.timedelta(days=left), TODAY) == step


def test_day_by_day_each_step_is_taken_once_and_sales_stop_after_the_last_day(
    watch: Watch,
) -> None:
    for left in range(65, -4, -1):
        watch.sweep(left)
        assert not watch.advance()
        expected = [days for days in licence_expiry.STEPS if left <= days and (days or left < 0)]
        assert watch.owed() == expected, left
        assert (watch.status() is EnterpriseStatus.SUSPENDED) == (left < 0), left
    [stopped] = watch.suspensions()
    assert (stopped.cause, stopped.licence_id) == (SuspensionCause.LICENCE, watch.licence_id)
    assert "消防安全检查合格证明" in stopped.reason
    assert LAST.isoformat() in stopped.reason


JUMPS = {
    "over two": ((65, 5), [7]),
    "by a year": ((65, -300), [0]),
    "back and forth": ((59, 80, 55, 29, 60, 29, 6, 40, 25, 6), [60, 30, 7]),
    "past the end and back": ((10, -1, 200, 59, 29, 7, -1, -365, 300, -2), [30, 0]),
    "from the end": ((-1, 65, 60, 30, 7, -1), [0]),
}
"""Days left by the clock, one after another, and the steps that a message is owed for."""


def test_whatever_the_clock_does_nothing_happens_twice_and_no_gone_distance_is_warned_of(
    database: Database,
) -> None:
    for jump, (days_left, owed) in JUMPS.items():
        watch = Watch(database)
        for left in days_left:
            watch.sweep(left)
            watch.sweep()
        assert watch.owed() == owed, jump
        assert len(watch.suspensions()) == (1 if 0 in owed else 0), jump
        assert watch.noted() == {days for days in licence_expiry.STEPS if days >= min(owed)}, jump


def test_the_day_ends_at_midnight_in_shanghai(watch: Watch) -> None:
    last_minute = dt.datetime.combine(LAST, dt.time(23, 59), SHANGHAI)
    watch.clock.set(last_minute)
    watch.sweep()
    assert watch.status() is EnterpriseStatus.LISTED
    watch.clock.set(last_minute + dt.timedelta(minutes=1))
    watch.sweep()
    assert watch.status() is EnterpriseStatus.SUSPENDED


def test_many_sweeps_at_once_take_each_step_once(watch: Watch) -> None:
    watch.clock.set(NOW + dt.timedelta(days=70))
    with watch.database.write() as session:
        others = [
            make_licence(
                session, enterprise_id=make_enterprise(session), expires_on=LAST, number=str(n)
            )
            for n in range(4)
        ]
    failed: list[BaseException] = []
    together = threading.Barrier(4)

    def run() -> None:
        together.wait()
        try:
            watch.sweep()
        except BaseException as error:
            failed.append(error)

    threads = [threading.Thread(target=run) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert failed == []
    with watch.database.read() as session:
        stopped = session.scalars(sa.select(Suspension.licence_id)).all()
        owed = session.scalars(
            sa.select(sa.func.count()).where(OutboxRow.topic == LicenceEnding.topic)
        ).one()
    assert sorted(stopped, key=str) == sorted([watch.licence_id, *others], key=str)
    assert owed == 5


def test_what_the_office_has_suspended_is_only_told_and_stays_so_until_it_is_renewed(
    watch: Watch,
) -> None:
    with watch.database.write() as session:
        service.suspend(
            session, enterprise_id=watch.enterprise_id, reason="查", actor=OFFICE, now=NOW
        )
    watch.sweep(-1)
    assert [one.cause for one in watch.suspensions()] == [SuspensionCause.OFFICE]
    assert watch.noted() == {60, 30, 7, 0}
    now = watch.clock.now()
    with watch.database.write() as session, pytest.raises(LicenceEnded):
        service.reinstate(session, enterprise_id=watch.enterprise_id, actor=OFFICE, now=now)
    renew(watch, now.date() + dt.timedelta(days=700))
    assert watch.status() is EnterpriseStatus.SUSPENDED
    with watch.database.write() as session:
        service.reinstate(session, enterprise_id=watch.enterprise_id, actor=OFFICE, now=now)
    assert watch.status() is EnterpriseStatus.LISTED


def renew(watch: Watch, expires_on: dt.date) -> None:
    licence = LicenceFacts(LicenceKind.FIRE, "新证 1 号", "", expires_on, None)
    with watch.database.write() as session:
        record(
            session,
            enterprise_id=watch.enterprise_id,
            licence=licence,
            reviewer_id=None,
            actor=SYSTEM,
            now=watch.clock.now(),
        )


def test_a_renewed_licence_sells_again_by_itself_and_the_old_one_is_over(watch: Watch) -> None:
    watch.sweep(-1)
    assert watch.status() is EnterpriseStatus.SUSPENDED
    renew(watch, shanghai_date(watch.clock.now()) + dt.timedelta(days=20))
    assert watch.status() is EnterpriseStatus.LISTED
    assert watch.sweep() == 1, "the new one has its own warnings"
    assert watch.owed() == [0]
    watch.sweep(-30)
    assert len(watch.suspensions()) == 2


def test_only_the_licence_that_counts_is_watched(watch: Watch) -> None:
    with watch.database.write() as session:
        make_licence(
            session,
            enterprise_id=watch.enterprise_id,
            expires_on=None,
            kind=LicenceKind.BUSINESS,
        )
    renew(watch, LAST + dt.timedelta(days=900))
    assert watch.sweep(-1) == 0
    assert not watch.advance()
    assert watch.noted() == set()


def test_a_delisted_enterprise_is_left_alone(watch: Watch) -> None:
    with watch.database.write() as session:
        service.suspend(
            session, enterprise_id=watch.enterprise_id, reason="查", actor=OFFICE, now=NOW
        )
        service.delist(session, enterprise_id=watch.enterprise_id, actor=OFFICE, now=NOW)
    assert watch.sweep(-1) == 0


def test_nothing_is_sold_after_the_last_day_even_before_anybody_noticed(
    database: Database,
) -> None:
    desk: Desk = make_desk(database)
    with database.write() as session:
        make_licence(
            session,
            enterprise_id=desk.room.enterprise_id,
            expires_on=TODAY + dt.timedelta(days=10),
        )
    desk.clock.set(NOW + dt.timedelta(days=10))
    desk.hold()
    desk.clock.set(NOW + dt.timedelta(days=11))
    with pytest.raises(NotBookable):
        desk.hold(phone="13900000002")
