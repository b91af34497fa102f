"""Guests who come to the door: priced by the same engine, out of the same stock.

The operator takes the money itself, so that none of it passes through us and we earn nothing.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from sqlalchemy.orm import Session

from marketplace.booking.contract.buyers import DoorSale
from marketplace.booking.contract.guests import read_guest
from marketplace.booking.contract.placement import PlaceBooking, place
from marketplace.booking.contract.room_choices import RoomChoice
from marketplace.booking.lifecycle.stay_lifecycle import check_in
from marketplace.booking.lifecycle.transitions import confirm, locked
from marketplace.booking.models import Booking
from marketplace.kernel.audit import Actor
from marketplace.kernel.ids import Ids
from marketplace.pricing.nights.selection import StaySelection


@dataclass(frozen=True, slots=True)
class WalkIn:
    """Who stands at the door, and what they want from tonight on."""

    selection: StaySelection
    lead_name: str
    phone: str = ""
    expected_total_fen: int | None = None


def walk_in(
    session: Session,
    *,
    command: WalkIn,
    enterprise_id: int,
    actor: Actor,
    ids: Ids,
    now: dt.datetime,
) -> Booking:
    """Book from tonight on and receive the guest at once.

    Restrictions are the operator's own, and do not bind it at its own door.

    Raises:
        NotFound: not a room type of this enterprise. Invalid: not a name or a telephone number;
            a guest at the door need not give a number. Everything that ``place`` raises.
    """
    fields = ("lead_name", "phone")
    name, phone = read_guest(command.lead_name, command.phone, fields=fields, phone_needed=False)
    booking = place(
        session,
        command=PlaceBooking(
            rooms=(RoomChoice(command.selection),),
            buyer=DoorSale(name, phone),
            expected_total_fen=command.expected_total_fen,
            bound=False,
        ),
        commission_bp=0,
        actor=actor,
        ids=ids,
        now=now,
    )
    # ``place`` writes the row past the session; from here on it is read like any other. That it is
    # this enterprise's is seen by ``check_in``, which undoes everything otherwise.
    confirm(session, booking=locked(session, booking.id), actor=actor, now=now)
    session.flush()
    return check_in(
        session, booking_id=booking.id, enterprise_id=enterprise_id, actor=actor, now=now
    )
