"""The tariffs of the sample, kept ahead of the summers."""

from __future__ import annotations

import datetime as dt

import sqlalchemy as sa
from sqlalchemy.orm import Session

from catalog.models import RoomType
from marketplace.kernel import changes
from marketplace.kernel.clock import shanghai_midnight
from marketplace.kernel.db import lock_word
from marketplace.pricing.models import Tariff
from marketplace.pricing.nights.terms import Terms, write_terms
from marketplace.sample.definitions import Sample, coming_summer

OLDER_SUMMERS = 3
"""How many years back a tariff is known again as the sample's own."""


def renew_tariffs(session: Session, *, sample: Sample, today: dt.date) -> int:
    """Give each sample room the tariff of the coming summers; returns how many got one.

    One that an operator changed stays as it is: only what the sample itself wrote, this year or
    in years before, is replaced.
    """
    summer, now = coming_summer(today), shanghai_midnight(today)
    wanted = {room: write_terms(terms) for room, terms in sample.tariffs(summer).items()}
    # Two schedulers may run at the same time; the second finds what the first has written.
    lock_word(session, "sample.tariffs")
    rooms = session.execute(
        sa.select(RoomType.code, RoomType.id, RoomType.listing_id).where(RoomType.code.in_(wanted))
    ).all()
    current = {
        row.room_type_id: row
        for row in session.execute(
            sa.select(Tariff.id, Tariff.room_type_id, Tariff.terms).where(
                Tariff.replaced_at.is_(None), Tariff.room_type_id.in_([room.id for room in rooms])
            )
        )
    }
    bare = [room for room in rooms if room.id not in current]
    differing = [
        room for room in rooms if room.id in current and current[room.id].terms != wanted[room.code]
    ]
    own = _earlier(sample, summer) if differing else set()
    stale = [room for room in differing if (room.code, current[room.id].terms) in own]
    if stale:
        session.execute(
            sa.update(Tariff)
            .where(Tariff.id.in_([current[room.id].id for room in stale]))
            .values(replaced_at=now)
            .execution_options(synchronize_session=False)
        )
        listings = sorted({room.listing_id for room in stale})
        changes.record_all(session, changes.LISTING, listings, now=now)
    if fresh := bare + stale:
        session.execute(
            sa.insert(Tariff),
            [
                {"room_type_id": room.id, "terms": wanted[room.code], "made_at": now}
                for room in fresh
            ],
        )
    return len(bare) + len(stale)


def _earlier(sample: Sample, summer: int) -> set[tuple[str, str]]:
    """Return what the sample wrote in other years, and what it wrote when it had discounts only."""
    plain = write_terms(Terms(tiers=sample.tiers))
    found = {(room.code, plain) for room in sample.rooms}
    for year in range(summer - OLDER_SUMMERS, summer):
        found |= {(room, write_terms(terms)) for room, terms in sample.tariffs(year).items()}
    return found
