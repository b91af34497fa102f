"""Setting prices: versions, seasons on the calendar, restrictions, and what is left alone."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import replace

import pytest
import sqlalchemy as sa

from marketplace.kernel.audit import Actor, AuditEntry
from marketplace.kernel.db import Database
from marketplace.kernel.errors import Invalid
from marketplace.kernel.stay import Stay
from marketplace.offers.quoting.stay_offers import price
from marketplace.pricing import queries
from marketplace.pricing.models import NightRate, Tariff
from marketplace.pricing.nights.quote import Ask
from marketplace.pricing.nights.restrictions import DayRule, Restricted
from marketplace.pricing.nights.selection import Party
from marketplace.pricing.nights.terms import Occupancy, Season, Terms, Tier
from marketplace.pricing.service import TariffRefused, put_tariff, set_rate, set_restrictions
from tests.factories import NOW, TODAY, Room, make_enterprise, make_listing, make_room

STAFF = Actor("staff", "1")
SUMMER = Season(TODAY + dt.timedelta(days=10), TODAY + dt.timedelta(days=19), 30_000)


@pytest.fixture
def room(database: Database) -> Room:
    with database.write() as session:
        listing = make_listing(session, enterprise_id=make_enterprise(session))
        return make_room(session, listing_id=listing, days=12)


def put(database: Database, room: Room, terms: Terms) -> int | None:
    with database.write() as session:
        return put_tariff(
            session,
            room_type_id=room.room_type_id,
            pool_id=room.pool_id,
            terms=terms,
            actor=STAFF,
            today=TODAY,
            now=NOW,
        )


def calendar(database: Database, room: Room) -> dict[int, int]:
    """List prices by days from today."""
    with database.read() as session:
        rows = session.execute(
            sa.select(NightRate.day, NightRate.list_fen).where(
                NightRate.room_type_id == room.room_type_id
            )
        )
        return {(row.day - TODAY).days: row.list_fen for row in rows}


def rate(database: Database, room: Room, offset: int, fen: int) -> None:
    with database.write() as session:
        set_rate(
            session,
            room_type_id=room.room_type_id,
            pool_id=room.pool_id,
            days=[TODAY + dt.timedelta(days=offset)],
            list_fen=fen,
            actor=STAFF,
            now=NOW,
        )


def restrict(database: Database, room: Room, rules: Mapping[int, DayRule]) -> None:
    with database.write() as session:
        set_restrictions(
            session,
            room_type_id=room.room_type_id,
            pool_id=room.pool_id,
            rules={TODAY + dt.timedelta(days=offset): rule for offset, rule in rules.items()},
            actor=STAFF,
            now=NOW,
        )


class TestTariffs:
    def test_a_new_version_takes_the_place_of_the_last_and_both_stay(
        self, database: Database, room: Room
    ) -> None:
        with database.read() as session:
            first, _ = queries.tariffs(session, room_type_ids=[room.room_type_id])[
                room.room_type_id
            ]
        wanted = Terms(tiers=(Tier(7, 500),))
        second = put(database, room, wanted)
        with database.read() as session:
            current = queries.tariffs(session, room_type_ids=[room.room_type_id])
            assert current[room.room_type_id] == (second, wanted)
            assert queries.terms_of(session, tariff_id=first).tiers == (Tier(30, 1500),)
            assert session.scalar(sa.select(sa.func.count()).select_from(Tariff)) == 2

    def test_the_same_terms_again_change_nothing(self, database: Database, room: Room) -> None:
        assert put(database, room, Terms()) is not None
        assert put(database, room, Terms()) is None
        with database.read() as session:
            entries = session.scalars(sa.select(AuditEntry.action)).all()
            assert list(entries).count("tariff.changed") == 1

    def test_terms_that_contradict_themselves_are_refused_whole(
        self, database: Database, room: Room
    ) -> None:
        with pytest.raises(TariffRefused) as refused:
            put(database, room, Terms(tiers=(Tier(7, 900), Tier(30, 500)), seasons=(SUMMER,)))
        assert "住得更久" in str(refused.value)
        assert calendar(database, room)[10] == 20_000

    def test_a_single_guest_is_spared_half_the_lowest_night_ahead_at_most(
        self, database: Database, room: Room
    ) -> None:
        rate(database, room, 5, 10_000)
        with pytest.raises(TariffRefused):
            put(database, room, Terms(occupancy=Occupancy(single_off_fen=5_001)))
        put(database, room, Terms(occupancy=Occupancy(single_off_fen=5_000)))
        with pytest.raises(Invalid):
            rate(database, room, 6, 9_999)


class TestSeasons:
    def test_they_price_the_calendar_but_for_days_set_by_hand(
        self, database: Database, room: Room
    ) -> None:
        # The factory's twelve days were set by hand; the season reaches eight days further.
        put(database, room, Terms(seasons=(SUMMER,)))
        assert calendar(database, room) == {
            **dict.fromkeys(range(12), 20_000),
            **dict.fromkeys(range(12, 20), 30_000),
        }

    def test_a_season_that_is_gone_takes_its_prices_with_it(
        self, database: Database, room: Room
    ) -> None:
        put(database, room, Terms(seasons=(SUMMER,)))
        rate(database, room, 15, 44_000)
        shorter = replace(SUMMER, last=TODAY + dt.timedelta(days=13), list_fen=31_000)
        put(database, room, Terms(seasons=(shorter,)))
        assert {day: fen for day, fen in calendar(database, room).items() if day >= 12} == {
            12: 31_000,
            13: 31_000,
            15: 44_000,
        }

    def test_past_days_are_left_alone(self, database: Database, room: Room) -> None:
        put(database, room, Terms(seasons=(replace(SUMMER, first=TODAY - dt.timedelta(days=9)),)))
        assert min(calendar(database, room)) == 0


class TestRestrictions:
    def test_they_are_looked_at_with_the_price_the_day_of_departure_too(
        self, database: Database, room: Room
    ) -> None:
        restrict(database, room, {3: DayRule(no_departure=True), 1: DayRule(min_nights=2)})
        with database.read() as session:
            asks = [
                Ask(Stay.of(TODAY, nights), TODAY, rooms=1, party=Party(2))
                for nights in (1, 2, 3, 4)
            ]
            for ask in (asks[0], asks[1], asks[3]):
                assert price(session, room_type_id=room.room_type_id, ask=ask)
            with pytest.raises(Restricted) as refused:
                price(session, room_type_id=room.room_type_id, ask=asks[2])
            assert refused.value.extra["rule"] == "closed_to_departure"
            assert price(session, room_type_id=room.room_type_id, ask=asks[2], bound=False)

    def test_an_empty_rule_takes_the_restriction_away(self, database: Database, room: Room) -> None:
        restrict(database, room, {0: DayRule(no_arrival=True)})
        restrict(database, room, {0: DayRule()})
        with database.read() as session:
            plan = queries.plan(session, room_type_id=room.room_type_id, stay=Stay.of(TODAY, 2))
        assert plan.rules == {}

    @pytest.mark.parametrize(
        "rule", [DayRule(min_nights=5, max_nights=4), DayRule(min_nights_arrival=0)]
    )
    def test_what_nobody_can_keep_to_is_refused(
        self, database: Database, room: Room, rule: DayRule
    ) -> None:
        with pytest.raises(Invalid):
            restrict(database, room, {0: rule})
