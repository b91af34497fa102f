"""The sample grows with the days: stock, restrictions, and the months of the coming summers."""

from __future__ import annotations

import datetime as dt

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session

from catalog.models import RoomType
from marketplace.inventory.models import StockDay, StockPool
from marketplace.kernel import audit, changes
from marketplace.kernel.clock import SetClock, shanghai_date
from marketplace.kernel.db import Database
from marketplace.kernel.stay import Stay
from marketplace.pricing import queries as prices
from marketplace.pricing.models import Restriction, Tariff
from marketplace.pricing.nights.restrictions import DayRule
from marketplace.pricing.nights.terms import Terms, Tier, write_terms
from marketplace.pricing.service import put_tariff, set_restrictions
from marketplace.sample import HORIZON_DAYS, extend_horizon, load_sample
from marketplace.sample.definitions import read_sample
from tests.support.sample import NOW, with_directory


@pytest.fixture
def clock() -> SetClock:
    return SetClock(NOW)


@pytest.fixture
def directory(database: Database, clock: SetClock) -> Database:
    return with_directory(database, clock)


class TestHorizon:
    def test_rolls_on_day_by_day(self, directory: Database, clock: SetClock) -> None:
        load_sample(directory, clock=clock)
        today = shanghai_date(clock.now())
        with directory.write() as session:
            before = session.scalar(sa.select(sa.func.max(changes.Change.id))) or 0
            assert extend_horizon(session, today=today) == 0
            assert extend_horizon(session, today=today + dt.timedelta(3)) == 120
        with directory.read() as session:
            last = session.scalar(sa.select(sa.func.max(StockDay.day)))
            told = session.scalars(
                sa.select(changes.Change).where(changes.Change.id > before)
            ).all()
        assert last == today + dt.timedelta(HORIZON_DAYS + 2)
        assert len(told) == 40
        assert told[0].kind == changes.STOCK
        assert told[0].detail == {
            "first": (today + dt.timedelta(HORIZON_DAYS)).isoformat(),
            "last": (today + dt.timedelta(HORIZON_DAYS + 3)).isoformat(),
        }

    def test_restrictions_come_with_the_days_and_an_operators_own_stay(
        self, directory: Database, clock: SetClock
    ) -> None:
        load_sample(directory, clock=clock)
        today = shanghai_date(clock.now())
        sunday = dt.date(2026, 7, 12)
        with directory.read() as session:
            room, pool = self.ids(session, "SMP17A2")
            rules = prices.plan(session, room_type_id=room, stay=Stay.of(today, 60)).rules
        assert rules[sunday] == DayRule(min_nights=14, no_arrival=True)
        assert rules[sunday + dt.timedelta(1)] == DayRule(min_nights=14)
        with directory.write() as session:
            set_restrictions(
                session,
                room_type_id=room,
                pool_id=pool,
                rules={sunday: DayRule()},
                actor=audit.SYSTEM,
                now=NOW,
            )
            before = session.scalar(sa.select(sa.func.count()).select_from(Restriction)) or 0
            assert extend_horizon(session, today=today) == 0
            # 2027-07-06 to 2027-07-11: one Sunday, and two dates of the high season.
            extend_horizon(session, today=today + dt.timedelta(6))
            after = session.scalar(sa.select(sa.func.count()).select_from(Restriction))
            kept = session.get(Restriction, (room, sunday))
        assert kept is None
        assert after == before + 2 * 2

    @staticmethod
    def ids(session: Session, code: str) -> tuple[int, int]:
        row = session.execute(
            sa.select(RoomType.id, StockPool.id)
            .join(StockPool, StockPool.room_type_id == RoomType.id)
            .where(RoomType.code == code)
        ).one()
        return row[0], row[1]

    def test_named_months_follow_the_summers_and_an_operators_tariff_stays(
        self, directory: Database, clock: SetClock
    ) -> None:
        load_sample(directory, clock=clock, days=2)
        own = Terms(tiers=(Tier(30, 100),))
        with directory.write() as session:
            kept, pool = self.ids(session, "SMP03A2")
            put_tariff(
                session,
                room_type_id=kept,
                pool_id=pool,
                terms=own,
                actor=audit.SYSTEM,
                today=shanghai_date(NOW),
                now=NOW,
            )
            renewed, _ = self.ids(session, "SMP03A1")
        autumn = dt.date(2026, 9, 1)
        with directory.write() as session:
            extend_horizon(session, today=dt.date(2026, 8, 31), days=1)
            assert self.months(session, renewed)[0] == dt.date(2026, 7, 1)
            extend_horizon(session, today=autumn, days=1)
            assert self.months(session, renewed)[0] == dt.date(2027, 7, 1)
            told = session.scalars(
                sa.select(changes.Change.entity_id).where(changes.Change.kind == changes.LISTING)
            ).all()
            versions = session.scalars(
                sa.select(Tariff.replaced_at).where(Tariff.room_type_id == renewed)
            ).all()
            terms = prices.tariffs(session, room_type_ids=[kept])[kept][1]
        assert terms == own
        assert sorted(version is None for version in versions) == [False, True]
        assert len(told) > 22

    @staticmethod
    def months(session: Session, room: int) -> list[dt.date]:
        terms = prices.tariffs(session, room_type_ids=[room])[room][1]
        return [month.month for month in terms.months]

    def test_a_sample_of_discounts_alone_gets_its_tariff(
        self, directory: Database, clock: SetClock
    ) -> None:
        load_sample(directory, clock=clock, days=2)
        with directory.write() as session:
            plain = write_terms(Terms(tiers=read_sample().tiers))
            session.execute(sa.update(Tariff).values(terms=plain))
        assert load_sample(directory, clock=clock, days=2)
        with directory.read() as session:
            room, _ = self.ids(session, "SMP01A1")
            assert prices.tariffs(session, room_type_ids=[room])[room][1].boards
        assert not load_sample(directory, clock=clock, days=2)

    def test_without_a_sample_there_is_nothing_to_do(self, database: Database) -> None:
        with database.write() as session:
            assert extend_horizon(session, today=dt.date(2026, 6, 1)) == 0
