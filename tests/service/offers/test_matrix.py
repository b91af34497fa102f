"""The matrix says what the database and the quote engine say, before and after changes."""

from __future__ import annotations

import datetime as dt
import random
from contextlib import suppress
from dataclasses import dataclass

import numpy as np
import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session

from catalog.models import Listing
from catalog.service import reinstate, suspend
from catalog.vocabulary import ListingKind
from marketplace.inventory.calendar import CalendarEdit, apply, block
from marketplace.inventory.models import StockPool
from marketplace.inventory.queries import month
from marketplace.kernel import changes
from marketplace.kernel.audit import Actor
from marketplace.kernel.db import Database
from marketplace.kernel.errors import Invalid
from marketplace.kernel.ids import RandomIds
from marketplace.kernel.stay import Stay
from marketplace.kernel.unit_of_work import UnitOfWork
from marketplace.offers.matrix import matrix_loading
from marketplace.offers.matrix.matrix import HORIZON_DAYS, Matrix
from marketplace.offers.quoting.stay_offers import Offer, check_rules, find_offer, price
from marketplace.offers.search.nearby_dates import nearest
from marketplace.offers.search.search_service import free_rooms
from marketplace.pricing import queries as prices
from marketplace.pricing.nights.quote import Ask, ExtraKind, NoPrice, ReductionKind, quote
from marketplace.pricing.nights.restrictions import DayRule, Restricted, refusals
from marketplace.pricing.nights.selection import COUPLE, Party
from marketplace.pricing.nights.terms import MonthPrice, Occupancy, Promotion, Terms, Tier
from marketplace.pricing.queries import Plan
from marketplace.pricing.service import set_rate
from tests.factories import NOW, TODAY, Room, make_room
from tests.service.offers.dressing import dress
from tests.support import price_setting
from tests.support.booking import Desk, make_desk

STAFF = Actor("staff", "1")
LENGTHS = (1, 7, 15, 29, 30, 45, 60, 90)
PARTIES = (
    (1, Party(1)), (1, Party(2)), (1, Party(2, (4,))), (2, Party(3)), (2, Party(3, (1, 8, 12))),
)  # fmt: skip
"""Rooms and people."""


def built(database: Database) -> Matrix:
    with database.read() as session:
        return matrix_loading.build(session, today=TODAY)


def refreshed(database: Database, matrix: Matrix) -> Matrix:
    changes.sequence(database)
    with database.read() as session:
        return matrix_loading.refresh(session, matrix, today=TODAY)


@dataclass(frozen=True)
class Engine:
    """What the rules and the quote engine say of every room, read from the database once."""

    offers: dict[int, Offer]
    plans: dict[int, Plan]
    free: dict[int, dict[dt.date, int]]

    @classmethod
    def of(cls, session: Session) -> Engine:
        owned = sa.select(StockPool.room_type_id).where(StockPool.room_type_id.is_not(None))
        rooms = list(session.scalars(owned))
        offers = {room: find_offer(session, room_type_id=room) for room in rooms}
        pools = {offer.pool_id: room for room, offer in offers.items()}
        last = TODAY + dt.timedelta(days=HORIZON_DAYS)
        stock = month(session, pool_ids=list(pools), first=TODAY, last=last)
        return cls(
            {room: offer for room, offer in offers.items() if offer.kind is ListingKind.STAY},
            prices.plans(session, room_type_ids=rooms, first=TODAY, last=last),
            {
                room: {day: held.free for day, held in stock[pool].items() if not held.closed}
                for pool, room in pools.items()
            },
        )

    def total(self, room: int, ask: Ask) -> int | None:
        """Return what the stay costs, ``None`` where it is refused."""
        plan, free = self.plans[room], self.free[room]
        if any(free.get(day, 0) < ask.rooms for day in ask.stay.days()):
            return None
        if refusals(stay=ask.stay, booked_on=TODAY, terms=plan.terms, days=plan.rules):
            return None
        try:
            check_rules(self.offers[room], ask)
            return quote(ask=ask, rates=plan.rates, terms=plan.terms).total_fen
        except (Restricted, Invalid, NoPrice):
            return None


def by_the_matrix(matrix: Matrix, ask: Ask) -> dict[int, int]:
    party = ask.party
    found = matrix.find(stay=ask.stay, rooms=ask.rooms, party=party)
    return dict(zip(found.room_type_ids.tolist(), found.totals_fen.tolist(), strict=True))


