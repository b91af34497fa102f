"""What the worker does: plain functions of the services, each owning its transactions.

Every one may run twice at once, and after any crash.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

import structlog

from catalog.search import refresh as search
from marketplace.booking import staff_tasks, sweeps
from marketplace.booking.service import open_task
from marketplace.bootstrap import Services
from marketplace.kernel import audit, changes, idempotency, inbox, outbox
from marketplace.kernel.clock import shanghai_date
from marketplace.notify import service as notify
from marketplace.payments import flow
from marketplace.payments.gateway import GatewayUnavailable
from marketplace.payments.refund_tries import RefundRecorded
from marketplace.payments.states import RefundState
from marketplace.payments.tasks import deliver_simulated_event
from marketplace.sample import extend_horizon

BANK_TASK = "refund_by_bank:"
"""Beginning of the key of the task for a refund that only a bank transfer can pay."""


def deliver(services: Services, *, row_id: int) -> bool:
    """Deliver one owed effect; tells whether it is settled now.

    A failure is noted and tried again later, later each time; the row stays owed.
    """
    clock = services.clock
    with services.database.write() as session:
        delivery = outbox.take_up(session, row_id, now=clock.now())
    if delivery is None:
        return False
    log = structlog.get_logger("worker").bind(outbox_id=row_id, topic=delivery.topic)
    try:
        HANDLERS[delivery.topic](services, delivery)
    except Exception as error:  # whatever it is, the effect stays owed
        log.warning("delivery_failed", error=type(error).__name__, exc_info=error)
        with services.database.write() as session:
            outbox.put_back(session, row_id, failure=type(error).__name__, now=clock.now())
        return False
    with services.database.write() as session:
        outbox.settle(session, row_id, now=clock.now())
    return True


def sweep_outbox(services: Services) -> int:
    """Deliver everything that is owed and due, whatever became of the nudges."""
    with services.database.read() as session:
        due = outbox.due_ids(session, now=services.clock.now())
    return sum(deliver(services, row_id=row_id) for row_id in due)


def _apply_inbox(services: Services, delivery: outbox.Delivery) -> None:
    """Fetch the truth that a stored event points to, and apply it."""
    row_id = delivery.payload["inbox_id"]
    with services.database.read() as session:
        row = inbox.load(session, row_id)
        payload = row.payload if row else None
    if payload is None:
        return
    if payload.get("payment_ref"):
        fact = services.gateway.fetch_payment(payload["payment_ref"])
        sweeps.apply_fetched(services.money, fact)
    if payload.get("refund_ref"):
        recorded = flow.apply_refund_ref(
            services.database, services.gateway, ref=payload["refund_ref"], clock=services.clock
        )
        _tell_staff_of_stuck_refunds(services, [recorded])
    with services.database.write() as session:
        stored = inbox.load(session, row_id)
        if stored is not None:
            stored.processed_at = services.clock.now()


def _notify(services: Services, delivery: outbox.Delivery) -> None:
    with services.database.write() as session:
        notify.send_about_booking(
            session,
            booking_id=delivery.payload["booking_id"],
            what=delivery.payload["what"],
            key=delivery.key,
            brand=services.settings.brand,
            help_phone=services.settings.help_phone,
            now=services.clock.now(),
        )


def _submit_refund(services: Services, delivery: outbox.Delivery) -> None:
    recorded = flow.submit_refund(
        services.database,
        services.gateway,
        refund_id=delivery.payload["refund_id"],
        clock=services.clock,
    )
    _tell_staff_of_stuck_refunds(services, [recorded])


def _tell_staff_of_stuck_refunds(services: Services, recorded: Sequence[RefundRecorded]) -> None:
    """Open a task for each refund that only a bank transfer can still pay."""
    stuck = [refund for refund in recorded if refund.state is RefundState.MANUAL_REQUIRED]
    if not stuck:
        return
    with services.database.write() as session:
        for refund in stuck:
            open_task(
                session,
                kind="refund_by_bank",
                key=f"{BANK_TASK}{refund.refund_id}",
                booking_id=refund.booking_id,
                refund=refund.refund_id,
                now=services.clock.now(),
            )


def _close_payments(services: Services, delivery: outbox.Delivery) -> None:
    if not sweeps.close_payments(services.money, delivery.payload["booking_id"]):
        raise GatewayUnavailable


def _simulated_event(services: Services, delivery: outbox.Delivery) -> None:
    deliver_simulated_event(
        services.database,
        services.gateway,
        event_id=delivery.payload["event_id"],
        hook_url=f"{services.settings.base_url}/hooks/simulated",
    )


HANDLERS: dict[str, Callable[[Services, outbox.Delivery], None]] = {
    "inbox.apply": _apply_inbox,
    "notify.booking": _notify,
    "refund.submit": _submit_refund,
    "payment.close": _close_payments,
    "simulated.event": _simulated_event,
}


def sequence_changes(services: Services) -> int:
    """Number the changes that a crashed process left without numbers."""
    return changes.sequence(services.database)


def refresh_search(services: Services) -> int:
    """Bring this machine's word index up to date with the change log."""
    return search.follow(services.index, services.database)


def expire_holds(services: Services) -> int:
    """End the holds whose time is over."""
    return sweeps.expire_due(services.money)


def poll_payments(services: Services) -> int:
    """Ask the gateway about payments and refunds that we have not heard of."""
    asked = sweeps.poll_payments(services.money)
    refunds = flow.poll_refunds(services.database, services.gateway, clock=services.clock)
    _tell_staff_of_stuck_refunds(services, refunds)
    # Those whose task was lost to a crash right after they got stuck.
    with services.database.read() as session:
        untold = staff_tasks.refunds_nobody_was_told_of(session, prefix=BANK_TASK)
    _tell_staff_of_stuck_refunds(services, untold)
    return asked + len(refunds)


def advance_stays(services: Services) -> int:
    """Earn nights, complete stays, mark no-shows."""
    return sweeps.advance_stays(services.money)


def seal_audit(services: Services) -> int:
    """Chain the newest audit entries."""
    with services.database.write() as session:
        return audit.seal(session)


def nightly(services: Services) -> None:
    """Keep 400 days of sample stock ahead, and forget what need not be kept."""
    now = services.clock.now()
    with services.database.write() as session:
        extend_horizon(session, today=shanghai_date(now))
    with services.database.write() as session:
        idempotency.forget_old(session, now=now)
    sweeps.forget_drafts(services.money)
