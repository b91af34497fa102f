"""A house that has to stop in the middle of summer: its guests are offered rooms elsewhere.

It is closed and opened again within a day. Where the house has newer guests than those of that
summer it is not closed at all: nothing may come over them for a story.
"""

from __future__ import annotations

import sqlalchemy as sa
from sqlalchemy.orm import Session

from catalog.service import open_suspension, reinstate, suspend
from marketplace.booking.models import Booking, OfferedRoom, Rehousing, RehousingOffer
from marketplace.booking.rehousing import rehousing_service
from marketplace.booking.rehousing.rehousing_queue import AFFECTED
from marketplace.booking.states import REHOUSING_OPEN, Channel, RehousingState
from marketplace.kernel.audit import TRAVELLER
from marketplace.kernel.unit_of_work import UnitOfWork
from marketplace.partners.commands.command_runner import decide
from marketplace.partners.commands.stay_commands import AnswerRehousing
from marketplace.sample.stage import Otherwise, Stage
from marketplace.sample.stories import Story

WHY = "示例：供水管道抢修，暂停接待"
ELSEWHERE = ("SMP15A1", "SMP17A1")
"""Rooms that are offered instead; the first is taken."""


def close(stage: Stage, story: Story) -> None:
    """Stop the house at once."""
    house = stage.rooms[story.room].enterprise_id
    with stage.database.write() as session:
        newer = session.scalar(
            sa.select(Booking.id)
            .where(
                Booking.enterprise_id == house,
                Booking.state.in_(AFFECTED),
                Booking.placed_at > stage.now,
            )
            .limit(1)
        )
        if newer is not None or open_suspension(session, house) is not None:
            raise Otherwise
        suspend(session, enterprise_id=house, reason=WHY, actor=stage.office, now=stage.now)


def offer(stage: Stage, story: Story) -> None:
    """Offer the guest rooms elsewhere."""
    with stage.database.write() as session:
        rehousing_service.offer(
            session,
            rehousing_id=_waiting(session, story).id,
            places=[(stage.rooms[code].room_type_id,) for code in ELSEWHERE],
            actor=stage.office,
            now=stage.now,
        )


def accept(stage: Stage, story: Story) -> None:
    """Take the first of the rooms offered, by whoever booked."""
    caller = stage.partner() if story.channel is Channel.PARTNER else None
    room = stage.rooms[ELSEWHERE[0]]
    with stage.database.write() as session:
        row = _waiting(session, story)
        offer_id = session.scalar(
            sa.select(RehousingOffer.id)
            .join(OfferedRoom, OfferedRoom.offer_id == RehousingOffer.id)
            .where(
                RehousingOffer.rehousing_id == row.id,
                OfferedRoom.room_type_id == room.room_type_id,
            )
        )
        if row.state is not RehousingState.OFFERED or offer_id is None:
            raise Otherwise
        if caller is not None:
            decide(
                UnitOfWork(session, stage.now, caller.actor, stage.ids),
                caller=caller,
                command=AnswerRehousing(story.booking_id, offer_id),
                conditions=stage.conditions,
            )
            return
        rehousing_service.accept(
            session,
            booking_id=story.booking_id,
            offer_id=offer_id,
            recipient=room.host,
            actor=TRAVELLER,
            ids=stage.ids,
            now=stage.now,
        )


def reopen(stage: Stage, story: Story) -> None:
    """Let the house receive guests again; who is in it stays."""
    house = stage.rooms[story.room].enterprise_id
    with stage.database.write() as session:
        stopped = open_suspension(session, house)
        if stopped is None or stopped.reason != WHY:
            raise Otherwise
        reinstate(session, enterprise_id=house, actor=stage.office, now=stage.now)


def _waiting(session: Session, story: Story) -> Rehousing:
    row = session.scalars(
        sa.select(Rehousing).where(
            Rehousing.booking_id == story.booking_id, Rehousing.state.in_(REHOUSING_OPEN)
        )
    ).one_or_none()
    if row is None:
        raise Otherwise
    return row
