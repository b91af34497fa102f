"""What the worker does: plain functions of the services, each owning its transactions.

Every one may run twice at once, and after any crash.
"""

from __future__ import annotations

from collections.abc import Callable

import structlog

from catalog.bulk import import_runs
from catalog.office.cases import case_review
from catalog.office.evidence import documents, file_checks, file_sweep
from catalog.office.licences import licence_expiry
from catalog.office.listings import listing_facts
from catalog.office.photos import photo_intake, photo_worker
from catalog.search import refresh as search
from catalog.states import CaseStatus
from marketplace.booking.events import retention
from marketplace.booking.lifecycle import scheduled_jobs
from marketplace.booking.rehousing import rehousing_queue
from marketplace.bootstrap import Services
from marketplace.inventory import pool_setup
from marketplace.kernel import audit, changes, inbox, outbox, wishes
from marketplace.kernel.clock import shanghai_date
from marketplace.kernel.scanner import ScannerDown
from marketplace.notify import office_notices
from marketplace.notify import service as notify
from marketplace.notify.message_texts import Office
from marketplace.notify.service import Notice, Sender
from marketplace.payments.gateways import gateway_calls, missing_gateways
from marketplace.payments.gateways.port import GatewayUnavailable
from marketplace.payments.gateways.simulated import SimulatedGateway
from marketplace.payments.refunds import bank_refunds
from marketplace.payments.tasks import deliver_simulated_event
from marketplace.sample import extend_horizon
from marketplace.staff import kept_forms, sessions


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
    if row is None:
        return
    payload, source = row.payload, row.source
    if payload.get("payment_ref"):
        fact = services.gateways.named(source).fetch_payment(payload["payment_ref"])
        scheduled_jobs.apply_fetched(services.money, fact, gateway=source)
    if payload.get("refund_ref"):
        recorded = gateway_calls.apply_refund_ref(
            services.database,
            services.gateways,
            gateway=source,
            ref=payload["refund_ref"],
            clock=services.clock,
        )
        bank_refunds.tell_staff(services.database, [recorded], now=services.clock.now())
    with services.database.write() as session:
        stored = inbox.load(session, row_id)
        if stored is not None:
            stored.processed_at = services.clock.now()


def _notify(services: Services, delivery: outbox.Delivery) -> None:
    with services.database.write() as session:
        notify.send_about_booking(
            session,
            Notice(
                booking_id=delivery.payload["booking_id"],
                what=delivery.payload["what"],
                key=delivery.key,
            ),
            Sender(brand=services.settings.brand, help_phone=services.settings.help_phone),
            now=services.clock.now(),
        )


def _office(services: Services) -> Office:
    settings = services.settings
    return Office(settings.brand, settings.help_phone, f"{settings.base_url}/account/sign-in")


def _notify_case(services: Services, delivery: outbox.Delivery) -> None:
    with services.database.write() as session:
        office_notices.send_about_case(
            session,
            case_id=delivery.payload["case_id"],
            outcome=CaseStatus(delivery.payload["outcome"]),
            key=delivery.key,
            office=_office(services),
            now=services.clock.now(),
        )


def _notify_licence(services: Services, delivery: outbox.Delivery) -> None:
    with services.database.write() as session:
        office_notices.send_about_licence(
            session,
            licence_id=delivery.payload["licence_id"],
            days_before=delivery.payload["days_before"],
            key=delivery.key,
            office=_office(services),
            now=services.clock.now(),
        )


def _submit_refund(services: Services, delivery: outbox.Delivery) -> None:
    recorded = gateway_calls.submit_refund(
        services.database,
        services.gateways,
        refund_id=delivery.payload["refund_id"],
        clock=services.clock,
    )
    bank_refunds.tell_staff(services.database, [recorded], now=services.clock.now())


def _close_payments(services: Services, delivery: outbox.Delivery) -> None:
    wanted = delivery.payload
    if not scheduled_jobs.close_payments(
        services.money, wanted["booking_id"], change_id=wanted.get("change_id")
    ):
        raise GatewayUnavailable


def _simulated_event(services: Services, delivery: outbox.Delivery) -> None:
    deliver_simulated_event(
        services.database,
        services.gateways,
        event_id=delivery.payload["event_id"],
        hook_url=f"{services.settings.base_url}/hooks/{SimulatedGateway.name}",
    )


def _open_rehousing(services: Services, delivery: outbox.Delivery) -> None:
    with services.database.write() as session:
        rehousing_queue.open_queue(
            session,
            suspension_id=delivery.payload["suspension_id"],
            now=services.clock.now(),
        )


def _close_rehousing(services: Services, delivery: outbox.Delivery) -> None:
    with services.database.write() as session:
        rehousing_queue.close_queue(
            session,
            suspension_id=delivery.payload["suspension_id"],
            now=services.clock.now(),
        )


def _open_calendars(services: Services, delivery: outbox.Delivery) -> None:
    """Give what an accepted listing sells its calendars, without units or prices yet."""
    now = services.clock.now()
    with services.database.write() as session:
        pool_setup.ensure_pools(
            session,
            listing_id=delivery.payload["listing_id"],
            today=shanghai_date(now),
            now=now,
        )


