"""A partner's account: what it owes falls when it pays; commands of the office, both databases."""

from __future__ import annotations

from collections.abc import Callable

import pytest
import sqlalchemy as sa
from click.testing import Result
from flask import Flask

from marketplace.bootstrap import Services
from marketplace.kernel.audit import SYSTEM, AuditEntry
from marketplace.kernel.clock import SetClock
from marketplace.operations import invariants
from marketplace.partners import account
from marketplace.payments.ledger.chart_of_accounts import AccountCode
from marketplace.payments.ledger.journal import balance
from marketplace.payments.models import Journal
from marketplace.staff.roles import Role
from tests.api.test_holds import check_invariants, owed
from tests.concurrency.rush import rush
from tests.factories import NOW, Room
from tests.support.app import BOTH
from tests.support.partner import GUEST, HOLDS, Program, code
from tests.support.staff import make_staff

pytestmark = pytest.mark.parametrize("database_kind", BOTH)
Run = Callable[..., Result]
NAME = "北方旅行"


@pytest.fixture
def run(app: Flask, services: Services) -> Run:
    """Run a command of the group; ``clerk`` is of the office."""
    make_staff(services, "clerk", Role.OFFICE, None)

    def invoke(*words: str) -> Result:
        with app.app_context():
            return app.test_cli_runner().invoke(args=["partner", *words])

    return invoke


APPLY = ("--apply", "--as", "clerk")


def bank(services: Services) -> int:
    with services.database.read() as session:
        return balance(session, AccountCode.BANK)


def journals(services: Services) -> int:
    with services.database.read() as session:
        query = sa.select(sa.func.count(Journal.id)).where(Journal.booking_id.is_(None))
        return session.scalar(query) or 0


def test_what_a_partner_owes_falls_when_it_pays(
    partner: Program, services: Services, loaded: Room, run: Run
) -> None:
    partner.confirmed(loaded)  # 400 yuan
    partner.held(loaded, nights=1)  # 200 yuan
    told = run("balance", NAME).output
    assert told.strip() == (
        "北方旅行: owes 400.00, on hold 200.00, limit 200,000.00, may still hold 199,400.00"
    )
    looked = run("payment", NAME, "150.50", "NT 0001")
    assert (looked.exit_code, owed(services), journals(services)) == (0, 40_000, 0)
    assert "would owe 249.50" in looked.output
    assert "--apply does it" in looked.output
    for _ in range(3):
        done = run("payment", NAME, "150.50", "NT 0001", *APPLY)
        assert done.exit_code == 0, done.output
    assert "was noted before" in done.output
    assert (owed(services), bank(services), journals(services)) == (24_950, 15_050, 1)
    run("payment", NAME, "1000元", "NT0002", *APPLY)
    assert owed(services) == -75_050
    assert "owes -750.50" in run("balance", NAME).output
    with services.database.read() as session:
        entries = session.scalars(
            sa.select(AuditEntry).where(AuditEntry.action == "partner.paid")
        ).all()
    assert [entry.actor_kind for entry in entries] == ["desk", "desk"]
    check_invariants(services)


def test_a_payment_frees_the_credit_at_once(
    partner: Program, services: Services, loaded: Room, run: Run
) -> None:
    run("credit", NAME, "500", *APPLY)
    partner.confirmed(loaded)
    assert code(partner.hold(loaded)) == (422, "credit_limit")
    run("payment", NAME, "400", "NT1", *APPLY)
    assert partner.hold(loaded).status_code == 201


@pytest.mark.parametrize(
    "reference", ["nt-0001", " NT-0001 ", "\uff2e\uff34\uff0d\uff10\uff10\uff10\uff11", "NT- 0001"]
)
def test_one_reference_is_one_payment_however_it_is_typed(
    partner: Program, services: Services, loaded: Room, run: Run, reference: str
) -> None:
    partner.confirmed(loaded)
    assert run("payment", NAME, "100", "NT-0001", *APPLY).exit_code == 0
    assert "was noted before" in run("payment", NAME, "100", reference, *APPLY).output
    assert owed(services) == 30_000


def test_a_reference_stands_for_one_sum_of_one_partner(
    partner: Program, rival: Program, services: Services, loaded: Room, run: Run
) -> None:
    run("payment", NAME, "100", "NT1", *APPLY)
    for other in ((NAME, "100.01"), ("南方旅行", "100")):
        refused = run("payment", *other, "NT1", *APPLY)
        assert refused.exit_code == 1
        assert "银行流水号" in refused.output
    assert (owed(services), journals(services)) == (-10_000, 1)


