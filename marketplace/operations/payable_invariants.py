"""What must always hold of payables, recomputed from the rows like everything in ``invariants``."""

from __future__ import annotations

import sqlalchemy as sa
from sqlalchemy.orm import Session

from marketplace.booking import settlement
from marketplace.booking.models import Booking, BookingChange
from marketplace.booking.settlement import Payer
from marketplace.booking.states import BookingState, ChangeState
from marketplace.payments import queries as money
from marketplace.payments.ledger.chart_of_accounts import AccountCode
from marketplace.payments.models import (
    Journal,
    LedgerAccount,
    LedgerEntry,
    Payable,
    Payment,
    PaymentUse,
)
from marketplace.payments.payables import used_fen
from marketplace.payments.states import OWED, UNDECIDED, PayableState

_OF_HOLDS = {
    BookingState.HELD: PayableState.OPEN,
    BookingState.EXPIRED: PayableState.LAPSED,
    BookingState.CONFIRMED: PayableState.SETTLED,
    BookingState.IN_STAY: PayableState.SETTLED,
    BookingState.COMPLETED: PayableState.SETTLED,
    BookingState.CURTAILED: PayableState.SETTLED,
    BookingState.NO_SHOW: PayableState.SETTLED,
}
"""Where the price of a traveller's booking stands; of a cancelled one it hangs on when."""
_OF_CHANGES = {
    ChangeState.HELD: PayableState.OPEN,
    ChangeState.APPLIED: PayableState.SETTLED,
    ChangeState.LAPSED: PayableState.LAPSED,
    ChangeState.WITHDRAWN: PayableState.VOID,
}


def stand_as_their_subjects(session: Session, *, most: int) -> list[str]:
    """Return what is asked for while nobody wants it, or wanted and asked of nobody.

    A traveller's booking, and a change that had to be paid, has one payable in the state that
    follows from its own; others of the same subject are void.
    """
    cancelled = sa.case(
        (Booking.confirmed_at.is_(None), PayableState.VOID.value),
        else_=PayableState.SETTLED.value,
    )
    holds = sa.select(
        Booking.id,
        sa.case(
            (Booking.state == BookingState.CANCELLED, cancelled),
            *((Booking.state == state, then.value) for state, then in _OF_HOLDS.items()),
        ).label("then"),
    ).where(settlement.is_paid_by(Payer.TRAVELLER))
    changes = sa.select(
        BookingChange.id,
        sa.case(
            *((BookingChange.state == state, then.value) for state, then in _OF_CHANGES.items())
        ).label("then"),
    ).where(BookingChange.expires_at.is_not(None))
    wanted = sa.union_all(holds, changes).subquery()
    state = sa.type_coerce(Payable.state, sa.String)
    stands = sa.func.count(Payable.id).filter(state == wanted.c.then)
    others = sa.func.count(Payable.id).filter(
        state != wanted.c.then, Payable.state != PayableState.VOID
    )
    rows = session.execute(
        sa.select(wanted.c.id, wanted.c.then)
        .outerjoin(Payable, Payable.subject_id == wanted.c.id)
        .group_by(wanted.c.id, wanted.c.then)
        .having(sa.or_(stands == 0, others > 0))
        .limit(most)
    )
    return [f"what is to be paid for {row.id} is not {row.then}" for row in rows]


def settled_by_their_uses(session: Session, *, most: int) -> list[str]:
    """Return the payables that are settled by another sum than their own, or paid beyond it."""
    used = used_fen(PaymentUse.payable_id == Payable.id)
    wrong = sa.or_(
        used > Payable.amount_fen,
        sa.and_(Payable.state == PayableState.SETTLED, used != Payable.amount_fen),
    )
    rows = session.execute(
        sa.select(Payable.id, Payable.state, Payable.amount_fen, used.label("used"))
        .where(wrong)
        .limit(most)
    )
    return [
        f"payable {row.id} of {row.amount_fen} fen is {row.state} by {row.used}" for row in rows
    ]


def uses_within_payments(session: Session, *, most: int) -> list[str]:
    """Return the payments of which more was used or sent back unused than was paid.

    What is unused is what the ledger has in suspense.
    """
    beyond = [
        f"of payment {payment_id} {-fen} fen more were used than paid"
        for payment_id, fen in money.unused_by_payment(session).items()
        if fen < 0
    ]
    gap = money.suspense_gap(session)
    told = [f"suspense_receipts and unused money differ by {gap} fen"] if gap else []
    return (beyond + told)[:most]


def uses_are_posted(session: Session, *, most: int) -> list[str]:
    """Return the payables for which the ledger has another sum prepaid by payments than was used.

    Only what came in is looked at: what goes back, and what is delivered, is told per booking.
    """
    posted = (
        sa.select(Journal.payable_id, -sa.func.sum(LedgerEntry.amount_fen).label("fen"))
        .join(LedgerEntry, LedgerEntry.journal_id == Journal.id)
        .join(LedgerAccount, LedgerAccount.id == LedgerEntry.account_id)
        .where(Journal.key.startswith("pay:"), LedgerAccount.code == AccountCode.CUSTOMER_PREPAID)
        .group_by(Journal.payable_id)
    )
    prepaid: dict[int | None, int] = {
        payable_id: int(fen) for payable_id, fen in session.execute(posted)
    }
    used: dict[int | None, int] = {
        payable_id: int(fen)
        for payable_id, fen in session.execute(
            sa.select(PaymentUse.payable_id, sa.func.sum(PaymentUse.fen)).group_by(
                PaymentUse.payable_id
            )
        )
    }
    return [
        f"payable {key} was used {used.get(key, 0)} fen for and has {prepaid.get(key, 0)} prepaid"
        for key in sorted(prepaid.keys() | used.keys(), key=str)
        if prepaid.get(key, 0) != used.get(key, 0)
    ][:most]


def due_as_told(session: Session, *, most: int) -> list[str]:
    """Return what is asked for until another moment than its hold, or its change, is kept."""
    kept = sa.union_all(
        sa.select(Booking.id, Booking.expires_at, Booking.release_at),
        sa.select(BookingChange.id, BookingChange.expires_at, BookingChange.release_at),
    ).subquery()
    rows = session.execute(
        sa.select(Payable.id)
        .join(kept, kept.c.id == Payable.subject_id)
        .where(
            Payable.state.in_(OWED),
            sa.or_(
                Payable.due_at.is_distinct_from(kept.c.expires_at),
                Payable.grace_until.is_distinct_from(kept.c.release_at),
            ),
        )
        .limit(most)
    )
    return [f"payable {row.id} is due at another moment than was told" for row in rows]


def one_attempt_at_a_time(session: Session, *, most: int) -> list[str]:
    """Return the payables that more than one attempt may still bring money for."""
    rows = session.execute(
        sa.select(Payment.payable_id)
        .where(Payment.state.in_(UNDECIDED))
        .group_by(Payment.payable_id)
        .having(sa.func.count() > 1)
        .limit(most)
    )
    return [f"payable {row.payable_id} has two attempts at once" for row in rows]
