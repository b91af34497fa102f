"""The double-entry ledger: what each thing that happens to money does to the accounts.

Every function posts under a key of its own, so calling it again for the same thing changes nothing,
and tells whether it posted. A posting of zero fen is nothing.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass

import sqlalchemy as sa
from sqlalchemy.orm import Session

from marketplace.kernel.money import CNY
from marketplace.payments.ledger.chart_of_accounts import AccountCode, Leg, Posting
from marketplace.payments.ledger.journal import (
    NO_BOOKS,
    Books,
    balance,
    books,
    post,
    post_all,
)
from marketplace.payments.models import Journal, LedgerAccount, LedgerEntry, Payment, Refund

__all__ = [
    "COMMISSION",
    "CUSTOMER_PREPAID",
    "OPERATOR_PAYABLE",
    "PARTNER_RECEIVABLE",
    "PSP_CLEARING",
    "PSP_FEE",
    "REFUND_DUE",
    "SUSPENSE_RECEIPTS",
    "AccountCode",
    "Leg",
    "PartnerReceipt",
    "Share",
    "balance",
    "partner_books",
    "partner_receipt",
    "post",
    "post_cancellation_fee",
    "post_partner_change",
    "post_partner_confirmed",
    "post_partner_rebate",
    "post_partner_receipt",
    "post_partner_refund",
    "post_parts_earned",
    "post_payment",
    "post_payment_fee",
    "post_refund_approved",
    "post_refund_by_bank",
    "post_refund_returned",
    "post_refund_succeeded",
    "post_topup",
]

PSP_CLEARING = AccountCode.PSP_CLEARING
CUSTOMER_PREPAID = AccountCode.CUSTOMER_PREPAID
SUSPENSE_RECEIPTS = AccountCode.SUSPENSE_RECEIPTS
REFUND_DUE = AccountCode.REFUND_DUE
PARTNER_RECEIVABLE = AccountCode.PARTNER_RECEIVABLE
OPERATOR_PAYABLE = AccountCode.OPERATOR_PAYABLE
COMMISSION = AccountCode.COMMISSION
PSP_FEE = AccountCode.PSP_FEE
MOST_CORRECTIONS = 20
"""How many journals one reference of the bank may have."""


def post_payment(
    session: Session, *, payment: Payment, fen: int, used_fen: int, currency: str, at: dt.datetime
) -> bool:
    """Money arrived at the gateway: what is used is prepaid, and the rest in suspense.

    Both by one journal, so that the rest never counts as prepaid, not even for a moment.
    """
    parts = ((CUSTOMER_PREPAID, used_fen), (SUSPENSE_RECEIPTS, fen - used_fen))
    return _of_payment(
        session,
        payment,
        key=f"pay:{payment.id}:succeeded",
        at=at,
        memo="payment" if used_fen else "payment in suspense",
        legs=[
            Leg(PSP_CLEARING, payment.gateway, fen),
            *(Leg(account, "", -part) for account, part in parts if part),
        ],
        currency=currency,
    )


def post_payment_fee(
    session: Session, *, payment: Payment, fen: int, currency: str, at: dt.datetime
) -> bool:
    """The gateway kept its fee; it does not come back with a refund."""
    return bool(fen) and _of_payment(
        session,
        payment,
        key=f"pay:{payment.id}:fee",
        at=at,
        memo="gateway fee",
        legs=_between((PSP_FEE, ""), (PSP_CLEARING, payment.gateway), fen),
        currency=currency,
    )


def partner_books(session: Session, partner_id: int) -> Books:
    """Return what a partner owes, as the balance, with the accounts that it is charged by."""
    own = (PARTNER_RECEIVABLE, str(partner_id), CNY)
    return books(session, [own, (CUSTOMER_PREPAID, "", CNY)], of=own)


def post_partner_confirmed(
    session: Session,
    *,
    booking_id: str,
    partner_id: int,
    amount_fen: int,
    at: dt.datetime,
    books: Books = NO_BOOKS,
) -> bool:
    """A partner confirmed a booking on account: it owes us the price."""
    if not amount_fen:
        return False
    legs = _between((PARTNER_RECEIVABLE, str(partner_id)), (CUSTOMER_PREPAID, ""), amount_fen)
    key = f"partner:{booking_id}:confirmed"
    posting = Posting(key, booking_id, at, "partner booking on account", legs)
    return bool(post_all(session, [posting], books=books))


def post_partner_refund(
    session: Session, *, booking_id: str, partner_id: int, amount_fen: int, at: dt.datetime
) -> bool:
    """A partner's booking was cancelled: it owes us less by what is given back."""
    return bool(amount_fen) and post(
        session,
        key=f"partner:{booking_id}:cancelled",
        booking_id=booking_id,
        at=at,
        memo="partner booking cancelled",
        entries=_between((CUSTOMER_PREPAID, ""), (PARTNER_RECEIVABLE, str(partner_id)), amount_fen),
    )


