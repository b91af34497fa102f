"""The ledger: every journal sums to zero, is posted once and never changes."""

from __future__ import annotations

import threading
import uuid

import pytest
import sqlalchemy as sa
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from marketplace.kernel.db import Database
from marketplace.kernel.money import share_of
from marketplace.payments import queries
from marketplace.payments.ledger import postings
from marketplace.payments.ledger.chart_of_accounts import (
    AccountCode,
    Leg,
    Posting,
    Side,
    normal_side,
)
from marketplace.payments.ledger.journal import post_all
from marketplace.payments.ledger.postings import Share
from marketplace.payments.models import LedgerAccount, LedgerEntry
from tests.service.payments.support import NOW, Desk, check_books, journal_keys, make_booking

codes = st.sampled_from(AccountCode)
owners = st.sampled_from(["", "1", "2"])
amounts = st.integers(min_value=-(10**12), max_value=10**12)


@st.composite
def balanced(draw: st.DrawFn) -> list[Leg]:
    legs = draw(st.lists(st.builds(Leg, codes, owners, amounts), min_size=1, max_size=5))
    rest = -sum(leg.fen for leg in legs)
    return [*legs, Leg(draw(codes), draw(owners), rest)]


def post(desk: Desk, key: str, legs: list[Leg]) -> bool:
    with desk.database.write() as session:
        return postings.post(
            session, key=key, booking_id=desk.booking_id, at=NOW, memo="test", entries=legs
        )


