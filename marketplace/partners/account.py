"""What a partner owes, keeps on hold and has paid."""

from __future__ import annotations

from sqlalchemy.orm import Session

from marketplace.payments import ledger


def owed_fen(session: Session, partner_id: int) -> int:
    """Return what a partner owes us in fen; negative where it has paid ahead."""
    return ledger.balance(session, code=ledger.PARTNER_RECEIVABLE, owner=str(partner_id))
