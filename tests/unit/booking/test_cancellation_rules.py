"""Cancellation terms, holds and no-shows."""

from __future__ import annotations

import datetime as dt
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from marketplace.booking.contract import cancellation_rules
from marketplace.booking.contract.cancellation_rules import ChangedBefore, Sold
from marketplace.booking.states import MOVES, BookingState, WrongState, check_move
from marketplace.kernel.clock import SHANGHAI
from marketplace.pricing.nights.terms import FeeBand, Terms

ARRIVAL = dt.date(2027, 7, 1)
TOTAL = 972_600


def at(days_before: int, clock: str) -> dt.datetime:
    """An instant so many Shanghai days before arrival, seen from a server in UTC."""
    day = ARRIVAL - dt.timedelta(days=days_before)
    local = dt.datetime.combine(day, dt.time.fromisoformat(clock), SHANGHAI)
    return local.astimezone(dt.UTC)


def cancelled(now: dt.datetime, paid: int = TOTAL) -> cancellation_rules.CancelQuote:
    return cancellation_rules.cancel_quote(
        sold=[Sold(cancellation_rules.STAY_POLICY, TOTAL, ARRIVAL)],
        paid_fen=paid,
        confirmed_at=at(200, "12:00:00"),
        now=now,
    )


class TestCancelQuote:
    @pytest.mark.parametrize(
        ("days", "clock", "fee_bp"),
        [
            (45, "12:00:00", 0),
            (30, "00:00:00", 0),
            (30, "23:59:59", 0),
            (29, "00:00:00", 2000),
            (15, "23:59:59", 2000),
            (14, "00:00:00", 4000),
            (7, "23:59:59", 4000),
            (6, "00:00:00", 6000),
            (1, "23:59:59", 6000),
            (0, "00:00:00", 8000),
        ],
    )
    def test_the_tiers_change_at_midnight_in_shanghai(
        self, days: int, clock: str, fee_bp: int
    ) -> None:
        found = cancelled(at(days, clock))
        assert found.fee_bp == fee_bp
        assert found.fee_fen + found.refund_fen == TOTAL

    def test_twenty_days_before_keeps_a_fifth(self) -> None:
        found = cancelled(at(20, "09:00:00"))
        assert (found.fee_fen, found.refund_fen) == (194_520, 778_080)

    def test_the_fee_is_never_more_than_was_paid(self) -> None:
        found = cancelled(at(5, "09:00:00"), paid=291_780)
        assert (found.fee_fen, found.refund_fen) == (291_780, 0)

    @pytest.mark.parametrize(("minutes", "undo"), [(0, True), (29, True), (30, False)])
    def test_half_an_hour_after_paying_everything_comes_back(
        self, minutes: int, undo: bool
    ) -> None:
        paid_at = at(2, "09:00:00")
        found = cancellation_rules.cancel_quote(
            sold=[Sold(cancellation_rules.STAY_POLICY, TOTAL, ARRIVAL)],
            paid_fen=TOTAL,
            confirmed_at=paid_at,
            now=paid_at + dt.timedelta(minutes=minutes),
        )
        assert found.undo is undo
        assert (found.fee_fen == 0) is undo


@st.composite
def policies(draw: st.DrawFn) -> dict[str, Any]:
    """A preset, or steps of one's own: any days, the last at 0, later never cheaper."""
    if draw(st.booleans()):
        return draw(st.sampled_from(list(cancellation_rules.PRESETS.values())))
    days = sorted(draw(st.sets(st.integers(1, 60), max_size=5)), reverse=True)
    fees = sorted(
        draw(st.lists(st.integers(0, 10_000), min_size=len(days) + 1, max_size=len(days) + 1))
    )
    bands = tuple(FeeBand(day, fee) for day, fee in zip([*days, 0], fees, strict=True))
    return cancellation_rules.policy_of(Terms(fee_bands=bands))


