"""What partners ask for, below every surface: once a wish, of their own bookings alone."""

from __future__ import annotations

import datetime as dt
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from typing import Any

import pytest
import sqlalchemy as sa

from marketplace.booking.contract.guests import read_guest
from marketplace.booking.contract.room_choices import RoomChoice
from marketplace.booking.models import Booking
from marketplace.booking.states import BookingState, ReasonCode, WrongState
from marketplace.kernel import wishes
from marketplace.kernel.audit import SYSTEM
from marketplace.kernel.errors import NotFound
from marketplace.kernel.stay import Stay
from marketplace.kernel.unit_of_work import UnitOfWork
from marketplace.kernel.wishes import Answer, KeptWish, Voice, Wish
from marketplace.partners import keys, queries
from marketplace.partners.commands.caller import Caller, Surface
from marketplace.partners.commands.command_runner import decide, run
from marketplace.partners.commands.conditions import Conditions
from marketplace.partners.commands.stay_commands import (
    AnswerRehousing,
    BookingCommand,
    Cancel,
    Command,
    Confirm,
    Extend,
    Hold,
    QuoteCancellation,
    QuoteStay,
)
from marketplace.partners.queries import Sale
from marketplace.pricing.nights.selection import COUPLE, StaySelection
from tests.factories import TODAY
from tests.support.booking import COMMISSION_BP, Desk, make_desk

ARRIVE = TODAY + dt.timedelta(days=20)
CONDITIONS = Conditions(COMMISSION_BP)
GUEST = read_guest("王秀英", "13800138000", fields=("name", "phone"))
VOICE: Voice[Any] = Voice(
    said=lambda sale: Answer(200, f"{sale.booking.code} {sale.view.version}".encode()),
    refused=lambda error: Answer(error.http_status, error.code.encode()),
)
SILENT = replace(VOICE, refused=lambda _: None)
"""A surface that keeps no refusals: what was refused may be tried again under its name."""
EXTEND = Wish("partner:1:live:stays", "k1", wishes.fingerprint("POST", "/extend", {}))


@dataclass
class Platform:
    """A partner that asks with one of its keys."""

    desk: Desk
    caller: Caller

    def ask(self, command: Command[Any]) -> Any:
        with self.desk.database.write() as session:
            work = UnitOfWork(session, self.desk.clock.now(), self.caller.actor, self.desk.ids)
            return decide(work, caller=self.caller, command=command, conditions=CONDITIONS)

    def wish(
        self, command: Command[Any], wish: Wish | None = EXTEND, voice: Voice[Any] = VOICE
    ) -> Answer:
        with self.desk.database.write() as session:
            work = UnitOfWork(session, self.desk.clock.now(), self.caller.actor, self.desk.ids)
            return run(
                work,
                caller=self.caller,
                command=command,
                wish=wish,
                voice=voice,
                conditions=CONDITIONS,
            )

    def held(self, **wish: Any) -> str:
        sale: Sale = self.ask(a_hold(self.desk, **wish))
        return sale.booking.id


def chosen_at(desk: Desk) -> StaySelection:
    return StaySelection(desk.room.room_type_id, Stay.of(ARRIVE, 30), rooms=1, party=COUPLE)


def a_hold(desk: Desk, **wish: Any) -> Hold:
    return replace(Hold((RoomChoice(chosen_at(desk)),), external_ref="NT-1"), **wish)


@pytest.fixture
def desk(database: Any) -> Desk:
    return make_desk(database, capacity=5)


Join = Callable[..., Platform]


@pytest.fixture
def join(desk: Desk) -> Join:
    """Give a partner a key, and let it ask with it."""

    def joined(name: str = "北方旅行", *, test: bool = False) -> Platform:
        now = desk.clock.now()
        with desk.database.write() as session:
            key = keys.issue(UnitOfWork(session, now, SYSTEM), keys.NewKey(name, test=test))
        with desk.database.read() as session:
            found = keys.authenticate(session, key=key, now=now, surface=Surface.STAYS)
        assert found is not None
        return Platform(desk, found)

    return joined


@pytest.fixture
def platform(join: Join) -> Platform:
    return join()


def extensions(desk: Desk) -> int:
    with desk.database.read() as session:
        return session.scalars(sa.select(Booking.extensions)).one()


def test_what_comes_of_a_command_is_the_view_of_its_event(platform: Platform) -> None:
    booking_id = platform.held()
    states = {}
    for command in (
        Extend(booking_id),
        Confirm(booking_id, *GUEST),
        Cancel(booking_id, ReasonCode.PARTNER_REQUEST),
    ):
        told: Sale = platform.ask(command)
        with platform.desk.database.read() as session:
            read = queries.sale(session, caller=platform.caller, booking_id=booking_id)
        assert told.view == read.view
        states[told.view.version] = told.view.state
    assert states == {
        2: BookingState.HELD,
        3: BookingState.CONFIRMED,
        4: BookingState.CANCELLED,
    }


