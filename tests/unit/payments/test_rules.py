"""When the gateway is asked again."""

from __future__ import annotations

import datetime as dt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from marketplace.payments.rules import REFUND_TRIES, next_poll, next_refund_try

BEGAN = dt.datetime(2027, 6, 1, tzinfo=dt.UTC)


def minutes(count: float) -> dt.timedelta:
    return dt.timedelta(minutes=count)


@pytest.mark.parametrize(
    ("age", "then"),
    [
        (0, 1),
        (0.99, 1),
        (1, 3),
        (3, 10),
        (10, 30),
        (30, 60),
        (60, 120),
        (71 * 60 + 59, 72 * 60),
        (72 * 60, 96 * 60),
        (100 * 60, 120 * 60),
    ],
)
def test_the_ladder_of_polls(age: float, then: float) -> None:
    assert next_poll(BEGAN, BEGAN + minutes(age)) == BEGAN + minutes(then)


@given(st.integers(min_value=0, max_value=60 * 60 * 24 * 400))
def test_the_next_poll_is_always_ahead_and_within_a_day(age: int) -> None:
    now = BEGAN + dt.timedelta(seconds=age)
    assert now < next_poll(BEGAN, now) <= now + dt.timedelta(days=1)


def test_a_refund_is_tried_three_times() -> None:
    waits = [next_refund_try(attempt, BEGAN) for attempt in range(1, REFUND_TRIES + 1)]
    assert waits == [BEGAN + minutes(1), BEGAN + minutes(10), None]
