"""The moves of payments and refunds are those of the rulebook, no more and no fewer."""

from __future__ import annotations

import pytest

from marketplace.payments.states import (
    PAYMENT_MOVES,
    REFUND_FINAL,
    REFUND_MOVES,
    UNDECIDED,
    PaymentState,
    RefundState,
    payment_sources,
    refund_sources,
)


class TestPayments:
    def test_every_state_has_its_moves(self) -> None:
        assert set(PAYMENT_MOVES) == set(PaymentState)

    def test_success_has_no_exit(self) -> None:
        assert PAYMENT_MOVES[PaymentState.SUCCEEDED] == frozenset()

    def test_money_counts_whenever_it_comes(self) -> None:
        assert payment_sources(PaymentState.SUCCEEDED) == set(PaymentState) - {
            PaymentState.SUCCEEDED
        }

    @pytest.mark.parametrize("end", [PaymentState.FAILED, PaymentState.CLOSED])
    def test_only_an_undecided_attempt_fails_or_closes(self, end: PaymentState) -> None:
        assert payment_sources(end) == UNDECIDED

    def test_processing_comes_after_opening(self) -> None:
        assert payment_sources(PaymentState.PROCESSING) == {
            PaymentState.CREATED,
            PaymentState.OPEN,
        }

    def test_nothing_is_begun_again(self) -> None:
        assert payment_sources(PaymentState.CREATED) == frozenset()


class TestRefunds:
    def test_every_state_has_its_moves(self) -> None:
        assert set(REFUND_MOVES) == set(RefundState)

    def test_a_success_can_be_taken_back_by_the_bank(self) -> None:
        assert REFUND_MOVES[RefundState.SUCCEEDED] == {RefundState.FAILED}

    def test_a_person_pays_when_the_gateway_cannot(self) -> None:
        assert refund_sources(RefundState.MANUAL_REQUIRED) == {
            RefundState.APPROVED,
            RefundState.FAILED,
        }
        assert refund_sources(RefundState.MANUAL_PAID) == {RefundState.MANUAL_REQUIRED}

    def test_a_refund_is_sent_when_approved_or_after_a_failure(self) -> None:
        assert refund_sources(RefundState.SUBMITTED) == {RefundState.APPROVED, RefundState.FAILED}

    def test_what_is_final_owes_nothing_more(self) -> None:
        exits = set().union(*(REFUND_MOVES[state] for state in REFUND_FINAL))
        assert exits <= {RefundState.FAILED}
