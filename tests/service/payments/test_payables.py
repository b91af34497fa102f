"""What is to be paid: used for it as far as something remains, settled by nothing less."""

from __future__ import annotations

import pytest
import sqlalchemy as sa

from marketplace.payments import payables, queries, service
from marketplace.payments.ledger import postings
from marketplace.payments.models import Payable, Payment, PaymentUse, Refund
from marketplace.payments.states import PayableState, RefundSource
from tests.service.payments.support import STAY_FEN, Desk, check_books

PART_FEN = 300_000


def in_part(desk: Desk) -> Payment:
    """Pay another sum than was asked for, and use a part of it all the same, as a person may."""
    payment = desk.paid("wrong_amount")
    with desk.database.write() as session:
        payable = session.get_one(Payable, payment.payable_id)
        now = desk.clock.now()
        used = payables.use(session, payable, payment_id=payment.id, fen=PART_FEN, now=now)
        assert used == PART_FEN
    return payment


def settled(desk: Desk, payable_id: int) -> bool:
    with desk.database.write() as session:
        return payables.settle(session, payable_id=payable_id, now=desk.clock.now())


def uses(desk: Desk) -> list[tuple[str, int]]:
    with desk.database.read() as session:
        rows = session.execute(sa.select(PaymentUse.payment_id, PaymentUse.fen))
        return sorted(tuple(row) for row in rows)


def test_several_payments_pay_one_payable_after_another(desk: Desk) -> None:
    first = in_part(desk)
    assert not settled(desk, first.payable_id)
    second = desk.paid()
    assert (second.payable_id, second.amount_fen) == (first.payable_id, STAY_FEN - PART_FEN)
    assert uses(desk) == sorted([(first.id, PART_FEN), (second.id, STAY_FEN - PART_FEN)])
    with desk.database.read() as session:
        assert service.paid_fen(session, desk.booking_id) == STAY_FEN
    assert settled(desk, first.payable_id)
    assert not settled(desk, first.payable_id)


def test_nothing_is_asked_for_where_nothing_remains(desk: Desk) -> None:
    desk.paid()
    with pytest.raises(service.AttemptOver):
        desk.attempt()


def test_more_than_remains_stays_unused_and_goes_back_out_of_suspense(desk: Desk) -> None:
    """Asked for all of it, and a part was paid otherwise before the money came."""
    payment, token = desk.opened()
    with desk.database.write() as session:
        payable = session.get_one(Payable, payment.payable_id)
        payable.amount_fen = PART_FEN
    desk.gateway.press(token, "alipay_ok")
    recorded = desk.fetched(payment)
    assert (recorded.as_asked, recorded.used_fen) == (True, PART_FEN)
    with desk.database.read() as session:
        assert service.paid_fen(session, desk.booking_id) == PART_FEN
        assert postings.balance(session, postings.CUSTOMER_PREPAID) == -PART_FEN
        assert postings.balance(session, postings.SUSPENSE_RECEIPTS) == PART_FEN - STAY_FEN
        assert queries.unused_by_payment(session) == {payment.id: STAY_FEN - PART_FEN}
        assert queries.suspense_gap(session) == 0
    with desk.database.write() as session:
        service.refund_payment_in_full(
            session,
            payment_id=payment.id,
            reason="late_payment",
            ids=desk.ids,
            now=desk.clock.now(),
        )
        found = session.execute(sa.select(Refund.source, Refund.amount_fen)).all()
        assert {tuple(row) for row in found} == {
            (RefundSource.PREPAID, PART_FEN),
            (RefundSource.SUSPENSE, STAY_FEN - PART_FEN),
        }
        assert service.refundable(session, payment.id) == 0
    check_books(desk.database)


def test_money_for_what_is_void_pays_what_is_asked_in_its_place(desk: Desk) -> None:
    payment, token = desk.opened()
    with desk.database.write() as session:
        payables.end(
            session,
            booking_id=desk.booking_id,
            subject_id=desk.subject_id(STAY_FEN),
            state=PayableState.VOID,
            now=desk.clock.now(),
        )
        anew = desk.payable(session, STAY_FEN).id
    assert anew != payment.payable_id
    desk.gateway.press(token, "alipay_ok")
    assert desk.fetched(payment).payable_id == anew
    assert desk.payment(payment.id).payable_id == anew
    assert settled(desk, anew)
    assert not settled(desk, payment.payable_id)


def test_what_is_asked_for_is_put_off_and_ends_once(desk: Desk) -> None:
    payment = desk.attempt()
    later = desk.clock.now().replace(year=2028)
    of = {"booking_id": desk.booking_id, "subject_id": desk.subject_id(STAY_FEN)}
    with desk.database.write() as session:
        payables.put_off(session, **of, due_at=later, grace_until=None)
        found = payables.asked_for(session, **of)
        assert found is not None
        assert (found.id, found.due_at) == (payment.payable_id, later)
        assert queries.dues_of(session, booking_id=desk.booking_id) == {of["subject_id"]: STAY_FEN}
        for state in (PayableState.LAPSED, PayableState.VOID):
            payables.end(session, **of, state=state, now=desk.clock.now())
        assert payables.asked_for(session, **of) is None
        session.refresh(found)
        assert found.state is PayableState.LAPSED
        assert queries.dues_of(session, booking_id=desk.booking_id) == {}
