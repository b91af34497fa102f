"""Why an enterprise may not take bookings: the one rule of sale."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest

from catalog.states import EnterpriseStatus, SaleStop, sale_stop

TODAY = dt.date(2027, 6, 1)
SELLS: dict[str, Any] = {
    "status": EnterpriseStatus.LISTED,
    "claimed": True,
    "planned": False,
    "is_sample": False,
    "sells_until": None,
    "today": TODAY,
}


@pytest.mark.parametrize(
    "facts", [{}, {"claimed": False, "is_sample": True}, {"sells_until": TODAY}]
)
def test_it_may_sell(facts: dict[str, Any]) -> None:
    assert sale_stop(**SELLS | facts) is None


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
def test_it_may_not(facts: dict[str, Any], why: SaleStop) -> None:
    assert sale_stop(**SELLS | facts) is why
