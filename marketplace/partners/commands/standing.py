"""How a partner stands before it holds more: asked once, with its row locked."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

import sqlalchemy as sa
from sqlalchemy.orm import Session

from marketplace.booking.contract.hold_caps import KEPT_BY_PARTNER, Kept, kept_by
from marketplace.booking.models import Booking
from marketplace.booking.reads.hold_standing import stands
from marketplace.booking.states import BookingState
from marketplace.kernel.db import UtcDateTime
from marketplace.partners.commands.caller import Caller
from marketplace.payments.ledger.chart_of_accounts import AccountCode
from marketplace.payments.ledger.journal import balance_query


@dataclass(frozen=True, slots=True)
class Standing:
    """What counts for and against another hold."""

    taken: str | None
    """The booking for which the reference stands: none that was cancelled or has expired."""
    kept: Kept
    """What it keeps on hold."""
    owed_fen: int
    """What it owes us."""


_NOW: sa.BindParameter[dt.datetime] = sa.bindparam("now", type_=UtcDateTime())
_NO_DAY = sa.cast(sa.null(), sa.Date)
_ENDED = (BookingState.CANCELLED, BookingState.EXPIRED)
_BALANCE = balance_query(AccountCode.PARTNER_RECEIVABLE, sa.bindparam("owner"))
_KEPT, _TAKEN, _OWED = "kept", "taken", "owed"
_STANDING = sa.union_all(
    KEPT_BY_PARTNER.add_columns(sa.literal(_KEPT).label("what")),
    sa.select(
        *(Booking.id, sa.literal(0), _NO_DAY, _NO_DAY, sa.cast(0, sa.BigInteger)),
        sa.literal(_TAKEN),
    ).where(
        Booking.partner_id == sa.bindparam("who"),
        Booking.test == sa.bindparam("test", type_=sa.Boolean),
        Booking.external_ref == sa.bindparam("ref"),
        *(~stands(state, _NOW) for state in _ENDED),
    ),
    sa.select(
        *(sa.literal(""), sa.literal(0), _NO_DAY, _NO_DAY),
        sa.cast(_BALANCE.scalar_subquery(), sa.BigInteger),
        sa.literal(_OWED),
    ),
)


def standing(session: Session, *, caller: Caller, external_ref: str, now: dt.datetime) -> Standing:
    """Return how the caller stands: one query.

    The caller holds the partner's row: two holds or confirmations at once would each see the
    other's room in the limit, and each other's reference free.
    """
    asked = {
        "who": caller.partner_id,
        "test": caller.test,
        "now": now,
        "ref": external_ref,
        "owner": str(caller.partner_id),
    }
    rows = session.connection().execute(_STANDING, asked).all()
    return Standing(
        next((row.booking_id for row in rows if row.what == _TAKEN), None),
        kept_by([row for row in rows if row.what == _KEPT]),
        next(row.total_fen for row in rows if row.what == _OWED),
    )