def test_a_payment_noted_by_mistake_is_taken_back_and_noted_where_it_belongs(
    partner: Program, rival: Program, services: Services, run: Run
) -> None:
    run("payment", NAME, "100", "NT1", *APPLY)
    assert run("payment", NAME, "99", "NT1", "--undo", *APPLY).exit_code == 1
    assert run("payment", "南方旅行", "100", "NT1", "--undo", *APPLY).exit_code == 1
    assert run("payment", NAME, "100", "NT1", "--undo", *APPLY).exit_code == 0
    assert run("payment", NAME, "100", "NT1", "--undo", *APPLY).exit_code == 1
    assert (owed(services), bank(services)) == (0, 0)
    assert run("payment", "南方旅行", "100", "NT1", *APPLY).exit_code == 0
    assert "owes -100.00" in run("balance", "南方旅行").output
    assert "owes 0.00" in run("balance", NAME).output
    check_invariants(services)


@pytest.mark.parametrize(
    "words",
    [
        ("payment", "南极旅行", "100", "NT1"),
        ("payment", NAME, "0", "NT1"),
        ("payment", NAME, "100", " "),
        ("payment", NAME, "100", "9" * 81),
        ("credit", "南极旅行", "100"),
    ],
)
def test_what_cannot_be_noted_is_refused(
    partner: Program, services: Services, run: Run, words: tuple[str, ...]
) -> None:
    assert run(*words, *APPLY).exit_code == 1
    assert journals(services) == 0


@pytest.mark.parametrize("amount", ["-5", "1.005", "viel", "", "1e3"])
def test_a_sum_that_is_none_is_refused(
    partner: Program, services: Services, run: Run, amount: str
) -> None:
    assert run("payment", *APPLY, "--", NAME, amount, "NT1").exit_code == 2
    assert run("credit", *APPLY, "--", NAME, amount).exit_code == 2


def test_who_acts_is_named(partner: Program, services: Services, run: Run) -> None:
    for words in (("payment", NAME, "100", "NT1"), ("credit", NAME, "100")):
        assert run(*words, "--apply").exit_code == 2
        assert run(*words, "--apply", "--as", "nobody").exit_code == 1
    assert journals(services) == 0
    assert run("balance", "南极旅行").exit_code == 1


def test_credit_changes_and_the_keys_stay(
    partner: Program, services: Services, clock: SetClock, loaded: Room, run: Run
) -> None:
    looked = run("credit", NAME, "500")
    assert "limit 200,000.00 now, 500.00 then" in looked.output
    assert "limit 200,000.00" in run("balance", NAME).output
    booking_id = partner.held(loaded)
    assert run("credit", NAME, "100", *APPLY).exit_code == 0
    assert code(partner.post(f"{HOLDS}/{booking_id}/confirm", GUEST)) == (422, "credit_limit")
    assert run("credit", NAME, "400", *APPLY).exit_code == 0
    assert partner.post(f"{HOLDS}/{booking_id}/confirm", GUEST).status_code == 200
    clock.advance(days=30)
    assert partner.get("/partner/v1/events").status_code == 200


def test_a_payment_noted_by_many_at_once_counts_once(partner: Program, services: Services) -> None:
    def pay() -> None:
        with services.database.write() as session:
            account.record_payment(
                session, name=NAME, fen=10_000, bank_ref="NT1", actor=SYSTEM, now=NOW
            )

    assert rush([pay] * 6) == {"ok": 6}
    assert (owed(services), journals(services)) == (-10_000, 1)


def test_one_reference_noted_for_two_partners_at_once_is_one_partners(
    partner: Program, rival: Program, services: Services
) -> None:
    def pay(name: str) -> Callable[[], None]:
        def run() -> None:
            with services.database.write() as session:
                account.record_payment(
                    session, name=name, fen=10_000, bank_ref="NT1", actor=SYSTEM, now=NOW
                )

        return run

    assert rush([pay(NAME), pay("南方旅行")]) == {"ok": 1, "receipt_differs": 1}
    assert owed(services) == -10_000
    report = invariants.check(services.database, now=NOW)
    assert report.faults["journals_sum_to_zero"] == []
