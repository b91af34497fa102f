"""The labelled sample: complete, priced, stocked, and kept so."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace
from itertools import pairwise

import pytest
import sqlalchemy as sa

from catalog import queries
from catalog.models import Enterprise, Listing, RoomType, Site, Station
from catalog.vocabulary import Cluster, Slope
from marketplace.inventory.models import StockDay, StockPool
from marketplace.kernel import changes
from marketplace.kernel.clock import SetClock
from marketplace.kernel.db import Database
from marketplace.kernel.errors import Invalid
from marketplace.kernel.stay import Stay
from marketplace.pricing.models import NightRate, Tariff
from marketplace.pricing.nights.quote import Ask, quote
from marketplace.pricing.nights.terms import Board, Terms, faults_of
from marketplace.sample import HORIZON_DAYS, load_sample, make_scaled
from marketplace.sample.definitions import coming_summer, read_sample
from tests.support.sample import NOW, count, with_directory


@pytest.fixture
def clock() -> SetClock:
    return SetClock(NOW)


@pytest.fixture
def directory(database: Database, clock: SetClock) -> Database:
    return with_directory(database, clock)


class TestDefinitions:
    sample = read_sample()

    def test_has_what_was_promised(self) -> None:
        assert len(self.sample.operators) == 18
        assert len(self.sample.rooms) == 40
        assert {one for operator in self.sample.operators for one in operator.clusters} == set(
            Cluster
        )
        assert all(
            operator.facts["name_zh"].startswith("示例·") for operator in self.sample.operators
        )

    def test_everything_has_both_languages(self) -> None:
        things = [*self.sample.operators, *self.sample.listings, *self.sample.rooms]
        assert all(thing.facts["name_zh"] and thing.facts["name_en"] for thing in things)
        assert all(
            one.facts["summary_zh"] and one.facts["summary_en"] for one in self.sample.listings
        )

    def test_each_room_belongs_to_a_listing_and_each_listing_has_rooms(self) -> None:
        listings = {listing.code for listing in self.sample.listings}
        assert {room.listing for room in self.sample.rooms} == listings
        assert {one.operator for one in self.sample.listings} == {
            operator.code for operator in self.sample.operators
        }
        assert all(3 <= room.rooms <= 12 for room in self.sample.rooms)

    def test_longer_stays_get_more_off(self) -> None:
        assert [tier.min_nights for tier in self.sample.tiers] == [7, 15, 30, 60, 90]
        assert all(less.off_bp < more.off_bp for less, more in pairwise(self.sample.tiers))

    def test_every_room_has_a_tariff_that_can_be_used(self) -> None:
        tariffs = self.sample.tariffs(2027)
        assert set(tariffs) == {room.code for room in self.sample.rooms}
        for room in self.sample.rooms:
            lowest = min(room.yuan.values()) * 100
            assert faults_of(tariffs[room.code], lowest_night_fen=lowest) == []
            third = room.facts["max_adults"] == 2 and room.facts["max_guests"] > 2
            assert tariffs[room.code].most_extra_beds == third, room.code

    def test_two_adults_pay_what_they_paid_before_people_changed_a_price(self) -> None:
        stay = Stay.of(dt.date(2027, 10, 5), 30)
        for room in self.sample.rooms:
            if room.facts["max_adults"] < 2:
                continue
            rates = {day: self.sample.list_fen(room, day) for day in stay.days()}
            ask = Ask(stay, dt.date(2027, 10, 1))
            with_people = quote(ask=ask, rates=rates, terms=self.sample.tariffs(2028)[room.code])
            plain = quote(ask=ask, rates=rates, terms=Terms(tiers=self.sample.tiers))
            assert with_people.total_fen == plain.total_fen, room.code

    def test_a_breakfast_that_is_included_is_not_sold_again(self) -> None:
        hotel = self.sample.tariffs(2027)["SMP12A1"]
        assert hotel.included_board is Board.BREAKFAST
        assert [price.board for price in hotel.boards] == [Board.HALF_BOARD, Board.FULL_BOARD]

    @pytest.mark.parametrize(
        ("today", "months"),
        [
            (dt.date(2026, 6, 1), [(2026, 7), (2026, 8), (2027, 7), (2027, 8)]),
            (dt.date(2026, 8, 31), [(2026, 7), (2026, 8), (2027, 7), (2027, 8)]),
            (dt.date(2026, 9, 1), [(2027, 7), (2027, 8), (2028, 7), (2028, 8)]),
        ],
    )
    def test_named_months_are_those_of_the_summers_ahead(
        self, today: dt.date, months: list[tuple[int, int]]
    ) -> None:
        terms = self.sample.tariffs(coming_summer(today))["SMP03A1"]
        assert [(each.month.year, each.month.month) for each in terms.months] == months

    def test_a_named_month_costs_less_than_its_nights_by_the_month(self) -> None:
        (room,) = [room for room in self.sample.rooms if room.code == "SMP03A1"]
        stay = Stay.of(dt.date(2027, 7, 1), 31)
        rates = {day: self.sample.list_fen(room, day) for day in stay.days()}
        found = quote(
            ask=Ask(stay, dt.date(2027, 3, 1)),
            rates=rates,
            terms=self.sample.tariffs(2027)[room.code],
        )
        assert found.total_fen == 428_000
        assert found.total_fen < sum(rates.values()) * 85 // 100

    def test_a_mistake_in_the_file_is_told_by_its_row(self) -> None:
        wrong = replace(self.sample, prices=({**self.sample.prices[0], "percent": "-5"},))
        with pytest.raises(ValueError, match=r"prices\.csv, row 2: .*-5"):
            wrong.tariffs(2027)

    @pytest.mark.parametrize(
        ("day", "season"),
        [
            (dt.date(2026, 7, 1), "summer"),
            (dt.date(2026, 8, 31), "summer"),
            (dt.date(2026, 9, 1), "shoulder"),
            (dt.date(2026, 12, 10), "winter"),
            (dt.date(2027, 1, 1), "winter"),
            (dt.date(2028, 2, 29), "winter"),
            (dt.date(2028, 3, 1), "shoulder"),
        ],
    )
    def test_every_day_has_a_season(self, day: dt.date, season: str) -> None:
        assert self.sample.season(day) == season

    def test_a_month_costs_what_a_month_costs(self) -> None:
        terms = Terms(tiers=self.sample.tiers)
        for room in self.sample.rooms:
            for arrive in (dt.date(2026, 7, 1), dt.date(2026, 10, 5), dt.date(2027, 1, 4)):
                stay = Stay.of(arrive, 30)
                rates = {day: self.sample.list_fen(room, day) for day in stay.days()}
                assert all(fen % 100 == 0 for fen in rates.values())
                month = quote(ask=Ask(stay, arrive), rates=rates, terms=terms).total_fen
                assert 220_000 <= month <= 910_000, room.code

    def test_weekends_are_dearer(self) -> None:
        room = self.sample.rooms[0]
        thursday = dt.date(2026, 7, 9)
        assert self.sample.list_fen(room, thursday) == 21_800
        assert self.sample.list_fen(room, thursday + dt.timedelta(1)) == 23_500


class TestLoad:
    def test_loads_once(self, directory: Database, clock: SetClock) -> None:
        assert load_sample(directory, clock=clock)
        assert count(directory, Enterprise, Enterprise.is_sample) == 18
        assert count(directory, Listing, Listing.is_sample) == count(directory, Listing) == 22
        assert count(directory, RoomType) == count(directory, StockPool) == 40
        assert count(directory, Tariff) == 40
        assert count(directory, StockDay) == count(directory, NightRate) == 40 * HORIZON_DAYS
        changed = count(directory, changes.Change)
        assert not load_sample(directory, clock=clock)
        assert count(directory, changes.Change) == changed
        assert count(directory, StockDay) == 40 * HORIZON_DAYS

    def test_nothing_invented_hangs_on_a_real_enterprise(
        self, directory: Database, clock: SetClock
    ) -> None:
        load_sample(directory, clock=clock, days=2)
        with directory.read() as session:
            cards = queries.cards(session, None)
            owners = session.scalars(
                sa.select(Enterprise.is_sample).join(
                    StockPool, StockPool.enterprise_id == Enterprise.id
                )
            ).all()
        assert all(card.is_sample and card.enterprise_code.startswith("SMP") for card in cards)
        assert set(owners) == {True}

    def test_stations_stand_on_the_right_slope(self, directory: Database, clock: SetClock) -> None:
        load_sample(directory, clock=clock, days=2)
        with directory.read() as session:
            rows = session.execute(
                sa.select(Enterprise.code, Site.slope, Station.name_zh)
                .join(Site, Site.enterprise_id == Enterprise.id)
                .join(Station, Station.id == Site.nearest_station_id)
                .where(Enterprise.is_sample)
            ).all()
        near = {row.code: (row.slope, row.name_zh) for row in rows}
        assert near["SMP01"] == (Slope.NORTH, "长白山站")
        assert near["SMP03"] == (Slope.WEST, "长白山西站")
        assert near["SMP05"] == (None, "珲春站")
        assert "SMP15" not in near

    def test_keeps_what_people_did_and_mends_what_the_files_say(
        self, directory: Database, clock: SetClock
    ) -> None:
        load_sample(directory, clock=clock, days=2)
        with directory.write() as session:
            day = session.scalars(sa.select(StockDay).order_by(StockDay.pool_id).limit(1)).one()
            day.capacity, day.closed = 1, True
            key = day.pool_id
            listing = session.scalars(sa.select(Listing).where(Listing.code == "SMP01A")).one()
            listing.name_zh = "别的名字"
        assert load_sample(directory, clock=clock, days=2)
        with directory.read() as session:
            kept = session.get_one(StockDay, (key, day.day))
            mended = session.scalars(sa.select(Listing).where(Listing.code == "SMP01A")).one()
        assert (kept.capacity, kept.closed) == (1, True)
        assert (mended.name_zh, mended.version) == ("白桦林温泉长住", 2)


class TestScaled:
    def test_makes_the_size_asked_for(self, directory: Database, clock: SetClock) -> None:
        seen: list[tuple[int, int]] = []
        make_scaled(
            directory,
            listings=30,
            pools=70,
            days=40,
            seed=3,
            clock=clock,
            progress=lambda *step: seen.append(step),
        )
        assert seen[-1] == (70, 70)
        assert count(directory, Listing) == 30
        assert count(directory, RoomType) == count(directory, StockPool) == 70
        assert count(directory, StockDay) == count(directory, NightRate) == 70 * 40
        assert count(directory, Tariff) == 70
        assert count(directory, Enterprise, Enterprise.is_sample) == 8
        with directory.read() as session:
            cards = queries.cards(session, None)
            assert session.scalar(sa.select(sa.func.max(NightRate.list_fen % 100))) == 0
            low, high = session.execute(
                sa.select(sa.func.min(StockDay.capacity), sa.func.max(StockDay.capacity))
            ).one()
            told = changes.since(session, 0, kinds=[changes.LISTING])
            assert len(told) == 30
        assert len(cards) == 30
        assert all(card.is_sample and "示例" in card.name_zh for card in cards)
        assert (low, high) == (1, 12)

    def test_the_same_seed_makes_the_same(
        self, sqlite_database: Database, postgres_database: Database, clock: SetClock
    ) -> None:
        made = []
        for database in (sqlite_database, postgres_database):
            make_scaled(database, listings=12, pools=20, days=30, seed=11, clock=clock)
            with database.read() as session:
                names = session.scalars(sa.select(Listing.name_zh).order_by(Listing.code)).all()
                rates = session.execute(
                    sa.select(NightRate.day, NightRate.list_fen, StockDay.closed)
                    .join(StockPool, StockPool.room_type_id == NightRate.room_type_id)
                    .join(
                        StockDay,
                        sa.and_(StockDay.pool_id == StockPool.id, StockDay.day == NightRate.day),
                    )
                    .order_by(StockPool.id, NightRate.day)
                ).all()
            made.append((names, [tuple(rate) for rate in rates]))
        assert made[0] == made[1]

    @pytest.mark.parametrize(("listings", "pools", "days"), [(0, 5, 5), (5, 4, 5), (5, 5, 0)])
    def test_refuses_sizes_without_sense(
        self, database: Database, clock: SetClock, listings: int, pools: int, days: int
    ) -> None:
        with pytest.raises(Invalid):
            make_scaled(database, listings=listings, pools=pools, days=days, seed=1, clock=clock)

    def test_is_made_once(self, database: Database, clock: SetClock) -> None:
        make_scaled(database, listings=1, pools=1, days=1, seed=1, clock=clock)
        with pytest.raises(Invalid):
            make_scaled(database, listings=1, pools=1, days=1, seed=1, clock=clock)
