"""Price files from the outside, and prices told: what the commands about prices do."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass, replace

import sqlalchemy as sa
from sqlalchemy.orm import Session

from catalog.bulk.tables import source
from catalog.models import Enterprise, Listing, RoomType
from catalog.sale import listing_stop, refuse
from marketplace.booking.contract.cancellation_rules import PRESETS
from marketplace.inventory.models import StockPool
from marketplace.kernel.audit import Actor
from marketplace.kernel.clock import Clock, shanghai_date
from marketplace.kernel.db import Database
from marketplace.kernel.errors import DomainError, Invalid, NotFound
from marketplace.kernel.stay import Stay
from marketplace.offers.quoting import stay_offers
from marketplace.pricing import queries
from marketplace.pricing.files import applying, columns, comparing, reading, writing
from marketplace.pricing.files.checking import Fault
from marketplace.pricing.files.comparing import Change, State
from marketplace.pricing.nights.breakdown import explain
from marketplace.pricing.nights.quote import Ask
from marketplace.staff.demo_accounts import enterprise_by_code


class PriceFileRefused(DomainError):
    """Rows of the file cannot be used, so nothing of it was; ``faults`` tells each of them."""

    code = "price_file_refused"
    http_status = 422
    message = "有 %(count)s 行不能用，什么都没有改"

    def __init__(self, faults: Iterable[Fault]) -> None:
        """Keep the rows with their reasons."""
        self.faults = tuple(faults)
        super().__init__(count=len({fault.row for fault in self.faults}))


@dataclass(frozen=True, slots=True)
class Room:
    """A room type that has stock, with whose it is."""

    code: str
    name_zh: str
    listing: str
    enterprise: str
    place: applying.Place


_ROOMS = (
    sa.select(
        RoomType.code,
        RoomType.name_zh,
        Listing.code.label("listing"),
        Enterprise.code.label("enterprise"),
        RoomType.id.label("room_type_id"),
        StockPool.id.label("pool_id"),
    )
    .join(Listing, Listing.id == RoomType.listing_id)
    .join(Enterprise, Enterprise.id == Listing.enterprise_id)
    .join(StockPool, StockPool.room_type_id == RoomType.id)
    .order_by(RoomType.code)
)


def rooms(session: Session, *where: sa.ColumnElement[bool]) -> list[Room]:
    """Return the room types that ``where`` leaves, by code."""
    return [
        Room(
            row.code,
            row.name_zh,
            row.listing,
            row.enterprise,
            applying.Place(row.room_type_id, row.pool_id),
        )
        for row in session.execute(_ROOMS.where(*where))
    ]


class _OnlyLooked(Exception):  # never leaves this module: it ends the trial without a commit
    pass


def bring_in(
    database: Database,
    *,
    content: bytes,
    said: str = "",
    enterprise: str | None,
    apply: bool,
    actor: Actor,
    clock: Clock,
) -> list[Change]:
    """Return what a price file changes for each room type in it, and change it with ``apply``.

    A preview does the same work and takes it back, so it refuses what the real thing would.
    ``said`` names the encoding of a CSV.

    Raises:
        FileRefused: it is no table of ours. Invalid: there is no such ``enterprise``.
        PriceFileRefused: rows cannot be used; nothing was changed.
    """
    encoding = source.certain_encoding(content, said)
    lines = list(source.read(content, encoding, head=columns.HEAD))
    found: list[Change] = []
    with suppress(_OnlyLooked), database.write() as session:
        found = _bring_in(session, lines, enterprise, actor, clock.now())
        if not apply:
            raise _OnlyLooked
    return found


def _bring_in(
    session: Session,
    lines: list[source.Line],
    enterprise: str | None,
    actor: Actor,
    now: dt.datetime,
) -> list[Change]:
    today = shanghai_date(now)
    if enterprise:
        enterprise_by_code(session, enterprise)
    known = rooms(session)
    mine = [room for room in known if enterprise in (None, room.enterprise)]
    others = [room.code for room in known if enterprise not in (None, room.enterprise)]
    wanted, faults = reading.read_rules(
        lines,
        scope=reading.Scope({room.code for room in mine}, set(others), whole=bool(enterprise)),
        policies=PRESETS,
        today=today,
    )
    if faults:
        raise PriceFileRefused(faults)
    places = {room.code: room.place for room in mine}
    ids = [places[each.room].room_type_id for each in wanted]
    before = applying.states(session, room_type_ids=ids, today=today)
    told = [comparing.compare(before[places[each.room].room_type_id], each) for each in wanted]
    faults = applying.apply(
        session,
        wanted=wanted,
        places=places,
        before=before,
        actor=actor,
        today=today,
        now=now,
    )
    if faults:
        raise PriceFileRefused(faults)
    return told


def hand_out(
    session: Session, *, enterprise: str | None, listing: str | None, now: dt.datetime
) -> list[dict[str, str]]:
    """Return every rule of the room types of an enterprise or a listing as rows of a price file.

    Raises:
        Invalid: neither is named, or it has no room types with stock.
    """
    if not (enterprise or listing):
        raise Invalid({"enterprise": "请说明是哪一家企业或哪一个产品"})
    where = [Enterprise.code == enterprise] if enterprise else []
    where += [Listing.code == listing] if listing else []
    found = rooms(session, *where)
    if not found:
        raise Invalid({"enterprise": "这里没有在售的房型"})
    ids = [room.place.room_type_id for room in found]
    known = applying.states(session, room_type_ids=ids, today=shanghai_date(now))
    return [
        {"room": room.code, **row}
        for room in found
        for row in rows_of(known[room.place.room_type_id])
    ]


def rows_of(state: State) -> Iterator[writing.Row]:
    """Yield what is set for one room type as rows."""
    if state.has_tariff:
        yield from writing.rows_of_terms(state.terms)
    yield from writing.rows_of_nights(state.nights)
    yield from writing.rows_of_rules(state.rules)


@dataclass(frozen=True, slots=True)
class Shown:
    """What is set for a room type, and what it means for one date."""

    room: Room
    rules: tuple[str, ...]
    day: dt.date
    list_fen: int | None
    by_hand: bool
    restrictions: tuple[str, ...]


def show(session: Session, *, room: str, day: dt.date | None, now: dt.datetime) -> Shown:
    """Return the rules of a room type and what ``day``, today by default, costs and asks.

    Raises:
        NotFound: there is no such room type.
    """
    found = _room(session, room)
    today = shanghai_date(now)
    shown = day or today
    key = found.place.room_type_id
    state = applying.states(session, room_type_ids=[key], today=min(today, shown))[key]
    rate = queries.rates_between(session, room_type_ids=[key], first=shown, last=shown)
    asked = writing.rows_of_rules({shown: state.rules[shown]} if shown in state.rules else {})
    return Shown(
        room=found,
        rules=tuple(comparing.said(row) for row in writing.rows_of_terms(state.terms)),
        day=shown,
        list_fen=rate[key].get(shown),
        by_hand=shown in state.nights,
        restrictions=tuple(comparing.said(row) for row in asked),
    )


def _room(session: Session, code: str) -> Room:
    found = rooms(session, RoomType.code == code)
    if not found:
        raise NotFound("没有编号为“%(value)s”的房型", value=code)
    return found[0]


def explained(
    session: Session, *, room: str, ask: Ask, now: dt.datetime, by_night: bool
) -> list[str]:
    """Return the price of a stay line by line, or what refuses it.

    Raises:
        NotFound: there is no such room type. NotBookable, Invalid: the listing is not on sale, or
            its own rules refuse the stay. NoPrice: a night has no price.
    """
    found = _room(session, room)
    stay_offers.require_ahead(ask.stay, today=shanghai_date(now))
    offer = stay_offers.find_offer(session, room_type_id=found.place.room_type_id)
    refuse(listing_stop(offer.wares))
    stay_offers.check_rules(offer, ask)
    plan = queries.plan(session, room_type_id=found.place.room_type_id, stay=ask.stay)

    def allowed(part: Stay) -> bool:
        try:
            stay_offers.check_rules(offer, replace(ask, stay=part))
        except Invalid:
            return False
        return True

    return explain(
        ask=ask,
        rates=plan.rates,
        terms=plan.terms,
        rules=plan.rules,
        allowed=allowed,
        by_night=by_night,
    )
