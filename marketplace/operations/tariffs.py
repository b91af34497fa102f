"""A tariff edited in the console: the rows of a price file, kept by the same rules and services."""

from __future__ import annotations

import datetime as dt
import hashlib
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace

import sqlalchemy as sa
from sqlalchemy.orm import Session

from catalog.bulk.tables.source import Line
from catalog.models import RoomType
from marketplace.booking.contract.cancellation_rules import PRESETS
from marketplace.inventory.models import StockPool
from marketplace.kernel.audit import Actor
from marketplace.kernel.audit_queries import entries_for
from marketplace.kernel.clock import Clock, shanghai_date
from marketplace.kernel.db import Database
from marketplace.kernel.errors import DomainError, NotFound
from marketplace.offers.quoting import stay_offers
from marketplace.operations.prices import PriceFileRefused, Room, rooms
from marketplace.pricing import queries
from marketplace.pricing.files import applying, comparing, reading, writing
from marketplace.pricing.files.checking import Fault
from marketplace.pricing.files.columns import COLUMNS, Kind
from marketplace.pricing.files.comparing import Difference, State
from marketplace.pricing.files.reading import Wanted
from marketplace.pricing.models import Tariff
from marketplace.pricing.nights.quote import Ask, Quote, quote
from marketplace.pricing.nights.restrictions import DayRule, Restricted, refusals
from marketplace.pricing.nights.terms import Terms, list_price

NOT_EDITED = frozenset({Kind.NIGHT})
"""Prices of single nights are set on the calendar."""
Rows = Sequence[Mapping[str, str]]
"""Cells by column, ``rule`` among them, as in a price file; rows without another cell are blank."""


class TariffChanged(DomainError):
    """Somebody saved another version after the form was opened; nothing was saved."""

    code = "tariff_changed"
    http_status = 409
    message = (
        "您打开的是第 %(seen)s 版，现在已经是第 %(number)s 版，或预订限制改过了，还没有保存。"
        "请对照新的内容再决定"
    )


@dataclass(frozen=True, slots=True)
class Version:
    """One version of a tariff; ``number`` counts from 1."""

    number: int
    id: int
    made_at: dt.datetime
    replaced_at: dt.datetime | None
    actor: Actor | None
    """Who made it, where the trail tells."""


@dataclass(frozen=True, slots=True)
class Open:
    """What is set for one room type, to be edited."""

    room: Room
    state: State
    versions: tuple[Version, ...]
    """The oldest first."""
    fingerprint: str
    """Tells this state of tariff and restrictions from any other."""

    @property
    def number(self) -> int:
        """The number of the version that counts; 0 where there is none."""
        return len(self.versions)


@dataclass(frozen=True, slots=True)
class Draft:
    """What saving would make of a tariff."""

    opened: Open
    wanted: Wanted
    terms: Terms
    difference: Difference
    rules: dict[dt.date, DayRule]
    """Restrictions that are others than those set; an empty one asks nothing any more."""
    nights_by_hand: int
    """Nights in its seasons that keep the price set on the calendar."""

    @property
    def nothing(self) -> bool:
        """Whether all stays as it is."""
        return not (self.difference.any or self.rules) and self.opened.state.has_tariff


def open_tariff(session: Session, *, room_type_id: int, enterprise_id: int, today: dt.date) -> Open:
    """Return what is set for a room type of this enterprise from ``today`` (Asia/Shanghai) on.

    Raises:
        NotFound: it has no such room type with stock.
    """
    found = rooms(session, RoomType.id == room_type_id, StockPool.enterprise_id == enterprise_id)
    if not found:
        raise NotFound
    state = applying.states(session, room_type_ids=[room_type_id], today=today)[room_type_id]
    known = _versions(session, room_type_id)
    told = [str(known[-1].id if known else 0), *map(repr, sorted(state.rules.items()))]
    print_ = hashlib.sha256("\n".join(told).encode()).hexdigest()[:32]
    return Open(found[0], state, known, f"{len(known)}:{print_}")


def _versions(session: Session, room_type_id: int) -> tuple[Version, ...]:
    made_by = {
        entry.detail.get("tariff"): entry.actor
        for entry in entries_for(session, subject=("room_type", room_type_id))
        if entry.action == "tariff.changed"
    }
    rows = session.execute(
        sa.select(Tariff.id, Tariff.made_at, Tariff.replaced_at)
        .where(Tariff.room_type_id == room_type_id)
        .order_by(Tariff.id)
    )
    return tuple(
        Version(number, row.id, row.made_at, row.replaced_at, made_by.get(row.id))
        for number, row in enumerate(rows, start=1)
    )


def rows_of(state: State) -> list[dict[str, str]]:
    """Return what is set as the rows of a form."""
    return [*writing.rows_of_terms(state.terms), *writing.rows_of_rules(state.rules)]


