"""The slow truth about a search: every listing, room and day of arrival tried by the engine."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass

import sqlalchemy as sa
from sqlalchemy.orm import Session

from catalog import queries
from catalog.directory import listing_parts
from catalog.models import EnterpriseGrade
from catalog.views import ListingCard, RoomTypeView
from catalog.vocabulary import ListingKind, Pace
from marketplace.inventory.models import StockDay, StockPool
from marketplace.kernel.stay import Stay
from marketplace.offers.search.search_types import (
    Dates,
    Filters,
    Grade,
    PriceBand,
    Provenance,
    SearchQuery,
)
from marketplace.pricing import queries as prices
from marketplace.pricing.models import NightRate, Restriction
from marketplace.pricing.nights.quote import Ask, NoPrice, Quote, quote
from marketplace.pricing.nights.restrictions import DayRule, refusals
from marketplace.pricing.nights.terms import NOTHING_SET, Terms

ENDS = {PriceBand.TO_3000: 3_000, PriceBand.TO_5000: 5_000, PriceBand.TO_8000: 8_000}
PACES = list(Pace)


@dataclass(frozen=True)
class Offered:
    """A stay that somebody could book."""

    room_type_id: int
    stay: Stay
    total_fen: int
    month_fen: int


class Oracle:
    """Answers by trying everything."""

    def __init__(self, session: Session, *, today: dt.date) -> None:
        self.today = today
        self._best: dict[object, Offered | None] = {}
        self.cards = {
            card.id: card for card in queries.cards(session, None) if card.kind is ListingKind.STAY
        }
        self.grades = dict(
            session.execute(sa.select(EnterpriseGrade.enterprise_id, EnterpriseGrade.value)).all()
        )
        self.rooms: dict[int, list[RoomTypeView]] = defaultdict(list)
        for room in listing_parts.room_types(session, list(self.cards)):
            self.rooms[room.listing_id].append(room)
        ids = [room.id for rooms in self.rooms.values() for room in rooms]
        self.terms: dict[int, Terms] = {
            room: terms for room, (_, terms) in prices.tariffs(session, room_type_ids=ids).items()
        }
        self.rules: dict[int, dict[dt.date, DayRule]] = defaultdict(dict)
        for rule in session.scalars(sa.select(Restriction)):
            self.rules[rule.room_type_id][rule.day] = DayRule(
                rule.min_nights,
                rule.max_nights,
                rule.min_nights_arrival,
                rule.max_nights_arrival,
                rule.no_arrival,
                rule.no_departure,
            )
        self.rates: dict[int, dict[dt.date, int]] = defaultdict(dict)
        for room_type, day, fen in session.execute(
            sa.select(NightRate.room_type_id, NightRate.day, NightRate.list_fen)
        ):
            self.rates[room_type][day] = fen
        self.free: dict[int, dict[dt.date, int]] = defaultdict(dict)
        for room_type, day, left in session.execute(
            sa.select(
                StockPool.room_type_id,
                StockDay.day,
                sa.case((StockDay.closed, 0), else_=StockDay.capacity - StockDay.taken),
            ).join(StockPool, StockPool.id == StockDay.pool_id)
        ):
            self.free[room_type][day] = left

    def offers(self, card: ListingCard, query: SearchQuery) -> Iterator[Offered]:
        """Yield everything that this listing could sell for the dates and people asked for."""
        dates = query.dates
        assert dates is not None
        if not card.min_nights <= dates.nights <= card.max_nights:
            return
        for room in self.rooms[card.id]:
            if not self.takes(room, query):
                continue
            for stay in self._stays(dates):
                if all(self.sold(card, room, day) >= query.rooms for day in stay.days()):
                    priced = self._priced(room.id, stay, query)
                    if priced is not None:
                        yield Offered(room.id, stay, priced.total_fen, priced.month_fen)

    def _priced(self, room_type_id: int, stay: Stay, query: SearchQuery) -> Quote | None:
        terms = self.terms.get(room_type_id, NOTHING_SET)
        ask = Ask(stay, self.today, rooms=query.rooms, party=query.party)
        rules = self.rules[room_type_id]
        if refusals(stay=stay, booked_on=self.today, terms=terms, days=rules):
            return None
        try:
            return quote(ask=ask, rates=self.rates[room_type_id], terms=terms)
        except NoPrice:
            return None

    def sold(self, card: ListingCard, room: RoomTypeView, day: dt.date) -> int:
        """How many rooms the listing sells for a night: none outside its season."""
        return self.free[room.id].get(day, 0) if self.in_season(card, day) else 0

    def in_season(self, card: ListingCard, day: dt.date) -> bool:
        """Whether a night lies in the listing's season; its text MM-DD sorts as the days do."""
        if not card.opens:
            return True
        night = day.strftime("%m-%d")
        if card.opens <= card.closes:
            return card.opens <= night <= card.closes
        return night >= card.opens or night <= card.closes

    def takes(self, room: RoomTypeView, query: SearchQuery) -> bool:
        """Whether so many rooms are enough for the people."""
        return (
            room.max_adults * query.rooms >= query.party.adults
            and room.max_guests * query.rooms >= query.party.guests
        )

    def _stays(self, dates: Dates) -> Iterator[Stay]:
        for offset in range((dates.last - dates.first).days + 1):
            arrive = dates.first + dt.timedelta(days=offset)
            if arrive >= self.today:
                yield Stay.of(arrive, dates.nights)

    def best(self, card: ListingCard, query: SearchQuery) -> Offered | None:
        """Return the offer that the search should show of this listing, tried once."""
        asked = (card.id, query.dates, query.rooms, query.party)
        if asked not in self._best:
            self._best[asked] = self._try_all(card, query)
        return self._best[asked]

    def _try_all(self, card: ListingCard, query: SearchQuery) -> Offered | None:
        wished = query.dates.wished if query.dates else None

        def rank(offer: Offered) -> tuple[int, int, dt.date]:
            away = abs((offer.stay.check_in - wished).days) if wished else 0
            return away, offer.total_fen, offer.stay.check_in

        return min(self.offers(card, query), key=rank, default=None)

    def from_month(self, card: ListingCard, query: SearchQuery) -> int | None:
        """Return thirty nights at the lowest list price ahead of a room for the people, in fen."""
        ahead = [
            fen
            for room in self.rooms[card.id]
            if self.takes(room, query)
            for day, fen in self.rates[room.id].items()
            if day >= self.today and self.in_season(card, day)
        ]
        return min(ahead) * 30 if ahead else None

    def holds(self, card: ListingCard, filters: Filters, month_fen: int) -> bool:
        """Whether everything that the filters ask for is true of a listing."""
        grade = self.grades.get(card.enterprise_id)
        return all(
            (
                filters.cluster is None or filters.cluster in card.clusters,
                filters.theme is None or filters.theme is card.theme,
                filters.band is None or band_of(month_fen) is filters.band,
                all(getattr(card, access) for access in filters.access),
                filters.hospital is None
                or (
                    card.hospital_minutes is not None
                    and card.hospital_minutes <= int(filters.hospital)
                ),
                filters.food <= set(card.food),
                filters.pace is None
                or (card.pace is not None and PACES.index(card.pace) <= PACES.index(filters.pace)),
                filters.grade is None
                or filters.grade == (grade if grade in tuple(Grade) else Grade.NONE),
                filters.provenance is None
                or card.is_sample is (filters.provenance is Provenance.SAMPLE),
                not filters.family or card.family_suited,
            )
        )

    def matches(self, query: SearchQuery) -> dict[int, Offered | int]:
        """Return what a search should find: listing to its offer, or to its monthly price."""
        found: dict[int, Offered | int] = {}
        for card in self.cards.values():
            if query.dates is None:
                month = self.from_month(card, query)
                if month is not None and self.holds(card, query.filters, month):
                    found[card.id] = month
                continue
            offer = self.best(card, query)
            if offer is not None and self.holds(card, query.filters, offer.month_fen):
                found[card.id] = offer
        return found


def band_of(month_fen: int) -> PriceBand:
    """Return the price band of thirty nights."""
    for band, yuan in ENDS.items():
        if month_fen <= yuan * 100:
            return band
    return PriceBand.ABOVE_8000
