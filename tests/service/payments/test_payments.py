"""Payment attempts: one at a time, opened once, settled once, whatever arrives in which order."""

from __future__ import annotations

import dataclasses
import datetime as dt

import pytest
import sqlalchemy as sa

from marketplace.kernel import inbox
from marketplace.payments import queries, service
from marketplace.payments.gateways import gateway_calls
from marketplace.payments.gateways.port import (
    CloseResult,
    GatewayUnavailable,
    Opened,
    OpenOrder,
    PaymentFact,
    PaymentStatus,
)
from marketplace.payments.gateways.registry import Gateways
from marketplace.payments.gateways.simulated import SimulatedGateway
from marketplace.payments.ledger import postings
from marketplace.payments.ledger.postings import Share
from marketplace.payments.models import Payment
from marketplace.payments.service import Recorded
from marketplace.payments.states import PayableKind, PaymentState
from tests.service.payments.support import (
    STAY_FEN,
    Desk,
    check_books,
    check_paid_once,
    deliver_at_once,
    journal_keys,
)


def balances(desk: Desk) -> dict[str, int]:
    """Return what stands on the accounts that the scenarios name."""
    with desk.database.read() as session:
        found = {
            "psp": postings.balance(session, postings.PSP_CLEARING, "simulated"),
            "fee": postings.balance(session, postings.PSP_FEE),
            "prepaid": postings.balance(session, postings.CUSTOMER_PREPAID),
            "suspense": postings.balance(session, postings.SUSPENSE_RECEIPTS),
            "commission": postings.balance(session, postings.COMMISSION),
            "payable": postings.balance(session, postings.OPERATOR_PAYABLE),
            "refund_due": postings.balance(session, postings.REFUND_DUE),
        }
    return {name: fen for name, fen in found.items() if fen}


class TestAttempts:
    def test_the_same_attempt_goes_on_while_it_is_good(self, desk: Desk) -> None:
        first = desk.attempt()
        assert (first.key, first.state) == (f"pay:{desk.booking_id}:1", PaymentState.CREATED)
        assert desk.attempt().id == first.id
        url = desk.checkout(first)
        assert desk.attempt().id == first.id
        assert desk.checkout(first) == url

    def test_an_expired_page_gets_a_successor_once_it_is_closed(self, desk: Desk) -> None:
        first, _ = desk.opened()
        desk.clock.advance(minutes=29, seconds=59)
        assert desk.attempt().id == first.id
        desk.clock.advance(seconds=1)
        with pytest.raises(service.AttemptRunning):
            desk.attempt()
        with desk.database.write() as session:
            assert service.mark_closed(session, payment_id=first.id, now=desk.clock.now())
        assert desk.attempt().key == f"pay:{desk.booking_id}:2"

    def test_each_payable_has_an_attempt_of_its_own(self, desk: Desk) -> None:
        first = desk.attempt()
        second = desk.attempt(STAY_FEN + 1)
        assert second.id != first.id
        assert (desk.attempt().id, desk.attempt(STAY_FEN + 1).id) == (first.id, second.id)

    def test_two_attempts_at_once_are_refused_by_the_database(self, desk: Desk) -> None:
        first = desk.attempt()
        with pytest.raises(sa.exc.IntegrityError), desk.database.write() as session:
            session.add(
                Payment(
                    id="2" * 32,
                    booking_id=first.booking_id,
                    payable_id=first.payable_id,
                    state=PaymentState.CREATED,
                    key="pay:2",
                    gateway="simulated",
                    amount_fen=1,
                    created_at=desk.clock.now(),
                )
            )

    def test_money_under_way_is_not_asked_for_again(self, desk: Desk) -> None:
        payment, token = desk.opened()
        desk.gateway.press(token, "late")
        desk.fetched(payment)
        desk.clock.advance(minutes=45)
        assert desk.attempt().id == payment.id

    def test_open_attempts_are_those_that_may_bring_money(self, desk: Desk) -> None:
        payment, _ = desk.opened()
        with desk.database.write() as session:
            listed = service.open_attempts(session, booking_id=desk.booking_id)
            assert [attempt.id for attempt in listed] == [payment.id]
            assert service.mark_closed(session, payment_id=payment.id, now=desk.clock.now())
            assert not service.mark_closed(session, payment_id=payment.id, now=desk.clock.now())
            assert service.open_attempts(session, booking_id=desk.booking_id) == []

    def test_a_decided_attempt_is_not_opened(self, desk: Desk) -> None:
        payment = desk.paid()
        with pytest.raises(service.AttemptOver):
            desk.checkout(payment)

    def test_an_unknown_attempt_is_not_opened(self, desk: Desk) -> None:
        with pytest.raises(service.UnknownPayment):
            gateway_calls.open_checkout(
                desk.database, desk.gateways, payment_id="x", return_url="/", clock=desk.clock
            )


