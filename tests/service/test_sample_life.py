"""Life in the sample: played through the services, whole, labelled, and played once."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Callable

import pytest
import sqlalchemy as sa

from catalog.models import Enterprise
from catalog.states import EnterpriseStatus
from marketplace.booking.models import Booking, Rehousing, ReturnRight
from marketplace.booking.reads import statistics
from marketplace.booking.states import BookingState, Channel, RehousingState
from marketplace.bootstrap import Services
from marketplace.inventory.models import Claim, ClaimKind, StockDay
from marketplace.kernel import audit
from marketplace.kernel.audit import AuditEntry
from marketplace.kernel.clock import SetClock, shanghai_date
from marketplace.kernel.events import Event
from marketplace.kernel.ids import RandomIds
from marketplace.kernel.outbox import OutboxRow
from marketplace.notify.models import Audience, Message
from marketplace.operations import invariants
from marketplace.partners.account import account as partner_account
from marketplace.payments.models import Journal, Refund
from marketplace.payments.states import RefundState
from marketplace.sample import life, load_life, load_sample, stage
from marketplace.sample.stories import Story, stories
from marketplace.staff_tasks.models import StaffTask
from tests.support.app import BOTH
from tests.support.sample import count, with_directory

SATURDAY = dt.datetime(2026, 11, 28, 8, 5, tzinfo=dt.UTC)
"""Five past four in the afternoon, in Shanghai."""
TODAY = shanghai_date(SATURDAY)
COUNTED = (Booking, Claim, StockDay, Journal, Message, OutboxRow, AuditEntry, Event, StaffTask)


@pytest.fixture
def clock() -> SetClock:
    return SetClock(SATURDAY)


@pytest.fixture
def sampled(services: Services, clock: SetClock) -> Services:
    with_directory(services.database, clock)
    load_sample(services.database, clock=clock)
    return services


def rows(services: Services) -> dict[str, int]:
    return {model.__name__: count(services.database, model) for model in COUNTED}


def bookings(services: Services) -> list[Booking]:
    with services.database.read() as session:
        return list(session.scalars(sa.select(Booking)))


def faults(services: Services) -> dict[str, list[str]]:
    report = invariants.check(
        services.database, now=services.clock.now(), settled=True, anchors=services.anchors
    )
    return {name: found for name, found in report.faults.items() if found}


def only(*keys: str) -> Callable[[dt.datetime], list[Story]]:
    return lambda now: [story for story in stories(now) if story.key.endswith(keys)]


@pytest.mark.slow
@pytest.mark.parametrize("database_kind", BOTH)
def test_a_summer_a_week_and_a_summer_to_come(sampled: Services, clock: SetClock) -> None:
    begun = [story for story in stories(SATURDAY) if story.fresh and story.placed_at <= SATURDAY]
    assert load_life(sampled) > 250
    assert faults(sampled) == {}
    made = {booking.id: booking for booking in bookings(sampled)}
    # Every story that has begun is told: no room was full and no rule was broken.
    by_guests = {story.booking_id for story in begun if story.channel is not Channel.WALK_IN}
    assert by_guests <= made.keys()
    _all_states(sampled, list(made.values()))
    _as_it_would_have_grown(sampled)
    _apart_from_what_is_real(sampled)
    _played_once(sampled, clock)


def _all_states(sampled: Services, made: list[Booking]) -> None:
    assert {booking.state for booking in made} == set(BookingState)
    assert {booking.channel for booking in made} == set(Channel)
    shown = Counter(
        (booking.state, booking.starts_on, booking.ends_on)
        for booking in made
        if booking.enterprise_id == _house(sampled, "SMP01")
    )
    states = Counter(state for state, *_ in shown.elements())
    assert states[BookingState.IN_STAY] >= 5
    assert states[BookingState.CONFIRMED] >= 5
    assert any(TODAY in days for _state, *days in shown)
    with sampled.database.read() as session:
        refunds = Counter(session.scalars(sa.select(Refund.state)))
        rights = set(session.scalars(sa.select(ReturnRight.state)))
        tasks = set(session.scalars(sa.select(StaffTask.kind)))
        full = session.scalar(
            sa.select(sa.func.count()).where(
                StockDay.day >= TODAY, StockDay.taken == StockDay.capacity
            )
        )
        blocks = session.scalars(sa.select(Claim.reason).where(Claim.kind == ClaimKind.BLOCK)).all()
        rehoused = Counter(session.scalars(sa.select(Rehousing.state)))
        stopped = session.scalars(
            sa.select(Enterprise.code).where(Enterprise.status == EnterpriseStatus.SUSPENDED)
        ).all()
        account = partner_account(session, name=stage.PARTNER, now=SATURDAY)
    assert refunds[RefundState.SUCCEEDED] >= 5
    assert refunds[RefundState.MANUAL_REQUIRED] == 1
    assert {"offered", "taken", "lapsed"} <= {right.value for right in rights}
    assert {"wrong_amount", "late_payment_refunded"} <= tasks
    assert full == 0
    assert rehoused == {RehousingState.MOVED: 2, RehousingState.KEPT: 1}
    assert not stopped
    assert account.owed_fen > 0
    assert set(blocks) == {"浴室维修", "粉刷墙面"}


def _house(sampled: Services, code: str) -> int:
    with sampled.database.read() as session:
        return session.scalars(sa.select(Enterprise.id).where(Enterprise.code == code)).one()


def _as_it_would_have_grown(sampled: Services) -> None:
    """The logs run in the order of time, nothing is owed, and old stories are told to nobody."""
    with sampled.database.read() as session:
        played = session.scalars(
            sa.select(AuditEntry.at)
            .where(AuditEntry.subject_kind == "booking")
            .order_by(AuditEntry.id)
        ).all()
        told = session.execute(sa.select(Event.number, Event.at).order_by(Event.id)).all()
        written = session.execute(sa.select(Message.sent_at, Message.audience)).all()
    assert list(played) == sorted(played)
    assert played[0] < SATURDAY - dt.timedelta(days=200)
    assert [at for _number, at in told] == sorted(at for _number, at in told)
    assert None not in [number for number, _at in told]
    assert len(told) >= 20
    assert written
    assert all(at > SATURDAY - stage.NOTICES_KEPT for at, _audience in written)
    assert {audience for _at, audience in written} == {Audience.GUEST, Audience.OPERATOR}
    assert len(written) < 40


def _apart_from_what_is_real(sampled: Services) -> None:
    first = dt.date(2026, 6, 1)
    with sampled.database.read() as session:
        real = statistics.months(session, samples=False, first=first, count=16)
        shown = statistics.months(session, samples=True, first=first, count=16)
        origins = statistics.origins(session, samples=True, first=first, count=16)
        owners = set(
            session.scalars(
                sa.select(Enterprise.is_sample).join(
                    Booking, Booking.enterprise_id == Enterprise.id
                )
            )
        )
    assert owners == {True}
    assert not any(month.bookings or month.guest_nights or month.capacity for month in real)
    july, november = shown[1], shown[5]
    assert july.bookings >= 10
    assert november.bookings >= 10
    assert 5 < (july.occupancy or 0) < 50
    assert sum(1 for one in origins if one.bookings) >= 4


def _played_once(sampled: Services, clock: SetClock) -> None:
    before = rows(sampled)
    assert load_life(sampled) == 0
    assert rows(sampled) == before
    clock.advance(days=1)
    assert 0 < load_life(sampled) < 40
    with sampled.database.read() as session:
        stays = session.scalars(
            sa.select(Booking).where(
                Booking.state == BookingState.CONFIRMED, Booking.starts_on <= TODAY
            )
        ).all()
    assert {booking.starts_on for booking in stays} <= {TODAY - dt.timedelta(days=1), TODAY}
    assert len(bookings(sampled)) <= before["Booking"] + 4
    clock.advance(days=7)
    load_life(sampled)
    assert before["Booking"] + 10 < len(bookings(sampled)) < before["Booking"] + 40
    assert load_life(sampled) == 0
    assert faults(sampled) == {}


class TestGuards:
    """A few stories, with and without what keeps them whole."""

    @pytest.fixture(autouse=True)
    def few(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(life, "stories", only("/week09", "/week10", "/ahead02"))

    def test_what_somebody_did_with_a_booking_stays(
        self, sampled: Services, clock: SetClock
    ) -> None:
        load_life(sampled)
        with sampled.database.write() as session:
            kept = session.scalars(
                sa.select(Booking).where(Booking.state == BookingState.CONFIRMED)
            ).one()
            kept.lead_name = "改过"
        clock.advance(days=1)
        load_life(sampled)
        assert [b.lead_name for b in bookings(sampled) if b.id == kept.id] == ["改过"]

    def test_of_two_runs_at_once_one_makes_a_booking(
        self, sampled: Services, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        load_life(sampled)
        before = rows(sampled)
        # What the other one makes is not there when this one looks.
        monkeypatch.setattr(life._Play, "_states", lambda *_: {})
        load_life(sampled)
        assert rows(sampled) == before
        assert faults(sampled) == {}

    def test_without_ids_of_their_own_they_would_be_told_twice(
        self, sampled: Services, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(stage.StoryIds, "new_id", RandomIds.new_id)
        load_life(sampled)
        once = len(bookings(sampled))
        assert once
        load_life(sampled)
        assert len(bookings(sampled)) > once

    def test_without_the_seal_the_trail_would_be_late(
        self, sampled: Services, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(audit, "seal_and_anchor", lambda *_, **__: 0)
        load_life(sampled)
        assert "audit_chain" in faults(sampled)

    def test_without_settling_what_is_owed_would_go_out(
        self, sampled: Services, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(stage.Stage, "settle", lambda _: None)
        load_life(sampled)
        assert "nothing_owed_too_long" in faults(sampled)

    def test_rooms_that_are_gone_leave_a_story_out(self, sampled: Services) -> None:
        with sampled.database.write() as session:
            session.execute(sa.update(StockDay).values(closed=True))
        load_life(sampled)
        # Days that are over had no stock before: those stays are told, the coming one is not.
        assert BookingState.CONFIRMED not in {b.state for b in bookings(sampled)}
        assert faults(sampled) == {}


def test_a_house_with_newer_guests_is_not_stopped_for_a_story(
    sampled: Services, clock: SetClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    # A guest of next summer is there before the story of last summer is played.
    monkeypatch.setattr(life, "stories", only("/ahead22"))
    load_life(sampled)
    (newer,) = bookings(sampled)
    assert newer.enterprise_id == _house(sampled, "SMP16")
    monkeypatch.setattr(life, "stories", only("/summer41", "/summer42"))
    load_life(sampled)
    assert count(sampled.database, Rehousing) == 0
    assert count(sampled.database, Enterprise, Enterprise.suspended_reason.is_not(None)) == 0
    assert Counter(booking.state for booking in bookings(sampled)) == {
        BookingState.CONFIRMED: 1,
        BookingState.COMPLETED: 2,
    }
