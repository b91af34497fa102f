"""What a partner is told of a booking: every act, in order, and the last event is the booking."""

from __future__ import annotations

import random
from contextlib import suppress
from dataclasses import asdict
from typing import Any

import orjson
import pytest
import sqlalchemy as sa

from marketplace.booking.changes import change_service
from marketplace.booking.contract.cancellation_rules import answer_by
from marketplace.booking.events.facts import last_told, stream_of, subject_of
from marketplace.booking.events.view import BookingView, read_view
from marketplace.booking.items import BookingPart
from marketplace.booking.lifecycle import stay_lifecycle, transitions
from marketplace.booking.lifecycle.transitions import NoMoreExtensions
from marketplace.booking.models import Rehousing
from marketplace.booking.states import BookingState, ReasonCode
from marketplace.kernel import changes, events
from marketplace.kernel.db import Database, savepoint
from marketplace.kernel.events import Event
from marketplace.partners import queries
from marketplace.partners.commands.caller import Caller, Surface
from marketplace.payments.ledger import postings
from tests.support.booking import Desk, make_desk
from tests.support.lives import STAFF, Life

STEPS = 14
ALWAYS = {"reason", "fee_fen", "refund_fen", "total_before_fen", "total_after_fen"}


@pytest.fixture
def desk(database: Database) -> Desk:
    return make_desk(database)


def told(life: Life) -> list[Event]:
    """Everything in the partner's stream, read in pages of three."""
    changes.sequence(life.desk.database)
    stream, found = stream_of(life.partner_id, test=False), list[Event]()
    with life.desk.database.read() as session:
        while page := events.since(session, stream, found[-1].number or 0 if found else 0, limit=3):
            found += page
    return found


def what(event: Event) -> dict[str, Any]:
    found: dict[str, Any] = orjson.loads(event.what)
    return found


def replayed(log: list[Event]) -> dict[str, BookingView]:
    """What a reader knows that applies a version only if it is higher than the one it holds."""
    known: dict[str, BookingView] = {}
    for event in log:
        held = known.get(event.subject)
        if held is None or event.version > held.version:
            known[event.subject] = read_view(event.view or "")
    return known


def shown(life: Life) -> BookingView:
    """What GET shows."""
    caller = Caller(1, life.partner_id, "北方旅行", False, Surface.STAYS, 600, 0)
    with life.desk.database.read() as session:
        return queries.sale(session, caller=caller, booking_id=life.booking_id).view


def check(life: Life) -> None:
    """The log replayed is what GET shows, and both are what the rows say."""
    log = told(life)
    assert [event.version for event in log] == list(range(1, len(log) + 1))
    view = replayed(log)[subject_of(life.booking_id)]
    assert view == shown(life)
    booking = life.booking
    assert (view.state, view.version, view.their_ref) == (booking.state, len(log), "NT-1")
    assert (view.starts_on, view.ends_on) == (booking.starts_on, booking.ends_on)
    assert view.money.net_fen == booking.total_fen == sum(unit.net_fen for unit in view.units)
    with life.desk.database.read() as session:
        nights = session.execute(
            sa.select(BookingPart.day, BookingPart.list_fen, BookingPart.sold_fen)
            .where(BookingPart.booking_id == booking.id)
            .order_by(BookingPart.day)
        )
        assert [tuple(asdict(night).values()) for night in view.nights] == [*map(tuple, nights)]
        waits = session.scalars(
            sa.select(Rehousing.state).order_by(Rehousing.id.desc()).limit(1)
        ).one_or_none()
        owed = postings.balance(
            session,
            code=postings.PARTNER_RECEIVABLE,
            owner=str(life.partner_id),
        )
    assert (view.rehousing.state if view.rehousing else None) == waits
    assert view.money.owed_fen == owed == account(log)
    over = booking.state not in {
        BookingState.HELD,
        BookingState.CONFIRMED,
        BookingState.IN_STAY,
    }
    assert (view.ending is not None) == over
    for event in log:
        check_sums(event)


def account(log: list[Event]) -> int:
    """What the partner owes by what it was told, in fen."""
    owed = 0
    for event in log:
        facts_, kind = what(event), event.type.removeprefix("booking.")
        if kind == "confirmed":
            owed += facts_["total_after_fen"]
        elif kind == "changed":
            owed += facts_["difference_fen"] + facts_["fee_fen"]
        elif kind != "left_early":
            owed -= facts_["refund_fen"]
    return owed


