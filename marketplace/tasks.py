"""What the worker does: plain functions of the services, each owning its transactions.

Every one may run twice at once, and after any crash.
"""

from __future__ import annotations

import structlog

from catalog import handlers as catalog
from catalog.effects import (
    CaseDecided,
    CheckDocument,
    DevelopPhoto,
    LicenceEnding,
    ListingAccepted,
    StepImport,
    SuspensionBegan,
    SuspensionEnded,
)
from catalog.office.cases import case_review
from catalog.office.evidence import file_checks, file_sweep
from catalog.office.licences import licence_expiry
from catalog.search import refresh as search
from marketplace.booking import handlers as booking
from marketplace.booking.effects import ClosePayments, TellOfBooking
from marketplace.booking.events import retention
from marketplace.booking.lifecycle import scheduled_jobs
from marketplace.booking.rehousing import rehousing_queue
from marketplace.bootstrap import Services
from marketplace.inventory import handlers as inventory
from marketplace.inventory import pool_setup
from marketplace.kernel import audit, changes, outbox, wishes
from marketplace.kernel.clock import shanghai_date
from marketplace.kernel.effects import Routes, UnknownEffect, on
from marketplace.notify import handlers as notify
from marketplace.notify import office_notices
from marketplace.payments import handlers as payments
from marketplace.payments.effects import ApplyGatewayEvent, PostSimulatedEvent, SubmitRefund
from marketplace.payments.gateways import gateway_calls, missing_gateways
from marketplace.payments.refunds import bank_refunds
from marketplace.sample import extend_horizon
from marketplace.staff import kept_forms, sessions
from marketplace.staff_tasks.service import new_task, open_task

ROUTES: Routes[Services] = Routes(
    on(StepImport, catalog.step_import),
    on(DevelopPhoto, catalog.develop_photo),
    on(CheckDocument, catalog.check_document),
    on(ListingAccepted, inventory.open_calendars),
    on(SubmitRefund, payments.submit_refund),
    on(PostSimulatedEvent, payments.post_simulated_event),
    on(ApplyGatewayEvent, booking.apply_gateway_event),
    on(ClosePayments, booking.close_payments),
    on(SuspensionBegan, booking.open_rehousing),
    on(SuspensionEnded, booking.close_rehousing),
    on(TellOfBooking, notify.tell_of_booking),
    on(CaseDecided, notify.tell_of_case),
    on(LicenceEnding, notify.tell_of_licence),
)
"""Who does what is owed: one handler for each class of effects."""
UNKNOWN = "effect_unknown"
"""The kind of the task for what is owed and cannot be read, and the beginning of its key."""


def deliver(services: Services, *, row_id: int) -> bool:
    """Deliver one owed effect; tells whether it is settled now.

    A failure is noted and tried again later, later each time; the row stays owed. What nobody here
    can read is put before the staff: an older release may have left it, or a newer one.
    """
    clock = services.clock
    with services.database.write() as session:
        delivery = outbox.take_up(session, row_id, now=clock.now())
    if delivery is None:
        return False
    log = structlog.get_logger("worker").bind(outbox_id=row_id, topic=delivery.topic)
    try:
        ROUTES.handle(services, topic=delivery.topic, key=delivery.key, payload=delivery.payload)
    except Exception as error:  # whatever it is, the effect stays owed
        log.warning("delivery_failed", error=type(error).__name__, exc_info=error)
        with services.database.write() as session:
            outbox.put_back(session, row_id, failure=type(error).__name__, now=clock.now())
            if isinstance(error, UnknownEffect):
                unread = new_task(
                    kind=UNKNOWN, key=f"{UNKNOWN}:{row_id}", booking_id=None, topic=delivery.topic
                )
                open_task(session, unread, now=clock.now())
        return False
    with services.database.write() as session:
        outbox.settle(session, row_id, now=clock.now())
    return True


def sweep_outbox(services: Services) -> int:
    """Deliver everything that is owed and due, whatever became of the nudges."""
    with services.database.read() as session:
        due = outbox.due_ids(session, now=services.clock.now())
    return sum(deliver(services, row_id=row_id) for row_id in due)


def develop_photos(services: Services) -> int:
    """Make the photographs that wait."""
    return catalog.develop_photos(services)


def check_files(services: Services) -> int:
    """Have the files that wait looked at by the scanner."""
    return catalog.check_files(services)


def sweep_files(services: Services) -> int:
    """Encrypt files that are plain or under an older key, and forget those that nothing names."""
    file_checks.reseal(services.database, services.blobs)
    return file_sweep.sweep(services.database, services.blobs, now=services.clock.now())


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
