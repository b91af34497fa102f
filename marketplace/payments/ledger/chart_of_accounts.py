"""The chart of accounts, and what a posting to them is. Pure.

Amounts are signed fen: a debit is positive, a credit negative; the legs of a posting sum to zero.
"""

from __future__ import annotations

import datetime as dt
import enum
from collections.abc import Sequence
from dataclasses import dataclass

from marketplace.kernel.money import CNY


class Side(enum.StrEnum):
    """On which side an account normally stands."""

    DEBIT = "debit"
    CREDIT = "credit"


class AccountCode(enum.StrEnum):
    """The accounts; those about one party carry its id as their owner."""

    PSP_CLEARING = "psp_clearing"
    """Money at a payment gateway; the owner is the gateway's name."""
    BANK = "bank"
    """Our own bank account."""
    PAYOUT_TRANSIT = "payout_transit"
    """Payouts that have left and not arrived."""
    DISPUTE_HOLD = "dispute_hold"
    """Money a gateway keeps back while a card dispute runs."""
    PARTNER_RECEIVABLE = "partner_receivable"
    """What a partner platform owes us; the owner is the partner's id."""
    CUSTOMER_PREPAID = "customer_prepaid"
    """Paid for, not delivered yet."""
    SUSPENSE_RECEIPTS = "suspense_receipts"
    """Money that came in and fits no order."""
    REFUND_DUE = "refund_due"
    """Promised back, not gone yet."""
    OPERATOR_PAYABLE = "operator_payable"
    """What an operator has earned; the owner is the enterprise's id. May go to debit."""
    COMMISSION = "commission"
    """Our income."""
    PSP_FEE = "psp_fee"
    """What gateways keep."""
    PARTNER_COMMISSION = "partner_commission"
    """What partner platforms keep."""
    GOODWILL = "goodwill"
    """Given to a guest at our own cost."""
    FX_DIFF = "fx_diff"
    """Differences of exchange rates."""


_DEBIT_ACCOUNTS = frozenset(
    {
        AccountCode.PSP_CLEARING,
        AccountCode.BANK,
        AccountCode.PAYOUT_TRANSIT,
        AccountCode.DISPUTE_HOLD,
        AccountCode.PARTNER_RECEIVABLE,
        AccountCode.PSP_FEE,
        AccountCode.PARTNER_COMMISSION,
        AccountCode.GOODWILL,
        AccountCode.FX_DIFF,
    }
)


def normal_side(code: AccountCode) -> Side:
    """Return the side on which ``code`` normally stands: assets and expenses on debit."""
    return Side.DEBIT if code in _DEBIT_ACCOUNTS else Side.CREDIT


@dataclass(frozen=True, slots=True)
class Leg:
    """One line of a posting: debit positive, credit negative; ``owner`` is empty for our own."""

    code: AccountCode
    owner: str
    fen: int


@dataclass(frozen=True, slots=True)
class Posting:
    """One journal to be written; ``key`` makes it happen once."""

    key: str
    booking_id: str | None
    at: dt.datetime
    memo: str
    legs: Sequence[Leg]
    currency: str = CNY
    payable_id: int | None = None

    def __post_init__(self) -> None:
        """Refuse legs that do not sum to zero, and a posting that moves nothing."""
        if sum(leg.fen for leg in self.legs) != 0:
            raise ValueError(f"the legs of {self.key} do not sum to zero")
        if not any(leg.fen for leg in self.legs):
            raise ValueError(f"{self.key} moves no money")
