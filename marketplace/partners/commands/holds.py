"""Rooms held for a partner: for how long, and confirmed on account.

A booking is locked first, the partner's row after it, and the house, if it is needed, last: in this
order everywhere.
"""

from __future__ import annotations

import sqlalchemy as sa
from sqlalchemy.orm import Session

from marketplace.booking.contract.buyers import PartnerSale
from marketplace.booking.contract.hold_caps import Kept
from marketplace.booking.contract.placement import PlaceBooking, place
from marketplace.booking.lifecycle import payment_application, transitions
from marketplace.booking.models import Booking
from marketplace.booking.settlement import Credit, require_credit
from marketplace.kernel.errors import DomainError
from marketplace.kernel.unit_of_work import UnitOfWork
from marketplace.partners.commands.caller import Caller
from marketplace.partners.commands.conditions import Conditions
from marketplace.partners.commands.standing import standing
from marketplace.partners.commands.stay_commands import Confirm, Hold
from marketplace.partners.models import Partner


class ReferenceTaken(DomainError):
    """The reference stands for a booking of this partner, neither cancelled nor expired.

    ``extra`` names that booking.
    """

    code = "reference_taken"
    http_status = 409
    message = "这个订单号已经用在您的另一个订单上，请核对，或换一个订单号"


def hold(work: UnitOfWork, caller: Caller, command: Hold, conditions: Conditions) -> Booking:
    """Hold rooms for 30 minutes; a test key's hold takes no stock.

    Raises:
        Invalid, Restricted, NotFound, NotBookable, SoldOut, PriceChanged: as for everybody.
        QuoteExpired, QuoteDiffers: the price named is honoured no longer, or is for another stay.
        CreditLimit: with what the partner owes and keeps on hold it could not be confirmed.
        HoldCap: the partner keeps as much on hold as it may.
        ReferenceTaken: the reference stands for another booking of this partner.
    """
    session, now = work.session, work.now
    limit_fen = _locked_limit(session, caller)
    found = standing(session, caller=caller, external_ref=command.external_ref, now=now)
    if found.taken is not None:
        raise ReferenceTaken(extra={"booking": found.taken})
    booking = place(
        session,
        command=_placed(caller, command, found.kept),
        commission_bp=conditions.commission_bp,
        actor=work.actor,
        ids=work.ids,
        now=now,
        caps=conditions.caps,
    )
    if not caller.test:
        credit = Credit(limit_fen, found.owed_fen, found.kept.fen)
        require_credit(credit, booking.total_fen, for_hold=True)
    return booking


def _placed(caller: Caller, command: Hold, kept: Kept) -> PlaceBooking:
    return PlaceBooking(
        rooms=command.rooms,
        buyer=PartnerSale(caller.partner_id, command.external_ref, caller.test),
        expected_total_fen=command.expected_total_fen,
        source_province=command.source_province,
        kept=kept,
    )


def _locked_limit(session: Session, caller: Caller) -> int:
    """Return the caller's credit limit with the partner's row locked."""
    return session.scalars(
        sa.select(Partner.credit_limit_fen)
        .where(Partner.id == caller.partner_id)
        .with_for_update(key_share=True)
    ).one()


def extend(work: UnitOfWork, booking: Booking) -> None:
    """Keep a hold 30 minutes longer.

    Raises:
        HoldExpired, WrongState, NoMoreExtensions.
    """
    transitions.extend(work.session, booking_id=booking.id, actor=work.actor, now=work.now)


def confirm(work: UnitOfWork, caller: Caller, booking: Booking, command: Confirm) -> None:
    """Confirm a hold on account.

    Raises:
        HoldExpired, WrongState, NotBookable, CreditLimit.
    """
    payment_application.confirm_on_account(
        work,
        booking=booking,
        partner_id=caller.partner_id,
        credit_limit_fen=_locked_limit(work.session, caller),
        lead_name=command.lead_name,
        phone=command.phone,
    )
