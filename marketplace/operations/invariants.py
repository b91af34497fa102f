"""What must always hold, recomputed from the rows of one snapshot; no stored total is trusted."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass

import sqlalchemy as sa
from sqlalchemy.orm import Session

from marketplace.booking import settlement
from marketplace.booking.items import BookingPart
from marketplace.booking.models import Booking, BookingChange
from marketplace.booking.settlement import Payer
from marketplace.booking.states import BookingState, ChangeState
from marketplace.inventory.models import Claim, StockDay, StockPool
from marketplace.inventory.owners import OWNERS
from marketplace.kernel import audit
from marketplace.kernel.anchors import Anchor, AnchorFile, AnchorKind
from marketplace.kernel.db import Database
from marketplace.kernel.inbox import InboxRow
from marketplace.kernel.outbox import OutboxRow
from marketplace.operations import booking_invariants, payable_invariants
from marketplace.operations.booking_invariants import SHOWN, Faults
from marketplace.payments import queries as money
from marketplace.payments.models import Journal, Payment, PaymentUse
from marketplace.staff_tasks.models import StaffTask

OWED_AT_MOST = dt.timedelta(seconds=60)
OVER = {
    BookingState.COMPLETED,
    BookingState.CURTAILED,
    BookingState.CANCELLED,
    BookingState.NO_SHOW,
    BookingState.EXPIRED,
}
BOUGHT = {
    BookingState.CONFIRMED,
    BookingState.IN_STAY,
    BookingState.COMPLETED,
    BookingState.CURTAILED,
}


@dataclass(frozen=True, slots=True)
class Report:
    """The invariants by name with what breaks them; empty lists mean that all is well."""

    faults: dict[str, Faults]
    counts: dict[str, int]
    notes: list[str]
    """What is no fault and explains what would look like one."""

    @property
    def clean(self) -> bool:
        """Whether nothing is broken."""
        return not any(self.faults.values())


def check(
    database: Database,
    *,
    now: dt.datetime,
    settled: bool = False,
    anchors: AnchorFile | None = None,
) -> Report:
    """Recompute every invariant in one snapshot.

    ``settled`` also demands that nothing is owed; ``anchors`` that the audit trail is the one that
    was sealed.
    """
    # Read before the snapshot: what is written down was sealed and committed before.
    lines, broken = anchors.read() if anchors else (None, [])
    checks: dict[str, Callable[[Session], Faults]] = {
        "pools_have_their_owner": _pools_have_their_owner,
        "sold_within_capacity": _sold_within_capacity,
        "taken_equals_live_claims": _taken_equals_claims,
        "claims_match_bookings": booking_invariants.claims_match_bookings,
        "items_sum_to_booking": booking_invariants.items_sum_to_booking,
        "parts_sum_to_item": booking_invariants.parts_sum_to_item,
        "changes_have_their_item": booking_invariants.changes_have_their_item,
        "journals_sum_to_zero": _journals_sum_to_zero,
        "payments_are_posted": _payments_posted,
        "payables_stand_as_their_subjects": lambda session: (
            payable_invariants.stand_as_their_subjects(session, most=SHOWN)
        ),
        "due_as_told": lambda session: payable_invariants.due_as_told(session, most=SHOWN),
        "settled_by_their_uses": lambda session: payable_invariants.settled_by_their_uses(
            session, most=SHOWN
        ),
        "uses_within_payments": lambda session: payable_invariants.uses_within_payments(
            session, most=SHOWN
        ),
        "uses_are_posted": lambda session: payable_invariants.uses_are_posted(session, most=SHOWN),
        "one_attempt_at_a_time": lambda session: payable_invariants.one_attempt_at_a_time(
            session, most=SHOWN
        ),
        "ledger_per_booking": _ledger_per_booking,
        "refunds_due_are_unfinished": _refunds_due,
        "paid_is_confirmed_or_refunded": _paid_or_refunded,
        "nothing_owed_too_long": lambda session: _owed(session, now, settled),
        "audit_chain": lambda session: [
            *broken,
            *audit.verify(session, now=now, anchors=lines),
        ],
    }
    with database.read() as session:
        faults = {name: run(session) for name, run in checks.items()}
        counts = {
            "bookings": session.scalar(sa.select(sa.func.count()).select_from(Booking)) or 0,
            "journals": session.scalar(sa.select(sa.func.count()).select_from(Journal)) or 0,
            "stock_days": session.scalar(sa.select(sa.func.count()).select_from(StockDay)) or 0,
        }
    return Report(
        faults, counts, [_restore(line) for line in lines or () if line.kind is AnchorKind.RESTORED]
    )


def _restore(anchor: Anchor) -> str:
    return (
        f"restored at {anchor.at:%Y-%m-%d %H:%M:%S} UTC from {anchor.name}, to seal {anchor.number}"
    )


def _pools_have_their_owner(session: Session) -> Faults:
    """Every pool names an owner of its own kind, and no other."""
    fits = [
        sa.and_(
            StockPool.kind == owner.kind,
            owner.key.is_not(None),
            *(other.key.is_(None) for other in OWNERS.values() if other is not owner),
        )
        for owner in OWNERS.values()
    ]
    rows = session.execute(
        sa.select(StockPool.id, sa.type_coerce(StockPool.kind, sa.String).label("kind"))
        .where(sa.not_(sa.or_(*fits)))
        .limit(SHOWN)
    )
    return [f"pool {row.id} is of kind {row.kind} and owned by another kind" for row in rows]


def _sold_within_capacity(session: Session) -> Faults:
    rows = session.execute(
        sa.select(StockDay.pool_id, StockDay.day)
        .where(sa.or_(StockDay.taken > StockDay.capacity, StockDay.taken < 0))
        .limit(SHOWN)
    )
    return [f"pool {row.pool_id} on {row.day} is oversold" for row in rows]


def _taken_equals_claims(session: Session) -> Faults:
    claimed: dict[tuple[int, dt.date], int] = {}
    for claim in session.execute(
        sa.select(Claim.pool_id, Claim.first_day, Claim.last_day, Claim.units).where(
            Claim.released_at.is_(None)
        )
    ):
        for offset in range((claim.last_day - claim.first_day).days):
            place = (claim.pool_id, claim.first_day + dt.timedelta(days=offset))
            claimed[place] = claimed.get(place, 0) + claim.units
    faults = []
    for row in session.execute(
        sa.select(StockDay.pool_id, StockDay.day, StockDay.taken).where(StockDay.taken != 0)
    ):
        units = claimed.pop((row.pool_id, row.day), 0)
        if units != row.taken:
            faults.append(f"pool {row.pool_id} on {row.day}: {row.taken} taken, {units} claimed")
    faults += [
        f"pool {pool} on {day}: {units} claimed, 0 taken" for (pool, day), units in claimed.items()
    ]
    return faults[:SHOWN]


def _journals_sum_to_zero(session: Session) -> Faults:
    return [
        f"journal {key} has no entries, or they do not sum to zero"
        for key in money.unbalanced_journals(session)[:SHOWN]
    ]


def _payments_posted(session: Session) -> Faults:
    return [
        f"payment {payment_id} and the ledger disagree about whether it succeeded"
        for payment_id in money.unposted_payments(session)[:SHOWN]
    ]


def _ledger_per_booking(session: Session) -> Faults:
    """What a booking has prepaid is what it has bought and not received yet; in the end nothing."""
    prepaid = money.prepaid_by_booking(session)
    faults = [f"booking {key} has prepaid {fen} fen" for key, fen in prepaid.items() if fen < 0]
    faults += [
        f"booking {row.id} is {row.state} with {prepaid[row.id]} fen left over"
        for row in session.execute(
            sa.select(Booking.id, Booking.state).where(Booking.state.in_(OVER))
        )
        if prepaid.get(row.id, 0) != 0
    ]
    to_come = sa.func.sum(sa.case((BookingPart.earned_at.is_(None), BookingPart.sold_fen), else_=0))
    faults += [
        f"booking {row.id} has prepaid {prepaid.get(row.id, 0)} fen for nights of {row.fen}"
        for row in session.execute(
            sa.select(Booking.id, to_come.label("fen"))
            .join(BookingPart, BookingPart.booking_id == Booking.id)
            .where(
                Booking.state.in_({BookingState.CONFIRMED, BookingState.IN_STAY}),
                settlement.is_paid_by(Payer.TRAVELLER, Payer.PARTNER),
            )
            .group_by(Booking.id)
        )
        if prepaid.get(row.id, 0) != row.fen
    ]
    tests = session.scalars(sa.select(Booking.id).where(Booking.test.is_(True)))
    faults += [f"test booking {key} moved money" for key in tests if key in prepaid]
    return faults[:SHOWN]


def _refunds_due(session: Session) -> Faults:
    gap = money.refund_gap(session)
    return [f"refund_due and the unfinished refunds differ by {gap} fen"] if gap else []


def _paid_or_refunded(session: Session) -> Faults:
    """Money received either bought its booking or went back; in suspense it has a staff task."""
    tasks = set(session.scalars(sa.select(StaffTask.key)))
    fees = {
        row[0]: int(row[1])
        for row in session.execute(
            sa.select(BookingChange.booking_id, sa.func.sum(BookingChange.fee_fen))
            .where(BookingChange.state == ChangeState.APPLIED)
            .group_by(BookingChange.booking_id)
        )
    }
    faults = [
        f"payment {payment_id} is in suspense and nobody was told"
        for payment_id, fen in money.unused_by_payment(session).items()
        if fen > 0 and f"suspense:{payment_id}" not in tasks
    ]
    used_for = sa.select(Payment.booking_id).join(PaymentUse, PaymentUse.payment_id == Payment.id)
    kept = money.kept_by_booking(session)
    for booking in session.execute(
        sa.select(Booking.id, Booking.state, Booking.total_fen, Booking.fee_fen).where(
            Booking.id.in_(used_for)
        )
    ):
        bought = booking.total_fen if booking.state in BOUGHT else booking.fee_fen or 0
        wanted = bought + fees.get(booking.id, 0)
        if kept[booking.id] != wanted:
            faults.append(f"booking {booking.id} keeps {kept[booking.id]} fen, not {wanted}")
    unpaid = session.scalars(
        sa.select(Booking.id).where(
            Booking.state.in_(BOUGHT),
            settlement.is_paid_by(Payer.TRAVELLER),
            Booking.id.notin_(used_for),
        )
    )
    faults += [f"booking {booking_id} is confirmed and was never paid" for booking_id in unpaid]
    return faults[:SHOWN]


def _owed(session: Session, now: dt.datetime, settled: bool) -> Faults:
    """Nothing that can be delivered waits longer than a minute; if settled, nothing waits.

    What was tried and failed counts from its cause on: each failure moves its due time further.
    """
    limit = now if settled else now - OWED_AT_MOST
    tried = OutboxRow.attempts > 0 if settled else OutboxRow.failure.is_not(None)
    waiting = session.execute(
        sa.select(OutboxRow.id, OutboxRow.topic)
        .where(
            OutboxRow.done_at.is_(None),
            sa.or_(OutboxRow.due_at <= limit, tried & (OutboxRow.created_at <= limit)),
        )
        .limit(SHOWN)
    )
    faults = [f"outbox {row.id} ({row.topic}) is still owed" for row in waiting]
    unread = session.scalars(
        sa.select(InboxRow.id)
        .where(InboxRow.processed_at.is_(None), InboxRow.received_at <= limit)
        .limit(SHOWN)
    )
    return faults + [f"inbox {row_id} is not applied" for row_id in unread]
