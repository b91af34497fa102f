"""Cancellation terms, holds and no-shows."""

from __future__ import annotations

import datetime as dt
from itertools import pairwise

import pytest

from marketplace.booking import rules
from marketplace.booking.states import MOVES, BookingState, WrongState, check_move
from marketplace.kernel.clock import SHANGHAI

ARRIVAL = dt.date(2027, 7, 1)
TOTAL = 972_600


def at(days_before: int, clock: str) -> dt.datetime:
    """An instant so many Shanghai days before arrival, seen from a server in UTC."""
    day = ARRIVAL - dt.timedelta(days=days_before)
    local = dt.datetime.combine(day, dt.time.fromisoformat(clock), SHANGHAI)
    return local.astimezone(dt.UTC)


def cancelled(now: dt.datetime, paid: int = TOTAL) -> rules.CancelQuote:
    return rules.cancel_quote(
        policy=rules.STAY_POLICY,
        total_fen=TOTAL,
        paid_fen=paid,
        check_in=ARRIVAL,
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
        found = rules.cancel_quote(
            policy=rules.STAY_POLICY,
            total_fen=TOTAL,
            paid_fen=TOTAL,
            check_in=ARRIVAL,
            confirmed_at=paid_at,
            now=paid_at + dt.timedelta(minutes=minutes),
        )
        assert found.undo is undo
        assert (found.fee_fen == 0) is undo


class TestBands:
    def test_they_are_dated_and_leave_no_gap(self) -> None:
        rows = rules.bands(rules.STAY_POLICY, total_fen=TOTAL, check_in=ARRIVAL)
        assert rows[0].since is None
        assert rows[0].until == dt.date(2027, 6, 1)
        assert rows[-1].until == ARRIVAL
        for before, after in pairwise(rows):
            assert after.since == before.until + dt.timedelta(days=1)

    def test_each_row_says_what_the_quote_says(self) -> None:
        for row in rules.bands(rules.STAY_POLICY, total_fen=TOTAL, check_in=ARRIVAL):
            days = (ARRIVAL - row.until).days
            assert cancelled(at(days, "12:00:00")).fee_fen == row.fee_fen


class TestHolds:
    def test_it_is_extended_three_times_up_to_two_hours(self) -> None:
        placed = at(100, "09:00:00")
        until, ends = placed + rules.HOLD_SHOWN, []
        for extensions in range(3):
            longer = rules.extended(placed_at=placed, expires_at=until, extensions=extensions)
            assert longer is not None
            until = longer
            ends.append(until - placed)
        assert ends == [dt.timedelta(hours=1), dt.timedelta(hours=1.5), dt.timedelta(hours=2)]
        assert rules.extended(placed_at=placed, expires_at=until, extensions=3) is None

    @pytest.mark.parametrize(
        ("days_after", "clock", "no_show"), [(1, "23:59:59", False), (2, "00:00:00", True)]
    )
    def test_a_guest_has_a_day_after_the_arrival_day(
        self, days_after: int, clock: str, no_show: bool
    ) -> None:
        assert rules.is_no_show(ARRIVAL, at(-days_after, clock)) is no_show


class TestMoves:
    def test_only_the_listed_moves_are_possible(self) -> None:
        for state in BookingState:
            for target in BookingState:
                if target in MOVES[state]:
                    check_move(state, target)
                else:
                    with pytest.raises(WrongState):
                        check_move(state, target)