def _step_import(services: Services, delivery: outbox.Delivery) -> None:
    """Go on with an import of the directory; what is left owes its own next step."""
    kind, key = delivery.payload["by"]
    import_runs.advance(
        import_runs.Tools(services.database, services.blobs, services.clock),
        run_id=delivery.payload["run_id"],
        actor=audit.Actor(kind, key),
    )


def develop_photos(services: Services) -> int:
    """Make the photographs that wait; those for which there is no time are left to the sweep."""
    tools = photo_worker.Tools(
        services.database,
        services.blobs,
        services.scanner,
        services.settings.state_dir / "photos.lock",
    )
    return _unless_scanner_is_down(lambda: photo_worker.develop_waiting(tools))


def check_files(services: Services) -> int:
    """Have the files that wait looked at by the scanner."""
    return _unless_scanner_is_down(
        lambda: file_checks.check_waiting(services.database, services.blobs, services.scanner)
    )


def _unless_scanner_is_down(work: Callable[[], int]) -> int:
    """Do the work; what the scanner did not look at goes on waiting for the next sweep."""
    try:
        return work()
    except ScannerDown as error:
        structlog.get_logger("worker").warning("scanner_down", error=str(error))
        return 0


def sweep_files(services: Services) -> int:
    """Encrypt files that are plain or under an older key, and forget those that nothing names."""
    file_checks.reseal(services.database, services.blobs)
    return file_sweep.sweep(services.database, services.blobs, now=services.clock.now())


def _develop_photos(services: Services, _delivery: outbox.Delivery) -> None:
    develop_photos(services)


def _check_files(services: Services, _delivery: outbox.Delivery) -> None:
    check_files(services)


HANDLERS: dict[str, Callable[[Services, outbox.Delivery], None]] = {
    import_runs.TOPIC: _step_import,
    photo_intake.TOPIC: _develop_photos,
    documents.TOPIC: _check_files,
    "inbox.apply": _apply_inbox,
    "notify.booking": _notify,
    "notify.case": _notify_case,
    "notify.licence": _notify_licence,
    "refund.submit": _submit_refund,
    "payment.close": _close_payments,
    "simulated.event": _simulated_event,
    "rehousing.open": _open_rehousing,
    "rehousing.close": _close_rehousing,
    listing_facts.ACCEPTED: _open_calendars,
}


def find_homeless(services: Services) -> int:
    """Put guests into the rehousing queue who paid while their enterprise was being suspended."""
    now = services.clock.now()
    with services.database.write() as session:
        rehousing_queue.let_lapse(session, now=now)
        rehousing_queue.call_the_silent(session, now=now)
        return rehousing_queue.open_queue(session, now=now)


def sequence_changes(services: Services) -> int:
    """Number the changes that a crashed process left without numbers."""
    return changes.sequence(services.database)


def refresh_search(services: Services) -> int:
    """Bring this machine's word index up to date with the change log."""
    return search.follow(services.index, services.database)


def expire_holds(services: Services) -> int:
    """End the holds whose time is over, and the changes of stays that were not paid."""
    return scheduled_jobs.expire_due(services.money) + scheduled_jobs.lapse_changes(services.money)


def poll_payments(services: Services) -> int:
    """Ask the gateways about payments and refunds that we have not heard of."""
    asked = scheduled_jobs.poll_payments(services.money)
    refunds = gateway_calls.poll_refunds(services.database, services.gateways, clock=services.clock)
    now = services.clock.now()
    bank_refunds.tell_staff(services.database, refunds, now=now)
    # Those whose task was lost to a crash right after they got stuck.
    with services.database.read() as session:
        untold = bank_refunds.untold(session)
    bank_refunds.tell_staff(services.database, untold, now=now)
    with services.database.write() as session:
        missing_gateways.tell_staff(session, known=services.gateways.names, now=now)
    return asked + len(refunds)


def advance_stays(services: Services) -> int:
    """Earn nights, complete stays, mark no-shows."""
    return scheduled_jobs.advance_stays(services.money)


def watch_licences(services: Services) -> int:
    """Warn of licences that end, and stop sales on those that have ended."""
    return licence_expiry.sweep(services.database, clock=services.clock)


def seal_audit(services: Services) -> int:
    """Chain the newest audit entries, and anchor the chain outside the database."""
    return audit.seal_and_anchor(services.database, services.anchors, clock=services.clock)


def forget_lapsed(services: Services) -> None:
    """Forget quotes that are honoured no longer, answers whose keys have ended, and kept forms."""
    scheduled_jobs.forget_quotes(services.money)
    with services.database.write() as session:
        wishes.forget_old(session, now=services.clock.now())
        kept_forms.forget_old(session, now=services.clock.now())


def forget_events(services: Services) -> int:
    """Shorten the partners' log by what is older than its readers were promised."""
    return retention.sweep(services.database, now=services.clock.now())


def nightly(services: Services) -> None:
    """Keep calendars open far enough ahead, and forget what need not be kept."""
    now = services.clock.now()
    with services.database.write() as session:
        extend_horizon(session, today=shanghai_date(now))
        pool_setup.keep_open(session, today=shanghai_date(now), now=now)
    with services.database.write() as session:
        case_review.forget_contacts(session, now=now)
        office_notices.forget_phones(session, now=now)
        sessions.forget_old(session, now=now)
    scheduled_jobs.forget_drafts(services.money)
    scheduled_jobs.watch_returns(services.money)
