"""The matrix against trying every day, on small random stocks."""

from __future__ import annotations

import datetime as dt

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from marketplace.kernel.stay import Stay
from marketplace.offers.asking import Dates
from marketplace.offers.facts import ROWS, Facts
from marketplace.offers.matrix import HORIZON_DAYS, MOST_REMEMBERED, NEVER, Matrix, Pools

TODAY = dt.date(2027, 6, 1)
DAYS = 14
"""Days that are on sale at all."""


def made(free: np.ndarray, rates: np.ndarray, tiers: dict[int, np.ndarray]) -> Matrix:
    """Return a matrix with two pools for each listing, from [day, pool] units and prices."""
    count = free.shape[1]
    ids = np.arange(1, count + 1)
    listings = 1 + (ids - 1) // 2
    unique = np.unique(listings)
    nowhere, everywhere = np.zeros(len(unique)), np.ones(len(unique), np.bool_)
    whole = np.zeros((HORIZON_DAYS, count), np.int16)
    whole[:DAYS] = free
    sums = np.zeros((HORIZON_DAYS + 1, count), np.int32)
    sums[1 : DAYS + 1] = np.cumsum(rates, axis=0)
    sums[DAYS + 1 :] = sums[DAYS]
    matrix = Matrix(
        first_day=TODAY,
        cursor=0,
        pools=Pools(
            pool_ids=ids,
            room_type_ids=ids * 10,
            listing_ids=listings,
            max_adults=np.full(count, 2, np.int16),
            max_guests=np.full(count, 3, np.int16),
            min_nights=np.full(count, 2, np.int16),
            max_nights=np.full(count, 6, np.int16),
            visible=np.ones(count, np.bool_),
        ),
        facts=Facts(
            unique, everywhere, nowhere, nowhere, nowhere, np.zeros(len(unique), np.int8),
            np.zeros((len(ROWS), len(unique)), np.bool_),
        ),
        free=whole,
        sums=sums,
        tiers=tiers,
    )  # fmt: skip
    matrix.note_prices()
    return matrix


@st.composite
def stocks(draw: st.DrawFn) -> tuple[np.ndarray, np.ndarray, dict[int, np.ndarray]]:
    count = draw(st.integers(1, 5))
    seed = draw(st.integers(0, 10_000))
    chance = np.random.default_rng(seed)
    free = chance.integers(0, 3, (DAYS, count)).astype(np.int16)
    rates = chance.integers(1, 9, (DAYS, count)) * 1_111
    off = chance.integers(-1, 3, count).astype(np.int16) * 333
    return free, rates, {4: np.where(off < 0, -1, off).astype(np.int16)}


def total(
    stock: tuple[np.ndarray, np.ndarray, dict[int, np.ndarray]],
    pool: int,
    begin: int,
    nights: int,
    rooms: int,
) -> int | None:
    """Return what a stay costs, or ``None`` when it cannot be had."""
    free, rates, tiers = stock
    end = begin + nights
    if begin < 0 or end > DAYS or (free[begin:end, pool] < rooms).any():
        return None
    listed = int(rates[begin:end, pool].sum()) * rooms
    off = int(tiers[4][pool])
    kept = 10_000 - off if nights >= 4 and off >= 0 else 10_000
    return (listed * kept * 2 + 10_000) // 20_000


@given(
    stock=stocks(),
    begin=st.integers(-3, DAYS),
    reach=st.integers(0, 8),
    nights=st.integers(1, 7),
    rooms=st.integers(1, 2),
    wish=st.one_of(st.none(), st.integers(-3, DAYS)),
)
def test_the_best_arrival_is_that_of_trying_every_day(  # noqa: PLR0917 - what is varied
    stock: tuple[np.ndarray, np.ndarray, dict[int, np.ndarray]],
    begin: int,
    reach: int,
    nights: int,
    rooms: int,
    wish: int | None,
) -> None:
    matrix = made(*stock)
    day = dt.timedelta(days=1)
    dates = Dates(
        nights,
        TODAY + begin * day,
        TODAY + (begin + reach) * day,
        None if wish is None else TODAY + wish * day,
    )
    best = matrix.best(dates=dates, rooms=rooms, adults=1, guests=1)
    for pool in range(matrix.pools.count):
        offers = [
            (0 if wish is None or not reach else abs(arrival - wish), fen, arrival)
            for arrival in range(begin, begin + reach + 1)
            if 2 <= nights <= 6
            if (fen := total(stock, pool, arrival, nights, rooms)) is not None
        ]
        if not offers:
            assert best.keys[pool] == NEVER
            continue
        nearest = min(offers)
        if reach and wish is not None:
            # Of two days equally near, the earlier.
            nearest = min(offers, key=lambda offer: (offer[0], offer[2]))
        assert (best.totals_fen[pool], best.arrivals[pool]) == nearest[1:]


@given(stock=stocks(), begin=st.integers(0, DAYS), nights=st.integers(1, 7))
def test_one_day_of_arrival(
    stock: tuple[np.ndarray, np.ndarray, dict[int, np.ndarray]], begin: int, nights: int
) -> None:
    matrix = made(*stock)
    stay = Stay.of(TODAY + dt.timedelta(days=begin), nights)
    found = matrix.find(stay=stay, rooms=1, adults=2, guests=3)
    expected = {
        (pool + 1) * 10: fen
        for pool in range(matrix.pools.count)
        if 2 <= nights <= 6 and (fen := total(stock, pool, begin, nights, 1)) is not None
    }
    assert (
        dict(zip(found.room_type_ids.tolist(), found.totals_fen.tolist(), strict=True)) == expected
    )


def test_people_and_rooms_are_counted_together() -> None:
    matrix = made(np.full((DAYS, 1), 5, np.int16), np.full((DAYS, 1), 100), {})
    stay = Stay.of(TODAY, 2)
    for rooms, adults, guests, fits in ((1, 2, 3, True), (1, 3, 3, False), (2, 3, 6, True),
                                        (2, 4, 7, False), (3, 6, 9, True)):  # fmt: skip
        found = matrix.find(stay=stay, rooms=rooms, adults=adults, guests=guests)
        assert bool(len(found.listing_ids)) is fits


def test_what_is_worked_out_once_is_worked_out_anew_after_a_change() -> None:
    matrix = made(np.ones((DAYS, 1), np.int16), np.full((DAYS, 1), 100), {})
    made_up = iter(range(10))
    assert [matrix.remembered("x", lambda: next(made_up)) for _ in range(3)] == [0, 0, 0]
    matrix.version += 1
    assert matrix.remembered("x", lambda: next(made_up)) == 1


def test_only_so_much_is_remembered() -> None:
    matrix = made(np.ones((DAYS, 1), np.int16), np.full((DAYS, 1), 100), {})
    for number in range(100):
        assert matrix.remembered(number, lambda number=number: number) == number
    assert len(matrix._kept) == MOST_REMEMBERED
    assert matrix.remembered(99, lambda: -1) == 99
    assert matrix.remembered(0, lambda: -1) == -1
