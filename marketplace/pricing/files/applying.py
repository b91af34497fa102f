"""Reading and setting what a price file is about, by the services that every edit goes through."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, fields

import sqlalchemy as sa
from sqlalchemy.orm import Session

from marketplace.kernel.audit import Actor, note
from marketplace.kernel.errors import DomainError
from marketplace.pricing import queries
from marketplace.pricing.files.checking import Fault
from marketplace.pricing.files.comparing import (
    State,
    nights_to_free,
    nights_to_set,
    rules_to_set,
    tariff_to_set,
)
from marketplace.pricing.files.reading import Wanted
from marketplace.pricing.models import NightRate, Restriction
from marketplace.pricing.nights.restrictions import DayRule
from marketplace.pricing.nights.terms import LOWEST_FEN, Season
from marketplace.pricing.service import put_tariff, set_rate, set_restrictions, spread


@dataclass(frozen=True, slots=True)
class Place:
    """A room type by its ids."""

    room_type_id: int
    pool_id: int


def states(session: Session, *, room_type_ids: Collection[int], today: dt.date) -> dict[int, State]:
    """Return what is set for each room type from ``today`` (Asia/Shanghai) on: three queries."""
    tariffs = queries.tariffs(session, room_type_ids=room_type_ids)
    nights: dict[int, dict[dt.date, int]] = defaultdict(dict)
    by_hand = sa.select(NightRate.room_type_id, NightRate.day, NightRate.list_fen).where(
        NightRate.room_type_id.in_(room_type_ids),
        NightRate.day >= today,
        NightRate.by_hand.is_(True),
    )
    for room, day, fen in session.execute(by_hand):
        nights[room][day] = fen
    rules: dict[int, dict[dt.date, DayRule]] = defaultdict(dict)
    restricted = sa.select(Restriction).where(
        Restriction.room_type_id.in_(room_type_ids), Restriction.day >= today
    )
    for row in session.scalars(restricted.execution_options(populate_existing=True)):
        limits = {limit.name: getattr(row, limit.name) for limit in fields(DayRule)}
        rules[row.room_type_id][row.day] = DayRule(**limits)
    return {
        room: State(
            terms=tariffs[room][1] if room in tariffs else State().terms,
            nights=nights[room],
            rules=rules[room],
            has_tariff=room in tariffs,
        )
        for room in room_type_ids
    }


def apply(
    session: Session,
    *,
    wanted: Sequence[Wanted],
    places: Mapping[str, Place],
    before: Mapping[int, State],
    actor: Actor,
    today: dt.date,
    now: dt.datetime,
) -> list[Fault]:
    """Set what a file wants; returns what was refused, and then nothing may be committed."""
    faults = []
    for each in wanted:
        place = places[each.room]
        try:
            _apply_one(
                session,
                wanted=each,
                place=place,
                before=before[place.room_type_id],
                actor=actor,
                today=today,
                now=now,
            )
        except DomainError as error:
            told = error.extra.get("fields")
            words = told.values() if isinstance(told, dict) else [str(error)]
            params = {"room": each.room, "fault": "；".join(map(str, words))}
            faults.append(Fault(each.row, "房型 %(room)s：%(fault)s", params))
    return faults


def _apply_one(
    session: Session,
    *,
    wanted: Wanted,
    place: Place,
    before: State,
    actor: Actor,
    today: dt.date,
    now: dt.datetime,
) -> None:
    terms = tariff_to_set(before, wanted)
    # What a single guest is spared is checked against the prices that stand: where it grows, the
    # prices that bear it come first, where it falls, it makes room for lower prices.
    spared = terms.occupancy.single_off_fen if terms else 0
    prices_first = spared > before.terms.occupancy.single_off_fen
    if prices_first:
        _set_nights(session, wanted=wanted, place=place, before=before, actor=actor, now=now)
    if terms is not None:
        put_tariff(
            session,
            room_type_id=place.room_type_id,
            pool_id=place.pool_id,
            terms=terms,
            actor=actor,
            today=today,
            now=now,
        )
    if not prices_first:
        _set_nights(session, wanted=wanted, place=place, before=before, actor=actor, now=now)
    free_nights(
        session,
        place=place,
        days=nights_to_free(before, wanted),
        seasons=(terms or before.terms).seasons,
        actor=actor,
        now=now,
    )
    set_restrictions(
        session,
        room_type_id=place.room_type_id,
        pool_id=place.pool_id,
        rules=rules_to_set(before, wanted),
        actor=actor,
        now=now,
    )


def _set_nights(
    session: Session,
    *,
    wanted: Wanted,
    place: Place,
    before: State,
    actor: Actor,
    now: dt.datetime,
) -> None:
    by_price: dict[int, list[dt.date]] = defaultdict(list)
    for day, fen in sorted(nights_to_set(before, wanted).items()):
        by_price[fen].append(day)
    for fen, days in by_price.items():
        set_rate(
            session,
            room_type_id=place.room_type_id,
            pool_id=place.pool_id,
            days=days,
            list_fen=fen,
            actor=actor,
            now=now,
        )


def free_nights(
    session: Session,
    *,
    place: Place,
    days: Collection[dt.date],
    seasons: Collection[Season],
    actor: Actor,
    now: dt.datetime,
) -> None:
    """Give nights whose price was set by hand back to the ``seasons`` of the tariff.

    A night that no season prices loses its price, and is not on sale.
    """
    if not days:
        return
    session.execute(
        sa.update(NightRate)
        .where(NightRate.room_type_id == place.room_type_id, NightRate.day.in_(days))
        .values(by_hand=False)
        .execution_options(synchronize_session=False)
    )
    first, last = min(days), max(days)
    spread(
        session,
        room_type_id=place.room_type_id,
        pool_id=place.pool_id,
        seasons=seasons,
        # As if a season of the version before had priced them.
        gone=[Season(first, last, LOWEST_FEN)],
        first=first,
        now=now,
    )
    note(
        session,
        actor=actor,
        action="price.changed",
        subject=("room_type", place.room_type_id),
        now=now,
        first=first.isoformat(),
        last=last.isoformat(),
        days=len(days),
    )
