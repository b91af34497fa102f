"""Works out what a quote page says: the price, or why there is none and what is free instead."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, field, replace

from sqlalchemy.orm import Session

from catalog.queries import listing_page
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
    CHILD_WHEN_UNSAID,
    Offer,
    Priced,
    check_rules,
    find_offer,
    make_stay,
    price,
)
from marketplace.offers.search.nearby_dates import Window, nearest
from marketplace.offers.search.search_service import free_rooms, quote_each
from marketplace.pricing.nights.quote import Ask, NoPrice
from marketplace.pricing.nights.restrictions import Restricted
from marketplace.pricing.nights.selection import Party, StaySelection
from marketplace.pricing.nights.splitting import Split
from marketplace.pricing.nights.terms import OLDEST_CHILD
from marketplace.web.forms.stay_form import Choice, StayForm

EXTRAS = frozenset({"board", "extra_beds"})
"""Questions about what can be had besides the room; the price without it can always be told."""
"""The house takes no bookings at all: no other day helps."""


@dataclass(frozen=True, slots=True)
class Outcome:
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


@dataclass(frozen=True, slots=True)
class Wish:
    """What a visitor asks to be priced: the form of a listing and what was chosen besides."""

    listing_id: int
    room_type_id: int | None
    form: StayForm
    choice: Choice = field(default_factory=Choice)

    @property
    def party(self) -> Party:
        """Who stays; while an age is not known a child counts as one of ten."""
        unsaid = (CHILD_WHEN_UNSAID,) * self.form.child_count
        return Party(
            self.form.adult_count, unsaid if self.choice.ages is None else self.choice.ages
        )

    def selection(self, room_type_id: int, stay: Stay) -> StaySelection:
        """Return what is chosen: ``stay`` in a room type of the listing."""
        return StaySelection(
            room_type_id=room_type_id,
            stay=stay,
            rooms=self.form.room_count,
            party=self.party,
            board=self.choice.board,
            extra_beds=self.choice.extra_beds,
            adjoining=self.choice.adjoining,
        )


def room_of(page: ListingPage, room_type_id: int | None) -> RoomTypeView:
    """Return a room type of this listing; raises ``NotFound`` for one of another listing."""
    found = next((room for room in page.room_types if room.id == room_type_id), None)
    if found is None:
        raise NotFound
    return found


def stay_wished(form: StayForm, *, today: dt.date) -> Stay:
    """Return the stay of a form; raises ``Invalid`` with all that is missing or wrong in it."""
    faults = dict(form.errors)
    if form.arrival is None:
        faults.setdefault("arrive", "请选哪天到")
    if form.length is None:
        faults.setdefault("nights", "请选住几晚")
    if faults or form.arrival is None or form.length is None:
        raise Invalid(faults)
    return make_stay(form.arrival, form.length, today=today)


def work_out(
    session: Session,
    *,
    wish: Wish,
    matrix: Matrix,
    today: dt.date,
    page: ListingPage | None = None,
) -> Outcome:
    """Price a stay by the database's word; where it cannot be had, say why and what is near.

    ``page`` is the listing, where it has been read already.

    Raises:
        NotFound: there is no such listing or room type. Invalid: the form breaks a rule.
    """
    page = page or listing_page(session, wish.listing_id)
    room_type = room_of(page, wish.room_type_id)
    stay = stay_wished(wish.form, today=today)
    offer = find_offer(session, room_type_id=room_type.id)
    ask = Ask.of(wish.selection(room_type.id, stay), booked_on=today)
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
        return Outcome(page, room_type, stay, None, error)
    except (NoPrice, SoldOut, Restricted) as error:
        refusal: DomainError = error
        if isinstance(error, Restricted):
            refusal = every_refusal(session, offer=offer, ask=ask, first=error)
        near = _instead(session, offer, ask, matrix=matrix, wish=wish, refusal=refusal)
        return Outcome(page, room_type, stay, None, refusal, near)
    return Outcome(
        page, room_type, stay, priced, parts=cheaper_in_parts(offer, priced), faults=faults
    )


def _bare(ask: Ask) -> Ask:
    return replace(ask, board=None, extra_beds=0)


def _require_free(session: Session, offer: Offer, ask: Ask) -> None:
    free = free_rooms(session, room_type_ids=[offer.room_type_id], stay=ask.stay)
    if free[offer.room_type_id] < ask.rooms:
        raise SoldOut(pools=[offer.pool_id])


def _instead(
    session: Session, offer: Offer, ask: Ask, *, matrix: Matrix, wish: Wish, refusal: DomainError
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
        party=wish.party,
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
