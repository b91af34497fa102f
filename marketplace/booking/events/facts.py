"""What happened to a booking, written down once: version, audit entry and the partner's event.

``record`` is the one place that counts a booking's version on. Its caller holds the booking's lock,
so the events of a booking are in order, and the last one tells the booking as it is.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import orjson
from sqlalchemy.orm import Session

from marketplace.booking.events.view import BookingView, Ending, plain, read_view
from marketplace.booking.events.view_reader import Since, Sold, read_since, read_sold, view_of
from marketplace.booking.models import Booking
from marketplace.booking.states import LIVE, EventType, ReasonCode
from marketplace.kernel import events
from marketplace.kernel.audit import SYSTEM, Actor, ActorKind, note
from marketplace.kernel.numbering import seconds_by

BEFORE_CONFIRMED = frozenset({EventType.HELD, EventType.EXTENDED, EventType.CONFIRMED})
"""After these a booking has neither changes nor a search for another place."""
RESTATED_AHEAD = 1_000
"""How much a version grows at least at a restore: more than can have happened after the backup."""
ENDINGS = frozenset(
    {
        EventType.CANCELLED,
        EventType.EXPIRED,
        EventType.NO_SHOW,
        EventType.COMPLETED,
        EventType.LEFT_EARLY,
    }
)
LAST_TOLD = "last_told"
"""Under which name a session knows the view that it told last."""
TOLD_OF = {
    EventType.CHANGED: ("change", ("number", "item", "kind", "was", "is", "difference_fen")),
    EventType.REHOUSING: ("rehousing", ("state", "deadline", "declined_at", "offers")),
}
"""What an event tells of its part of the view."""


@dataclass(frozen=True, slots=True)
class Fact:
    """One thing that happened; sums in fen.

    For what was paid, ``total_before = total_after + fee + refund`` less what is to be paid more.
    A total is the price of what is still booked; ``None`` is the price of the booking as it stands.
    """

    type: EventType
    action: str
    """How the audit trail calls it."""
    reason: ReasonCode | None = None
    fee_fen: int = 0
    refund_fen: int = 0
    total_before_fen: int | None = None
    total_after_fen: int | None = None
    more: Mapping[str, Any] = field(default_factory=dict)
    """What is particular to its type."""
    noted: Mapping[str, object] = field(default_factory=dict)
    """What the audit trail keeps of it."""


def stream_of(partner_id: int, *, test: bool) -> str:
    """Return the stream in which a partner reads its live, or its test bookings."""
    return f"partner:{partner_id}:{'test' if test else 'live'}"


def subject_of(booking_id: str) -> str:
    """Return how the log names a booking."""
    return f"booking:{booking_id}"


def by_of(actor: Actor) -> str:
    """Return who acted as a partner is told it: staff act by pages and by commands."""
    return ActorKind.STAFF if actor.kind == ActorKind.DESK else actor.kind


def record(
    session: Session,
    booking: Booking,
    fact: Fact,
    actor: Actor,
    now: dt.datetime,
    *,
    sold: Sold | None = None,
) -> None:
    """Write down what happened to a locked booking; ``sold`` saves reading it again."""
    booking.version += 1
    note(
        session,
        actor=actor,
        action=fact.action,
        subject=("booking", booking.id),
        now=now,
        **fact.noted,
    )
    if booking.partner_id is None:
        return
    if sold is None:
        session.flush()
        sold = read_sold(session, booking.id)
    since = Since() if fact.type in BEFORE_CONFIRMED else read_since(session, booking.id)
    ending = _ending(session, booking, fact, actor, now)
    told = view_of(session, booking, since=since, sold=sold, ending=ending, now=now)
    view = plain(told)
    events.write(
        session,
        events.NewEvent(
            stream=stream_of(booking.partner_id, test=booking.test),
            subject=subject_of(booking.id),
            version=booking.version,
            type=fact.type.value,
            at=now,
            by=by_of(actor),
            what=orjson.dumps(_what(booking, fact, view), option=orjson.OPT_UTC_Z).decode(),
            view=orjson.dumps(view).decode(),
        ),
    )
    session.info[LAST_TOLD] = told


def last_told(session: Session, booking: Booking) -> BookingView:
    """Return what the last event of a partner's booking tells, which is not read again here."""
    told: BookingView | None = session.info.get(LAST_TOLD)
    # One that a savepoint took back is of another version, or another event took its place.
    if told is not None and (told.id, told.version) == (booking.id, booking.version):
        return told
    return read_view(events.last_view(session, subject_of(booking.id)) or "")


def restate(session: Session, booking: Booking, now: dt.datetime) -> None:
    """Tell a booking as it stands after a restore, above every version told before.

    Also above those that were told after an earlier restore of the same backup: nothing happens to
    a booking every second.
    """
    booking.version = max(booking.version + RESTATED_AHEAD, seconds_by(now)) - 1
    record(session, booking, Fact(EventType.RESTATED, "booking.restated"), SYSTEM, now)


def _what(booking: Booking, fact: Fact, view: Mapping[str, Any]) -> dict[str, Any]:
    before, after = fact.total_before_fen, fact.total_after_fen
    part, members = TOLD_OF.get(fact.type, ("", ()))
    return {
        "reason": fact.reason,
        "fee_fen": fact.fee_fen,
        "refund_fen": fact.refund_fen,
        "total_before_fen": booking.total_fen if before is None else before,
        "total_after_fen": booking.total_fen if after is None else after,
        **{member: view[part][member] for member in members if member in view[part]},
        **fact.more,
    }


def _ending(
    session: Session, booking: Booking, fact: Fact, actor: Actor, now: dt.datetime
) -> Ending | None:
    if booking.state in LIVE:
        return None
    if fact.type in ENDINGS:
        used = fact.more.get("nights_used", 0)
        return Ending(by_of(actor), fact.reason, now, fact.fee_fen, fact.refund_fen, used)
    last = events.last_view(session, subject_of(booking.id))
    return read_view(last).ending if last else None