def test_what_is_only_asked_changes_nothing(platform: Platform) -> None:
    desk = platform.desk
    price = platform.ask(QuoteStay(chosen_at(desk)))
    booking_id = platform.held(rooms=(RoomChoice(chosen_at(desk), price.id),))
    assert platform.ask(QuoteCancellation(booking_id)).refund_fen == 0
    with desk.database.read() as session:
        sale = queries.sale(session, caller=platform.caller, booking_id=booking_id)
    assert (sale.view.version, sale.view.money.net_fen) == (1, price.quote.total_fen)


NOWHERE = "0" * 32
OF_A_BOOKING: tuple[BookingCommand[Any], ...] = (
    Extend(NOWHERE),
    QuoteCancellation(NOWHERE),
    Confirm(NOWHERE, *GUEST),
    Cancel(NOWHERE, ReasonCode.PARTNER_REQUEST),
    AnswerRehousing(NOWHERE, 1),
    AnswerRehousing(NOWHERE, None),
)


def test_a_booking_is_there_for_its_partner_in_its_environment_alone(
    platform: Platform, join: Join
) -> None:
    booking_id = platform.held()
    for other in (join("南方旅行"), join(test=True)):
        for command in OF_A_BOOKING:
            with pytest.raises(NotFound):
                other.ask(replace(command, booking_id=booking_id))
    for command in OF_A_BOOKING:
        with pytest.raises(NotFound):
            platform.ask(command)
    assert extensions(platform.desk) == 0


def test_a_wish_is_had_once_and_told_in_the_same_bytes(platform: Platform) -> None:
    booking_id = platform.held()
    first = platform.wish(Extend(booking_id))
    platform.ask(Cancel(booking_id, ReasonCode.PARTNER_REQUEST))
    again = platform.wish(Extend(booking_id))
    assert (first.replayed, again.replayed) == (False, True)
    assert again == first
    assert extensions(platform.desk) == 1
    with platform.desk.database.read() as session:
        assert session.scalars(sa.select(KeptWish.booking_id)).all() == [booking_id]


def test_a_refusal_that_is_kept_stays_and_one_that_is_not_leaves_the_name_free(
    platform: Platform,
) -> None:
    booking_id = platform.held()
    confirm = Confirm(booking_id, *GUEST)
    cancelled = platform.held(external_ref="NT-2")
    platform.ask(Cancel(cancelled, ReasonCode.PARTNER_REQUEST))
    with pytest.raises(WrongState):
        platform.wish(Extend(cancelled), voice=SILENT)
    assert platform.wish(Extend(cancelled)).body == b"wrong_state"
    assert platform.wish(Extend(cancelled)).replayed
    assert platform.wish(confirm, replace(EXTEND, key="k2"), SILENT).status == 200


def test_without_a_wish_a_refusal_is_raised(platform: Platform) -> None:
    with pytest.raises(NotFound):
        platform.wish(Extend(NOWHERE), wish=None)


def test_what_nobody_decides_is_no_command(platform: Platform) -> None:
    class Dance(Command[None]):
        """Nothing that can be asked for."""

    with pytest.raises(TypeError, match="Dance"):
        platform.ask(Dance())


# ------------------------------------------------------------------ at once


def twice_at_once(platform: Platform, command: Command[Any]) -> list[Answer]:
    """The same wish from two clients, neither of which knows of the other."""
    start = threading.Barrier(2)

    def send(_: int) -> Answer:
        start.wait(timeout=30)
        return platform.wish(command)

    with ThreadPoolExecutor(2) as pool:
        return list(pool.map(send, range(2)))


def test_the_same_wish_twice_at_once_has_one_effect_and_two_equal_answers(
    platform: Platform,
) -> None:
    one, other = twice_at_once(platform, Extend(platform.held()))
    assert one == other
    assert {one.replayed, other.replayed} == {False, True}
    assert extensions(platform.desk) == 1


def test_the_twin_that_does_not_insert_the_wish_first_is_caught(
    platform: Platform, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(wishes, "begin", lambda *_, **__: None)
    one, other = twice_at_once(platform, Extend(platform.held()))
    assert one != other
    assert extensions(platform.desk) == 2


def test_whatever_ends_it_before_the_commit_leaves_nothing_of_a_wish(platform: Platform) -> None:
    def say_nothing(_: object) -> Answer:
        raise RuntimeError("the power is gone")

    booking_id = platform.held()
    with pytest.raises(RuntimeError):
        platform.wish(Extend(booking_id), voice=replace(VOICE, said=say_nothing))
    assert extensions(platform.desk) == 0
    assert not platform.wish(Extend(booking_id)).replayed
