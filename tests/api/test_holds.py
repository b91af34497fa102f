"""The life of a partner's booking, on both databases."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest
import sqlalchemy as sa

from marketplace.booking.lifecycle.scheduled_jobs import advance_stays, expire_due
from marketplace.booking.models import Booking
from marketplace.bootstrap import Services
from marketplace.inventory.models import StockDay
from marketplace.kernel import audit
from marketplace.kernel.clock import SetClock
from marketplace.operations import invariants
from marketplace.partners.models import Partner
from marketplace.payments.ledger.chart_of_accounts import AccountCode
from marketplace.payments.ledger.journal import balance
from tests.factories import Room
from tests.support.app import BOTH
from tests.support.partner import GUEST, HOLDS, Program, code

pytestmark = pytest.mark.parametrize("database_kind", BOTH)
RECEIVABLE = AccountCode.PARTNER_RECEIVABLE
SOUND = (
    "sold_within_capacity",
    "taken_equals_live_claims",
    "claims_match_bookings",
    "parts_sum_to_item",
    "journals_sum_to_zero",
    "ledger_per_booking",
    "audit_chain",
)


def taken(services: Services) -> int:
    """Room-nights taken in the whole database."""
    with services.database.read() as session:
        return session.scalar(sa.select(sa.func.sum(StockDay.taken))) or 0


def owed(services: Services) -> int:
    with services.database.read() as session:
        return balance(session, RECEIVABLE)


def check_invariants(services: Services) -> None:
    with services.database.write() as session:
        audit.seal(session)
    report = invariants.check(services.database, now=services.clock.now())
    # No worker runs here to deliver what is owed.
    faults = {name: found for name, found in report.faults.items() if name in SOUND}
    assert faults == {name: [] for name in SOUND}


def states(program: Program, after: int = 0) -> list[str]:
    events = program.get(f"/partner/v1/events?afterChangeNumber={after}").json["items"]
    return [event["view"]["state"] for event in events]


def test_from_hold_to_the_last_night(
    partner: Program, services: Services, clock: SetClock, loaded: Room
) -> None:
    made = partner.hold(
        loaded, children_ages=[7], expected_total_fen=40_000, external_ref="NT-1001"
    )
    assert made.status_code == 201
    hold = made.json
    assert len(hold["id"]) == 32
    assert len(hold["code"]) == 10
    assert hold["state"] == "held"
    assert hold["expires_at"] == "2027-06-01T04:30:00Z"
    assert (hold["total_fen"], hold["currency"]) == (40_000, "CNY")
    assert [night["date"] for night in hold["nights"]] == ["2027-06-10", "2027-06-11"]
    assert sum(night["sold_fen"] for night in hold["nights"]) == 40_000
    assert (hold["arrive"], hold["depart"]) == ("2027-06-10", "2027-06-12")
    assert (hold["rooms"], hold["adults"], hold["children_ages"]) == (1, 2, [7])
    assert (hold["external_ref"], hold["test"]) == ("NT-1001", False)
    assert hold["is_sample"] is True
    assert "示例数据" in hold["sample_notice"]
    assert taken(services) == 2

    path = f"{HOLDS}/{hold['id']}"
    assert partner.get(path).json == hold
    later = partner.post(f"{path}/extend").json
    assert (later["expires_at"], later["extensions"]) == ("2027-06-01T05:00:00Z", 1)

    confirmed = partner.post(f"{path}/confirm", GUEST)
    assert confirmed.json["state"] == "confirmed"
    assert confirmed.json["id"] == hold["id"]
    assert owed(services) == 40_000
    clock.advance(minutes=31)
    assert partner.post(f"{path}/cancel-quote").json == {
        "fee_fen": 16_000,
        "refund_fen": 24_000,
        "currency": "CNY",
        "fee_bp": 4_000,
        "undo": False,
    }
    assert partner.get(path).json["state"] == "confirmed", "asking changes nothing"
    ended = partner.post(f"{path}/cancel", {"reason": "health", "expected_refund_fen": 24_000})
    assert ended.json["state"] == "cancelled"
    assert (ended.json["fee_fen"], ended.json["refund_fen"]) == (16_000, 24_000)
    assert owed(services) == 16_000
    assert taken(services) == 0
    assert states(partner) == ["held", "held", "confirmed", "cancelled"]
    check_invariants(services)


def test_nothing_personal_comes_back_or_lies_open(
    partner: Program, services: Services, loaded: Room
) -> None:
    booking_id = partner.confirmed(loaded, external_ref="A-1")
    for path in (f"{HOLDS}/{booking_id}", "/partner/v1/bookings?external_ref=A-1"):
        told = partner.get(path).get_data(as_text=True)
        assert "王秀英" not in told
        assert "13800138000" not in told
    with services.database.read() as session:
        booking = session.get_one(Booking, booking_id)
        assert (booking.lead_name, booking.phone) == ("王秀英", "13800138000")
        stored = session.execute(sa.text("SELECT lead_name, phone FROM booking")).one()
    assert "王秀英" not in stored.lead_name
    assert "13800138000" not in stored.phone


def test_cancelling_within_half_an_hour_costs_nothing(
    partner: Program, services: Services, loaded: Room
) -> None:
    booking_id = partner.confirmed(loaded)
    ended = partner.post(f"{HOLDS}/{booking_id}/cancel").json
    assert (ended["fee_fen"], ended["refund_fen"]) == (0, 40_000)
    assert owed(services) == 0
    check_invariants(services)


def test_a_hold_given_up_frees_its_rooms(
    partner: Program, services: Services, loaded: Room
) -> None:
    booking_id = partner.held(loaded)
    ended = partner.post(f"{HOLDS}/{booking_id}/cancel")
    assert (ended.json["fee_fen"], ended.json["refund_fen"]) == (0, 0)
    assert (taken(services), owed(services)) == (0, 0)
    assert code(partner.post(f"{HOLDS}/{booking_id}/confirm", GUEST)) == (409, "wrong_state")


def test_a_refund_that_has_changed_is_shown_first(
    partner: Program, clock: SetClock, loaded: Room
) -> None:
    path = f"{HOLDS}/{partner.confirmed(loaded)}"
    clock.advance(hours=1)
    stale = partner.post(f"{path}/cancel", {"expected_refund_fen": 40_000})
    assert code(stale) == (409, "refund_changed")
    assert stale.json["refund_fen"] == 24_000
    assert partner.get(path).json["state"] == "confirmed"


def test_the_last_room_is_sold_once(partner: Program, rival: Program, loaded: Room) -> None:
    partner.held(loaded, rooms=2, adults=4)
    refused = rival.hold(loaded, arrive="2027-06-11")
    assert code(refused) == (409, "sold_out")
    rival.held(loaded, arrive="2027-06-12")


def test_an_expired_hold_cannot_be_confirmed_and_its_rooms_go_back(
    partner: Program, services: Services, clock: SetClock, loaded: Room
) -> None:
    path = f"{HOLDS}/{partner.held(loaded)}"
    clock.advance(minutes=30)
    assert code(partner.post(f"{path}/confirm", GUEST)) == (409, "hold_expired")
    assert code(partner.post(f"{path}/extend")) == (409, "hold_expired")
    clock.advance(minutes=10)
    assert expire_due(services.money) == 1
    assert partner.get(path).json["state"] == "expired"
    assert taken(services) == 0
    assert code(partner.post(f"{path}/confirm", GUEST)) == (409, "hold_expired")
    assert states(partner) == ["held", "expired"]
    check_invariants(services)


def test_a_hold_is_extended_three_times_at_most(partner: Program, loaded: Room) -> None:
    path = f"{HOLDS}/{partner.held(loaded)}"
    for _ in range(3):
        assert partner.post(f"{path}/extend").status_code == 200
    assert code(partner.post(f"{path}/extend")) == (409, "no_more_extensions")


def test_another_price_than_the_customer_saw_is_refused(
    partner: Program, services: Services, loaded: Room
) -> None:
    refused = partner.hold(loaded, expected_total_fen=39_999)
    assert code(refused) == (409, "price_changed")
    assert refused.json["total_fen"] == 40_000
    assert taken(services) == 0


def test_a_test_key_takes_no_stock_and_moves_no_money(
    partner: Program, trial: Program, services: Services, clock: SetClock, loaded: Room
) -> None:
    booking_id = trial.confirmed(loaded, rooms=2, adults=4)
    assert trial.get(f"{HOLDS}/{booking_id}").json["test"] is True
    assert (taken(services), owed(services)) == (0, 0)
    partner.held(loaded, rooms=2, adults=4)
    assert code(trial.hold(loaded)) == (409, "sold_out"), "it sees the real stock"
    clock.advance(hours=1)
    ended = trial.post(f"{HOLDS}/{booking_id}/cancel").json
    assert ended["refund_fen"] == 48_000, "it rehearses the real terms"
    assert owed(services) == 0
    clock.advance(days=20)
    advance_stays(services.money)
    check_invariants(services)


def test_a_booking_is_seen_by_its_own_kind_of_key_alone(
    partner: Program, rival: Program, trial: Program, loaded: Room
) -> None:
    own = partner.held(loaded, external_ref="A-1")
    tried = trial.held(loaded, external_ref="A-1")
    strangers = [(rival, own), (trial, own), (rival, tried), (partner, tried)]
    for program, booking_id in strangers:
        path = f"{HOLDS}/{booking_id}"
        answers = [
            program.get(path),
            program.post(f"{path}/confirm", GUEST),
            *(program.post(f"{path}/{verb}") for verb in ("extend", "cancel-quote", "cancel")),
        ]
        assert {code(answer) for answer in answers} == {(404, "not_found")}
    assert rival.get("/partner/v1/bookings?external_ref=A-1").json["items"] == []
    assert [
        booking["id"]
        for booking in partner.get("/partner/v1/bookings?external_ref=A-1").json["items"]
    ] == [own]
    assert (states(rival), states(partner), states(trial)) == ([], ["held"], ["held"])
    assert partner.get(f"{HOLDS}/{own}").json["state"] == "held"


@pytest.mark.parametrize("given", ["0" * 32, "x", "%00", "é", "0" * 400])
def test_what_is_no_id_is_not_found(partner: Program, given: str) -> None:
    assert code(partner.get(f"{HOLDS}/{given}")) == (404, "not_found")
    assert code(partner.post(f"{HOLDS}/{given}/cancel")) == (404, "not_found")


def limit_to(services: Services, fen: int) -> None:
    """Let the first partner owe no more than this."""
    with services.database.write() as session:
        session.execute(sa.update(Partner).values(credit_limit_fen=fen))


def test_credit_ends_at_the_limit(
    partner: Program, services: Services, loaded: Room, clock: SetClock
) -> None:
    first, second = partner.held(loaded), partner.held(loaded)
    limit_to(services, 60_000)
    assert partner.post(f"{HOLDS}/{first}/confirm", GUEST).status_code == 200
    refused = partner.post(f"{HOLDS}/{second}/confirm", GUEST)
    assert code(refused) == (422, "credit_limit")
    assert (refused.json["owed_fen"], refused.json["limit_fen"]) == (40_000, 60_000)
    assert partner.get(f"{HOLDS}/{second}").json["state"] == "held"
    partner.post(f"{HOLDS}/{first}/cancel")
    assert partner.post(f"{HOLDS}/{second}/confirm", GUEST).status_code == 200
    check_invariants(services)


def test_confirmations_at_once_cannot_pass_the_limit_together(
    partner: Program, services: Services, loaded: Room
) -> None:
    ids = [partner.held(loaded), partner.held(loaded)]
    limit_to(services, 60_000)

    def confirm(booking_id: str) -> int:
        program = Program(partner.app, partner.key)
        return program.post(f"{HOLDS}/{booking_id}/confirm", GUEST).status_code

    with ThreadPoolExecutor(2) as pool:
        assert sorted(pool.map(confirm, ids)) == [200, 422]
    assert owed(services) == 40_000


def test_an_unknown_room_type_and_a_night_without_price(partner: Program, loaded: Room) -> None:
    assert code(partner.hold(loaded, room_type=999)) == (404, "not_found")
    refused = partner.hold(loaded, arrive="2029-06-10")
    assert refused.status_code in {409, 422}
    assert refused.json["code"] in {"sold_out", "not_bookable"}


def test_events_go_on_from_a_cursor(partner: Program, loaded: Room) -> None:
    partner.held(loaded)
    page = partner.get("/partner/v1/events").json
    after = page["next"].removeprefix("http://localhost")
    assert partner.get(after).json["items"] == []
    assert partner.get(after).json["next"] == page["next"]
    second = partner.held(loaded, external_ref="A-2")
    (event,) = partner.get(after).json["items"]
    assert event["number"] > page["items"][-1]["number"]
    assert (event["type"], event["subject"]) == ("booking.held", f"booking:{second}")
    assert (event["version"], event["at"]) == (1, "2027-06-01T04:00:00Z")
    assert event["view"]["their_ref"] == "A-2"
