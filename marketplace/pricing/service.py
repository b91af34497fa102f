"""The operator's edits of prices: calendar, tariff, restrictions."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Mapping, Sequence
from dataclasses import asdict

import sqlalchemy as sa
from sqlalchemy.orm import Session

from catalog.models import RoomType
from marketplace.kernel import changes
from marketplace.kernel.audit import Actor, note
from marketplace.kernel.db import table_of
from marketplace.kernel.errors import DomainError, Invalid
from marketplace.kernel.messages import Message
from marketplace.kernel.stay import LONGEST_NIGHTS
from marketplace.pricing.models import NightRate, Restriction, Tariff
from marketplace.pricing.nights.restrictions import DayRule
from marketplace.pricing.nights.terms import (
    HIGHEST_FEN,
    LOWEST_FEN,
    WRONG_PRICE,
    Season,
    Terms,
    faults_of,
    list_price,
    read_terms,
    write_terms,
)


class TariffRefused(DomainError):
    """The terms contradict themselves; ``extra['faults']`` names each in the operator's words."""

    code = "tariff_refused"
    http_status = 422
    message = "价目不能用：%(faults)s"


def set_rate(
    session: Session,
    *,
    room_type_id: int,
    pool_id: int,
    days: Sequence[dt.date],
    list_fen: int,
    actor: Actor,
    now: dt.datetime,
) -> None:
    """Set the list price of one room on each of ``days``; quotes already held keep theirs.

    Raises:
        Invalid: the price is out of bounds (1 yuan to 100,000 yuan), or less than twice what a
            single guest is spared.
    """
    if not LOWEST_FEN <= list_fen <= HIGHEST_FEN:
        raise Invalid({"price": WRONG_PRICE})
    text = session.scalar(_current_terms(room_type_id))
    if text is not None and read_terms(text).occupancy.single_off_fen * 2 > list_fen:
        raise Invalid({"price": "一人住的减价不能超过房价的一半，请先改一人住的减价"})
    ordered = sorted(days)
    _write_rates(session, room_type_id, dict.fromkeys(ordered, list_fen), by_hand=True)
    _record_days(session, pool_id, ordered[0], ordered[-1], now)
    note(
        session,
        actor=actor,
        action="price.changed",
        subject=("room_type", room_type_id),
        now=now,
        first=ordered[0].isoformat(),
        last=ordered[-1].isoformat(),
        days=len(ordered),
        list_fen=list_fen,
    )


def put_tariff(
    session: Session,
    *,
    room_type_id: int,
    pool_id: int,
    terms: Terms,
    actor: Actor,
    today: dt.date,
    now: dt.datetime,
) -> int | None:
    """Make ``terms`` the tariff that counts from now on and return its id; ``None``: it does.

    Seasons are written into the calendar from ``today`` (Asia/Shanghai) on, except for days whose
    price was set by hand; quotes and bookings keep the version they were made by.

    Raises:
        TariffRefused: the terms contradict themselves.
    """
    lowest = session.scalar(
        sa.select(sa.func.min(NightRate.list_fen)).where(
            NightRate.room_type_id == room_type_id,
            NightRate.day >= today,
            # The others have the price of a season, and these terms bring seasons of their own.
            NightRate.by_hand.is_(True),
        )
    )
    if faults := faults_of(terms, lowest_night_fen=lowest):
        raise TariffRefused(faults="；".join(faults), extra={"faults": faults})
    listing_id = session.scalar(
        # The room type's row: two edits of one tariff come one after the other.
        sa.select(RoomType.listing_id).where(RoomType.id == room_type_id).with_for_update()
    )
    text = write_terms(terms)
    before = session.scalar(_current_terms(room_type_id))
    if before == text:
        return None
    session.execute(
        sa.update(Tariff)
        .where(Tariff.room_type_id == room_type_id, Tariff.replaced_at.is_(None))
        .values(replaced_at=now)
        .execution_options(synchronize_session=False)
    )
    tariff = Tariff(room_type_id=room_type_id, terms=text, made_at=now)
    session.add(tariff)
    session.flush()
    spread(
        session,
        room_type_id=room_type_id,
        pool_id=pool_id,
        seasons=terms.seasons,
        gone=read_terms(before).seasons if before else (),
        first=today,
        now=now,
    )
    changes.record(session, changes.LISTING, listing_id, now=now)
    note(
        session,
        actor=actor,
        action="tariff.changed",
        subject=("room_type", room_type_id),
        now=now,
        tariff=tariff.id,
    )
    return tariff.id


