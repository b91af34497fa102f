"""Two people of one house press the same button, or two that do not go together.

The guard is the booking's row, locked before it is looked at; each twin looks without locking.
"""

from __future__ import annotations

import datetime as dt
import threading
from collections.abc import Callable
from dataclasses import dataclass

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session

from marketplace.booking.lifecycle import early_leave, stay_lifecycle, transitions
from marketplace.booking.models import Booking
from marketplace.booking.states import BookingState, ReasonCode
from marketplace.kernel.audit import Actor
from marketplace.kernel.db import Database
from marketplace.kernel.unit_of_work import UnitOfWork
from marketplace.operations import invariants
from marketplace.payments.models import Refund
from tests.concurrency.rush import Client, rush
from tests.factories import TODAY
from tests.support.booking import Desk, make_desk

STAFF = Actor("staff", "9")
WAITING = {"nothing_owed_too_long", "audit_chain"}
NIGHTS, CLIENTS = 7, 6
LEAVES = TODAY + dt.timedelta(days=3)


@dataclass
class House:
    """One paid booking that begins today, and what its staff can press."""

    desk: Desk
    booking_id: str

    def pressing(self, act: Callable[..., object], **more: object) -> Client:
        def run() -> None:
            with self.desk.database.write() as session:
                act(
                    session,
                    booking_id=self.booking_id,
                    enterprise_id=self.desk.room.enterprise_id,
                    actor=STAFF,
                    now=self.desk.clock.now(),
                    **more,
                )

        return run

    def check_in(self) -> Client:
        return self.pressing(stay_lifecycle.check_in)

    def undo(self) -> Client:
        self.check_in()()
        return self.pressing(stay_lifecycle.undo_check_in)

    def leave(self) -> Client:
        """With the sums of a cause that keeps nothing, as the page has just shown them."""
        self.check_in()()
        self.desk.clock.advance(hours=1)  # the half hour in which all can be taken back is over
        asked = {"day": LEAVES, "cause": ReasonCode.OPERATOR_FAULT}
        with self.desk.database.read() as session:
            shown = early_leave.quote_leaving(
                session,
                booking_id=self.booking_id,
                enterprise_id=self.desk.room.enterprise_id,
                now=self.desk.clock.now(),
                **asked,  # type: ignore[arg-type]
            )

        def run() -> None:
            with self.desk.database.write() as session:
                early_leave.leave(
                    UnitOfWork(session, now=self.desk.clock.now(), actor=STAFF, ids=self.desk.ids),
                    booking_id=self.booking_id,
                    enterprise_id=self.desk.room.enterprise_id,
                    expected_fen=-shown.refund_fen,
                    **asked,  # type: ignore[arg-type]
                )

        return run

    def no_show(self) -> Client:
        self.desk.clock.advance(days=2)
        with self.desk.database.read() as session:
            shown = stay_lifecycle.quote_no_show(
                session,
                booking_id=self.booking_id,
                enterprise_id=self.desk.room.enterprise_id,
                now=self.desk.clock.now(),
            )
        return self.pressing(
            stay_lifecycle.mark_no_show, ids=self.desk.ids, expected_refund_fen=shown.refund_fen
        )

    def noted(self, *actions: str) -> int:
        """Return how often the trail says one of these."""
        with self.desk.database.read() as session:
            said = session.scalars(sa.text("SELECT action FROM audit_entry")).all()
        return sum(action in actions for action in said)

    def refunds(self) -> int:
        with self.desk.database.read() as session:
            return session.scalar(sa.select(sa.func.count()).select_from(Refund)) or 0

    def state(self) -> BookingState:
        return self.desk.booking(self.booking_id).state

    def faults(self) -> dict[str, list[str]]:
        report = invariants.check(self.desk.database, now=self.desk.clock.now())
        return {
            name: found for name, found in report.faults.items() if found and name not in WAITING
        }


@pytest.fixture
def house(database: Database) -> House:
    desk = make_desk(database)
    return House(desk, desk.paid(arrive=TODAY, nights=NIGHTS))


