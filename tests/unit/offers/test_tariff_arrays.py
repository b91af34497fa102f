"""Terms of many pools as arrays: what is shared, what is replaced, what costs nothing."""

from __future__ import annotations

import datetime as dt

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from marketplace.kernel.stay import Stay
from marketplace.offers.matrix.tariff_arrays import MOST_PARTIES, Tariffs, Wish
from marketplace.pricing.nights.quote import Ask, quote
from marketplace.pricing.nights.selection import COUPLE, Party
from marketplace.pricing.nights.terms import (
    ChildBand,
    MonthPrice,
    Occupancy,
    Promotion,
    Terms,
    Tier,
    write_terms,
)
from tests.unit.offers.stocks import TODAY, terms

FEN = 20_000


def texts(*every: Terms) -> list[str]:
    return [write_terms(each) for each in every]


def totals(tariffs: Tariffs, nights: int, party: Party = COUPLE) -> list[int]:
    wish = Wish(nights, 1, party, TODAY)
    columns = np.arange(len(tariffs.places))

    def listed(begin: int, end: int, some: np.ndarray) -> np.ndarray:
        return np.full(len(some), FEN * (end - begin), np.int64)

    return tariffs.totals(columns, wish, TODAY, listed).tolist()


def by_the_engine(every: list[Terms], nights: int, party: Party) -> list[int]:
    ask = Ask(Stay.of(TODAY, nights), TODAY, rooms=1, party=party)
    rates = dict.fromkeys(ask.stay.days(), FEN)
    return [quote(ask=ask, rates=rates, terms=each).total_fen for each in every]


@given(
    before=st.lists(terms(), min_size=2, max_size=5),
    later=st.lists(st.tuples(st.integers(0, 1), terms()), max_size=4),
    nights=st.integers(1, 30),
    party=st.builds(Party, st.integers(1, 4), st.sampled_from([(), (3,), (5, 11)])),
)
def test_terms_are_replaced_one_after_the_other(
    before: list[Terms], later: list[tuple[int, Terms]], nights: int, party: Party
) -> None:
    """Months and tiers come up that no terms had before; the rest stays as it was."""
    tariffs, held = Tariffs.of(texts(*before)), list(before)
    for place, put in later:
        old, kept = tariffs, totals(tariffs, nights, party)
        tariffs = tariffs.put(np.array([place]), texts(put))
        held[place] = put
        assert totals(tariffs, nights, party) == by_the_engine(held, nights, party)
        assert totals(old, nights, party) == kept


def test_equal_terms_are_kept_once() -> None:
    some = Terms(
        tiers=(Tier(7, 500),),
        months=(MonthPrice(dt.date(2027, 7, 1), 900_000),),
        promotions=(Promotion("a", "优惠", 100),),
    )
    few, many = Tariffs.of(texts(some)), Tariffs.of(texts(some) * 1_000)
    assert many.nbytes - few.nbytes == many.places.nbytes - few.places.nbytes


@pytest.mark.parametrize(
    ("rooms", "party", "changes"),
    [
        (1, COUPLE, False),
        (2, Party(4), False),
        (1, Party(1, (9,)), False),
        (1, Party(1), True),
        (1, Party(3), True),
        (2, Party(3), True),
        (1, Party(2, (9,)), True),
        (1, Party(2, (2,)), False),
    ],
)
def test_whether_people_change_anything(rooms: int, party: Party, changes: bool) -> None:
    people = Occupancy(extra_adult_fen=900, single_off_fen=500, children=(ChildBand(3, 0),))
    tariffs = Tariffs.of(texts(Terms(), Terms(occupancy=people)))
    assert (tariffs.people(rooms, party) is not None) is changes
    assert Tariffs.of(texts(Terms())).people(rooms, party) is None


def test_only_so_many_parties_are_remembered() -> None:
    tariffs = Tariffs.of(texts(Terms(occupancy=Occupancy(extra_adult_fen=100))))
    for adults in range(1, 2 * MOST_PARTIES):
        fen = tariffs.people(1, Party(adults))
        assert (0 if fen is None else fen[0]) == max(0, adults - 2) * 100
    assert len(tariffs._people) == MOST_PARTIES


def test_where_the_lowest_list_price_may_not_be_the_lowest_total() -> None:
    july = MonthPrice(dt.date(2027, 7, 1), 500_000, 10)
    autumn = Promotion("a", "优惠", 900, arrive_first=dt.date(2027, 9, 1), min_nights=10)
    early = Promotion("b", "优惠", 900, min_lead_days=60, min_nights=10)
    tariffs = Tariffs.of(
        texts(
            Terms(tiers=(Tier(2, 900),), occupancy=Occupancy(extra_adult_fen=100)),
            Terms(months=(july,)),
            Terms(promotions=(autumn,)),
            Terms(promotions=(early,)),
        )
    )

    def varied(first: dt.date, last: dt.date, nights: int) -> list[int]:
        wish = Wish(nights, 1, COUPLE, TODAY)
        return np.flatnonzero(tariffs.varied(wish, first, last)).tolist()

    june = dt.date(2027, 6, 20)
    assert varied(june, june, 10) == []
    assert varied(june, june, 12) == [1]
    assert varied(june, dt.date(2027, 6, 30), 10) == [1]
    assert varied(dt.date(2027, 8, 1), dt.date(2027, 8, 10), 10) == []
    assert varied(dt.date(2027, 8, 1), dt.date(2027, 8, 20), 10) == [3]
    assert varied(dt.date(2027, 8, 1), dt.date(2027, 9, 1), 10) == [2, 3]
    assert varied(dt.date(2027, 6, 20), dt.date(2027, 9, 1), 9) == []
