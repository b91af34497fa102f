"""The operator's edits of prices."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence

import sqlalchemy as sa
from sqlalchemy.orm import Session

from marketplace.kernel import changes
from marketplace.kernel.audit import Actor, note
from marketplace.kernel.errors import Invalid
from marketplace.pricing.models import NightRate

LOWEST_FEN, HIGHEST_FEN = 100, 10_000_000


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
        Invalid: the price is out of bounds (1 yuan to 100,000 yuan).
    """
    if not LOWEST_FEN <= list_fen <= HIGHEST_FEN:
        raise Invalid({"price": "价格要在 1 元到 100,000 元之间"})
    ordered = sorted(days)
    session.execute(
        sa.delete(NightRate).where(
            NightRate.room_type_id == room_type_id, NightRate.day.in_(ordered)
        )
    )
    session.execute(
        sa.insert(NightRate),
        [{"room_type_id": room_type_id, "day": day, "list_fen": list_fen} for day in ordered],
    )
    changes.record(
        session,
        changes.STOCK,
        pool_id,
        now=now,
        detail={
            "first": ordered[0].isoformat(),
            "last": (ordered[-1] + dt.timedelta(days=1)).isoformat(),
        },
    )
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