def test_bookable_and_totals_are_the_engines_on_every_date(sample: Database) -> None:
    """Every room and date of the sample; lengths and people change from date to date."""
    dress(sample)
    answers = refused = 0
    with sample.read() as session:
        matrix, engine = matrix_loading.build(session, today=TODAY), Engine.of(session)
    for day in range(402):
        # Every pair of a length and a party comes up within 40 days.
        rooms, party = PARTIES[day % len(PARTIES)]
        stay = Stay.of(TODAY + dt.timedelta(day), LENGTHS[day % len(LENGTHS)])
        ask = Ask(stay, TODAY, rooms=rooms, party=party)
        totals = {room: engine.total(room, ask) for room in engine.offers}
        expected = {room: fen for room, fen in totals.items() if fen is not None}
        assert by_the_matrix(matrix, ask) == expected, ask
        answers += len(expected)
        refused += len(totals) - len(expected)
    assert answers > 3_000
    assert refused > 2_000


@pytest.mark.parametrize("seed", range(2))
def test_what_the_matrix_finds_is_what_can_be_booked(sample: Database, seed: int) -> None:
    """By the same calls, over the database, that placing a booking makes."""
    dress(sample)
    chance, kinds = random.Random(seed), set()
    with sample.read() as session:
        matrix = matrix_loading.build(session, today=TODAY)
        offers = [
            find_offer(session, room_type_id=int(room)) for room in matrix.pools.room_type_ids
        ]
        for _ in range(400):
            offer, (rooms, party) = chance.choice(offers), chance.choice(PARTIES)
            stay = Stay.of(TODAY + dt.timedelta(chance.randrange(330)), chance.choice(LENGTHS))
            ask = Ask(stay, TODAY, rooms=rooms, party=party)
            expected = None
            with suppress(Restricted, Invalid, NoPrice):
                check_rules(offer, ask)
                priced = price(session, room_type_id=offer.room_type_id, ask=ask).quote
                kinds |= {each.kind for each in (*priced.extras, *priced.reductions)}
                free = free_rooms(session, room_type_ids=[offer.room_type_id], stay=stay)
                if free[offer.room_type_id] >= rooms:
                    expected = priced.total_fen
            assert by_the_matrix(matrix, ask).get(offer.room_type_id) == expected, (offer, ask)
    assert kinds == {
        ReductionKind.TIER,
        ReductionKind.MONTH,
        ReductionKind.PROMOTION,
        ExtraKind.ADULT,
        ExtraKind.CHILD,
        ExtraKind.SINGLE,
    }


