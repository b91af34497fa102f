"""The answer to a chosen stay: its price, or why there is none and what is free instead."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, replace

from sqlalchemy.orm import Session

from catalog.sale import NotBookable
from catalog.service import require_for_sale
from catalog.views import ListingPage, RoomTypeView
from marketplace.inventory.service import SoldOut
from marketplace.kernel.errors import DomainError, Invalid, NotFound
from marketplace.kernel.stay import Stay
from marketplace.offers.matrix.matrix import Matrix
from marketplace.offers.quoting.stay_alternatives import (
    cheaper_in_parts,
    every_refusal,
    other_length,
)
from marketplace.offers.quoting.stay_offers import (
    Offer,
    Priced,
    check_rules,
    find_offer,
    price,
)
from marketplace.offers.search.nearby_dates import Window, nearest
from marketplace.offers.search.search_service import free_rooms, quote_each
from marketplace.pricing.nights.quote import Ask, NoPrice
from marketplace.pricing.nights.restrictions import Restricted
from marketplace.pricing.nights.selection import StaySelection
from marketplace.pricing.nights.splitting import Split
from marketplace.pricing.nights.terms import OLDEST_CHILD

EXTRAS = frozenset({"board", "extra_beds"})
"""Questions about what can be had besides the room; the price without it can always be told."""


@dataclass(frozen=True, slots=True)
class StayAnswer:
    """What was found out for one room type and one set of dates."""

    page: ListingPage
    room_type: RoomTypeView
    stay: Stay
    priced: Priced | None
    refusal: DomainError | None = None
    windows: tuple[Window, ...] = ()
    """Stays that can be had instead; the same day of arrival with other nights comes first."""
    parts: Split | None = None
    """How the same nights would cost less."""
    faults: Invalid | None = None
    """Meals or beds that cannot be had here; the price is then that without them."""

    @property
    def may_choose(self) -> bool:
        """Whether there are meals or beds to choose, or several rooms to put together."""
        if self.priced is None:
            return False
        terms = self.priced.terms
        return bool(terms.boards or terms.most_extra_beds or self.priced.ask.rooms > 1)

    @property
    def ages_matter(self) -> bool:
        """Whether the price depends on how old the children are."""
        if self.priced is None or not self.priced.ask.party.children_ages:
            return False
        ask, people = self.priced.ask, self.priced.terms.occupancy
        beyond = ask.party.guests > people.included * ask.rooms
        return beyond and len({people.of_child(age) for age in range(OLDEST_CHILD + 1)}) > 1


def room_of(page: ListingPage, room_type_id: int | None) -> RoomTypeView:
    """Return a room type of this listing; raises ``NotFound`` for one of another listing."""
    found = next((room for room in page.room_types if room.id == room_type_id), None)
    if found is None:
        raise NotFound
    return found


def answer(
    session: Session,
    *,
    page: ListingPage,
    selection: StaySelection,
    matrix: Matrix,
    today: dt.date,
) -> StayAnswer:
    """Price what is chosen by the database's word; if it cannot be had, say why and what is near.

    ``page`` is the listing that the room belongs to.

    Raises:
        NotFound: the room is none of this listing. Invalid: the people or rooms break a rule.
    """
    room_type, stay = room_of(page, selection.room_type_id), selection.stay
    offer = find_offer(session, room_type_id=room_type.id)
    ask = Ask.of(selection, booked_on=today)
    faults: Invalid | None = None
    try:
        require_for_sale(session, enterprise_id=offer.enterprise_id, wares=offer.wares, today=today)
        check_rules(offer, ask)
        try:
            priced = price(session, room_type_id=room_type.id, ask=ask)
        except Invalid as invalid:
            if not set(invalid.fields) <= EXTRAS:
                raise
            faults, ask = invalid, _bare(ask)
            priced = price(session, room_type_id=room_type.id, ask=ask)
        _require_free(session, offer, ask)
    except NotBookable as error:
        return StayAnswer(page, room_type, stay, None, error)
    except (NoPrice, SoldOut, Restricted) as error:
        refusal: DomainError = error
        if isinstance(error, Restricted):
            refusal = every_refusal(session, offer=offer, ask=ask, first=error)
        near = _instead(session, offer, ask, matrix=matrix, refusal=refusal)
        return StayAnswer(page, room_type, stay, None, refusal, near)
    return StayAnswer(
        page, room_type, stay, priced, parts=cheaper_in_parts(offer, priced), faults=faults
    )


def _bare(ask: Ask) -> Ask:
    return replace(ask, board=None, extra_beds=0)


def _require_free(session: Session, offer: Offer, ask: Ask) -> None:
    free = free_rooms(session, room_type_ids=[offer.room_type_id], stay=ask.stay)
    if free[offer.room_type_id] < ask.rooms:
        raise SoldOut(pools=[offer.pool_id])


def _instead(
    session: Session, offer: Offer, ask: Ask, *, matrix: Matrix, refusal: DomainError
) -> tuple[Window, ...]:
    """Return what can be had: another number of nights where a rule refused, and other days."""
    found = []
    nights = min(max(ask.stay.nights, offer.min_nights), offer.max_nights)
    if isinstance(refusal, Restricted):
        other = other_length(session, offer=offer, ask=_bare(ask))
        if other is not None:
            found.append(other.ask.stay)
    near = nearest(
        matrix,
        room_type_id=offer.room_type_id,
        stay=Stay.of(ask.stay.check_in, nights),
        rooms=ask.rooms,
        party=ask.party,
    )
    found += [window.stay for window in near if window.stay not in found]
    return _as_they_cost(session, offer, ask, found)


def _as_they_cost(
    session: Session, offer: Offer, ask: Ask, stays: list[Stay]
) -> tuple[Window, ...]:
    """Return stays with the price that each one's own page will say, meals and beds included."""
    wishes = [(offer.room_type_id, replace(ask, stay=stay)) for stay in stays]
    try:
        quotes = quote_each(session, wishes=wishes)
    except Invalid:  # there are no such meals: their page will say so
        quotes = quote_each(session, wishes=[(room, _bare(each)) for room, each in wishes])
    return tuple(
        Window(stay, quote.total_fen)
        for stay, quote in zip(stays, quotes, strict=True)
        if quote is not None
    )