def check_sums(event: Event) -> None:
    found = what(event)
    assert found.keys() >= ALWAYS
    less = found["total_before_fen"] - found["total_after_fen"]
    if event.type in {"booking.held", "booking.expired"}:
        return
    if event.type == "booking.cancelled" and read_view(event.view or "").confirmed_at is None:
        assert (found["fee_fen"], found["refund_fen"]) == (0, 0)
        return
    # What is more, beyond what goes back and is kept, is charged.
    charged = max(0, found["fee_fen"] + found["refund_fen"] - less)
    assert less == found["fee_fen"] + found["refund_fen"] - charged
    if less >= found["fee_fen"]:
        assert charged == 0


@pytest.mark.parametrize("seed", range(4))
def test_whatever_happens_the_log_replayed_is_the_booking(desk: Desk, seed: int) -> None:
    chance = random.Random(seed)
    life = Life.begin(desk, cheaper=seed % 2 == 0)
    check(life)
    life.confirm()
    for _ in range(STEPS):
        life.something_happens(chance)
        check(life)


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_the_twin_that_does_not_tell_a_change_is_found(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    life = Life.begin(desk)
    life.confirm()
    check(life)
    monkeypatch.setattr(change_service, "record", lambda *_: None)
    life.change(nights=-4)
    with pytest.raises(AssertionError):
        check(life)


def last(life: Life) -> tuple[str, dict[str, Any]]:
    event = told(life)[-1]
    return event.type, what(event)


class TestActs:
    def test_a_stay_cut_from_14_to_10_nights_says_so(self, desk: Desk) -> None:
        life = Life.begin(desk, nights=14)
        life.confirm()
        desk.clock.advance(hours=1)
        life.change(nights=-4)
        kind, found = last(life)
        assert kind == "booking.changed"
        assert (found["kind"], found["number"]) == ("shorten", 1)
        assert found["was"]["depart"] > found["is"]["depart"]
        assert (found["total_before_fen"], found["total_after_fen"]) == (280_000, 200_000)
        assert found["difference_fen"] == -80_000
        assert (found["fee_fen"], found["refund_fen"]) == (0, 80_000), "a month ahead of the rest"

    def test_a_cancellation_says_by_whom_and_why_and_what_is_kept(self, desk: Desk) -> None:
        life = Life.begin(desk)
        life.confirm()
        desk.clock.advance(hours=1)
        life.cancel(ReasonCode.TRAVELLER_HEALTH)
        kind, found = last(life)
        assert (kind, found["reason"]) == ("booking.cancelled", "health")
        assert (found["fee_fen"], found["refund_fen"]) == (56_000, 224_000)
        assert (found["total_before_fen"], found["total_after_fen"]) == (280_000, 0)
        ending = shown(life).ending
        assert ending is not None
        assert (ending.by, ending.reason, ending.fee_fen, ending.refund_fen) == (
            *("partner", ReasonCode.TRAVELLER_HEALTH),
            *(56_000, 224_000),
        )

    def test_who_never_came(self, desk: Desk) -> None:
        life = Life.begin(desk)
        life.confirm()
        life.days_pass(22)
        kind, found = last(life)
        assert (kind, found["fee_fen"], found["refund_fen"]) == (
            *("booking.no_show", 224_000),
            56_000,
        )
        assert (found["total_before_fen"], found["total_after_fen"]) == (280_000, 0)

    def test_who_left_early_is_summed_up_when_the_stay_is_over(self, desk: Desk) -> None:
        life = Life.begin(desk)
        life.confirm()
        life.arrive()
        life.change(nights=-4)
        cut = last(life)[1]
        life.days_pass(11)
        kind, found = last(life)
        assert (kind, found["nights_used"]) == ("booking.left_early", 10)
        assert (found["fee_fen"], found["refund_fen"]) == (cut["fee_fen"], cut["refund_fen"])
        assert (found["total_before_fen"], found["total_after_fen"]) == (280_000, 200_000)

    def test_a_whole_stay(self, desk: Desk) -> None:
        life = Life.begin(desk)
        life.extend()
        life.confirm()
        life.arrive()
        life.days_pass(15)
        assert [event.type.removeprefix("booking.") for event in told(life)] == [
            *("held", "extended", "confirmed", "arrived", "completed")
        ]
        assert [event.by for event in told(life)] == [
            *("traveller", "partner", "partner", "staff", "system")
        ]

    def test_a_check_in_taken_back(self, desk: Desk) -> None:
        life = Life.begin(desk)
        life.confirm()
        life.arrive()
        with desk.database.write() as session:
            stay_lifecycle.undo_check_in(
                session,
                booking_id=life.booking_id,
                enterprise_id=desk.room.enterprise_id,
                actor=STAFF,
                now=desk.clock.now(),
            )
        kind, found = last(life)
        assert (kind, found["fields"]) == ("booking.updated", ["state"])
        assert (found["fee_fen"], found["refund_fen"]) == (0, 0)
        assert desk.booking(life.booking_id).state is BookingState.CONFIRMED

    def test_a_hold_that_ran_out(self, desk: Desk) -> None:
        life = Life.begin(desk)
        life.expire()
        kind, found = last(life)
        assert (kind, found["total_after_fen"], found["refund_fen"]) == ("booking.expired", 0, 0)


class TestRehousing:
    @pytest.fixture
    def life(self, desk: Desk) -> Life:
        life = Life.begin(desk)
        life.confirm()
        life.stop()
        return life

    def test_a_suspension_is_told_at_once(self, life: Life) -> None:
        kind, found = last(life)
        assert (kind, found["state"], found["reason"]) == (
            *("booking.rehousing", "open"),
            "enterprise_suspended",
        )
        assert shown(life).state is BookingState.CONFIRMED

    def test_offer_refusal_offer_and_move(self, life: Life) -> None:
        life.offer()
        kind, found = last(life)
        assert (kind, found["state"], len(found["offers"])) == ("booking.rehousing", "offered", 1)
        assert found["offers"][0]["total_fen"] == 210_000
        now = life.desk.clock.now()
        assert found["deadline"] == answer_by(
            offered_at=now, check_in=life.booking.starts_on
        ).isoformat().replace("+00:00", "Z")
        life.decline()
        found = last(life)[1]
        assert (found["state"], found["offers"], found["deadline"]) == ("open", [], None)
        assert found["declined_at"] is not None
        life.offer()
        life.accept()
        found = last(life)[1]
        assert (found["state"], found["refund_fen"]) == ("moved", 70_000)
        assert (found["total_before_fen"], found["total_after_fen"]) == (280_000, 210_000)
        check(life)

    def test_money_back_settles_it_and_then_ends_the_booking(self, life: Life) -> None:
        life.cancel()
        settled, ended = told(life)[-2:]
        assert (settled.type, what(settled)["state"]) == ("booking.rehousing", "refunded")
        assert (ended.type, what(ended)["refund_fen"]) == ("booking.cancelled", 280_000)
        assert what(ended)["reason"] == "enterprise_suspended"

    def test_a_house_that_sells_again(self, life: Life) -> None:
        life.resume()
        assert last(life)[1]["state"] == "kept"

    def test_left_as_it_is_by_agreement(self, life: Life) -> None:
        life.keep()
        assert last(life)[1]["state"] == "kept"


def test_what_is_not_a_partners_counts_on_and_tells_nobody(desk: Desk) -> None:
    booking_id = desk.paid()
    assert desk.booking(booking_id).version == 2
    with desk.database.read() as session:
        assert session.scalar(sa.select(sa.func.count()).select_from(Event)) == 0


def test_what_was_told_last_is_known_without_reading_it_again(desk: Desk) -> None:
    """Also after a savepoint took an event back, and in another transaction."""
    life = Life.begin(desk)

    def stored() -> BookingView:
        return read_view(events.last_view(session, subject_of(life.booking_id)) or "")

    def extend() -> None:
        now = desk.clock.now()
        transitions.extend(session, booking_id=life.booking_id, actor=STAFF, now=now)

    with desk.database.write() as session:
        booking = transitions.locked(session, life.booking_id)
        assert last_told(session, booking) == stored()
        with suppress(NoMoreExtensions), savepoint(session):
            extend()
            assert last_told(session, booking).version == 2
            raise NoMoreExtensions
        assert last_told(session, booking) == stored()
        extend()
        assert last_told(session, booking) == stored()
        assert stored().version == 2
