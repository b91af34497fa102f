"""May it sell? The one rule, fact by fact."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest

from catalog.sale import (
    House,
    ListingClosed,
    ListingStop,
    NotBookable,
    SaleStop,
    Wares,
    refuse,
    sale_stop,
)
from catalog.states import EnterpriseStatus, ListingStatus
from catalog.vocabulary import ListingKind

TODAY = dt.date(2027, 6, 1)
SELLS: dict[str, Any] = {
    "status": EnterpriseStatus.LISTED,
    "claimed": True,
    "planned": False,
    "is_sample": False,
    "sells_until": None,
}
STAY = Wares(ListingKind.STAY, ListingStatus.PUBLISHED)


@pytest.mark.parametrize(
    "facts", [{}, {"claimed": False, "is_sample": True}, {"sells_until": TODAY}]
)
def test_it_may_sell(facts: dict[str, Any]) -> None:
    assert sale_stop(House(**SELLS | facts), today=TODAY) is None
    assert sale_stop(House(**SELLS | facts), STAY, today=TODAY) is None


@pytest.mark.parametrize(
    ("facts", "why"),
    [
        ({"status": EnterpriseStatus.SUSPENDED}, SaleStop.NOT_LISTED),
        ({"status": EnterpriseStatus.DELISTED}, SaleStop.NOT_LISTED),
        ({"planned": True}, SaleStop.PLANNED),
        ({"planned": True, "is_sample": True}, SaleStop.PLANNED),
        ({"claimed": False}, SaleStop.UNCLAIMED),
        ({"sells_until": TODAY - dt.timedelta(days=1)}, SaleStop.LICENCE_ENDED),
    ],
)
def test_the_house_may_not(facts: dict[str, Any], why: SaleStop) -> None:
    house, paused = House(**SELLS | facts), Wares(ListingKind.STAY, ListingStatus.PAUSED)
    assert sale_stop(house, today=TODAY) is sale_stop(house, paused, today=TODAY) is why
    with pytest.raises(NotBookable) as refused:
        refuse(why)
    assert refused.value.extra == {"reason": why.value}


@pytest.mark.parametrize(
    ("wares", "why"),
    [
        *(
            (Wares(ListingKind.STAY, status), ListingStop.NOT_PUBLISHED)
            for status in ListingStatus
            if status is not ListingStatus.PUBLISHED
        ),
        *(
            (Wares(kind, ListingStatus.PUBLISHED), ListingStop.NOT_A_STAY)
            for kind in ListingKind
            if kind is not ListingKind.STAY
        ),
    ],
)
def test_the_listing_may_not(wares: Wares, why: ListingStop) -> None:
    """Its house goes on selling, and what was bought of it goes on being paid."""
    assert sale_stop(House(**SELLS), wares, today=TODAY) is why
    assert sale_stop(House(**SELLS), today=TODAY) is None
    with pytest.raises(ListingClosed) as refused:
        refuse(why)
    assert refused.value.extra == {}


def test_what_may_be_sold_is_not_refused() -> None:
    refuse(None)
