"""The dates of a question."""

from __future__ import annotations

import datetime as dt

from marketplace.kernel.stay import Stay
from marketplace.offers.search.search_types import Dates

TODAY = dt.date(2027, 6, 1)
STAY = Stay.of(dt.date(2027, 7, 1), 30)


def test_exactly_is_one_day() -> None:
    dates = Dates.exactly(STAY)
    assert dates.exact
    assert (dates.nights, dates.first, dates.last) == (30, STAY.check_in, STAY.check_in)


def test_around_reaches_two_weeks_but_never_into_the_past() -> None:
    dates = Dates.around(STAY, today=TODAY)
    assert (dates.first, dates.last) == (dt.date(2027, 6, 17), dt.date(2027, 7, 15))
    soon = Dates.around(Stay.of(dt.date(2027, 6, 5), 7), today=TODAY)
    assert soon.first == TODAY
    assert soon.wished == dt.date(2027, 6, 5)


def test_within_leaves_room_for_the_nights() -> None:
    july_and_august = (dt.date(2027, 7, 1), dt.date(2027, 9, 1))
    dates = Dates.within(*july_and_august, nights=30, today=TODAY)
    assert dates is not None
    assert (dates.first, dates.last) == (dt.date(2027, 7, 1), dt.date(2027, 8, 2))
    exact = Dates.within(*july_and_august, nights=62, today=TODAY)
    assert exact is not None
    assert exact.exact
    assert Dates.within(*july_and_august, nights=63, today=TODAY) is None
    assert Dates.within(*july_and_august, nights=30, today=dt.date(2027, 8, 3)) is None
