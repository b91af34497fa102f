"""What time asks for: holds that ran out, stays that go on, late money. Safe to run twice at once.

Each function opens its own transactions, because a gateway is asked in between.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import sqlalchemy as sa
import structlog

from marketplace.booking.changes import change_service
from marketplace.booking.items import BookingItem, BookingPart
from marketplace.booking.lifecycle import payment_application, return_rights
from marketplace.booking.lifecycle.stay_lifecycle import advance_stay
from marketplace.booking.lifecycle.transitions import expire, locked, refund_suspense
from marketplace.booking.models import Booking, BookingChange, Draft
from marketplace.booking.states import BookingState, ChangeState
from marketplace.kernel.clock import Clock, shanghai_date
from marketplace.kernel.db import Database
from marketplace.kernel.ids import Ids
from marketplace.payments import service as payments
from marketplace.payments.gateways import gateway_calls
from marketplace.payments.gateways.port import (
    CloseResult,
    GatewayRefusedError,
    GatewayUnavailable,
    PaymentFact,
)
from marketplace.payments.gateways.registry import Gateways
from marketplace.pricing import saved_quotes

DRAFTS_KEPT = dt.timedelta(days=30)

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Money:
    """What the sweeps need to talk to the gateways."""

    database: Database
    gateways: Gateways
    clock: Clock
    ids: Ids


@contextmanager
def _alone(sweep: str, subject: str) -> Iterator[None]:
    """Keep what fails for one booking from the others: the next run tries it again."""
    try:
        yield
    except Exception as error:  # whatever it is, those behind it in the row are not to wait for it
        log.exception("sweep_failed", sweep=sweep, subject=subject, exc_info=error)


def apply_fetched(tools: Money, fact: PaymentFact, *, gateway: str) -> str:
    """Apply one fact of the gateway of that name in a transaction; returns the booking's id."""
    with tools.database.write() as session:
        return payment_application.apply_fact(
            session, fact=fact, gateway=gateway, ids=tools.ids, now=tools.clock.now()
        )


def expire_due(tools: Money, *, limit: int = 200, room_type_id: int | None = None) -> int:
    """End the holds whose release time has come, payment closed first; returns how many.

    Only those of ``room_type_id`` if it is given: who asks for its rooms need not wait for the
    sweep.
    """
    now = tools.clock.now()
    with tools.database.read() as session:
        due = session.scalars(
            sa.select(Booking.id)
            .where(
                Booking.state == BookingState.HELD,
                Booking.release_at <= now,
                *([] if room_type_id is None else [_is_of(room_type_id)]),
            )
            .order_by(Booking.release_at)
            .limit(limit)
        ).all()
    ended = 0
    for booking_id in due:
        with _alone("holds", booking_id):
            ended += close_payments(tools, booking_id) and _expire(tools, booking_id)
    return ended


def _is_of(room_type_id: int) -> sa.ColumnElement[bool]:
    """Whether a booking has an item of this room type."""
    return (
        sa.select(BookingItem.number)
        .where(BookingItem.booking_id == Booking.id, BookingItem.room_type_id == room_type_id)
        .exists()
    )


def _expire(tools: Money, booking_id: str) -> bool:
    with tools.database.write() as session:
        ended = expire(session, booking_id=booking_id, now=tools.clock.now())
        if ended:
            refund_suspense(
                session,
                booking=locked(session, booking_id),
                ids=tools.ids,
                now=tools.clock.now(),
            )
    return ended


def lapse_changes(tools: Money, *, limit: int = 200) -> int:
    """End the changes that were not paid in time, payment closed first; returns how many."""
    now = tools.clock.now()
    with tools.database.read() as session:
        due = session.execute(
            sa.select(BookingChange.id, BookingChange.booking_id)
            .where(BookingChange.state == ChangeState.HELD, BookingChange.release_at <= now)
            .order_by(BookingChange.release_at)
            .limit(limit)
        ).all()
    ended = 0
    for change_id, booking_id in due:
        with _alone("changes", change_id):
            if close_payments(tools, booking_id, change_id=change_id):
                with tools.database.write() as session:
                    ended += change_service.lapse(session, change_id=change_id, now=now)
    return ended