class TestBands:
    @given(
        sold=st.lists(
            st.builds(
                Sold,
                policies(),
                st.integers(0, 10_000_000),
                st.integers(0, 20).map(lambda later: ARRIVAL + dt.timedelta(days=later)),
                st.builds(
                    ChangedBefore,
                    st.sampled_from([0, 0, 2_000, 10_000]),
                    st.sampled_from([0, 0, 37_001]),
                ),
            ),
            min_size=1,
            max_size=3,
        ),
        ahead=st.integers(0, 90),
    )
    def test_each_day_from_booking_to_the_last_arrival_stands_once_with_the_fee_of_that_day(
        self, sold: list[Sold], ahead: int
    ) -> None:
        rows = cancellation_rules.bands(sold, first=ARRIVAL - dt.timedelta(days=ahead))
        last = (max(each.first_day for each in sold) - ARRIVAL).days
        days = [
            (row.since + dt.timedelta(days=number), row)
            for row in rows
            for number in range((row.until - row.since).days + 1)
        ]
        assert [day for day, _ in days] == [
            ARRIVAL + dt.timedelta(days=number) for number in range(-ahead, last + 1)
        ]
        for day, row in days:
            asked = cancellation_rules.cancel_quote(
                sold=sold,
                paid_fen=sum(each.total_fen for each in sold),
                confirmed_at=at(200, "12:00:00"),
                now=at((ARRIVAL - day).days, "12:00:00"),
            )
            assert (row.fee_bp, row.fee_fen) == (asked.fee_bp, asked.fee_fen)
        for before, after in pairwise(rows):
            assert (before.fee_bp, before.fee_fen) != (after.fee_bp, after.fee_fen)

    def test_own_steps_leave_no_day_out(self) -> None:
        steps = (FeeBand(14, 0), FeeBand(3, 3_000), FeeBand(0, 5_000))
        rows = cancellation_rules.bands(
            [Sold(cancellation_rules.policy_of(Terms(fee_bands=steps)), TOTAL, ARRIVAL)],
            first=ARRIVAL - dt.timedelta(days=30),
        )
        assert [(row.since.isoformat(), row.until.isoformat()) for row in rows] == [
            ("2027-06-01", "2027-06-17"),
            ("2027-06-18", "2027-06-28"),
            ("2027-06-29", "2027-07-01"),
        ]

    def test_after_the_day_of_arrival_the_last_row_is_left(self) -> None:
        rows = cancellation_rules.bands(
            [Sold(cancellation_rules.STAY_POLICY, TOTAL, ARRIVAL)],
            first=ARRIVAL + dt.timedelta(days=1),
        )
        assert [(row.since, row.until, row.fee_bp) for row in rows] == [(ARRIVAL, ARRIVAL, 8_000)]


class TestHolds:
    def test_it_is_extended_three_times_up_to_two_hours(self) -> None:
        placed = at(100, "09:00:00")
        until, ends = placed + cancellation_rules.HOLD_SHOWN, []
        for extensions in range(3):
            longer = cancellation_rules.extended(
                placed_at=placed, expires_at=until, extensions=extensions
            )
            assert longer is not None
            until = longer
            ends.append(until - placed)
        assert ends == [dt.timedelta(hours=1), dt.timedelta(hours=1.5), dt.timedelta(hours=2)]
        assert cancellation_rules.extended(placed_at=placed, expires_at=until, extensions=3) is None

    @pytest.mark.parametrize(
        ("days_after", "clock", "no_show"), [(1, "23:59:59", False), (2, "00:00:00", True)]
    )
    def test_a_guest_has_a_day_after_the_arrival_day(
        self, days_after: int, clock: str, no_show: bool
    ) -> None:
        assert cancellation_rules.is_no_show(ARRIVAL, at(-days_after, clock)) is no_show


class TestMoves:
    def test_only_the_listed_moves_are_possible(self) -> None:
        for state in BookingState:
            for target in BookingState:
                if target in MOVES[state]:
                    check_move(state, target)
                else:
                    with pytest.raises(WrongState):
                        check_move(state, target)