class TestChanges:
    @pytest.fixture
    def desk(self, database: Database) -> Desk:
        return make_desk(database)

    def assert_same(self, desk: Desk, matrix: Matrix) -> None:
        """A refreshed matrix is the matrix that a rebuild would give."""
        fresh, follows = built(desk.database), refreshed(desk.database, matrix)
        assert np.array_equal(fresh.free, follows.free)
        assert np.array_equal(fresh.sums, follows.sums)
        assert np.array_equal(fresh.pools.on_sale, follows.pools.on_sale)
        for offset, nights in ((0, 3), (9, 7), (20, 30), (25, 45)):
            stay = Stay.of(TODAY + dt.timedelta(days=offset), nights)
            ask = Ask(stay, TODAY, rooms=1, party=Party(1))
            assert by_the_matrix(fresh, ask) == by_the_matrix(follows, ask)

    def test_a_booking_a_closure_a_block_and_a_price(self, desk: Desk) -> None:
        changes.sequence(desk.database)
        matrix = built(desk.database)
        desk.hold(arrive=TODAY + dt.timedelta(days=3), nights=5)
        self.assert_same(desk, matrix)
        edit = CalendarEdit(
            desk.room.pool_id,
            TODAY + dt.timedelta(days=20),
            TODAY + dt.timedelta(days=25),
            closed=True,
        )
        days = [TODAY + dt.timedelta(days=offset) for offset in (30, 31, 40)]
        with desk.database.write() as session:
            apply(session, edit=edit, actor=STAFF, now=NOW)
            block(
                UnitOfWork(session, now=NOW, actor=STAFF, ids=RandomIds()),
                pool_id=desk.room.pool_id,
                stay=Stay.of(TODAY, 2),
                units=1,
                reason="维修",
            )
            set_rate(
                session,
                room_type_id=desk.room.room_type_id,
                pool_id=desk.room.pool_id,
                days=days,
                list_fen=31_100,
                actor=STAFF,
                now=NOW,
            )
        self.assert_same(desk, matrix)
        follows = refreshed(desk.database, matrix)
        assert follows.rates(30)[0] == 31_100
        assert follows.free[20, 0] == 0

    def total(self, matrix: Matrix, *, offset: int, nights: int) -> int | None:
        stay = Stay.of(TODAY + dt.timedelta(days=offset), nights)
        found = by_the_matrix(matrix, Ask(stay, TODAY, rooms=1, party=Party(1)))
        return next(iter(found.values()), None)

    def put(self, desk: Desk, terms: Terms) -> None:
        price_setting.put(desk, desk.room, terms)

    @pytest.mark.parametrize(
        ("terms", "offset", "nights", "total"),
        [
            (Terms(), 0, 30, 600_000),
            (Terms(tiers=(Tier(7, 1_000),)), 0, 30, 540_000),
            (Terms(months=(MonthPrice(TODAY, 300_000, 30),)), 0, 30, 300_000),
            (Terms(promotions=(Promotion("a", "优惠", 2_000),)), 0, 30, 480_000),
            (Terms(occupancy=Occupancy(single_off_fen=1_000)), 0, 30, 570_000),
            (Terms(lead_days=1), 0, 30, None),
            (Terms(window_days=0), 1, 30, None),
            (Terms(arrival_weekdays=frozenset({0})), 0, 30, None),
        ],
    )
    def test_a_new_tariff(
        self, desk: Desk, terms: Terms, offset: int, nights: int, total: int | None
    ) -> None:
        """Thirty nights at 200 yuan, which are 15% less before."""
        changes.sequence(desk.database)
        matrix = built(desk.database)
        before = self.total(matrix, offset=offset, nights=nights)
        assert before == 510_000
        self.put(desk, terms)
        self.assert_same(desk, matrix)
        assert self.total(refreshed(desk.database, matrix), offset=offset, nights=nights) == total
        self.put(desk, Terms(tiers=(Tier(30, 1_500),)))
        self.assert_same(desk, matrix)
        assert self.total(refreshed(desk.database, matrix), offset=offset, nights=nights) == before

    def restrict(self, desk: Desk, rules: dict[int, DayRule], room: Room | None = None) -> None:
        dated = {TODAY + dt.timedelta(day): rule for day, rule in rules.items()}
        price_setting.restrict(desk, room or desk.room, dated)

    @pytest.mark.parametrize(
        "rules",
        [
            {12: DayRule(min_nights=8)},
            {9: DayRule(max_nights=6)},
            {9: DayRule(min_nights_arrival=8)},
            {9: DayRule(max_nights_arrival=6)},
            {9: DayRule(no_arrival=True)},
            {16: DayRule(no_departure=True)},
            {9: DayRule(1, 100, 1, 100), 11: DayRule(min_nights=100, max_nights=100)},
        ],
    )
    def test_restrictions_come_and_go(self, desk: Desk, rules: dict[int, DayRule]) -> None:
        changes.sequence(desk.database)
        matrix = built(desk.database)
        assert self.total(matrix, offset=9, nights=7) == 140_000
        self.restrict(desk, rules)
        self.assert_same(desk, matrix)
        assert self.total(refreshed(desk.database, matrix), offset=9, nights=7) is None
        self.restrict(desk, dict.fromkeys(rules, DayRule()))
        self.assert_same(desk, matrix)
        assert self.total(refreshed(desk.database, matrix), offset=9, nights=7) == 140_000

    def test_restrictions_of_several_rooms_one_after_the_other(self, desk: Desk) -> None:
        with desk.database.write() as session:
            rooms = [make_room(session, listing_id=desk.room.listing_id) for _ in range(3)]
        changes.sequence(desk.database)
        matrix = built(desk.database)
        stay = Stay.of(TODAY + dt.timedelta(days=9), 7)
        for place in (2, 0, 1):
            self.restrict(desk, {place + 9: DayRule(min_nights=30)}, rooms[place])
            self.assert_same(desk, matrix)
        free = matrix.find(stay=stay, rooms=1, party=COUPLE).room_type_ids.tolist()
        assert free == [desk.room.room_type_id]
        self.restrict(desk, {9: DayRule()}, rooms[0])
        self.assert_same(desk, matrix)
        free = matrix.find(stay=stay, rooms=1, party=COUPLE).room_type_ids.tolist()
        assert free == [desk.room.room_type_id, rooms[0].room_type_id]

    def test_restrictions_are_none_of_a_booking_elsewhere(self, desk: Desk) -> None:
        """What a booking changes in its days leaves their restrictions in force."""
        self.restrict(desk, {9: DayRule(no_arrival=True)})
        changes.sequence(desk.database)
        matrix = built(desk.database)
        desk.hold(arrive=TODAY + dt.timedelta(days=5), nights=10)
        self.assert_same(desk, matrix)
        assert self.total(refreshed(desk.database, matrix), offset=9, nights=7) is None
        assert self.total(matrix, offset=10, nights=7) == 140_000

    def test_the_nearest_days_pass_the_restrictions(self, desk: Desk) -> None:
        self.restrict(desk, {day: DayRule(no_arrival=True) for day in range(8, 15)})
        found = nearest(
            built(desk.database),
            room_type_id=desk.room.room_type_id,
            stay=Stay.of(TODAY + dt.timedelta(days=12), 5),
            rooms=1,
            party=Party(1),
        )
        assert [(window.stay.check_in - TODAY).days for window in found] == [15, 16, 7, 17]

    def test_suspension_and_return(self, desk: Desk) -> None:
        changes.sequence(desk.database)
        matrix = built(desk.database)
        stay = Stay.of(TODAY, 7)
        with desk.database.write() as session:
            suspend(
                session,
                enterprise_id=desk.room.enterprise_id,
                reason="检查",
                actor=STAFF,
                now=NOW,
            )
        matrix = refreshed(desk.database, matrix)
        assert len(matrix.find(stay=stay, rooms=1, party=COUPLE).listing_ids) == 0
        with desk.database.write() as session:
            reinstate(session, enterprise_id=desk.room.enterprise_id, actor=STAFF, now=NOW)
        matrix = refreshed(desk.database, matrix)
        assert len(matrix.find(stay=stay, rooms=1, party=COUPLE).listing_ids) == 1

    def set_season(self, desk: Desk, opens: str, closes: str) -> None:
        with desk.database.write() as session:
            listing = session.get_one(Listing, desk.room.listing_id)
            listing.opens, listing.closes = opens, closes
            changes.record(session, changes.LISTING, listing.id, now=NOW)

    def test_a_season_begins_and_ends_with_its_days(self, desk: Desk) -> None:
        changes.sequence(desk.database)
        matrix = built(desk.database)
        self.set_season(desk, "06-10", "06-20")
        self.assert_same(desk, matrix)
        free = refreshed(desk.database, matrix).free[:, 0].astype(bool).tolist()
        assert [day for day in range(120) if free[day]] == list(range(9, 20))
        self.set_season(desk, "09-20", "06-03")
        self.assert_same(desk, matrix)
        free = refreshed(desk.database, matrix).free[:, 0].astype(bool).tolist()
        assert [day for day in range(120) if free[day]] == [0, 1, 2, *range(111, 120)]
        self.set_season(desk, "", "")
        self.assert_same(desk, matrix)

    @pytest.mark.parametrize("days_later", [0, 30])
    def test_known_days_of_another_season_are_read_again(self, desk: Desk, days_later: int) -> None:
        changes.sequence(desk.database)
        today = TODAY + dt.timedelta(days=days_later)
        self.set_season(desk, "06-10", "07-20")
        seasonal = built(desk.database)
        self.set_season(desk, "", "")
        with desk.database.read() as session:
            known = matrix_loading.days_of(seasonal)
            follows = matrix_loading.build(session, today=today, known=known)
            fresh = matrix_loading.build(session, today=today)
        for day in range(100):
            assert (fresh.free[day], fresh.rates(day)) == (follows.free[day], follows.rates(day))

    def test_the_days_move_on(self, desk: Desk) -> None:
        matrix = built(desk.database)
        with desk.database.read() as session:
            moved = matrix_loading.refresh(session, matrix, today=TODAY + dt.timedelta(days=1))
        assert moved.first_day == TODAY + dt.timedelta(days=1)
        assert not moved.covers(Stay.of(TODAY, 2))

    def test_full_dates_are_answered_with_the_nearest_free_ones(self, desk: Desk) -> None:
        desk.hold(arrive=TODAY + dt.timedelta(days=10), nights=10, rooms=2)
        wish = Stay.of(TODAY + dt.timedelta(days=12), 5)
        found = nearest(
            built(desk.database),
            room_type_id=desk.room.room_type_id,
            stay=wish,
            rooms=1,
            party=COUPLE,
        )
        arrivals = [(window.stay.check_in - TODAY).days for window in found]
        assert sorted(arrivals) == [3, 4, 5, 20]
        assert all(window.total_fen == 100_000 for window in found)