def close_payments(tools: Money, booking_id: str, *, change_id: str | None = None) -> bool:
    """Close every open payment of a booking, or of one change; a paid one is applied instead.

    Returns ``False`` while its gateway does not know, or is not configured: then the stock stays
    where it is.
    """
    with tools.database.read() as session:
        attempts = payments.open_attempts(session, booking_id=booking_id, subject_id=change_id)
    for attempt in attempts:
        result = CloseResult.CLOSED
        if attempt.ref is not None:
            try:
                gateway = tools.gateways.named(attempt.gateway)
                result = gateway.close_payment(attempt.ref)
                if result is CloseResult.ALREADY_PAID:
                    fact = gateway.fetch_payment(attempt.ref)
                    apply_fetched(tools, fact, gateway=gateway.name)
            except (GatewayUnavailable, GatewayRefusedError):
                return False
        if result is CloseResult.UNKNOWN:
            return False
        if result is CloseResult.CLOSED:
            with tools.database.write() as session:
                locked(session, booking_id)
                closed = payments.mark_closed(
                    session,
                    payment_id=attempt.id,
                    now=tools.clock.now(),
                    unopened=attempt.ref is None,
                )
            if attempt.ref is None and not closed:
                return False  # it was opened while we looked: there is a page to close now
    return True


def look_up_payments(tools: Money, booking_id: str) -> None:
    """Ask about a booking's open payments and apply the answers.

    For the page a person returns to, so that a dead worker does not keep the voucher back.
    """
    with tools.database.read() as session:
        attempts = payments.open_attempts(session, booking_id=booking_id)
    for attempt in attempts:
        if attempt.ref is not None:
            try:
                fact = tools.gateways.named(attempt.gateway).fetch_payment(attempt.ref)
            except (GatewayUnavailable, GatewayRefusedError):
                continue
            apply_fetched(tools, fact, gateway=attempt.gateway)


def poll_payments(tools: Money) -> int:
    """Ask about the payments whose event may have been lost; returns how many were asked."""
    facts = gateway_calls.poll_due(tools.database, tools.gateways, clock=tools.clock)
    for gateway, fact in facts:
        with _alone("payments", fact.ref):
            apply_fetched(tools, fact, gateway=gateway)
    return len(facts)


def advance_stays(tools: Money) -> int:
    """Earn nights, complete stays and mark no-shows; returns how many bookings were looked at."""
    now = tools.clock.now()
    today = shanghai_date(now)
    unearned = (
        sa.select(BookingPart.booking_id)
        .where(
            BookingPart.booking_id == Booking.id,
            BookingPart.day < today,
            BookingPart.earned_at.is_(None),
        )
        .exists()
    )
    with tools.database.read() as session:
        due = session.scalars(
            sa.select(Booking.id)
            .where(
                sa.or_(
                    sa.and_(
                        Booking.state == BookingState.IN_STAY,
                        sa.or_(Booking.ends_on < today, unearned),
                    ),
                    sa.and_(Booking.state == BookingState.CONFIRMED, Booking.starts_on < today),
                )
            )
            .order_by(Booking.starts_on, Booking.id)
        ).all()
    for booking_id in due:
        with _alone("stays", booking_id), tools.database.write() as session:
            advance_stay(session, booking_id=booking_id, ids=tools.ids, now=now)
    return len(due)


def forget_drafts(tools: Money) -> None:
    """Erase the answers of bookings that were never finished, 30 days after the last change."""
    with tools.database.write() as session:
        session.execute(sa.delete(Draft).where(Draft.updated_at < tools.clock.now() - DRAFTS_KEPT))


def forget_quotes(tools: Money) -> None:
    """Delete the quotes that are honoured no longer."""
    with tools.database.write() as session:
        saved_quotes.forget(session, now=tools.clock.now())


def watch_returns(tools: Money) -> int:
    """Let the rooms kept for next summer lapse, or keep them now; returns how many were due."""
    now = tools.clock.now()
    with tools.database.read() as session:
        due = return_rights.due(session, now=now)
    for booking_id in due:
        with _alone("returns", booking_id), tools.database.write() as session:
            return_rights.watch(session, booking_id=booking_id, now=now)
    return len(due)
