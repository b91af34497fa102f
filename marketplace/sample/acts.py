"""What the sample's guests, platforms and hosts do, each through the service that it is done by.

An act stands for one moment; the stage's clock is there already.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from typing import TypeAlias

import sqlalchemy as sa

from marketplace.booking.changes import change_service
from marketplace.booking.contract.buyers import WebBuyer
from marketplace.booking.contract.guests import read_guest
from marketplace.booking.contract.placement import PlaceBooking, place
from marketplace.booking.contract.room_choices import RoomChoice
from marketplace.booking.contract.walk_in import WalkIn, walk_in
from marketplace.booking.lifecycle import (
    payment_application,
    return_rights,
    scheduled_jobs,
    stay_lifecycle,
    transitions,
)
from marketplace.booking.models import Booking, ReturnRight
from marketplace.booking.rehousing.rehousing_service import CONSENT_VERSION
from marketplace.booking.states import (
    ChangeState,
    Channel,
    ReasonCode,
)
from marketplace.inventory import calendar
from marketplace.kernel.audit import TRAVELLER
from marketplace.kernel.ids import Ids
from marketplace.kernel.stay import Stay
from marketplace.kernel.unit_of_work import UnitOfWork
from marketplace.partners import account
from marketplace.partners.commands.command_runner import decide
from marketplace.partners.commands.stay_commands import Cancel, Command, Confirm, Hold
from marketplace.partners.queries import Sale
from marketplace.payments.gateways.simulated import SimulatedAction
from marketplace.pricing.nights.selection import Party, StaySelection
from marketplace.sample.stage import PARTNER, Otherwise, Stage, StoryIds
from marketplace.sample.stories import Story, id_of

ADDRESS = "192.0.2.1"
"""Where the guests book from: an address of documentation (RFC 5737)."""

Act: TypeAlias = Callable[[Stage, Story], None]


def ask(stage: Stage, command: Command[Sale], *, ids: Ids | None = None) -> None:
    """Do what the platform asks for."""
    caller = stage.partner()
    with stage.database.write() as session:
        work = UnitOfWork(session, stage.now, caller.actor, ids or stage.ids)
        decide(work, caller=caller, command=command, conditions=stage.conditions)


def hold(stage: Stage, story: Story) -> None:
    """Hold the rooms, on the pages or by the platform."""
    room = stage.rooms[story.room]
    chosen = _chosen(stage, story)
    if story.channel is Channel.PARTNER:
        wished = Hold(
            rooms=(RoomChoice(chosen),),
            external_ref=f"SAMPLE-{story.key.upper()}",
            source_province=story.province,
        )
        ask(stage, wished, ids=StoryIds(story.booking_id))
        return
    name, phone = read_guest(story.name, story.phone, fields=("name", "phone"))
    command = PlaceBooking(
        rooms=(RoomChoice(chosen),),
        buyer=WebBuyer(
            lead_name=name,
            phone=phone,
            address=ADDRESS,
            consent_version=CONSENT_VERSION,
            consent_recipient=room.host,
        ),
        source_province=story.province,
    )
    with stage.database.write() as session:
        place(
            session,
            command=command,
            commission_bp=stage.settings.commission_bp,
            actor=TRAVELLER,
            ids=StoryIds(story.booking_id),
            now=stage.now,
        )


def _chosen(stage: Stage, story: Story) -> StaySelection:
    return StaySelection(
        stage.rooms[story.room].room_type_id,
        Stay.of(story.check_in, story.nights),
        story.rooms,
        Party(story.adults, story.children),
    )


def receive_at_the_door(stage: Stage, story: Story) -> None:
    """Book for a guest who came without a booking."""
    room = stage.rooms[story.room]
    command = WalkIn(_chosen(stage, story), lead_name=story.name, phone=story.phone)
    with stage.database.write() as session:
        walk_in(
            session,
            command=command,
            enterprise_id=room.enterprise_id,
            actor=stage.host_of(room.enterprise_id),
            ids=StoryIds(story.booking_id),
            now=stage.now,
        )


def block(stage: Stage, story: Story) -> None:
    """Take rooms out of sale; the story's name is the reason."""
    room = stage.rooms[story.room]
    with stage.database.write() as session:
        calendar.block(
            UnitOfWork(
                session,
                now=stage.now,
                actor=stage.host_of(room.enterprise_id),
                ids=StoryIds(story.booking_id),
            ),
            pool_id=room.pool_id,
            stay=Stay(story.check_in, story.check_out),
            units=story.rooms,
            reason=story.name,
        )


def begin_to_pay(
    stage: Stage, booking_id: str, action: SimulatedAction = SimulatedAction.ALIPAY_OK
) -> None:
    """Open the payment of a hold, and press a button of its page; we are not told yet."""
    with stage.database.write() as session:
        payment = payment_application.begin_payment(
            session,
            booking_id=booking_id,
            gateway=stage.gateway.name,
            ids=stage.ids,
            now=stage.now,
        )
    stage.press(payment.id, action)


def hear(stage: Stage, booking_id: str) -> None:
    """Ask the gateway what became of the payment, as the page does that a guest returns to."""
    scheduled_jobs.look_up_payments(stage.money, booking_id)


def pay(stage: Stage, story: Story) -> None:
    """Pay a hold, or confirm it on the platform's account."""
    if story.channel is not Channel.PARTNER:
        begin_to_pay(stage, story.booking_id)
        hear(stage, story.booking_id)
        return
    name, phone = read_guest(story.name, story.phone, fields=("name", "phone"))
    ask(stage, Confirm(story.booking_id, name, phone))


