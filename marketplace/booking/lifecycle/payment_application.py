"""Where money meets the booking: starting to pay, and the one function that applies a payment fact.

Webhook, return page, poller and expiry all end in ``apply_fact``. It records the money first and
decides about the booking second, both under the booking's lock.
"""

from __future__ import annotations

import datetime as dt

from sqlalchemy.orm import Session

from catalog.sale import refuse, sale_stop
from catalog.service import require_sellers
from marketplace.booking import settlement
from marketplace.booking.changes import change_service, pending_changes
from marketplace.booking.changes.change_work import CHANGEABLE
from marketplace.booking.events.view_reader import read_sold
from marketplace.booking.lifecycle import return_rights
from marketplace.booking.lifecycle.transitions import (
    HoldExpired,
    confirm,
    locked,
    refund_suspense,
    require_live,
    require_live_hold,
    retake,
    tell,
)
from marketplace.booking.models import Booking, BookingChange
from marketplace.booking.states import BookingState, ChangeState, WrongState
from marketplace.kernel.audit import SYSTEM, note
from marketplace.kernel.clock import shanghai_date
from marketplace.kernel.errors import DomainError, Invalid, NotFound
from marketplace.kernel.ids import Ids
from marketplace.kernel.phone_index import index_of
from marketplace.kernel.unit_of_work import UnitOfWork
from marketplace.payments import payables
from marketplace.payments import service as payments
from marketplace.payments.gateways.port import PaymentFact
from marketplace.payments.models import Payment
from marketplace.payments.refunds import refund_promises
from marketplace.payments.service import Recorded
from marketplace.payments.states import PayableKind
from marketplace.staff_tasks.service import new_task, open_task


def begin_payment(
    session: Session, *, booking_id: str, gateway: str, ids: Ids, now: dt.datetime
) -> Payment:
    """Start, or continue, paying for a live hold.

    Raises:
        HoldExpired, WrongState: there is nothing to pay for any more.
        NotBookable: the enterprise was suspended since.
        AttemptRunning: a page before this one is over and may have been paid on.
    """
    booking = require_live_hold(session, booking_id, now)
    payable = payables.asked_for(session, booking_id=booking.id, subject_id=booking.id)
    if payable is None:
        raise WrongState
    require_sellers(session, enterprise_ids=booking.deliverers, today=shanghai_date(now))
    return payments.begin_attempt(session, payable, gateway=gateway, ids=ids, now=now)


def begin_change_payment(
    session: Session,
    *,
    booking_id: str,
    change_id: str | None = None,
    gateway: str,
    ids: Ids,
    now: dt.datetime,
) -> Payment:
    """Start, or continue, paying for the change of a stay that waits for it.

    ``change_id`` is the change that the guest was shown; another one is not paid in its place.

    Raises:
        HoldExpired: its time is over. WrongState: nothing waits to be paid, or another change.
        AttemptRunning: a page before this one is over and may have been paid on.
    """
    booking = locked(session, booking_id)
    change = pending_changes.held_change(session, booking_id)
    if change is None or change_id not in (None, change.id):
        raise WrongState(extra={"state": booking.state.value})
    payable = payables.asked_for(session, booking_id=booking_id, subject_id=change.id)
    if payable is None:
        raise WrongState(extra={"state": booking.state.value})
    if now >= payable.due_at:
        raise HoldExpired
    require_sellers(session, enterprise_ids=booking.deliverers, today=shanghai_date(now))
    return payments.begin_attempt(session, payable, gateway=gateway, ids=ids, now=now)


def apply_fact(
    session: Session, *, fact: PaymentFact, gateway: str, ids: Ids, now: dt.datetime
) -> str:
    """Record what the gateway says of one payment and decide what it means; returns the booking id.

    A right payment of a hold confirms it. One that comes after expiry takes the stock again if it
    is free. Money that can buy nothing goes back in full. Applying a fact again changes nothing.

    Raises:
        UnknownPayment: no attempt of ours has this reference.
    """
    booking_id = payments.booking_of(session, ref=fact.ref, gateway=gateway)
    booking = locked(session, booking_id)
    recorded = payments.record_payment_fact(session, fact=fact, gateway=gateway, now=now)
    if not recorded.newly_succeeded:
        return booking_id
    note(
        session,
        actor=SYSTEM,
        action="payment.received",
        subject=("booking", booking_id),
        now=now,
        payment=recorded.payment_id,
        amount_fen=fact.amount_fen,
        currency=fact.currency,
    )
    if not recorded.as_asked:
        _suspend_money(session, booking, recorded.payment_id, ids, now)
    elif recorded.used_fen and _accept(session, booking, _change_of(recorded), ids, now):
        payables.settle(session, payable_id=recorded.payable_id, now=now)
        refund_suspense(session, booking=booking, ids=ids, now=now)
    else:
        _return_money(session, booking, recorded, ids, now)
    return booking_id


