"""A price given with an id is honoured to the fen, whatever happens to the tariff."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace

import pytest
import sqlalchemy as sa
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from marketplace.booking.contract.buyers import WebBuyer
from marketplace.booking.contract.placement import PlaceBooking, QuoteDiffers, place
from marketplace.booking.contract.room_choices import RoomChoice
from marketplace.booking.lifecycle import scheduled_jobs, transitions
from marketplace.booking.states import ReasonCode
from marketplace.kernel.audit import TRAVELLER, Actor
from marketplace.kernel.db import Database
from marketplace.kernel.errors import NotFound
from marketplace.kernel.stay import Stay
from marketplace.offers.quoting.stay_offers import price
from marketplace.pricing import saved_quotes
from marketplace.pricing.models import GivenQuote
from marketplace.pricing.nights.quote import Ask
from marketplace.pricing.nights.restrictions import DayRule, Restricted
from marketplace.pricing.nights.selection import Party, StaySelection
from marketplace.pricing.nights.terms import FeeBand, Terms
from marketplace.pricing.saved_quotes import QuoteExpired
from marketplace.pricing.service import put_tariff, set_rate, set_restrictions
from tests.factories import TODAY
from tests.support.booking import Desk, make_desk
from tests.support.changing import assert_clean
from tests.unit.pricing.tariffs import terms as any_terms

STAFF = Actor("staff", "1")
ARRIVE = TODAY + dt.timedelta(days=40)
OFF = 17_000


@pytest.fixture
def desk(database: Database) -> Desk:
    return make_desk(database)


def chosen_at(desk: Desk, *, nights: int = 30, **wish: object) -> StaySelection:
    stay = Stay.of(ARRIVE, nights)
    usual = StaySelection(desk.room.room_type_id, stay, rooms=1, party=Party(2))
    return replace(usual, **wish)  # type: ignore[arg-type]


def give(desk: Desk, holder: str = "web", nights: int = 30) -> saved_quotes.GivenStay:
    chosen = chosen_at(desk, nights=nights)
    with desk.database.write() as session:
        ask = Ask.of(chosen, booked_on=TODAY)
        made = price(session, room_type_id=chosen.room_type_id, ask=ask)
        return saved_quotes.give(
            session,
            stay=saved_quotes.quoted_stay(
                desk.room.listing_id, [(chosen, made.plan.tariff_id, made.quote)]
            ),
            holder=holder,
            ids=desk.ids,
            now=desk.clock.now(),
        )


def book(desk: Desk, quote_id: str, **wish: object) -> str:
    command = PlaceBooking(
        rooms=(RoomChoice(chosen_at(desk, **wish), quote_id),),
        buyer=WebBuyer("王秀英", "13900000001", "10.0.0.1", "1", "示例森林小屋"),
    )
    with desk.database.write() as session:
        return place(
            session,
            command=command,
            commission_bp=1000,
            actor=TRAVELLER,
            ids=desk.ids,
            now=desk.clock.now(),
        ).id


def edit(desk: Desk, terms: Terms, fen: int) -> None:
    with desk.database.write() as session:
        where = {"room_type_id": desk.room.room_type_id, "pool_id": desk.room.pool_id}
        set_rate(
            session,
            days=[ARRIVE + dt.timedelta(days=n) for n in range(60)],
            list_fen=fen,
            actor=STAFF,
            now=desk.clock.now(),
            **where,
        )
        put_tariff(session, terms=terms, actor=STAFF, today=TODAY, now=desk.clock.now(), **where)


class TestHonouring:
    @settings(
        max_examples=12,
        deadline=None,
        suppress_health_check=[HealthCheck.function_scoped_fixture],
    )
    @given(terms=any_terms(), fen=st.integers(30_000, 90_000))
    def test_no_edit_of_the_tariff_changes_a_quote_that_was_given(
        self, desk: Desk, terms: Terms, fen: int
    ) -> None:
        given_one = give(desk)
        edit(desk, terms, fen)
        with desk.database.read() as session:
            kept = saved_quotes.given(
                session, quote_id=given_one.id, holder="web", now=desk.clock.now()
            )
        assert kept.of == given_one.of

    def test_it_is_sold_at_that_price_and_under_that_tariff(self, desk: Desk) -> None:
        given_one = give(desk)
        edit(desk, Terms(fee_bands=(FeeBand(0, 9_000),)), 90_000)
        desk.clock.advance(minutes=29)
        booking_id = book(desk, given_one.id)
        booking = desk.booking(booking_id)
        assert (booking.total_fen, booking.room.policy["name"]) == (30 * OFF, "stay")
        desk.pay(booking_id)
        assert_clean(desk)

    def test_after_its_time_it_counts_no_longer(self, desk: Desk) -> None:
        given_one = give(desk)
        desk.clock.advance(minutes=30)
        with pytest.raises(QuoteExpired):
            book(desk, given_one.id)

    def test_it_is_for_what_was_asked_and_for_who_asked(self, desk: Desk) -> None:
        given_one = give(desk)
        for wish in ({"nights": 29}, {"party": Party(1)}, {"rooms": 2, "party": Party(2)}):
            with pytest.raises(QuoteDiffers):
                book(desk, given_one.id, **wish)
        with pytest.raises(NotFound):
            book(desk, give(desk, holder="partner:1").id)
        for unknown in ("nothing", "", "ffffffff" * 4, "-1", "f" * 400):
            with pytest.raises(NotFound):
                book(desk, unknown)

    def test_restrictions_of_today_count_all_the_same(self, desk: Desk) -> None:
        given_one = give(desk)
        with desk.database.write() as session:
            set_restrictions(
                session,
                room_type_id=desk.room.room_type_id,
                pool_id=desk.room.pool_id,
                rules={ARRIVE: DayRule(no_arrival=True)},
                actor=STAFF,
                now=desk.clock.now(),
            )
        with pytest.raises(Restricted):
            book(desk, given_one.id)

    def test_old_ones_are_forgotten(self, desk: Desk) -> None:
        give(desk)
        desk.clock.advance(days=7)
        scheduled_jobs.forget_quotes(desk.money)
        desk.clock.advance(hours=1)
        scheduled_jobs.forget_quotes(desk.money)
        with desk.database.read() as session:
            assert session.scalar(sa.select(sa.func.count()).select_from(GivenQuote)) == 0


class TestPolicies:
    def cancelled(self, desk: Desk, reason: ReasonCode) -> int:
        booking_id = desk.paid()
        desk.clock.advance(days=38)
        with desk.database.write() as session:
            return transitions.cancel(
                session,
                booking_id=booking_id,
                reason=reason,
                expected_refund_fen=None,
                actor=STAFF,
                ids=desk.ids,
                now=desk.clock.now(),
            ).fee_fen

    def test_an_operators_own_tiers_are_kept_with_the_booking(self, desk: Desk) -> None:
        bands = (FeeBand(3, 1_000), FeeBand(0, 10_000))
        edit(desk, Terms(fee_bands=bands), 20_000)
        first = desk.paid()
        edit(desk, Terms(fee_bands=(FeeBand(0, 0),)), 20_000)
        assert desk.booking(first).room.policy["bands"] == [
            {"days": 3, "fee_bp": 1_000},
            {"days": 0, "fee_bp": 10_000},
        ]

    @pytest.mark.parametrize(
        ("reason", "share_bp"),
        [
            (ReasonCode.TRAVELLER_HEALTH, 6_000),
            (ReasonCode.HEALTH_PROVEN, 0),
            (ReasonCode.OPERATOR_FAULT, 0),
            (ReasonCode.FORCE_MAJEURE, 0),
        ],
    )
    def test_the_cause_decides_the_tier(
        self, desk: Desk, reason: ReasonCode, share_bp: int
    ) -> None:
        assert self.cancelled(desk, reason) == 30 * OFF * share_bp // 10_000
        assert_clean(desk)

    def test_a_preset_can_be_named(self, desk: Desk) -> None:
        edit(desk, replace(Terms(), policy="package"), 20_000)
        assert desk.booking(desk.paid()).room.policy["name"] == "package"