def pay_too_little(stage: Stage, story: Story) -> None:
    """Pay another sum than was asked for."""
    begin_to_pay(stage, story.booking_id, SimulatedAction.WRONG_AMOUNT)
    hear(stage, story.booking_id)


def pay_and_give_up(stage: Stage, story: Story) -> None:
    """Pay, and give the hold up before the money is heard of."""
    begin_to_pay(stage, story.booking_id)
    cancel(stage, story)
    hear(stage, story.booking_id)


def cancel(stage: Stage, story: Story) -> None:
    """Cancel, by whoever booked."""
    if story.channel is Channel.PARTNER:
        ask(stage, Cancel(story.booking_id, ReasonCode.PARTNER_REQUEST))
        return
    with stage.database.write() as session:
        transitions.cancel(
            session,
            booking_id=story.booking_id,
            reason=ReasonCode.TRAVELLER_CHANGED_PLANS,
            expected_refund_fen=None,
            actor=TRAVELLER,
            ids=stage.ids,
            now=stage.now,
        )


def cancel_by_house(stage: Stage, story: Story) -> None:
    """Cancel for a cause that is the house's: nothing is kept."""
    room = stage.rooms[story.room]
    with stage.database.write() as session:
        transitions.cancel(
            session,
            booking_id=story.booking_id,
            reason=ReasonCode.OPERATOR_FAULT,
            expected_refund_fen=None,
            actor=stage.host_of(room.enterprise_id),
            ids=stage.ids,
            now=stage.now,
        )


def expire(stage: Stage, story: Story) -> None:
    """End a hold whose time is over."""
    if scheduled_jobs.close_payments(stage.money, story.booking_id):
        with stage.database.write() as session:
            if transitions.expire(session, booking_id=story.booking_id, now=stage.now):
                transitions.refund_suspense(
                    session,
                    booking=transitions.locked(session, story.booking_id),
                    ids=stage.ids,
                    now=stage.now,
                )


def move(stage: Stage, story: Story) -> None:
    """Come some days later."""
    later = dt.timedelta(days=story.days)
    _change(stage, story, story.check_in + later, story.check_out + later)


def stay_longer(stage: Stage, story: Story) -> None:
    """Book more nights behind."""
    _change(stage, story, story.check_in, story.check_out + dt.timedelta(days=story.days))


def leave_early(stage: Stage, story: Story) -> None:
    """Leave before the last night."""
    _change(stage, story, story.check_in, story.check_out - dt.timedelta(days=story.days))


def _change(stage: Stage, story: Story, check_in: dt.date, check_out: dt.date) -> None:
    with stage.database.write() as session:
        booking = transitions.locked(session, story.booking_id)
        if (booking.starts_on, booking.ends_on) != (story.check_in, story.check_out):
            raise Otherwise
        row = change_service.change(
            UnitOfWork(session, now=stage.now, actor=TRAVELLER, ids=stage.ids),
            change_service.ChangeBooking(
                booking_id=booking.id,
                wish=booking.room.selection.between(check_in, check_out),
                expected_fen=None,
            ),
        )
        waits = row.state is ChangeState.HELD
    if waits:
        with stage.database.write() as session:
            payment = payment_application.begin_change_payment(
                session,
                booking_id=story.booking_id,
                change_id=row.id,
                gateway=stage.gateway.name,
                ids=stage.ids,
                now=stage.now,
            )
        stage.press(payment.id, SimulatedAction.WECHAT_OK)
        hear(stage, story.booking_id)


def arrive(stage: Stage, story: Story) -> None:
    """Be received by the house."""
    with stage.database.write() as session:
        # It may have moved to another house since it was booked.
        house = transitions.locked(session, story.booking_id).enterprise_id
        stay_lifecycle.check_in(
            session,
            booking_id=story.booking_id,
            enterprise_id=house,
            actor=stage.host_of(house),
            now=stage.now,
        )


def advance(stage: Stage, story: Story) -> None:
    """Let the days that passed do what they do: earn, complete, mark who never came."""
    with stage.database.write() as session:
        stay_lifecycle.advance_stay(
            session, booking_id=story.booking_id, ids=stage.ids, now=stage.now
        )


def settle_account(stage: Stage, story: Story) -> None:
    """Note that the platform has paid what it owed when this stay was over."""
    with stage.database.write() as session:
        owed = account.account(session, name=PARTNER, now=stage.now).owed_fen
        account.record_payment(
            session,
            name=PARTNER,
            fen=owed,
            bank_ref=f"SAMPLE-{story.key}".upper(),
            actor=stage.office,
            now=stage.now,
        )


def take_next_summer(stage: Stage, story: Story) -> None:
    """Book the room that is kept for next summer, and pay it."""
    again = id_of(f"{story.key}/return")
    with stage.database.write() as session:
        if session.get(Booking, again) is not None:
            return
        return_rights.accept(
            UnitOfWork(session, now=stage.now, actor=TRAVELLER, ids=StoryIds(again)),
            return_rights.TakeRight(
                booking_id=story.booking_id,
                expected_total_fen=None,
                address=ADDRESS,
                consent_version=CONSENT_VERSION,
                consent_recipient=stage.rooms[story.room].host,
            ),
            commission_bp=stage.settings.commission_bp,
        )
    begin_to_pay(stage, again)
    hear(stage, again)


def forget_next_summer(stage: Stage, story: Story) -> None:
    """Let the room that was kept for next summer go back on sale, where nobody took it."""
    with stage.database.write() as session:
        kept = session.scalar(
            sa.select(ReturnRight.id).where(
                ReturnRight.booking_id == story.booking_id,
                ReturnRight.state.in_(return_rights.OPEN),
            )
        )
        if kept is not None:
            return_rights.watch(session, booking_id=story.booking_id, now=stage.now)