@settings(
    max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(legs=balanced())
def test_whatever_is_posted_balances_and_moves_what_it_says(desk: Desk, legs: list[Leg]) -> None:
    before = {leg.code: _balance(desk, leg.code) for leg in legs}
    if not any(leg.fen for leg in legs):
        with pytest.raises(ValueError, match="moves no money"):
            post(desk, uuid.uuid4().hex, legs)
        return
    assert post(desk, uuid.uuid4().hex, legs)
    for code, was in before.items():
        moved = sum(leg.fen for leg in legs if leg.code is code)
        assert _balance(desk, code) == was + moved
    with desk.database.read() as session:
        total = session.scalar(sa.select(sa.func.sum(LedgerEntry.amount_fen)))
    assert int(total or 0) == 0


def _balance(desk: Desk, code: AccountCode) -> int:
    with desk.database.read() as session:
        return postings.balance(session, code)


@given(legs=balanced(), wrong=st.integers(min_value=1, max_value=1000))
def test_legs_that_do_not_balance_are_refused(legs: list[Leg], wrong: int) -> None:
    with pytest.raises(ValueError, match="sum to zero"):
        Posting("k", None, NOW, "test", [*legs, Leg(AccountCode.BANK, "", wrong)])


def test_a_key_posts_once(desk: Desk) -> None:
    legs = [Leg(AccountCode.BANK, "", 5), Leg(AccountCode.GOODWILL, "", -5)]
    assert post(desk, "once", legs)
    assert not post(desk, "once", legs)
    assert _balance(desk, AccountCode.BANK) == 5


def test_two_postings_of_one_key_in_one_call_are_a_mistake(desk: Desk) -> None:
    legs = [Leg(AccountCode.BANK, "", 5), Leg(AccountCode.GOODWILL, "", -5)]
    posting = Posting("same", None, NOW, "test", legs)
    with pytest.raises(ValueError, match="same key"), desk.database.write() as session:
        post_all(session, [posting, posting])


def test_posting_nothing_writes_nothing(desk: Desk) -> None:
    with desk.database.write() as session:
        assert post_all(session, []) == frozenset()
    assert journal_keys(desk.database) == []


def test_balances_are_kept_apart_by_owner_booking_and_currency(desk: Desk) -> None:
    with desk.database.write() as session:
        for key, owner, booking, currency, fen in [
            ("a", "1", desk.booking_id, "CNY", 3),
            ("b", "2", None, "CNY", 5),
            ("c", "1", None, "HKD", 7),
        ]:
            postings.post(
                session,
                key=key,
                booking_id=booking,
                at=NOW,
                memo="test",
                entries=[
                    Leg(AccountCode.OPERATOR_PAYABLE, owner, -fen),
                    Leg(AccountCode.BANK, "", fen),
                ],
                currency=currency,
            )
        payable = AccountCode.OPERATOR_PAYABLE
        assert postings.balance(session, payable) == -8
        assert postings.balance(session, payable, "1") == -3
        assert postings.balance(session, payable, booking_id=desk.booking_id) == -3
        assert postings.balance(session, payable, "1", currency="HKD") == -7
        assert postings.balance(session, payable, "3") == 0


def test_accounts_stand_on_their_normal_side(desk: Desk) -> None:
    post(desk, "k", [Leg(AccountCode.PSP_FEE, "", 1), Leg(AccountCode.COMMISSION, "", -1)])
    with desk.database.read() as session:
        rows = session.execute(sa.select(LedgerAccount.code, LedgerAccount.normal_side))
        sides = {row.code: row.normal_side for row in rows}
    assert sides == {AccountCode.PSP_FEE: Side.DEBIT, AccountCode.COMMISSION: Side.CREDIT}
    assert normal_side(AccountCode.OPERATOR_PAYABLE) is Side.CREDIT


@pytest.mark.parametrize("verb", ["UPDATE {} SET {} = {}", "DELETE FROM {}"])
@pytest.mark.parametrize(("table", "column"), [("journal", "id"), ("ledger_entry", "amount_fen")])
def test_what_is_written_stays(database: Database, verb: str, table: str, column: str) -> None:
    with database.write() as session:
        postings.post(
            session,
            key="k",
            booking_id=None,
            at=NOW,
            memo="test",
            entries=[Leg(AccountCode.BANK, "", 1), Leg(AccountCode.GOODWILL, "", -1)],
        )
    statement = sa.text(verb.format(table, column, column))
    with pytest.raises(sa.exc.DBAPIError, match="append-only"), database.write() as session:
        session.execute(statement)


def test_many_first_postings_at_once_share_their_accounts(desk: Desk) -> None:
    start = threading.Barrier(12)
    failures: list[BaseException] = []

    def work(number: int) -> None:
        owners = [str(number % 3), str((number + 1) % 3)]
        start.wait()
        try:
            post(
                desk,
                f"first:{number}",
                [Leg(AccountCode.OPERATOR_PAYABLE, owner, 1) for owner in owners]
                + [Leg(AccountCode.BANK, "", -2)],
            )
        except BaseException as failure:
            failures.append(failure)

    threads = [threading.Thread(target=work, args=(number,)) for number in range(12)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failures == []
    assert _balance(desk, AccountCode.BANK) == -24
    with desk.database.read() as session:
        assert session.scalar(sa.select(sa.func.count(LedgerAccount.id))) == 4


class TestPostings:
    @settings(
        max_examples=20, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
    )
    @given(
        total=st.integers(min_value=2, max_value=10**8),
        rate=st.integers(min_value=0, max_value=10_000),
        data=st.data(),
    )
    def test_a_partner_booking_ends_with_nothing_prepaid(
        self, desk: Desk, total: int, rate: int, data: st.DataObject
    ) -> None:
        fee = data.draw(st.integers(min_value=0, max_value=total))
        booking = make_booking(desk.database)
        with desk.database.write() as session:
            postings.post_partner_confirmed(
                session, booking_id=booking, partner_id=7, amount_fen=total, at=NOW
            )
            postings.post_cancellation_fee(
                session,
                booking_id=booking,
                shares=[Share(3, fee, share_of(fee, rate))],
                at=NOW,
            )
            postings.post_partner_refund(
                session, booking_id=booking, partner_id=7, amount_fen=total - fee, at=NOW
            )
            assert queries.prepaid_by_booking(session, booking_ids=[booking]) == {booking: 0}
            assert postings.balance(session, postings.PARTNER_RECEIVABLE, "7", booking) == fee
            earned = postings.balance(session, postings.OPERATOR_PAYABLE, "3", booking)
            ours = postings.balance(session, postings.COMMISSION, "", booking)
        assert (earned + ours, ours) == (-fee, -share_of(fee, rate))

    def test_nights_are_earned_once_each(self, desk: Desk) -> None:
        nights = [(f"night:{day}", Share(3, 26_800, 2_680)) for day in (1, 2, 3)]
        with desk.database.write() as session:
            for run, expected in [(nights[:2], 2), (nights, 1), (nights, 0), ([], 0)]:
                posted = postings.post_parts_earned(
                    session, booking_id=desk.booking_id, parts=run, at=NOW
                )
                assert posted == expected
            assert postings.balance(session, postings.OPERATOR_PAYABLE, "3") == -3 * 24_120
            assert postings.balance(session, postings.COMMISSION) == -3 * 2_680
        with desk.database.read() as session:
            assert queries.unbalanced_journals(session) == []


def test_the_books_of_nothing_are_sound(database: Database) -> None:
    check_books(database)
