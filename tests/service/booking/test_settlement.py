"""Who pays whom: each way to sell a booking, through everything that moves its money."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable

import pytest
import sqlalchemy as sa

from catalog.service import suspend
from marketplace.booking import settlement
from marketplace.booking.contract.buyers import PartnerSale
from marketplace.booking.contract.walk_in import WalkIn, walk_in
from marketplace.booking.lifecycle import stay_lifecycle, transitions
from marketplace.booking.lifecycle.payment_application import confirm_on_account
from marketplace.booking.models import Booking, Rehousing, RehousingOffer
from marketplace.booking.rehousing import rehousing_queue, rehousing_service
from marketplace.booking.settlement import CreditLimit, Payer
from marketplace.booking.states import BookingState, Channel, ReasonCode
from marketplace.kernel.audit import Actor
from marketplace.kernel.clock import shanghai_date
from marketplace.kernel.db import Database
from marketplace.kernel.stay import Stay
from marketplace.kernel.unit_of_work import UnitOfWork
from marketplace.partners.models import Partner
from marketplace.payments.models import Journal, Refund
from marketplace.pricing.nights.selection import COUPLE, StaySelection
from tests.support.booking import Desk, make_desk
from tests.support.changing import assert_clean
from tests.support.lives import CREDIT_FEN, make_neighbour, make_partner

STAFF = Actor("staff", "1")
NIGHTS = 10
PRICE = NIGHTS * 20_000


@pytest.fixture
def desk(database: Database) -> Desk:
    return make_desk(database, capacity=4)


def by_traveller(desk: Desk) -> str:
    return desk.paid(nights=NIGHTS)


def by_partner(desk: Desk, *, test: bool = False) -> str:
    with desk.database.read() as session:
        known = session.scalar(sa.select(Partner.id))
    partner_id = known or make_partner(desk)
    booking_id = desk.hold(partner=PartnerSale(partner_id, f"NT-{test}", test), nights=NIGHTS)
    with desk.database.write() as session:
        confirm_on_account(
            UnitOfWork(session, now=desk.clock.now(), actor=STAFF),
            booking=transitions.locked(session, booking_id),
            partner_id=partner_id,
            credit_limit_fen=CREDIT_FEN,
            lead_name="王秀英",
            phone="13900000009",
        )
    return booking_id


def by_test_key(desk: Desk) -> str:
    return by_partner(desk, test=True)


def at_the_door(desk: Desk) -> str:
    """A guest who was received by mistake: not in the house, and due today."""
    now = desk.clock.now()
    stay = Stay.of(shanghai_date(now), NIGHTS)
    chosen = StaySelection(desk.room.room_type_id, stay, rooms=1, party=COUPLE)
    with desk.database.write() as session:
        booking = walk_in(
            session,
            command=WalkIn(chosen, "李桂兰"),
            enterprise_id=desk.room.enterprise_id,
            actor=STAFF,
            ids=desk.ids,
            now=now,
        )
        stay_lifecycle.undo_check_in(
            session,
            booking_id=booking.id,
            enterprise_id=desk.room.enterprise_id,
            actor=STAFF,
            now=now,
        )
        return booking.id


SOLD: dict[Callable[[Desk], str], Payer] = {
    by_traveller: Payer.TRAVELLER,
    by_partner: Payer.PARTNER,
    by_test_key: Payer.NOBODY,
    at_the_door: Payer.NOBODY,
}


def journals(desk: Desk) -> int:
    with desk.database.read() as session:
        return session.scalar(sa.select(sa.func.count()).select_from(Journal)) or 0


def standing(desk: Desk, booking_id: str) -> tuple[int, int, int]:
    """Return what stands paid, what partners owe, and what goes back through the gateway."""
    with desk.database.read() as session:
        booking = session.get_one(Booking, booking_id)
        back = sa.select(sa.func.coalesce(sa.func.sum(Refund.amount_fen), 0))
        partner = session.scalar(sa.select(Partner.id)) or 0
        return (
            settlement.paid_fen(session, booking),
            settlement.owed_fen(session, partner),
            session.scalar(back.where(Refund.booking_id == booking_id)) or 0,
        )


def test_every_channel_has_its_payer_and_statements_agree(desk: Desk) -> None:
    sold = {sell(desk): payer for sell, payer in SOLD.items()}
    with desk.database.read() as session:
        bookings = {key: session.get_one(Booking, key) for key in sold}
        assert {key: settlement.payer_of(booking) for key, booking in bookings.items()} == sold
        for payer in (Payer.TRAVELLER, Payer.PARTNER):
            found = session.scalars(sa.select(Booking.id).where(settlement.is_paid_by(payer)))
            assert set(found) == {key for key, who in sold.items() if who is payer}
    assert {booking.channel for booking in bookings.values()} == set(Channel)


@pytest.mark.parametrize(
    ("sell", "before", "after", "posted"),
    [
        # A payment, its fee; a refund that is due.
        (by_traveller, (PRICE, 0, 0), (0, 0, PRICE), (2, 3)),
        (by_partner, (PRICE, PRICE, 0), (PRICE, 0, 0), (1, 2)),
        (by_test_key, (PRICE, 0, 0), (PRICE, 0, 0), (0, 0)),
        (at_the_door, (PRICE, 0, 0), (PRICE, 0, 0), (0, 0)),
    ],
)
def test_what_was_paid_goes_back_the_way_it_came(
    desk: Desk,
    sell: Callable[[Desk], str],
    before: tuple[int, int, int],
    after: tuple[int, int, int],
    posted: tuple[int, int],
) -> None:
    booking_id = sell(desk)
    assert (standing(desk, booking_id), journals(desk)) == (before, posted[0])
    with desk.database.write() as session:
        transitions.cancel(
            session,
            booking_id=booking_id,
            reason=ReasonCode.FORCE_MAJEURE,
            expected_refund_fen=None,
            actor=STAFF,
            ids=desk.ids,
            now=desk.clock.now(),
        )
    assert (standing(desk, booking_id), journals(desk)) == (after, posted[1])
    assert_clean(desk)


def test_who_paid_at_the_door_is_moved_to_a_cheaper_house_and_we_owe_nothing(desk: Desk) -> None:
    booking_id, other = at_the_door(desk), make_neighbour(desk, list_fen=15_000)
    now = desk.clock.now()
    with desk.database.write() as session:
        suspend(session, enterprise_id=desk.room.enterprise_id, reason="检查", actor=STAFF, now=now)
        rehousing_queue.open_queue(session, now=now)
        rehousing_service.offer(
            session,
            rehousing_id=session.scalars(sa.select(Rehousing.id)).one(),
            places=[(other.room_type_id,)],
            actor=STAFF,
            now=now,
        )
        rehousing_service.accept(
            session,
            booking_id=booking_id,
            offer_id=session.scalars(sa.select(RehousingOffer.id)).one(),
            recipient="示例森林小屋",
            actor=STAFF,
            ids=desk.ids,
            now=now,
        )
    booking = desk.booking(booking_id)
    assert (booking.state, booking.room.room_type_id) == (
        BookingState.CONFIRMED,
        other.room_type_id,
    )
    assert (booking.total_fen, journals(desk)) == (NIGHTS * 15_000, 0)
    assert_clean(desk)


@pytest.mark.parametrize("held_fen", [None, 30_000])
def test_a_partner_may_owe_its_limit_and_not_a_fen_more(desk: Desk, held_fen: int | None) -> None:
    by_partner(desk)
    free = CREDIT_FEN - PRICE - (held_fen or 0)
    with desk.database.read() as session:
        owed = settlement.owed_fen(session, session.scalars(sa.select(Partner.id)).one())
    credit = settlement.Credit(CREDIT_FEN, owed, held_fen or 0)
    for_hold = held_fen is not None
    settlement.require_credit(credit, free, for_hold=for_hold)
    with pytest.raises(CreditLimit) as refused:
        settlement.require_credit(credit, free + 1, for_hold=for_hold)
    held = {} if held_fen is None else {"held_fen": held_fen}
    assert refused.value.extra == {"owed_fen": PRICE, **held, "limit_fen": CREDIT_FEN}


def test_days_that_pass_earn_nights_for_who_was_paid_through_us(desk: Desk) -> None:
    """The night's journal is posted for a traveller and a partner, and for nobody else."""
    sold = [by_traveller(desk), by_partner(desk), at_the_door(desk)]
    before = journals(desk)
    for booking_id in sold:
        with desk.database.write() as session:
            stay_lifecycle.earn_parts(
                session,
                booking=transitions.locked(session, booking_id),
                before=dt.date.max,
                now=desk.clock.now(),
            )
    assert journals(desk) - before == 2 * NIGHTS
