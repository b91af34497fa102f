"""A house that is stopped, and the places its guests are offered, in tests of services."""

from __future__ import annotations

import sqlalchemy as sa

from catalog.service import suspend
from marketplace.booking.models import Rehousing, RehousingOffer
from marketplace.booking.rehousing import rehousing_queue, rehousing_service
from marketplace.kernel.audit import TRAVELLER, Actor
from tests.factories import Room, make_enterprise, make_listing, make_room
from tests.support.booking import Desk

STAFF = Actor("staff", "1")


def stop(desk: Desk) -> None:
    """Suspend the desk's enterprise, and put its guests into the queue."""
    with desk.database.write() as session:
        suspension = suspend(
            session,
            enterprise_id=desk.room.enterprise_id,
            reason="卫生检查",
            actor=STAFF,
            now=desk.clock.now(),
        )
        rehousing_queue.open_queue(session, suspension_id=suspension.id, now=desk.clock.now())


def elsewhere(desk: Desk, *list_fen: int, capacity: int = 2) -> list[Room]:
    """Another house with a kind of room at each of these prices a night."""
    with desk.database.write() as session:
        listing_id = make_listing(session, enterprise_id=make_enterprise(session))
        return [
            make_room(session, listing_id=listing_id, capacity=capacity, days=200, list_fen=fen)
            for fen in list_fen
        ]


def row_of(desk: Desk, booking_id: str) -> Rehousing:
    """How the search for another place of a booking stands."""
    with desk.database.read() as session:
        return session.scalars(sa.select(Rehousing).where(Rehousing.booking_id == booking_id)).one()


def offered(desk: Desk, booking_id: str, *rooms: Room) -> int:
    """Offer one place, a room for each item; returns the offer's id."""
    row_id = row_of(desk, booking_id).id
    with desk.database.write() as session:
        rehousing_service.offer(
            session,
            rehousing_id=row_id,
            places=[[room.room_type_id for room in rooms]],
            actor=STAFF,
            now=desk.clock.now(),
        )
        return session.scalars(
            sa.select(RehousingOffer.id).where(RehousingOffer.rehousing_id == row_id)
        ).one()


def accepted(desk: Desk, booking_id: str, offer_id: int) -> None:
    """Take what was offered."""
    with desk.database.write() as session:
        rehousing_service.accept(
            session,
            booking_id=booking_id,
            offer_id=offer_id,
            recipient="示例森林小屋",
            actor=TRAVELLER,
            ids=desk.ids,
            now=desk.clock.now(),
        )