def post_partner_rebate(
    session: Session,
    *,
    booking_id: str,
    partner_id: int,
    rehousing_id: int,
    amount_fen: int,
    at: dt.datetime,
) -> bool:
    """A partner's guest was moved to a cheaper room: the partner owes us less by the difference."""
    return post(
        session,
        key=f"partner:{booking_id}:rehoused:{rehousing_id}",
        booking_id=booking_id,
        at=at,
        memo="partner booking moved to a cheaper room",
        entries=_between((CUSTOMER_PREPAID, ""), (PARTNER_RECEIVABLE, str(partner_id)), amount_fen),
    )


def post_partner_change(
    session: Session,
    *,
    booking_id: str,
    partner_id: int,
    change_id: str,
    amount_fen: int,
    at: dt.datetime,
) -> bool:
    """A partner's booking was changed: it owes us more, or less by a negative ``amount_fen``."""
    return bool(amount_fen) and post(
        session,
        key=f"partner:{booking_id}:changed:{change_id}",
        booking_id=booking_id,
        at=at,
        memo="partner booking changed",
        entries=_between((PARTNER_RECEIVABLE, str(partner_id)), (CUSTOMER_PREPAID, ""), amount_fen),
    )


@dataclass(frozen=True, slots=True)
class PartnerReceipt:
    """What the ledger says of one reference of the bank."""

    partner_id: int
    """Whose it was last."""
    fen: int
    """What is noted under it now; 0 where it was taken back."""
    times: int
    """How many journals it has."""


def partner_receipt(session: Session, *, bank_ref: str) -> PartnerReceipt | None:
    """Return what partners have paid under a reference of the bank, ``None`` if nothing ever."""
    keys = [_receipt_key(bank_ref, number) for number in range(1, MOST_CORRECTIONS + 1)]
    found = session.execute(
        sa.select(LedgerAccount.owner, LedgerEntry.amount_fen)
        .join(LedgerAccount, LedgerAccount.id == LedgerEntry.account_id)
        .join(Journal, Journal.id == LedgerEntry.journal_id)
        .where(Journal.key.in_(keys), LedgerAccount.code == PARTNER_RECEIVABLE)
        .order_by(Journal.id)
    ).all()
    if not found:
        return None
    return PartnerReceipt(int(found[-1].owner), -sum(row.amount_fen for row in found), len(found))


def _receipt_key(bank_ref: str, number: int) -> str:
    return f"partner_receipt:{bank_ref}:{number}"


def post_partner_receipt(
    session: Session, *, partner_id: int, fen: int, bank_ref: str, number: int, at: dt.datetime
) -> bool:
    """A partner paid into our bank: it owes us less; a negative ``fen`` takes that back.

    ``number`` counts the journals of one reference of the bank, from 1.
    """
    return post(
        session,
        key=_receipt_key(bank_ref, number),
        booking_id=None,
        at=at,
        memo="partner paid" if fen > 0 else "partner's payment taken back",
        entries=_between((AccountCode.BANK, ""), (PARTNER_RECEIVABLE, str(partner_id)), fen),
    )


@dataclass(frozen=True, slots=True)
class Share:
    """What an operator earns of something, in fen, our commission in it."""

    enterprise_id: int
    fen: int
    commission_fen: int


