"""Parts that cost less than the whole are found, and told."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from marketplace.kernel.stay import Stay
from marketplace.pricing.nights.quote import Ask, quote
from marketplace.pricing.nights.splitting import cheaper_split
from marketplace.pricing.nights.terms import Promotion, Terms, Tier
from tests.unit.pricing.tariffs import BOOKED_ON, asks, calendars, terms


def total(ask: Ask, stay: Stay, rates: dict[dt.date, int], terms: Terms) -> int:
    return quote(ask=replace(ask, stay=stay), rates=rates, terms=terms).total_fen


@given(ask=asks(), fens=calendars(), terms=terms(), cuts=st.sets(st.integers(1, 119), max_size=3))
def test_no_split_undercuts_the_whole_without_being_told(
    ask: Ask, fens: list[int], terms: Terms, cuts: set[int]
) -> None:
    ask = replace(ask, stay=Stay.of(ask.stay.check_in, min(ask.stay.nights, 45)))
    rates = {day: fens[index % len(fens)] for index, day in enumerate(ask.stay.days())}
    told = cheaper_split(ask=ask, rates=rates, terms=terms)
    whole = total(ask, ask.stay, rates, terms)
    ends = [0, *sorted(cut for cut in cuts if cut < ask.stay.nights), ask.stay.nights]
    days = [ask.stay.check_in + dt.timedelta(days=end) for end in ends]
    parts = [Stay(*pair) for pair in pairwise(days)]
    apart = sum(total(ask, part, rates, terms) for part in parts)
    if told is None:
        assert apart >= whole - len(parts)
    else:
        assert sum(total(ask, part, rates, terms) for part in told.parts) == whole - told.saved_fen
        assert apart >= whole - told.saved_fen - len(parts)


def test_a_part_that_comes_in_time_for_a_promotion_is_told() -> None:
    ask = Ask(Stay.of(dt.date(2027, 7, 1), 20), BOOKED_ON)
    rates = dict.fromkeys(ask.stay.days(), 10_000)
    late = Promotion("aug", "七月中旬特惠", 2_000, arrive_first=dt.date(2027, 7, 11))
    found = cheaper_split(ask=ask, rates=rates, terms=Terms(promotions=(late,)))
    assert found is not None
    assert found.saved_fen == 20_000
    assert [part.nights for part in found.parts] == [10, 10]


def test_a_part_that_the_restrictions_refuse_is_not_told() -> None:
    ask = Ask(Stay.of(dt.date(2027, 7, 1), 20), BOOKED_ON)
    rates = dict.fromkeys(ask.stay.days(), 10_000)
    late = Promotion("aug", "七月中旬特惠", 2_000, arrive_first=dt.date(2027, 7, 11))
    terms = Terms(tiers=(Tier(7, 500),), promotions=(late,))
    assert (
        cheaper_split(ask=ask, rates=rates, terms=terms, allowed=lambda stay: stay.nights >= 15)
        is None
    )