def _current_terms(room_type_id: int) -> sa.Select[str]:
    return sa.select(Tariff.terms).where(
        Tariff.room_type_id == room_type_id, Tariff.replaced_at.is_(None)
    )


def spread(  # what the calendar gets and what it loses, from when on
    session: Session,
    *,
    room_type_id: int,
    pool_id: int,
    seasons: Collection[Season],
    gone: Collection[Season],
    first: dt.date,
    now: dt.datetime,
) -> None:
    """Write the seasons' prices into the calendar from ``first`` on, where no hand set another.

    Days that only a season of the version before priced lose their price, and are not on sale.
    """
    touched = [*seasons, *gone]
    if not touched or max(season.last for season in touched) < first:
        return
    begin = max(first, min(season.first for season in touched))
    end = max(season.last for season in touched)
    by_hand = set(
        session.scalars(
            sa.select(NightRate.day).where(
                NightRate.room_type_id == room_type_id,
                NightRate.day >= begin,
                NightRate.day <= end,
                NightRate.by_hand.is_(True),
            )
        )
    )
    days = (begin + dt.timedelta(days=offset) for offset in range((end - begin).days + 1))
    prices = {day: list_price(seasons, day) for day in days if day not in by_hand}
    session.execute(
        sa.delete(NightRate).where(
            NightRate.room_type_id == room_type_id,
            NightRate.day >= begin,
            NightRate.day <= end,
            NightRate.by_hand.is_(False),
        )
    )
    _insert_rates(
        session,
        room_type_id,
        {day: fen for day, fen in prices.items() if fen is not None},
        by_hand=False,
    )
    _record_days(session, pool_id, begin, end, now)


def set_restrictions(
    session: Session,
    *,
    room_type_id: int,
    pool_id: int,
    rules: Mapping[dt.date, DayRule],
    actor: Actor,
    now: dt.datetime,
) -> None:
    """Make ``rules`` what is asked of stays on these dates; an empty rule asks nothing more.

    Raises:
        Invalid: a number of nights is not positive, or a least exceeds its most.
    """
    if not rules:
        return
    if not all(map(_sound, rules.values())):
        said = "最少晚数不能大于最多晚数，都要在 1 到 %(most_nights)s 之间"
        raise Invalid({"nights": Message(said, most_nights=LONGEST_NIGHTS)})
    days = sorted(rules)
    session.execute(
        sa.delete(Restriction).where(
            Restriction.room_type_id == room_type_id, Restriction.day.in_(days)
        )
    )
    rows = [
        {"room_type_id": room_type_id, "day": day, **asdict(rules[day])}
        for day in days
        if rules[day] != DayRule()
    ]
    if rows:
        session.execute(sa.insert(table_of(Restriction)), rows)
    _record_days(session, pool_id, days[0], days[-1], now)
    note(
        session,
        actor=actor,
        action="restriction.changed",
        subject=("room_type", room_type_id),
        now=now,
        first=days[0].isoformat(),
        last=days[-1].isoformat(),
        days=len(days),
    )


def _sound(rule: DayRule) -> bool:
    pairs = (
        (rule.min_nights, rule.max_nights),
        (rule.min_nights_arrival, rule.max_nights_arrival),
    )
    return all(
        (least is None or 1 <= least <= LONGEST_NIGHTS)
        and (most is None or (least or 1) <= most <= LONGEST_NIGHTS)
        for least, most in pairs
    )


def _write_rates(
    session: Session, room_type_id: int, prices: Mapping[dt.date, int], *, by_hand: bool
) -> None:
    session.execute(
        sa.delete(NightRate).where(
            NightRate.room_type_id == room_type_id, NightRate.day.in_(list(prices))
        )
    )
    _insert_rates(session, room_type_id, prices, by_hand=by_hand)


def _insert_rates(
    session: Session, room_type_id: int, prices: Mapping[dt.date, int], *, by_hand: bool
) -> None:
    if prices:
        session.execute(
            sa.insert(NightRate),
            [
                {"room_type_id": room_type_id, "day": day, "list_fen": fen, "by_hand": by_hand}
                for day, fen in prices.items()
            ],
        )


def _record_days(
    session: Session, pool_id: int, first: dt.date, last: dt.date, now: dt.datetime
) -> None:
    """Tell the change log that prices or restrictions of these dates are others, both included."""
    changes.record(
        session,
        changes.STOCK,
        pool_id,
        now=now,
        detail={
            "first": first.isoformat(),
            "last": (last + dt.timedelta(days=1)).isoformat(),
        },
    )