def post_parts_earned(
    session: Session, *, booking_id: str, parts: Sequence[tuple[str, Share]], at: dt.datetime
) -> int:
    """Operators delivered days, each under its key; returns how many were posted.

    They have earned the price less our commission. What was posted before is left alone.
    """
    return len(
        post_all(
            session,
            [
                Posting(
                    key=key,
                    booking_id=booking_id,
                    at=at,
                    memo="night delivered",
                    legs=_earned([share]),
                )
                for key, share in parts
                if share.fen
            ],
        )
    )


def post_cancellation_fee(
    session: Session,
    *,
    booking_id: str,
    shares: Sequence[Share],
    at: dt.datetime,
    change_id: str = "",
) -> bool:
    """What is kept on a cancellation, a no-show or a change is earned the way a night is.

    Everybody's share is in one journal.
    """
    return any(share.fen for share in shares) and post(
        session,
        key=f"change:{change_id}:fee" if change_id else f"cancel:{booking_id}:fee",
        booking_id=booking_id,
        at=at,
        memo="cancellation fee",
        entries=_earned(shares),
    )


def post_topup(
    session: Session, *, booking_id: str, enterprise_id: int, fen: int, at: dt.datetime
) -> bool:
    """A rehoused guest stayed for less than the room costs: we owe the operator the rest."""
    return bool(fen) and post(
        session,
        key=f"topup:{booking_id}",
        booking_id=booking_id,
        at=at,
        memo="top-up of a rehoused stay",
        entries=_between((AccountCode.GOODWILL, ""), (OPERATOR_PAYABLE, str(enterprise_id)), fen),
    )


def post_refund_approved(
    session: Session, *, refund: Refund, payment: Payment, source: AccountCode, at: dt.datetime
) -> bool:
    """Money is promised back out of ``source``."""
    return _of_payment(
        session,
        payment,
        key=f"refund:{refund.id}:approved",
        at=at,
        memo="refund approved",
        legs=_between((source, ""), (REFUND_DUE, ""), refund.amount_fen),
        currency=refund.currency,
    )


def post_refund_succeeded(
    session: Session, *, refund: Refund, payment: Payment, at: dt.datetime
) -> bool:
    """The gateway sent the money back."""
    return _of_payment(
        session,
        payment,
        key=f"{refund.key}:succeeded",
        at=at,
        memo="refund paid by the gateway",
        legs=_between((REFUND_DUE, ""), (PSP_CLEARING, payment.gateway), refund.amount_fen),
        currency=refund.currency,
    )


def post_refund_returned(
    session: Session, *, refund: Refund, payment: Payment, at: dt.datetime
) -> bool:
    """A refund that had counted as paid came back to the gateway: it is owed again."""
    return _of_payment(
        session,
        payment,
        key=f"{refund.key}:returned",
        at=at,
        memo="refund came back",
        legs=_between((PSP_CLEARING, payment.gateway), (REFUND_DUE, ""), refund.amount_fen),
        currency=refund.currency,
    )


def post_refund_by_bank(
    session: Session, *, refund: Refund, payment: Payment, at: dt.datetime
) -> bool:
    """A person sent the money back by bank transfer."""
    return _of_payment(
        session,
        payment,
        key=f"refund:{refund.id}:bank",
        at=at,
        memo="refund paid by bank transfer",
        legs=_between((REFUND_DUE, ""), (AccountCode.BANK, ""), refund.amount_fen),
        currency=refund.currency,
    )


def _of_payment(
    session: Session,
    payment: Payment,
    *,
    key: str,
    at: dt.datetime,
    memo: str,
    legs: Sequence[Leg],
    currency: str,
) -> bool:
    """Post what happened to the money of a payment, under what it was paid for."""
    posting = Posting(key, payment.booking_id, at, memo, legs, currency, payment.payable_id)
    return bool(post_all(session, [posting]))


def _between(
    debit: tuple[AccountCode, str], credit: tuple[AccountCode, str], fen: int
) -> list[Leg]:
    return [Leg(*debit, fen), Leg(*credit, -fen)]


def _earned(shares: Sequence[Share]) -> list[Leg]:
    return [
        Leg(CUSTOMER_PREPAID, "", sum(share.fen for share in shares)),
        *(
            Leg(OPERATOR_PAYABLE, str(share.enterprise_id), share.commission_fen - share.fen)
            for share in shares
        ),
        Leg(COMMISSION, "", -sum(share.commission_fen for share in shares)),
    ]
