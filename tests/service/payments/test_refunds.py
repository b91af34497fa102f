"""Refunds: never more than was paid, sent until they arrive, by hand when the gateway cannot."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest
import sqlalchemy as sa
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from marketplace.kernel.audit import SYSTEM
from marketplace.kernel.errors import Invalid
from marketplace.payments import queries, service
from marketplace.payments.gateways import gateway_calls
from marketplace.payments.gateways.port import (
    GatewayUnavailable,
    RefundFact,
    RefundOrder,
    RefundStatus,
)
from marketplace.payments.gateways.registry import Gateways
from marketplace.payments.gateways.simulated import SimulatedGateway
from marketplace.payments.gateways.simulated_models import SimulatedRefund
from marketplace.payments.ledger import postings
from marketplace.payments.models import Payment, Refund
from marketplace.payments.refunds import bank_refunds
from marketplace.payments.refunds.bank_refunds import NotForTheBank
from marketplace.payments.refunds.refund_delivery import RefundRecorded, UnknownRefund
from marketplace.payments.refunds.refund_promises import OverRefund
from marketplace.payments.states import RefundState
from tests.factories import NOW
from tests.service.payments.support import STAY_FEN, Desk, check_books, journal_keys, make_desk


def promise(desk: Desk, payment: Payment, amount_fen: int) -> Refund:
    with desk.database.write() as session:
        return service.request_refund(
            session,
            payment_id=payment.id,
            amount_fen=amount_fen,
            reason="cancelled",
            ids=desk.ids,
            now=desk.clock.now(),
        )


def submit(desk: Desk, refund: Refund, gateway: SimulatedGateway | None = None) -> RefundRecorded:
    return gateway_calls.submit_refund(
        desk.database, Gateways(gateway or desk.gateway), refund_id=refund.id, clock=desk.clock
    )


def told(desk: Desk, refund: Refund) -> RefundRecorded:
    """Do what the gateway's event asks for."""
    ref = now_at(desk, refund).ref
    assert ref is not None
    return gateway_calls.apply_refund_ref(
        desk.database, desk.gateways, gateway="simulated", ref=ref, clock=desk.clock
    )


def now_at(desk: Desk, refund: Refund) -> Refund:
    with desk.database.read() as session:
        return session.get_one(Refund, refund.id)


def record(desk: Desk, fact: RefundFact) -> RefundRecorded:
    with desk.database.write() as session:
        return service.record_refund_fact(
            session, fact=fact, gateway="simulated", now=desk.clock.now()
        )


def balance(desk: Desk, code: postings.AccountCode) -> int:
    with desk.database.read() as session:
        return postings.balance(session, code)


