"""Small random stocks with tariffs and restrictions, as a matrix and as the engine sees them."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

import numpy as np
from hypothesis import strategies as st

from marketplace.kernel.stay import Stay
from marketplace.offers.matrix.matrix import HORIZON_DAYS, Matrix
from marketplace.offers.matrix.pools import Pools
from marketplace.offers.matrix.tariff_arrays import Tariffs
from marketplace.offers.search.stay_facts import ROWS, Facts
from marketplace.pricing.nights.quote import Ask, NoPrice, quote
from marketplace.pricing.nights.restrictions import DayRule, refusals
from marketplace.pricing.nights.selection import Party
from marketplace.pricing.nights.terms import (
    EVERY_WEEKDAY,
    ChildBand,
    MonthPrice,
    Occupancy,
    Promotion,
    Terms,
    Tier,
    write_terms,
)

TODAY = dt.date(2027, 6, 17)
DAYS = 40
"""Days that are on sale at all; a month ends among them."""
MIN_NIGHTS, MAX_NIGHTS = 2, 30
MAX_ADULTS, MAX_GUESTS = 2, 3
_DAY = dt.timedelta(days=1)


def promotions() -> st.SearchStrategy[Promotion]:
    """Promotions that some arrivals of the coming weeks are given."""
    return st.builds(
        Promotion,
        code=st.sampled_from("abc"),
        name_zh=st.just("优惠"),
        off_bp=st.integers(1, 4_000),
        booked_first=st.none() | st.sampled_from([TODAY, TODAY + _DAY]),
        booked_last=st.none() | st.sampled_from([TODAY, TODAY - _DAY]),
        arrive_first=st.none() | st.just(TODAY + 12 * _DAY),
        arrive_last=st.none() | st.just(TODAY + 20 * _DAY),
        min_nights=st.sampled_from([1, 1, 7]),
        min_lead_days=st.sampled_from([0, 0, 10]),
        max_lead_days=st.sampled_from([None, None, 9]),
    )


def occupancies() -> st.SearchStrategy[Occupancy]:
    """What people change: a room may become cheaper than nothing for one alone."""
    bands = [(), (ChildBand(5, 0),), (ChildBand(5, 300), ChildBand(11, 900))]
    return st.builds(
        Occupancy,
        included=st.sampled_from([1, 2, 2, 3]),
        extra_adult_fen=st.sampled_from([0, 700]),
        single_off_fen=st.sampled_from([0, 500, 2_500]),
        children=st.sampled_from(bands),
    )


def terms() -> st.SearchStrategy[Terms]:
    """Terms with few or many parts; tiers may even fall, which operators are refused."""
    tiers = st.lists(
        st.builds(Tier, st.integers(2, 12), st.integers(1, 6_000)),
        max_size=3,
        unique_by=lambda tier: tier.min_nights,
    )
    months = st.lists(
        st.builds(
            MonthPrice,
            st.sampled_from([dt.date(2027, month, 1) for month in (5, 6, 7, 8)]),
            st.integers(90_000, 260_000),
            st.sampled_from([1, 1, 5, 20]),
        ),
        max_size=2,
        unique_by=lambda month: month.month,
    )
    every_day = st.just(EVERY_WEEKDAY)
    return st.builds(
        Terms,
        tiers=tiers.map(tuple),
        months=months.map(tuple),
        occupancy=occupancies() | st.just(Occupancy()),
        promotions=st.lists(promotions(), max_size=2, unique_by=lambda one: one.code).map(tuple),
        lead_days=st.sampled_from([0, 0, 0, 3]),
        window_days=st.sampled_from([None, None, None, 10]),
        arrival_weekdays=every_day | every_day | st.just(frozenset({0, 3, 5})),
    )


def day_rules() -> st.SearchStrategy[DayRule]:
    """The restrictions of a date: seldom more than one."""
    few, many = st.sampled_from([None, None, None, 3, 6]), st.sampled_from([None, None, 4, 8])
    seldom = st.sampled_from([False, False, True])
    return st.builds(DayRule, few, many, few, many, seldom, seldom)


def parties() -> st.SearchStrategy[Party]:
    """One to four people, who may bring children."""
    return st.builds(
        Party,
        adults=st.integers(1, 4),
        children_ages=st.lists(st.integers(0, 17), max_size=2).map(tuple),
    )


@dataclass(frozen=True)
class Stock:
    """Pools with two to a listing: [day, pool] units and prices, terms and rules of each."""

    free: np.ndarray
    rates: np.ndarray
    terms: tuple[Terms, ...]
    rules: tuple[dict[int, DayRule], ...]

    @property
    def count(self) -> int:
        """How many pools."""
        return self.free.shape[1]

    def total(self, pool: int, begin: int, nights: int, rooms: int, party: Party) -> int | None:
        """Return what the engine asks for a stay, or ``None`` when it cannot be had."""
        if begin < 0 or begin + nights > len(self.free):
            return None
        if not MIN_NIGHTS <= nights <= MAX_NIGHTS or party.adults > MAX_ADULTS * rooms:
            return None
        if party.guests > MAX_GUESTS * rooms or (
            (self.free[begin : begin + nights, pool] < rooms).any()
        ):
            return None
        ask = Ask(Stay.of(TODAY + begin * _DAY, nights), TODAY, rooms=rooms, party=party)
        rules = {TODAY + day * _DAY: rule for day, rule in self.rules[pool].items()}
        terms = self.terms[pool]
        if refusals(stay=ask.stay, booked_on=TODAY, terms=terms, days=rules):
            return None
        rates = {TODAY + day * _DAY: int(fen) for day, fen in enumerate(self.rates[:, pool])}
        try:
            return quote(ask=ask, rates=rates, terms=terms).total_fen
        except NoPrice:
            return None

    def matrix(self) -> Matrix:
        """Return it as a matrix whose first day is ``TODAY``."""
        ids = np.arange(1, self.count + 1)
        listings = 1 + (ids - 1) // 2
        unique = np.unique(listings)
        nowhere, everywhere = np.zeros(len(unique)), np.ones(len(unique), np.bool_)
        days = len(self.free)
        free = np.zeros((HORIZON_DAYS, self.count), np.int16)
        free[:days] = self.free
        sums = np.zeros((HORIZON_DAYS + 1, self.count), np.int32)
        sums[1 : days + 1] = np.cumsum(self.rates, axis=0)
        sums[days + 1 :] = sums[days]
        matrix = Matrix(
            first_day=TODAY,
            cursor=0,
            pools=Pools(
                pool_ids=ids,
                room_type_ids=ids * 10,
                listing_ids=listings,
                max_adults=np.full(self.count, MAX_ADULTS, np.int16),
                max_guests=np.full(self.count, MAX_GUESTS, np.int16),
                min_nights=np.full(self.count, MIN_NIGHTS, np.int16),
                max_nights=np.full(self.count, MAX_NIGHTS, np.int16),
                on_sale=np.ones(self.count, np.bool_),
            ),
            facts=Facts(
                unique,
                everywhere,
                nowhere,
                nowhere,
                nowhere,
                np.zeros(len(unique), np.int8),
                np.zeros(len(unique), np.int16),
                np.zeros((len(ROWS), len(unique)), np.bool_),
            ),
            free=free,
            sums=sums,
            tariffs=Tariffs.of([write_terms(each) for each in self.terms]),
        )
        columns = np.array([pool for pool, rules in enumerate(self.rules) if rules], np.int64)
        if len(columns):
            matrix.limits.put(columns, 0, as_numbers([self.rules[pool] for pool in columns]))
        matrix.note_prices()
        return matrix


def as_numbers(rules: list[dict[int, DayRule]], days: int = HORIZON_DAYS + 1) -> np.ndarray:
    """Return [day, pool] the rules as the database writes them for the matrix."""
    numbers = np.zeros((days, len(rules)), np.int32)
    for place, of_pool in enumerate(rules):
        for day, rule in of_pool.items():
            number = 0
            for nights in (
                rule.min_nights,
                rule.max_nights,
                rule.min_nights_arrival,
                rule.max_nights_arrival,
            ):
                number = number * 128 + min(nights or 0, 127)
            numbers[day, place] = number * 4 + rule.no_arrival * 2 + rule.no_departure
    return numbers


@st.composite
def stocks(draw: st.DrawFn) -> Stock:
    """One to five pools with much or little free."""
    count = draw(st.integers(1, 5))
    chance = np.random.default_rng(draw(st.integers(0, 10_000)))
    scarce = draw(st.sampled_from([0.02, 0.2]))
    free = np.where(chance.random((DAYS, count)) < scarce, 0, chance.integers(1, 4, (DAYS, count)))
    rules = st.dictionaries(st.integers(0, DAYS), day_rules(), max_size=4)
    return Stock(
        free.astype(np.int16),
        chance.integers(2, 9, (DAYS, count)) * 1_111,
        tuple(draw(st.lists(terms(), min_size=count, max_size=count))),
        tuple(draw(st.lists(rules | st.just({}), min_size=count, max_size=count))),
    )


def plain(count: int, *, units: int = 5, fen: int = 100, days: int = DAYS) -> Stock:
    """Pools without tariff or restriction, at one price."""
    return Stock(
        np.full((days, count), units, np.int16),
        np.full((days, count), fen),
        (Terms(),) * count,
        ({},) * count,
    )