class Slow(SimulatedGateway):
    """A gateway whose answer gets lost, or that is so slow that something happens meanwhile."""

    lost = False
    close_meanwhile: str | None = None

    def open_payment(self, attempt: OpenOrder, return_url: str) -> Opened:
        """Do the work, then let the trouble happen."""
        opened = super().open_payment(attempt, return_url)
        if self.lost:
            raise GatewayUnavailable
        if self.close_meanwhile:
            with self._database.write() as session:
                service.mark_closed(session, payment_id=self.close_meanwhile, now=self._clock.now())
        return opened


@pytest.fixture
def slow(desk: Desk) -> Slow:
    """Return a slow gateway over the desk's tables."""
    return Slow(desk.database, clock=desk.clock, ids=desk.ids, secret="whsec", base_url="")


class TestTrouble:
    def test_a_lost_answer_opens_one_page_in_the_end(self, desk: Desk, slow: Slow) -> None:
        desk = dataclasses.replace(desk, gateway=slow)
        payment = desk.attempt()
        slow.lost = True
        with pytest.raises(GatewayUnavailable):
            desk.checkout(payment)
        assert desk.payment(payment.id).state is PaymentState.CREATED
        slow.lost = False
        first = desk.checkout(desk.attempt())
        assert desk.checkout(desk.attempt()) == first
        assert desk.payment(payment.id).state is PaymentState.OPEN

    def test_a_hold_that_ends_while_we_ask_leaves_no_page_to_pay_on(
        self, desk: Desk, slow: Slow
    ) -> None:
        desk = dataclasses.replace(desk, gateway=slow)
        payment = desk.attempt()
        slow.close_meanwhile = payment.id
        with pytest.raises(service.AttemptOver):
            desk.checkout(payment)
        slow.close_meanwhile = None
        opened = slow.open_payment(OpenOrder(payment.key, STAY_FEN), "/return")
        assert slow.close_payment(opened.ref) is CloseResult.CLOSED
        assert slow.fetch_payment(opened.ref).status is PaymentStatus.CLOSED