def _change_of(recorded: Recorded) -> str | None:
    """Return the change of the stay that was paid for; ``None`` for the booking itself."""
    return recorded.subject_id if recorded.kind is PayableKind.CHANGE else None


def _accept(
    session: Session, booking: Booking, change_id: str | None, ids: Ids, now: dt.datetime
) -> bool:
    """Confirm the booking, or change its stay, if the money can buy it; tells whether it could."""
    if change_id is not None:
        return change_service.accept_payment(
            session, booking=booking, change_id=change_id, ids=ids, now=now
        )
    if booking.state is BookingState.EXPIRED:
        if booking.starts_on < shanghai_date(now):
            return False  # nights that are over, or a guest who was told that there is no room
        try:
            with session.begin_nested():
                return_rights.revive(session, taken_by=booking.id, now=now)
                retake(session, booking=booking, now=now)
        except DomainError:
            return False
    elif booking.state is not BookingState.HELD:
        return False
    confirm(session, booking=booking, actor=SYSTEM, now=now)
    return True


def _suspend_money(
    session: Session, booking: Booking, payment_id: str, ids: Ids, now: dt.datetime
) -> None:
    """Money of the wrong amount or currency: staff look at it; a live hold can still be paid."""
    told = new_task(kind="wrong_amount", key=f"suspense:{payment_id}", booking_id=booking.id)
    open_task(session, told, now=now)
    if booking.state is BookingState.HELD:
        tell(session, booking, "wrong_amount", now)
    else:
        refund_suspense(session, booking=booking, ids=ids, now=now)


def _return_money(
    session: Session, booking: Booking, recorded: Recorded, ids: Ids, now: dt.datetime
) -> None:
    """Refund a payment that came too late or twice, in full, and say so to everyone concerned."""
    payment_id = recorded.payment_id
    refund_promises.refund_payment_in_full(
        session, payment_id=payment_id, reason="late_payment", ids=ids, now=now
    )
    told = new_task(kind="late_payment_refunded", key=f"late:{payment_id}", booking_id=booking.id)
    open_task(session, told, now=now)
    if (change_id := _change_of(recorded)) is not None:
        change = session.get_one(BookingChange, change_id)
        late = change.expires_at is not None and change.expires_at <= now
        stands = booking.state in CHANGEABLE and change.state is ChangeState.LAPSED
        what = "change_refunded" if late and stands else "change_over_refunded"
        tell(session, booking, what, now, mark=payment_id)
        return
    tell(session, booking, _WHY_RETURNED.get(booking.state, "ended_refunded"), now)


_WHY_RETURNED = {
    BookingState.EXPIRED: "late_refunded",
    BookingState.CANCELLED: "cancelled_refunded",
    BookingState.CONFIRMED: "paid_twice",
    BookingState.IN_STAY: "paid_twice",
}
"""What is told of money that came too late or twice, by what the booking is by then."""


def confirm_on_account(
    work: UnitOfWork,
    *,
    booking: Booking,
    partner_id: int,
    credit_limit_fen: int,
    lead_name: str,
    phone: str,
) -> Booking:
    """Confirm a partner's hold against its credit.

    The caller holds the locks of the booking and of the partner's row, taken in this order.

    Raises:
        NotFound: not this partner's. HoldExpired, WrongState: not a live hold.
        Invalid: no guest name. CreditLimit: the partner would owe too much.
        NotBookable: the enterprise was suspended since.
    """
    session, now = work.session, work.now
    require_live(booking, now)
    if booking.partner_id != partner_id:
        raise NotFound
    if not lead_name.strip():
        raise Invalid({"lead_guest.name": "请写主要入住人的姓名"})
    sold = read_sold(session, booking.id)
    for house in sold.sellers.values():
        refuse(sale_stop(house, today=shanghai_date(now)))
    settlement.charge(session, booking, booking.total_fen, limit_fen=credit_limit_fen, now=now)
    booking.lead_name = lead_name.strip()
    booking.phone = phone
    booking.phone_index = index_of(phone)
    confirm(session, booking=booking, actor=work.actor, now=now, sold=sold)
    return booking
