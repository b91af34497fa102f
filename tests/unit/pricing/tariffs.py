"""Arbitrary tariffs, stays and calendars for property tests."""

from __future__ import annotations

import datetime as dt

from hypothesis import strategies as st
from sqlalchemy.engine import default

from marketplace.kernel.stay import Stay
from marketplace.kernel.typed_json import TypedJson
from marketplace.pricing.nights.quote import Ask, Quote
from marketplace.pricing.nights.selection import Party
from marketplace.pricing.nights.terms import (
    Board,
    BoardPrice,
    ChildBand,
    MonthPrice,
    Occupancy,
    Promotion,
    Terms,
    Tier,
)

BOOKED_ON = dt.date(2027, 3, 1)
FIRST_ARRIVAL = dt.date(2027, 6, 1)
LOWEST_FEN = 10_000


def calendars() -> st.SearchStrategy[list[int]]:
    """List prices in fen that repeat from the night of arrival on."""
    return st.lists(st.integers(LOWEST_FEN, 90_000), min_size=1, max_size=9)


_COLUMN = TypedJson(Quote)


def kept(made: Quote) -> Quote:
    """Return a quote as a row that keeps it gives it back."""
    text = _COLUMN.process_bind_param(made, default.DefaultDialect())
    back: Quote = _COLUMN.process_result_value(text, default.DefaultDialect())
    return back


@st.composite
def asks(draw: st.DrawFn) -> Ask:
    """A stay of any length with any people."""
    stay = Stay.of(
        FIRST_ARRIVAL + dt.timedelta(draw(st.integers(0, 90))), draw(st.integers(1, 120))
    )
    rooms = draw(st.integers(1, 9))
    return Ask(
        stay,
        BOOKED_ON,
        rooms=rooms,
        party=Party(
            adults=draw(st.integers(1, 3 * rooms)),
            children_ages=tuple(draw(st.lists(st.integers(0, 17), max_size=4))),
        ),
    )


@st.composite
def terms(draw: st.DrawFn) -> Terms:
    """Terms that an operator may set: longer tiers never take off less."""
    lengths = draw(st.lists(st.integers(2, 100), max_size=5, unique=True))
    offs = sorted(draw(st.lists(st.integers(1, 5_000), min_size=5, max_size=5)))
    months = draw(st.lists(st.integers(6, 10), max_size=3, unique=True))
    codes = draw(st.lists(st.sampled_from("abc"), max_size=3, unique=True))
    return Terms(
        tiers=tuple(Tier(*pair) for pair in zip(sorted(lengths), offs, strict=False)),
        months=tuple(
            MonthPrice(
                dt.date(2027, month, 1),
                draw(st.integers(300_000, 2_000_000)),
                draw(st.integers(1, 40)),
            )
            for month in months
        ),
        occupancy=Occupancy(
            included=draw(st.integers(1, 3)),
            extra_adult_fen=draw(st.integers(0, 9_000)),
            single_off_fen=draw(st.integers(0, LOWEST_FEN // 2)),
            children=draw(
                st.sampled_from([(), (ChildBand(5, 0),), (ChildBand(5, 0), ChildBand(11, 3_000))])
            ),
        ),
        boards=draw(st.sampled_from([(), (BoardPrice(Board.BREAKFAST, 1_500, 800),)])),
        promotions=tuple(
            Promotion(
                code,
                f"优惠{code}",
                draw(st.integers(1, 3_000)),
                arrive_first=draw(st.none() | st.just(dt.date(2027, 7, 15))),
                min_nights=draw(st.sampled_from([1, 10, 30])),
                min_lead_days=draw(st.sampled_from([0, 100, 150])),
            )
            for code in codes
        ),
    )
