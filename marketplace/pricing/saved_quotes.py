"""Prices given with an id: kept as they were said and honoured to the fen until they expire."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace

import sqlalchemy as sa
from sqlalchemy.orm import Session

from marketplace.kernel.clock import shanghai_date
from marketplace.kernel.errors import DomainError, NotFound
from marketplace.kernel.ids import Ids
from marketplace.pricing.models import StayQuote
from marketplace.pricing.nights.quote import Ask, Quote
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


@dataclass(frozen=True, slots=True)
class QuotedStay:
    """What a stay costs by a tariff."""

    selection: StaySelection
    tariff_id: int | None
    quote: Quote


@dataclass(frozen=True, slots=True)
class Given:
    """A price that was given."""

    id: str
    stay: QuotedStay
    made_at: dt.datetime
    expires_at: dt.datetime

    @property
    def ask(self) -> Ask:
        """What was priced: the day of booking is that on which the price was given."""
        return Ask.of(self.stay.selection, booked_on=shanghai_date(self.made_at))

    def answers(self, selection: StaySelection) -> bool:
        """Whether it is the price of what is chosen; meals that are not named are those quoted."""
        meals = self.stay.quote.board
        return _priced_as(selection, meals) == _priced_as(self.stay.selection, meals)


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
    session: Session,
    *,
    holder: str,
    stay: QuotedStay,
    ids: Ids,
    now: dt.datetime,
) -> Given:
    """Keep a price and return it with its id and its end."""
    return give_all(session, holder=holder, stays=[stay], ids=ids, now=now)[0]


def give_all(
    session: Session,
    *,
    holder: str,
    stays: Sequence[QuotedStay],
    ids: Ids,
    now: dt.datetime,
) -> list[Given]:
    """Keep prices, each under an id of its own, and return them in their order."""
    expires_at = now + HONOURED
    rows = [
        StayQuote(
            id=f"{int(expires_at.timestamp()):0{ID_TIME}x}{ids.new_id()[ID_TIME:]}",
            holder=holder,
            room_type_id=stay.selection.room_type_id,
            tariff_id=stay.tariff_id,
            selection=stay.selection,
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


def given(session: Session, *, quote_id: str, holder: str, now: dt.datetime) -> Given:
    """Return a price that is still honoured.

    Raises:
        NotFound: no such quote, or somebody else's. QuoteExpired: its time is over.
    """
    return given_all(session, quote_ids=[quote_id], holder=holder, now=now)[quote_id]


def given_all(
    session: Session, *, quote_ids: Collection[str], holder: str, now: dt.datetime
) -> dict[str, Given]:
    """Return prices that are still honoured, by their ids: one query, or none without an id.

    Raises:
        NotFound, QuoteExpired: as ``given``, of any of them.
    """
    if not quote_ids:
        return {}
    rows = session.scalars(sa.select(StayQuote).where(StayQuote.id.in_(quote_ids)))
    found = {row.id: row for row in rows}
    return {
        quote_id: _honoured(found.get(quote_id), quote_id, holder, now) for quote_id in quote_ids
    }


def _honoured(row: StayQuote | None, quote_id: str, holder: str, now: dt.datetime) -> Given:
    if row is None and _has_ended(quote_id, now):
        raise QuoteExpired
    if row is None or row.holder != holder:
        raise NotFound
    if now >= row.expires_at:
        raise QuoteExpired
    stay = QuotedStay(row.selection, row.tariff_id, row.quote)
    return Given(row.id, stay, row.made_at, row.expires_at)


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
        sa.delete(StayQuote)
        .where(StayQuote.expires_at <= now)
        .returning(StayQuote.id)
        .execution_options(synchronize_session=False)
    )
    return len(gone.all())