@dataclass(frozen=True)
class Pressed:
    """A button that several press at once: who comes second is told, and it is done once."""

    button: Callable[[House], Client]
    refused: str
    noted: str
    refunds: int
    then: BookingState


BUTTONS = {
    "check-in": Pressed(
        House.check_in, "wrong_state", "booking.checked_in", 0, BookingState.IN_STAY
    ),
    "undo": Pressed(
        House.undo, "wrong_state", "booking.check_in_undone", 0, BookingState.CONFIRMED
    ),
    "leave": Pressed(House.leave, "invalid", "booking.changed", 1, BookingState.IN_STAY),
    "no-show": Pressed(House.no_show, "wrong_state", "booking.no_show", 1, BookingState.NO_SHOW),
}


def press_at_once(house: House, pressed: Pressed, client: Client) -> None:
    outcome = rush([client] * CLIENTS)
    assert outcome == {"ok": 1, pressed.refused: CLIENTS - 1}
    assert (house.noted(pressed.noted), house.refunds()) == (1, pressed.refunds)
    assert house.state() is pressed.then
    assert house.faults() == {}


@pytest.mark.parametrize("button", BUTTONS)
def test_a_button_pressed_by_several_at_once_counts_once(house: House, button: str) -> None:
    pressed = BUTTONS[button]
    press_at_once(house, pressed, pressed.button(house))


@dataclass(frozen=True)
class Pair:
    """Two buttons of which only one may count, and what the trail says of each."""

    buttons: Callable[[House], list[Client]]
    noted: tuple[str, str]


PAIRS = {
    "came and never came": Pair(
        lambda house: [house.no_show(), house.check_in()],
        ("booking.no_show", "booking.checked_in"),
    ),
    "left and taken back": Pair(
        lambda house: [house.leave(), house.pressing(stay_lifecycle.undo_check_in)],
        ("booking.changed", "booking.check_in_undone"),
    ),
}


def press_both(house: House, pair: Pair, clients: list[Client]) -> None:
    outcome = rush(clients)
    assert (outcome["ok"], outcome.total()) == (1, 2)
    assert house.noted(*pair.noted) == 1
    assert house.faults() == {}


@pytest.mark.parametrize("pair", PAIRS)
def test_of_two_that_do_not_go_together_one_counts(house: House, pair: str) -> None:
    press_both(house, PAIRS[pair], PAIRS[pair].buttons(house))


@pytest.fixture
def unlocked(postgres_database: Database) -> House:
    """Where only the lock keeps them apart: SQLite has one writer at a time even without it."""
    desk = make_desk(postgres_database)
    return House(desk, desk.paid(arrive=TODAY, nights=NIGHTS))


def unlock(monkeypatch: pytest.MonkeyPatch, clients: int) -> None:
    """Let looking at the booking lock nothing, and nobody act before all have looked."""
    looked, mine = threading.Barrier(clients), threading.local()

    def look(session: Session, booking_id: str) -> Booking:
        booking = session.get_one(Booking, booking_id)
        if not hasattr(mine, "looked"):
            mine.looked = True
            looked.wait(timeout=30)
        return booking

    for module in (transitions, stay_lifecycle, early_leave):
        monkeypatch.setattr(module, "locked", look)


@pytest.mark.parametrize("button", BUTTONS)
def test_the_twin_that_locks_no_booking_is_caught(
    unlocked: House, monkeypatch: pytest.MonkeyPatch, button: str
) -> None:
    pressed = BUTTONS[button]
    client = pressed.button(unlocked)
    unlock(monkeypatch, CLIENTS)
    # A change has a number that is unique: there the database stops the second, but in no words.
    caught = sa.exc.IntegrityError if button == "leave" else AssertionError
    with pytest.raises(caught):
        press_at_once(unlocked, pressed, client)


@pytest.mark.parametrize("pair", PAIRS)
def test_the_twin_that_lets_both_count_is_caught(
    unlocked: House, monkeypatch: pytest.MonkeyPatch, pair: str
) -> None:
    clients = PAIRS[pair].buttons(unlocked)
    unlock(monkeypatch, len(clients))
    with pytest.raises(AssertionError):
        press_both(unlocked, PAIRS[pair], clients)
