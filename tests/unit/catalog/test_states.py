"""The lives of enterprises and listings."""

from __future__ import annotations

import itertools

import pytest

from catalog.states import (
    EnterpriseStatus,
    ListingStatus,
    WrongEnterpriseState,
    WrongListingState,
    check_enterprise,
    check_listing,
)

LISTED, SUSPENDED = EnterpriseStatus.LISTED, EnterpriseStatus.SUSPENDED
DRAFT, SUBMITTED = ListingStatus.DRAFT, ListingStatus.SUBMITTED
PUBLISHED, PAUSED, ARCHIVED = (
    ListingStatus.PUBLISHED,
    ListingStatus.PAUSED,
    ListingStatus.ARCHIVED,
)
ALLOWED = {
    (DRAFT, SUBMITTED), (DRAFT, ARCHIVED), (SUBMITTED, PUBLISHED), (SUBMITTED, DRAFT),
    (PUBLISHED, PAUSED), (PUBLISHED, ARCHIVED), (PAUSED, PUBLISHED), (PAUSED, ARCHIVED),
}  # fmt: skip


def test_an_enterprise_is_suspended_and_reinstated_once() -> None:
    check_enterprise(LISTED, SUSPENDED)
    check_enterprise(SUSPENDED, LISTED)
    for status in EnterpriseStatus:
        with pytest.raises(WrongEnterpriseState):
            check_enterprise(status, status)


@pytest.mark.parametrize(("now", "then"), list(itertools.product(ListingStatus, repeat=2)))
def test_a_listing_moves_only_along_its_life(now: ListingStatus, then: ListingStatus) -> None:
    if (now, then) in ALLOWED:
        check_listing(now, then)
        return
    with pytest.raises(WrongListingState):
        check_listing(now, then)
