"""A partner's account: what it owes and keeps on hold, what it has paid, how much it may owe."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection
from dataclasses import dataclass

import sqlalchemy as sa
from sqlalchemy.orm import Session

from marketplace.booking.contract.hold_caps import kept
from marketplace.booking.settlement import Credit, owed_fen
from marketplace.kernel import typed
from marketplace.kernel.audit import Actor, note
from marketplace.kernel.errors import DomainError, Invalid
from marketplace.kernel.messages import Message
from marketplace.partners.models import Partner
from marketplace.payments.ledger import postings

LONGEST_REFERENCE = 80


class ReceiptDiffers(DomainError):
    """The bank's reference stands for another receipt already."""

    code = "receipt_differs"
    http_status = 409
    message = "这个银行流水号已经记在另一个平台或另一个金额上，请核对"


class NoReceipt(DomainError):
    """Nothing of this partner stands under the bank's reference."""

    code = "no_receipt"
    http_status = 404
    message = "这个平台没有这个流水号和金额的收款，请核对"


@dataclass(frozen=True, slots=True)
class Account(Credit):
    """Where a partner stands, in fen."""

    name: str = ""


def account(session: Session, *, name: str, now: dt.datetime) -> Account:
    """Return where the partner ``name`` stands; raises ``Invalid`` when there is none."""
    return _account(session, _find(session, name, lock=False), now)


def names(session: Session, ids: Collection[int]) -> dict[int, str]:
    """Return the names of partners by their ids."""
    rows = session.execute(sa.select(Partner.id, Partner.name).where(Partner.id.in_(ids)))
    return {row[0]: row[1] for row in rows}


def set_limit(
    session: Session, *, name: str, limit_fen: int, actor: Actor, now: dt.datetime
) -> Account:
    """Let the partner ``name`` owe at most ``limit_fen`` from now on; its keys stay as they are.

    A limit below what it owes stops further holds and confirmations; nothing that stands is undone.

    Raises:
        Invalid: no partner has this name, or the limit is negative.
    """
    if limit_fen < 0:
        raise Invalid({"credit": "信用额度不能小于 0"})
    partner = _find(session, name, lock=True)
    before, partner.credit_limit_fen = partner.credit_limit_fen, limit_fen
    if before != limit_fen:
        _note(session, partner, "credit_changed", actor, now=now, before_fen=before, fen=limit_fen)
    session.flush()
    return _account(session, partner, now)


def record_payment(
    session: Session, *, name: str, fen: int, bank_ref: str, actor: Actor, now: dt.datetime
) -> tuple[Account, bool]:
    """Note that the partner ``name`` paid ``fen`` into our bank; tells whether it is new.

    The bank's reference makes it happen once, however often it is noted.

    Raises:
        Invalid: no such partner, no sum or no reference.
        ReceiptDiffers: under this reference another sum, or another partner's, was noted.
    """
    partner, reference = _find(session, name, lock=True), _reference(fen, bank_ref)
    known = postings.partner_receipt(session, bank_ref=reference)
    if known is not None and known.fen:
        if (known.partner_id, known.fen) != (partner.id, fen):
            raise ReceiptDiffers
        return _account(session, partner, now), False
    _post(session, partner, fen, reference, times=known.times if known else 0, now=now)
    _note(session, partner, "paid", actor, now=now, fen=fen, bank_ref=reference)
    return _account(session, partner, now), True


def take_back_payment(
    session: Session, *, name: str, fen: int, bank_ref: str, actor: Actor, now: dt.datetime
) -> Account:
    """Take back a payment that was noted by mistake, by a journal of its own.

    Raises:
        Invalid: no such partner, no sum or no reference.
        NoReceipt: no such payment of this partner is noted, or it was taken back already.
    """
    partner, reference = _find(session, name, lock=True), _reference(fen, bank_ref)
    known = postings.partner_receipt(session, bank_ref=reference)
    if known is None or (known.partner_id, known.fen) != (partner.id, fen):
        raise NoReceipt
    _post(session, partner, -fen, reference, times=known.times, now=now)
    _note(session, partner, "payment_undone", actor, now=now, fen=fen, bank_ref=reference)
    return _account(session, partner, now)


def _post(
    session: Session, partner: Partner, fen: int, reference: str, *, times: int, now: dt.datetime
) -> None:
    if times == postings.MOST_CORRECTIONS or not postings.post_partner_receipt(
        session, partner_id=partner.id, fen=fen, bank_ref=reference, number=times + 1, at=now
    ):
        # Corrected too often, or somebody else noted this reference in the same moment.
        raise ReceiptDiffers


def _account(session: Session, partner: Partner, now: dt.datetime) -> Account:
    held = kept(session, "partner", partner.id, now=now).fen
    owed = owed_fen(session, partner.id)
    return Account(partner.credit_limit_fen, owed, held, partner.name)


def _find(session: Session, name: str, *, lock: bool) -> Partner:
    query = sa.select(Partner).where(Partner.name == name.strip())
    if lock:
        query = query.with_for_update(key_share=True)
    partner = session.scalars(query).one_or_none()
    if partner is None:
        raise Invalid({"name": "没有这个名称的平台，请核对"})
    return partner


def _reference(fen: int, typed_ref: str) -> str:
    """Return the bank's reference as banks print it, so that two ways to type it are one."""
    reference = "".join(typed.narrow(typed_ref).upper().split())
    faults: dict[str, str] = {}
    if fen <= 0:
        faults["fen"] = "请写收到的金额，大于 0"
    if not (1 <= len(reference) <= LONGEST_REFERENCE and reference.isprintable()):
        said = "请写银行流水号，最长 %(most)s 个字"
        faults["bank_ref"] = Message(said, most=LONGEST_REFERENCE)
    if faults:
        raise Invalid(faults)
    return reference


def _note(
    session: Session,
    partner: Partner,
    what: str,
    actor: Actor,
    *,
    now: dt.datetime,
    **detail: object,
) -> None:
    subject = ("partner", partner.id)
    note(session, actor=actor, action=f"partner.{what}", subject=subject, now=now, **detail)
