"""What a change of a stay would cost, said before it is made. Pure."""

from __future__ import annotations

from dataclasses import dataclass

from marketplace.booking.changes.change_pricing import Reckoned
from marketplace.booking.states import ChangeKind
from marketplace.pricing.nights.selection import StaySelection


@dataclass(frozen=True, slots=True)
class ChangeQuote:
    """What a change would cost, said before it is made."""

    kind: ChangeKind
    was: StaySelection
    wish: StaySelection
    total_before_fen: int
    reckoned: Reckoned
    fee_bp: int
    taken_back: bool
    """A change of the same day that is undone: nothing is kept."""

    @property
    def pay_fen(self) -> int:
        """What is still to be paid, in fen."""
        return self.reckoned.pay_fen

    @property
    def refund_fen(self) -> int:
        """What goes back, in fen."""
        return self.reckoned.refund_fen

    @property
    def fee_fen(self) -> int:
        """What is kept for nights given up, in fen."""
        return self.reckoned.fee_fen

    @property
    def balance_fen(self) -> int:
        """The sum a person agrees to: to be paid, or negative to come back."""
        return self.pay_fen - self.refund_fen

    @property
    def total_after_fen(self) -> int:
        """The booking's total afterwards, without what is kept."""
        return self.total_before_fen + self.reckoned.difference_fen
