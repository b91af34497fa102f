"""Who pays whom for a booking: the one place that decides it.

By its sales channel a traveller pays us, a partner owes it to us on account, or nobody here has
anything to do with the money. Everything else says how much and what for. Sums are in fen.
"""

from __future__ import annotations

import datetime as dt
import enum
from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar, TypeAlias

import sqlalchemy as sa
from sqlalchemy.orm import Session

from marketplace.booking.changes import pending_changes
from marketplace.booking.contract.cancellation_rules import CancelQuote
from marketplace.booking.items import BookingItem, BookingPart
from marketplace.booking.models import Booking, BookingChange
from marketplace.booking.states import BookingKind, Channel
from marketplace.kernel.errors import DomainError
from marketplace.kernel.ids import Ids
from marketplace.kernel.money import share_of
from marketplace.payments import service as payments
from marketplace.payments.ledger import postings
from marketplace.payments.ledger.postings import Share
from marketplace.payments.refunds import refund_promises


class Payer(enum.StrEnum):
    """Who pays us for a booking."""

    TRAVELLER = "traveller"
    """Through the gateway, before anything is theirs; what goes back goes the way it came."""
    PARTNER = "partner"
    """On account, up to its limit."""
    NOBODY = "nobody"
    """The guest pays at the operator's door, or it is a partner's test."""


_PAYERS = {
    Channel.WEB: Payer.TRAVELLER,
    Channel.PARTNER: Payer.PARTNER,
    Channel.WALK_IN: Payer.NOBODY,
}


def payer_of(booking: Booking) -> Payer:
    """Return who pays us for ``booking``."""
    return Payer.NOBODY if booking.test else _PAYERS[booking.channel]


def is_paid_by(*payers: Payer) -> sa.ColumnElement[bool]:
    """Return the same for statements: whether one of ``payers``, who do pay, pays for a booking."""
    channels = [channel for channel, payer in _PAYERS.items() if payer in payers]
    return sa.and_(Booking.test.is_(False), Booking.channel.in_(channels))


# ------------------------------------------------------------------ a partner's credit


class CreditLimit(DomainError):
    """The partner would owe more than its limit."""

    code = "credit_limit"
    http_status = 422
    message = (
        "贵平台的欠款加上没确认的保留会超过信用额度。"
        "请先结清部分账款，或取消几个保留，或打电话给我们"
    )


@dataclass(frozen=True, slots=True)
class Credit:
    """How far a partner's account reaches."""

    limit_fen: int
    owed_fen: int
    """What it owes us; negative where it has paid ahead."""
    held_fen: int = 0
    """What its live holds come to, where they count against the limit as well."""

    @property
    def free_fen(self) -> int:
        """What it may still take on; negative where it is beyond its limit."""
        return self.limit_fen - self.owed_fen - self.held_fen


def owed_fen(session: Session, partner_id: int) -> int:
    """Return what a partner owes us; negative where it has paid ahead."""
    return postings.balance(session, code=postings.PARTNER_RECEIVABLE, owner=str(partner_id))


def require_credit(credit: Credit, more_fen: int, *, for_hold: bool) -> None:
    """Refuse what a partner would owe beyond its limit; the caller holds the partner's row.

    What it keeps on hold besides counts for a hold: what is confirmed was counted then.

    Raises:
        CreditLimit: ``more_fen`` is more than it may still take on.
    """
    if more_fen > credit.free_fen:
        held = {"held_fen": credit.held_fen} if for_hold else {}
        said = {"owed_fen": credit.owed_fen, **held, "limit_fen": credit.limit_fen}
        raise CreditLimit(extra=said)


# ------------------------------------------------------------------ what is paid and goes back


@dataclass(frozen=True, slots=True)
class Ended:
    """It was cancelled, or nobody came."""

    reason: ClassVar[str] = "cancelled"


@dataclass(frozen=True, slots=True)
class Changed:
    """The stay was changed."""

    change_id: str
    reason: ClassVar[str] = "changed"


@dataclass(frozen=True, slots=True)
class Rehoused:
    """The guest was moved to a cheaper room of another house."""

    rehousing_id: int
    reason: ClassVar[str] = "rehoused"


Occasion: TypeAlias = Ended | Changed | Rehoused
"""Why money goes back: a refund keeps the word, an account the id."""


def paid_fen(session: Session, booking: Booking) -> int:
    """Return what stands paid for a booking: money received, or what is held to be paid elsewhere.

    On account and at the door that is the whole price from the confirmation on.
    """
    if payer_of(booking) is not Payer.TRAVELLER:
        return booking.total_fen if booking.confirmed_at else 0
    kept = pending_changes.fees_fen(session, booking.id)
    return payments.paid_fen(session, booking.id) - kept


def charge(
    session: Session,
    booking: Booking,
    fen: int,
    *,
    change_id: str = "",
    limit_fen: int,
    now: dt.datetime,
) -> None:
    """Charge ``fen`` to the account of who owes it, for the booking or for a change of it.

    What a traveller pays was posted when it came.

    Raises:
        CreditLimit: the partner would owe more than ``limit_fen``.
    """
    if (partner := _on_account(booking)) is None:
        return
    books = postings.partner_books(session, partner)
    require_credit(Credit(limit_fen, books.balance_fen), fen, for_hold=False)
    if change_id:
        postings.post_partner_change(
            session,
            booking_id=booking.id,
            partner_id=partner,
            change_id=change_id,
            amount_fen=fen,
            at=now,
        )
    else:
        postings.post_partner_confirmed(
            session,
            booking_id=booking.id,
            partner_id=partner,
            amount_fen=fen,
            books=books,
            at=now,
        )


