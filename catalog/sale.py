"""May it sell? The one rule that pages, search, availability, quotes and holds ask. Pure.

Whether a night lies in the season is asked beside it (``catalog.season``): dates can be others.
"""

from __future__ import annotations

import datetime as dt
import enum
from dataclasses import dataclass

from catalog.states import EnterpriseStatus, ListingStatus
from catalog.vocabulary import ListingKind
from marketplace.kernel.errors import DomainError


class SaleStop(enum.StrEnum):
    """Why an enterprise may not take bookings."""

    NOT_LISTED = "not_listed"
    """Suspended, or struck off."""
    PLANNED = "planned"
    """Not built, or not open yet."""
    UNCLAIMED = "unclaimed"
    """An entry taken from public sources, with no operator behind it."""
    LICENCE_ENDED = "licence_ended"
    """Whether or not that was noticed already."""


class ListingStop(enum.StrEnum):
    """Why a listing is not sold, whoever offers it."""

    NOT_PUBLISHED = "not_published"
    NOT_A_STAY = "not_a_stay"
    """Activities and trains are shown; only stays are booked."""


@dataclass(frozen=True, slots=True)
class House:
    """What a row of the enterprise says of its sales."""

    status: EnterpriseStatus
    claimed: bool
    planned: bool
    is_sample: bool
    sells_until: dt.date | None
    """The last day of the licence that ends first; ``None`` where none ends."""


@dataclass(frozen=True, slots=True)
class Wares:
    """What a row of the listing says of it."""

    kind: ListingKind
    status: ListingStatus


def sale_stop(
    house: House, wares: Wares | None = None, *, today: dt.date
) -> SaleStop | ListingStop | None:
    """Return why it may not be sold today, ``None`` if it may.

    Without ``wares`` the house alone is asked: for what was bought already and is paid or changed.
    The sample operators are nobody's, but they exist to be booked. A partner's test key is told
    the same as its live key.
    """
    if house.status is not EnterpriseStatus.LISTED:
        return SaleStop.NOT_LISTED
    if house.planned:
        return SaleStop.PLANNED
    if not house.claimed and not house.is_sample:
        return SaleStop.UNCLAIMED
    if house.sells_until is not None and house.sells_until < today:
        return SaleStop.LICENCE_ENDED
    return None if wares is None else listing_stop(wares)


def listing_stop(wares: Wares) -> ListingStop | None:
    """Return why a listing is not sold, whoever offers it: the second half of ``sale_stop``."""
    if wares.status is not ListingStatus.PUBLISHED:
        return ListingStop.NOT_PUBLISHED
    if wares.kind is not ListingKind.STAY:
        return ListingStop.NOT_A_STAY
    return None


class NotBookable(DomainError):
    """The enterprise takes no bookings at present."""

    code = "not_bookable"
    http_status = 422
    message = "这家企业目前不接受预订，请另选一家"


class ListingClosed(NotBookable):
    """The listing cannot be booked now, though its house may sell."""

    message = "这处住宿现在不能预订，请看看别处，或打电话给我们"


def refuse(stop: SaleStop | ListingStop | None) -> None:
    """Raise what says ``stop`` to a reader, if there is one.

    Raises:
        NotBookable: the house may not sell; ``extra`` has the reason. ListingClosed: the listing.
    """
    if isinstance(stop, SaleStop):
        raise NotBookable(extra={"reason": stop.value})
    if stop is not None:
        raise ListingClosed