def rows_of_version(
    session: Session, opened: Open, *, tariff_id: int
) -> tuple[Version, list[dict[str, str]]]:
    """Return a version of this tariff as rows, with the restrictions that are set now.

    Raises:
        NotFound: it is no version of this tariff.
    """
    for version in opened.versions:
        if version.id == tariff_id:
            terms = queries.terms_of(session, tariff_id=tariff_id)
            return version, rows_of(replace(opened.state, terms=terms))
    raise NotFound


def _lock(session: Session, room_type_id: int) -> None:
    """Let two edits of one tariff come one after the other, from their first look on."""
    session.scalar(sa.select(RoomType.id).where(RoomType.id == room_type_id).with_for_update())


class _OnlyLooked(Exception):  # never leaves this module: it ends the trial without a commit
    pass


@dataclass(frozen=True, slots=True)
class TariffEdit:
    """What somebody made of the tariff of a room type of their enterprise."""

    room_type_id: int
    enterprise_id: int
    rows: Rows
    fingerprint: str
    """Of the state they began from (``Open.fingerprint``)."""


def put(database: Database, edit: TariffEdit, *, apply: bool, actor: Actor, clock: Clock) -> Draft:
    """Return what rows make of a tariff, and make it the one that counts with ``apply``.

    A look does the same work and takes it back, so it refuses what the real thing would. Sent
    twice, the second finds everything as wanted.

    Raises:
        NotFound: no such room type. TariffChanged: it is not the one that the edit began from.
        PriceFileRefused: rows cannot be used; a fault's ``row`` counts the rows from 1.
    """
    found: list[Draft] = []
    with suppress(_OnlyLooked), database.write() as session:
        now = clock.now()
        _lock(session, edit.room_type_id)
        today = shanghai_date(now)
        opened = open_tariff(
            session,
            room_type_id=edit.room_type_id,
            enterprise_id=edit.enterprise_id,
            today=today,
        )
        draft = _draft(opened, edit.rows, today)
        found.append(draft)
        if apply and draft.nothing:
            return draft
        if opened.fingerprint != edit.fingerprint:
            seen = edit.fingerprint.partition(":")[0]
            raise TariffChanged(seen=seen if seen.isdigit() else "?", number=opened.number)
        faults = applying.apply(
            session,
            wanted=[draft.wanted],
            places={opened.room.code: opened.room.place},
            before={edit.room_type_id: opened.state},
            actor=actor,
            today=today,
            now=now,
        )
        if faults:
            raise PriceFileRefused(faults)
        if not apply:
            raise _OnlyLooked
    return found[0]


def _draft(opened: Open, rows: Rows, today: dt.date) -> Draft:
    code = opened.room.code
    lines = [
        Line(number, {**dict.fromkeys(COLUMNS, ""), **row, "room": code}, None)
        for number, row in enumerate(rows, start=1)
        if any(text for column, text in row.items() if column != "rule")
    ]
    if any(line.cells["rule"] in NOT_EDITED for line in lines):
        raise PriceFileRefused([Fault(1, "单日价请在房态和价格里改")])
    made, faults = reading.read_rules(
        lines, scope=reading.Scope({code}), policies=PRESETS, today=today
    )
    if faults:
        raise PriceFileRefused(faults)
    wanted = made[0] if made else Wanted(code, 1)
    terms = wanted.terms or Terms()
    # A form shows all restrictions: a date that it does not name any more is asked nothing.
    rules = {**dict.fromkeys(opened.state.rules, DayRule()), **wanted.rules}
    wanted = replace(wanted, terms=terms, rules=rules)
    return Draft(
        opened,
        wanted,
        terms,
        comparing.differing(opened.state, terms),
        comparing.rules_to_set(opened.state, wanted),
        sum(list_price(terms.seasons, day) is not None for day in opened.state.nights),
    )


@dataclass(frozen=True, slots=True)
class Example:
    """What a stay costs by a tariff, or why it is refused."""

    quote: Quote | None
    refused: DomainError | None


def example(
    session: Session, opened: Open, *, terms: Terms, rules: Mapping[dt.date, DayRule], ask: Ask
) -> Example:
    """Return the price of a stay by ``terms`` and ``rules``; nights set by hand keep theirs.

    The listing's own rules count as well, so that an example is what a guest would be told.
    """
    offer = stay_offers.find_offer(session, room_type_id=opened.room.place.room_type_id)
    by_hand = opened.state.nights
    rates = {
        day: fen
        for day in ask.stay.days()
        if (fen := by_hand.get(day) or list_price(terms.seasons, day)) is not None
    }
    try:
        stay_offers.check_party(offer, ask)
        broken = [
            *stay_offers.listing_refusals(offer, ask.stay),
            *refusals(stay=ask.stay, booked_on=ask.booked_on, terms=terms, days=rules),
        ]
        if broken:
            raise Restricted(broken)
        return Example(quote(ask=ask, rates=rates, terms=terms), None)
    except DomainError as refused:
        return Example(None, refused)
