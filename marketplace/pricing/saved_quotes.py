"""Prices given with an id: kept as they were said and honoured to the fen until they expire."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Generic, TypeAlias, TypeVar

import sqlalchemy as sa
from sqlalchemy.orm import Session

from marketplace.kernel.clock import shanghai_date
from marketplace.kernel.errors import DomainError, NotFound
from marketplace.kernel.ids import Ids
from marketplace.pricing.models import GivenQuote
from marketplace.pricing.nights.quote import Ask, Quote
from marketplace.pricing.nights.rooms import RoomPrice
from marketplace.pricing.nights.selection import StaySelection
from marketplace.pricing.nights.terms import Board

HONOURED = dt.timedelta(minutes=30)
"""How long a price that was given is honoured."""
TOLD_EXPIRED = dt.timedelta(days=90)
"""How long after its end a quote that is long deleted is still known as expired, by its id."""
ID_TIME = 8
"""The first digits of an id are when the quote ends, in seconds since 1970, in hexadecimal."""


def holder_of(partner_id: int | None, *, test: bool = False) -> str:
    """Return who may book by a quote: a partner, or whoever comes by our own pages.

    What is quoted to a partner's test key is not sold to its live key, nor the other way round.
    """
    if partner_id is None:
        return "web"
    return f"partner:{partner_id}:test" if test else f"partner:{partner_id}"


class QuoteExpired(DomainError):
    """The price is honoured no longer."""

    code = "quote_expired"
    http_status = 409
    message = "这个报价已经过期，请重新看价格"


AskT = TypeVar("AskT")
QuoteT = TypeVar("QuoteT")


@dataclass(frozen=True, slots=True)
class Quoted(Generic[AskT, QuoteT]):
    """What something of a listing costs: what was asked, and the answer."""

    listing_id: int
    ask: AskT
    quote: QuoteT


@dataclass(frozen=True, slots=True)
class Given(Generic[AskT, QuoteT]):
    """A price that was given."""

    id: str
    of: Quoted[AskT, QuoteT]
    made_at: dt.datetime
    expires_at: dt.datetime

    @property
    def booked_on(self) -> dt.date:
        """The day of booking that it was made for: that on which it was given."""
        return shanghai_date(self.made_at)


RoomsAsked: TypeAlias = tuple[StaySelection, ...]
RoomsPriced: TypeAlias = tuple[RoomPrice, ...]
QuotedStay: TypeAlias = Quoted[RoomsAsked, RoomsPriced]
"""What a stay costs: rooms of some types of one house, each priced by itself."""
GivenStay: TypeAlias = Given[RoomsAsked, RoomsPriced]


def quoted_stay(
    listing_id: int, rooms: Iterable[tuple[StaySelection, int | None, Quote]]
) -> QuotedStay:
    """Return what rooms cost: each as it was chosen, with its tariff and its price."""
    priced = [(chosen, RoomPrice(tariff_id, quote)) for chosen, tariff_id, quote in rooms]
    return Quoted(
        listing_id,
        tuple(chosen for chosen, _ in priced),
        tuple(price for _, price in priced),
    )


def price_of(given: GivenStay, selection: StaySelection) -> tuple[Ask, RoomPrice] | None:
    """Return what was asked and answered for exactly this choice; ``None`` if it was not priced.

    Meals that are not named are those quoted.
    """
    for chosen, price in zip(given.of.ask, given.of.quote, strict=True):
        meals = price.quote.board
        if _priced_as(selection, meals) == _priced_as(chosen, meals):
            return Ask.of(chosen, booked_on=given.booked_on), price
    return None


def _priced_as(selection: StaySelection, meals: Board) -> StaySelection:
    """Return what is chosen as far as its price hangs on it; ``meals`` where none are named."""
    ages = tuple(sorted(selection.party.children_ages))
    return replace(
        selection,
        party=replace(selection.party, children_ages=ages),
        board=selection.board or meals,
        adjoining=False,
    )


def give(
    session: Session, *, holder: str, stay: QuotedStay, ids: Ids, now: dt.datetime
) -> GivenStay:
    """Keep a price and return it with its id and its end."""
    return give_all(session, holder=holder, stays=[stay], ids=ids, now=now)[0]


def give_all(
    session: Session,
    *,
    holder: str,
    stays: Sequence[QuotedStay],
    ids: Ids,
    now: dt.datetime,
) -> list[GivenStay]:
    """Keep prices, each under an id of its own, and return them in their order."""
    expires_at = now + HONOURED
    rows = [
        GivenQuote(
            id=f"{int(expires_at.timestamp()):0{ID_TIME}x}{ids.new_id()[ID_TIME:]}",
            holder=holder,
            listing_id=stay.listing_id,
            ask=stay.ask,
            quote=stay.quote,
            made_at=now,
            expires_at=expires_at,
        )
        for stay in stays
    ]
    session.add_all(rows)
    session.flush()
    return [
        Given(row.id, stay, row.made_at, row.expires_at)
        for row, stay in zip(rows, stays, strict=True)
    ]


def given(session: Session, *, quote_id: str, holder: str, now: dt.datetime) -> GivenStay:
    """Return a price that is still honoured.

    Raises:
        NotFound: no such quote, or somebody else's. QuoteExpired: its time is over.
    """
    return given_all(session, quote_ids=[quote_id], holder=holder, now=now)[quote_id]


def given_all(
    session: Session, *, quote_ids: Collection[str], holder: str, now: dt.datetime
) -> dict[str, GivenStay]:
    """Return prices that are still honoured, by their ids: one query, or none without an id.

    Raises:
        NotFound, QuoteExpired: as ``given``, of any of them; ``params`` names its ``quote_id``.
    """
    if not quote_ids:
        return {}
    rows = session.scalars(sa.select(GivenQuote).where(GivenQuote.id.in_(quote_ids)))
    found = {row.id: row for row in rows}
    return {
        quote_id: _honoured(found.get(quote_id), quote_id, holder, now) for quote_id in quote_ids
    }


def _honoured(row: GivenQuote | None, quote_id: str, holder: str, now: dt.datetime) -> GivenStay:
    if row is None and _has_ended(quote_id, now):
        raise QuoteExpired(quote_id=quote_id)
    if row is None or row.holder != holder:
        raise NotFound(quote_id=quote_id)
    if now >= row.expires_at:
        raise QuoteExpired(quote_id=quote_id)
    of = Quoted(row.listing_id, row.ask, row.quote)
    return Given(row.id, of, row.made_at, row.expires_at)


def _has_ended(quote_id: str, now: dt.datetime) -> bool:
    """Whether the id is that of a quote that ended not too long ago, and so was deleted."""
    try:
        ended = dt.datetime.fromtimestamp(int(quote_id[:ID_TIME], 16), dt.UTC)
    except (ValueError, OverflowError, OSError):  # no id that was ever given
        return False
    return now - TOLD_EXPIRED < ended <= now


def forget(session: Session, *, now: dt.datetime) -> int:
    """Delete the quotes that are honoured no longer; returns how many."""
    gone = session.execute(
        sa.delete(GivenQuote)
        .where(GivenQuote.expires_at <= now)
        .returning(GivenQuote.id)
        .execution_options(synchronize_session=False)
    )
    return len(gone.all())