class TestFacts:
    def test_a_payment_and_its_fee_are_posted_once(self, desk: Desk) -> None:
        payment = desk.paid("wechat_ok")
        again = desk.fetched(payment)
        assert again == Recorded(
            payment.id,
            desk.booking_id,
            payment.payable_id,
            PayableKind.EXTRA,
            desk.subject_id(STAY_FEN),
            newly_succeeded=False,
            as_asked=True,
            used_fen=0,
        )
        assert payment.method == "wechat_pay"
        assert balances(desk) == {"psp": 799_176, "fee": 4_824, "prepaid": -804_000}
        with desk.database.read() as session:
            assert service.paid_fen(session, desk.booking_id) == STAY_FEN
            assert queries.prepaid_by_booking(session) == {desk.booking_id: STAY_FEN}
            assert service.booking_of(session, ref=payment.ref or "", gateway="simulated") == (
                desk.booking_id
            )
        check_books(desk.database)

    def test_the_first_attempt_is_declined_the_second_pays(self, desk: Desk) -> None:
        first, token = desk.opened()
        desk.gateway.press(token, "card_fail")
        assert not desk.fetched(first).newly_succeeded
        second = desk.paid()
        assert second.id != first.id
        with desk.database.read() as session:
            views = queries.payments_of(session, booking_id=desk.booking_id)
        assert [view.state for view in views] == [PaymentState.FAILED, PaymentState.SUCCEEDED]
        assert journal_keys(desk.database) == [f"pay:{second.id}:succeeded", f"pay:{second.id}:fee"]
        check_books(desk.database)

    @pytest.mark.parametrize(
        ("wrong", "currency", "expected"),
        [
            ({"amount_fen": STAY_FEN - 100}, "CNY", STAY_FEN - 100),
            ({"amount_fen": STAY_FEN + 1}, "CNY", STAY_FEN + 1),
            ({"currency": "HKD"}, "HKD", STAY_FEN),
        ],
    )
    def test_what_was_not_ordered_waits_in_suspense(
        self, desk: Desk, wrong: dict[str, object], currency: str, expected: int
    ) -> None:
        payment, token = desk.opened()
        desk.gateway.press(token, "alipay_ok")
        assert payment.ref is not None
        fact = desk.gateway.fetch_payment(payment.ref)
        recorded = desk.apply(dataclasses.replace(fact, **wrong))
        assert (recorded.newly_succeeded, recorded.as_asked) == (True, False)
        assert recorded.used_fen == 0
        with desk.database.read() as session:
            assert service.paid_fen(session, desk.booking_id) == 0
            suspense = postings.SUSPENSE_RECEIPTS
            assert postings.balance(session, suspense, currency=currency) == -expected
        check_books(desk.database)

    def test_the_scenario_of_a_short_deposit(self, desk: Desk) -> None:
        payment, token = desk.opened(291_780)
        desk.gateway.press(token, "wrong_amount")
        assert not desk.fetched(payment).as_asked
        assert balances(desk) == {"psp": 291_680 - 1_750, "fee": 1_750, "suspense": -291_680}

    @pytest.mark.parametrize("end", [PaymentStatus.FAILED, PaymentStatus.CLOSED])
    def test_a_success_counts_after_a_failure_and_stays(
        self, desk: Desk, end: PaymentStatus
    ) -> None:
        payment, _ = desk.opened()
        assert payment.ref is not None
        ended = PaymentFact(payment.ref, end, STAY_FEN)
        success = PaymentFact(payment.ref, PaymentStatus.SUCCEEDED, STAY_FEN, fee_fen=0)
        assert not desk.apply(ended).newly_succeeded
        assert desk.payment(payment.id).state == end.value
        assert desk.apply(success).newly_succeeded
        assert not desk.apply(ended).newly_succeeded
        assert desk.payment(payment.id).state is PaymentState.SUCCEEDED
        assert journal_keys(desk.database) == [f"pay:{payment.id}:succeeded"]
        check_books(desk.database)

    def test_a_fee_named_later_is_posted_once(self, desk: Desk) -> None:
        payment, _ = desk.opened()
        assert payment.ref is not None
        success = PaymentFact(payment.ref, PaymentStatus.SUCCEEDED, STAY_FEN)
        with_fee = dataclasses.replace(success, fee_fen=4_824)
        assert desk.apply(success).newly_succeeded
        assert not desk.apply(with_fee).newly_succeeded
        assert not desk.apply(dataclasses.replace(success, fee_fen=9_999)).newly_succeeded
        assert balances(desk) == {"psp": 799_176, "fee": 4_824, "prepaid": -804_000}

    def test_a_second_success_with_another_amount_changes_nothing(self, desk: Desk) -> None:
        payment = desk.paid()
        assert payment.ref is not None
        desk.apply(PaymentFact(payment.ref, PaymentStatus.SUCCEEDED, 5, fee_fen=1))
        assert desk.payment(payment.id).paid_fen == STAY_FEN
        assert balances(desk)["prepaid"] == -STAY_FEN

    def test_a_fact_about_a_stranger_is_refused(self, desk: Desk) -> None:
        with pytest.raises(service.UnknownPayment):
            desk.apply(PaymentFact("nobody", PaymentStatus.SUCCEEDED, 1))
        with pytest.raises(service.UnknownPayment), desk.database.read() as session:
            service.booking_of(session, ref="nobody", gateway="simulated")