class TestPromising:
    def test_a_refund_is_owed_from_its_approval_on(self, desk: Desk) -> None:
        refund = promise(desk, desk.paid(), 800_000)
        assert refund.state is RefundState.APPROVED
        assert desk.owed("refund.submit") == [{"refund_id": refund.id}]
        assert balance(desk, postings.REFUND_DUE) == -800_000
        assert balance(desk, postings.CUSTOMER_PREPAID) == -4_000
        with desk.database.read() as session:
            assert service.paid_fen(session, desk.booking_id) == 4_000
        check_books(desk.database)

    def test_no_fen_more_than_was_paid_goes_back(self, desk: Desk) -> None:
        payment = desk.paid()
        promise(desk, payment, STAY_FEN - 10)
        with pytest.raises(OverRefund):
            promise(desk, payment, 11)
        promise(desk, payment, 10)
        with desk.database.read() as session:
            assert service.refundable(session, payment.id) == 0
        with pytest.raises(OverRefund):
            promise(desk, payment, 1)

    def test_an_unpaid_attempt_gives_nothing_back(self, desk: Desk) -> None:
        with pytest.raises(OverRefund):
            promise(desk, desk.attempt(), 1)
        with desk.database.read() as session:
            assert service.refundable(session, "nobody") == 0

    def test_nothing_is_not_a_refund(self, desk: Desk) -> None:
        with pytest.raises(ValueError, match="gives something back"):
            promise(desk, desk.paid(), 0)

    @settings(
        max_examples=8, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
    )
    @given(parts=st.lists(st.integers(min_value=1, max_value=500), max_size=6))
    def test_any_run_of_refunds_stays_within_what_was_paid(
        self, desk: Desk, parts: list[int]
    ) -> None:
        desk = make_desk(desk.database)
        payment = desk.paid(amount_fen=1_000)
        left = 1_000
        for part in parts:
            if part > left:
                with pytest.raises(OverRefund):
                    promise(desk, payment, part)
            else:
                promise(desk, payment, part)
                left -= part
        with desk.database.read() as session:
            assert service.refundable(session, payment.id) == left
        check_books(desk.database)

    def test_a_booking_is_refunded_from_the_latest_payment_first(self, desk: Desk) -> None:
        deposit = desk.paid(amount_fen=291_780)
        desk.clock.advance(days=1)
        balance_payment = desk.paid(amount_fen=680_820)
        with desk.database.write() as session:
            refunds = service.refund_booking(
                session,
                booking_id=desk.booking_id,
                amount_fen=778_080,
                reason="cancelled",
                ids=desk.ids,
                now=desk.clock.now(),
            )
        assert [(refund.payment_id, refund.amount_fen) for refund in refunds] == [
            (balance_payment.id, 680_820),
            (deposit.id, 97_260),
        ]
        check_books(desk.database)

    def test_more_than_the_booking_has_is_refused_whole(self, desk: Desk) -> None:
        desk.paid(amount_fen=100)
        with pytest.raises(OverRefund), desk.database.write() as session:
            service.refund_booking(
                session,
                booking_id=desk.booking_id,
                amount_fen=101,
                reason="cancelled",
                ids=desk.ids,
                now=desk.clock.now(),
            )
        assert desk.owed("refund.submit") == []

    def test_a_late_payment_goes_back_in_full_once(self, desk: Desk) -> None:
        payment = desk.paid()
        for expected in ([STAY_FEN], []):
            with desk.database.write() as session:
                refunds = service.refund_payment_in_full(
                    session,
                    payment_id=payment.id,
                    reason="late_payment",
                    ids=desk.ids,
                    now=desk.clock.now(),
                )
            assert [refund.amount_fen for refund in refunds] == expected

    def test_money_in_suspense_goes_back_out_of_suspense(self, desk: Desk) -> None:
        desk.paid("wrong_amount")
        with desk.database.write() as session:
            (refund,) = service.refund_suspense(
                session, booking_id=desk.booking_id, ids=desk.ids, now=desk.clock.now()
            )
            again = service.refund_suspense(
                session, booking_id=desk.booking_id, ids=desk.ids, now=desk.clock.now()
            )
        assert (refund.amount_fen, again) == (STAY_FEN - 100, [])
        assert balance(desk, postings.SUSPENSE_RECEIPTS) == 0
        assert balance(desk, postings.CUSTOMER_PREPAID) == 0
        check_books(desk.database)