def refund(
    session: Session,
    booking: Booking,
    fen: int,
    *,
    occasion: Occasion,
    ids: Ids,
    now: dt.datetime,
) -> None:
    """Give back ``fen`` of what was paid, the way it came: through the gateway, or on account.

    Raises:
        OverRefund: less than that is left of a traveller's payments.
    """
    payer = payer_of(booking)
    if fen <= 0 or payer is Payer.NOBODY:
        return
    if (partner := _on_account(booking)) is not None:
        _owe_less(session, booking, partner, fen, occasion=occasion, now=now)
        return
    refund_promises.refund_booking(
        session,
        booking_id=booking.id,
        amount_fen=fen,
        reason=occasion.reason,
        ids=ids,
        now=now,
    )


def settle_end(
    session: Session,
    booking: Booking,
    quote: CancelQuote,
    *,
    ids: Ids,
    now: dt.datetime,
) -> None:
    """Post what is kept of each item of a booking that ended as earned, and send the rest back."""
    shares = kept_shares(booking.items, quote.fees) if quote.fees else []
    _keep(session, booking, shares, now=now)
    refund(session, booking, quote.refund_fen, occasion=Ended(), ids=ids, now=now)


def settle_change(
    session: Session,
    booking: Booking,
    row: BookingChange,
    *,
    limit_fen: int,
    ids: Ids,
    now: dt.datetime,
) -> None:
    """Charge or give back what an applied change makes, and post what is kept as earned.

    What a traveller paid for the change was posted when it came. What is kept is of the item that
    was changed; one that is given up is settled while it still is the booking's.

    Raises:
        CreditLimit: a partner would owe more than ``limit_fen``.
    """
    due_fen = row.difference_fen + row.fee_fen
    if due_fen < 0:
        refund(session, booking, -due_fen, occasion=Changed(row.id), ids=ids, now=now)
    elif due_fen:
        charge(session, booking, due_fen, change_id=row.id, limit_fen=limit_fen, now=now)
    shares = kept_shares([booking.item(row.item)], [row.fee_fen])
    _keep(session, booking, shares, change_id=row.id, now=now)


def earn(
    session: Session, booking: Booking, parts: Sequence[BookingPart], *, now: dt.datetime
) -> None:
    """Post days that were delivered as earned by who delivered them, if we were paid for them."""
    if payer_of(booking) is Payer.NOBODY:
        return
    who = {item.number: item.enterprise_id for item in booking.items}
    postings.post_parts_earned(
        session,
        booking_id=booking.id,
        parts=[
            (_key_of(booking, part), Share(who[part.item], part.sold_fen, part.commission_fen))
            for part in parts
        ],
        at=now,
    )


def _key_of(booking: Booking, part: BookingPart) -> str:
    """Return the key under which a day is posted once: another one would pay for it again."""
    day = part.day.isoformat()
    if booking.kind is BookingKind.STAY and part.item == 1:
        return f"night:{booking.id}:{day}"
    return f"part:{booking.id}:{part.item}:{day}"


def kept_shares(items: Sequence[BookingItem], fees: Sequence[int]) -> list[Share]:
    """Return who earns what is kept: each item's own fee, and our commission of that one.

    ``fees`` has one for each item, in fen and in their order.
    """
    return [
        Share(item.enterprise_id, fen, share_of(fen, item.commission_bp))
        for item, fen in zip(items, fees, strict=True)
    ]


def _on_account(booking: Booking) -> int | None:
    """Return the id of the partner that owes what ``booking`` costs, ``None`` if none does."""
    return booking.partner_id if payer_of(booking) is Payer.PARTNER else None


def _keep(
    session: Session,
    booking: Booking,
    shares: Sequence[Share],
    *,
    change_id: str = "",
    now: dt.datetime,
) -> None:
    """Post what is kept as earned by who would have delivered it, less our commission.

    All of it is one journal, its legs summed by enterprise.
    """
    if not any(share.fen for share in shares) or payer_of(booking) is Payer.NOBODY:
        return
    postings.post_cancellation_fee(
        session,
        booking_id=booking.id,
        shares=shares,
        at=now,
        change_id=change_id,
    )


def _owe_less(
    session: Session,
    booking: Booking,
    partner_id: int,
    fen: int,
    *,
    occasion: Occasion,
    now: dt.datetime,
) -> None:
    match occasion:
        case Ended():
            postings.post_partner_refund(
                session, booking_id=booking.id, partner_id=partner_id, amount_fen=fen, at=now
            )
        case Changed(change_id):
            postings.post_partner_change(
                session,
                booking_id=booking.id,
                partner_id=partner_id,
                change_id=change_id,
                amount_fen=-fen,
                at=now,
            )
        case Rehoused(rehousing_id):
            postings.post_partner_rebate(
                session,
                booking_id=booking.id,
                partner_id=partner_id,
                rehousing_id=rehousing_id,
                amount_fen=fen,
                at=now,
            )