class TestAtOnce:
    def test_24_deliveries_and_two_siblings_post_once(self, desk: Desk) -> None:
        payment, token = desk.opened()
        desk.gateway.press(token, "alipay_ok")
        assert payment.ref is not None
        fact = desk.gateway.fetch_payment(payment.ref)
        waiting = PaymentFact(payment.ref, PaymentStatus.PROCESSING, STAY_FEN)
        later = dataclasses.replace(fact, paid_at=desk.clock.now() + dt.timedelta(seconds=1))
        answers = deliver_at_once(desk, [*[fact] * 24, waiting, later])
        check_paid_once(desk, payment, answers)

    def test_the_checker_catches_a_missing_guard(
        self, desk: Desk, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(service, "_allowed_from", lambda _then: frozenset(PaymentState))
        payment, token = desk.opened()
        desk.gateway.press(token, "alipay_ok")
        assert payment.ref is not None
        fact = desk.gateway.fetch_payment(payment.ref)
        answers = deliver_at_once(desk, [fact] * 8)
        with pytest.raises(AssertionError):
            check_paid_once(desk, payment, answers)

    def test_24_posts_of_one_signed_event_enter_the_inbox_once(self, desk: Desk) -> None:
        payment, token = desk.opened()
        desk.gateway.press(token, "duplicate")
        (owed,) = desk.owed("simulated.event")
        with desk.database.read() as session:
            request = desk.gateway.event_request(session, owed["event_id"])
        assert request.copies == 3
        (event,) = desk.gateway.parse_webhook(request.body, request.headers)
        assert event.payment_ref == payment.ref
        for expected in (True, False, False):
            with desk.database.write() as session:
                row = inbox.store(
                    session,
                    source=desk.gateway.name,
                    external_id=event.event_id,
                    payload={"payment": event.payment_ref},
                    now=desk.clock.now(),
                )
            assert (row is not None) is expected


class TestPolling:
    def test_a_lost_event_is_made_up_for_within_three_minutes(self, desk: Desk) -> None:
        payment, token = desk.opened()
        desk.gateway.press(token, "late")
        desk.clock.advance(seconds=59)
        assert self.poll(desk) == []
        desk.clock.advance(seconds=1)
        assert [fact.status for fact in self.poll(desk)] == [PaymentStatus.PROCESSING]
        assert self.poll(desk) == []
        desk.clock.advance(minutes=2)
        (fact,) = self.poll(desk)
        assert desk.apply(fact).newly_succeeded
        desk.clock.advance(days=30)
        assert self.poll(desk) == []
        assert desk.payment(payment.id).state is PaymentState.SUCCEEDED

    def test_a_gateway_that_is_down_is_asked_again_later(self, desk: Desk) -> None:
        desk.opened()
        desk.clock.advance(minutes=1)

        class Down(SimulatedGateway):
            def fetch_payment(self, ref: str) -> PaymentFact:
                raise GatewayUnavailable

        down = Down(desk.database, clock=desk.clock, ids=desk.ids, secret="s", base_url="")
        assert gateway_calls.poll_due(desk.database, Gateways(down), clock=desk.clock) == []
        assert self.poll(desk) == []
        desk.clock.advance(minutes=2)
        assert len(self.poll(desk)) == 1

    @staticmethod
    def poll(desk: Desk) -> list[PaymentFact]:
        polled = gateway_calls.poll_due(desk.database, desk.gateways, clock=desk.clock)
        assert {gateway for gateway, _ in polled} <= {desk.gateway.name}
        return [fact for _, fact in polled]


class TestWholeStay:
    def test_a_stay_paid_in_full_and_delivered(self, desk: Desk) -> None:
        desk.paid()
        nights = [(f"night:{day}", Share(3, 26_800, 2_680)) for day in range(1, 31)]
        with desk.database.write() as session:
            postings.post_parts_earned(
                session, booking_id=desk.booking_id, parts=nights, at=desk.clock.now()
            )
        assert balances(desk) == {
            "psp": 799_176,
            "fee": 4_824,
            "commission": -80_400,
            "payable": -723_600,
        }
        with desk.database.read() as session:
            assert queries.prepaid_by_booking(session) == {desk.booking_id: 0}
        check_books(desk.database)