class TestSending:
    def test_a_refund_arrives_and_is_posted_once(self, desk: Desk) -> None:
        refund = promise(desk, desk.paid(), STAY_FEN)
        assert submit(desk, refund).state is RefundState.PENDING
        assert told(desk, refund) == RefundRecorded(
            refund.id, desk.booking_id, RefundState.SUCCEEDED, True
        )
        assert not told(desk, refund).changed
        assert submit(desk, refund).state is RefundState.SUCCEEDED
        assert journal_keys(desk.database)[2:] == [
            f"refund:{refund.id}:approved",
            f"refund:{refund.id}:1:succeeded",
        ]
        assert balance(desk, postings.PSP_CLEARING) == -4_824
        with desk.database.read() as session:
            (view,) = queries.refunds_of(session, booking_id=desk.booking_id)
        assert (view.state, view.finished_at) == (RefundState.SUCCEEDED, desk.clock.now())
        check_books(desk.database)

    def test_a_lost_answer_is_asked_again_under_the_same_key(self, desk: Desk) -> None:
        class Lossy(SimulatedGateway):
            def refund(self, refund: RefundOrder) -> RefundFact:
                super().refund(refund)
                raise GatewayUnavailable

        lossy = Lossy(desk.database, clock=desk.clock, ids=desk.ids, secret="s", base_url="")
        refund = promise(desk, desk.paid(), 100)
        with pytest.raises(GatewayUnavailable):
            submit(desk, refund, lossy)
        assert now_at(desk, refund).state is RefundState.SUBMITTED
        # The first answer got lost, so the gateway's later one tells the end at once.
        assert submit(desk, refund).state is RefundState.SUCCEEDED
        with desk.database.read() as session:
            assert session.scalar(sa.select(sa.func.count(SimulatedRefund.ref))) == 1
        check_books(desk.database)

    def test_a_failed_refund_is_sent_again_and_arrives(self, desk: Desk) -> None:
        payment, token = desk.opened()
        desk.gateway.press(token, "refund_fail")
        desk.gateway.press(token, "alipay_ok")
        desk.fetched(payment)
        refund = promise(desk, payment, STAY_FEN)
        submit(desk, refund)
        assert told(desk, refund).state is RefundState.FAILED
        assert balance(desk, postings.REFUND_DUE) == -STAY_FEN
        assert submit(desk, refund).state is RefundState.FAILED
        assert gateway_calls.poll_refunds(desk.database, desk.gateways, clock=desk.clock) == []
        desk.clock.advance(minutes=1)
        (moved,) = gateway_calls.poll_refunds(desk.database, desk.gateways, clock=desk.clock)
        assert moved.state is RefundState.PENDING
        assert now_at(desk, refund).key == f"refund:{refund.id}:2"
        desk.clock.advance(minutes=3)
        (moved,) = gateway_calls.poll_refunds(desk.database, desk.gateways, clock=desk.clock)
        assert moved.state is RefundState.SUCCEEDED
        assert gateway_calls.poll_refunds(desk.database, desk.gateways, clock=desk.clock) == []
        check_books(desk.database)

    def test_one_that_waits_for_its_gateway_is_not_paid_from_the_bank(self, desk: Desk) -> None:
        refund = promise(desk, desk.paid(), 500)
        for bank_ref, refusal in (("ICBC-1", NotForTheBank), (" ", Invalid)):
            with pytest.raises(refusal), desk.database.write() as session:
                bank_refunds.record(
                    session, refund_id=refund.id, bank_ref=bank_ref, actor=SYSTEM, now=NOW
                )
        assert now_at(desk, refund).state is RefundState.APPROVED

    def test_three_failures_need_a_person(self, desk: Desk) -> None:
        refund = promise(desk, desk.paid(), 500)
        for attempt in (1, 2, 3):
            submit(desk, refund)
            now = now_at(desk, refund)
            assert now.attempt == attempt
            record(desk, RefundFact(now.key, now.ref or "", RefundStatus.FAILED, 500))
            desk.clock.advance(minutes=10)
        assert now_at(desk, refund).state is RefundState.MANUAL_REQUIRED
        assert submit(desk, refund).state is RefundState.MANUAL_REQUIRED
        with desk.database.write() as session:
            paid = service.record_bank_transfer(
                session, refund_id=refund.id, bank_ref="ICBC-1", now=desk.clock.now()
            )
            again = service.record_bank_transfer(
                session, refund_id=refund.id, bank_ref="ICBC-1", now=desk.clock.now()
            )
        assert (paid.state, paid.changed, again.changed) == (RefundState.MANUAL_PAID, True, False)
        assert balance(desk, postings.AccountCode.BANK) == -500
        check_books(desk.database)

    def test_after_the_window_the_gateway_is_not_even_asked(self, desk: Desk) -> None:
        refund_in_time = promise(desk, desk.paid("alipay_ok", 100), 100)
        desk.clock.advance(days=90)
        assert submit(desk, refund_in_time).state is RefundState.PENDING
        late = promise(desk, desk.paid("alipay_ok", 200), 200)
        desk.clock.advance(days=91)
        assert submit(desk, late).state is RefundState.MANUAL_REQUIRED
        with desk.database.read() as session:
            assert session.scalar(sa.select(sa.func.count(SimulatedRefund.ref))) == 1
        check_books(desk.database)

    def test_a_refusal_needs_a_person_at_once(self, desk: Desk) -> None:
        payment = desk.paid()
        assert payment.ref is not None
        desk.gateway.refund(RefundOrder("made elsewhere", payment.ref, 1))
        refund = promise(desk, payment, STAY_FEN)
        assert submit(desk, refund).state is RefundState.MANUAL_REQUIRED
        check_books(desk.database)

    def test_a_success_taken_back_by_the_bank_is_owed_again(self, desk: Desk) -> None:
        refund = promise(desk, desk.paid(), STAY_FEN)
        submit(desk, refund)
        told(desk, refund)
        now = now_at(desk, refund)
        back = RefundFact(now.key, now.ref or "", RefundStatus.FAILED, STAY_FEN)
        assert record(desk, back).state is RefundState.FAILED
        assert not record(desk, back).changed
        assert balance(desk, postings.REFUND_DUE) == -STAY_FEN
        assert balance(desk, postings.PSP_CLEARING) == STAY_FEN - 4_824
        check_books(desk.database)

    def test_an_earlier_try_changes_nothing_any_more(self, desk: Desk) -> None:
        refund = promise(desk, desk.paid(), 500)
        submit(desk, refund)
        first = now_at(desk, refund)
        failed = RefundFact(first.key, first.ref or "", RefundStatus.FAILED, 500)
        record(desk, failed)
        desk.clock.advance(minutes=1)
        submit(desk, refund)
        assert not record(desk, failed).changed
        assert now_at(desk, refund).state is RefundState.PENDING

    def test_another_amount_than_ordered_changes_nothing(self, desk: Desk) -> None:
        refund = promise(desk, desk.paid(), 500)
        submit(desk, refund)
        now = now_at(desk, refund)
        wrong = RefundFact(now.key, now.ref or "", RefundStatus.SUCCEEDED, 499)
        assert record(desk, wrong) == RefundRecorded(
            refund.id, desk.booking_id, RefundState.PENDING, False
        )

    @pytest.mark.parametrize("key", ["", "refund", "refund:nobody:1"])
    def test_a_fact_about_a_stranger_is_refused(self, desk: Desk, key: str) -> None:
        with pytest.raises(UnknownRefund):
            record(desk, RefundFact(key, "r", RefundStatus.SUCCEEDED, 1))

    def test_an_unknown_refund_is_not_sent(self, desk: Desk) -> None:
        with pytest.raises(UnknownRefund):
            gateway_calls.submit_refund(
                desk.database, desk.gateways, refund_id="x", clock=desk.clock
            )


class TestAtOnce:
    def test_of_many_full_refunds_at_once_one_is_promised(self, desk: Desk) -> None:
        payment = desk.paid()

        def full(_: int) -> bool:
            try:
                promise(desk, payment, STAY_FEN)
            except OverRefund:
                return False
            return True

        with ThreadPoolExecutor(max_workers=12) as pool:
            assert sum(pool.map(full, range(12))) == 1
        check_books(desk.database)

    def test_sent_and_told_by_many_at_once_it_arrives_once(self, desk: Desk) -> None:
        refund = promise(desk, desk.paid(), STAY_FEN)
        with ThreadPoolExecutor(max_workers=8) as pool:
            list(pool.map(lambda _: submit(desk, refund), range(8)))
            answers = list(pool.map(lambda _: told(desk, refund), range(8)))
        assert {answer.state for answer in answers} == {RefundState.SUCCEEDED}
        with desk.database.read() as session:
            assert session.scalar(sa.select(sa.func.count(SimulatedRefund.ref))) == 1
        assert journal_keys(desk.database)[-1] == f"refund:{refund.id}:1:succeeded"
        check_books(desk.database)
