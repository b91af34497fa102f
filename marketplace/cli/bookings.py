"""Commands of the desk about bookings: each says what it would do, and does it with ``--apply``."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import click
import sqlalchemy as sa
from sqlalchemy.orm import Session

from catalog.models import RoomType
from marketplace.booking.changes import change_service, item_cancellation, room_swap
from marketplace.booking.changes.change_quotes import ChangeQuote
from marketplace.booking.changes.item_cancellation import CancelItem
from marketplace.booking.changes.room_swap import RoomOf, SwapRooms
from marketplace.booking.contract.walk_in import WalkIn, walk_in
from marketplace.booking.lifecycle import transitions
from marketplace.booking.models import Booking
from marketplace.booking.states import ReasonCode
from marketplace.cli.base import APPLY, AS, carry_out, services
from marketplace.cli.values import ADULTS, AGES, AGES_HELP, BEDS, DAY, NIGHTS, ROOMS
from marketplace.kernel import typed
from marketplace.kernel.audit import Actor
from marketplace.kernel.clock import shanghai_date
from marketplace.kernel.errors import NotFound
from marketplace.kernel.money import exact_yuan, percentage
from marketplace.kernel.stay import Stay
from marketplace.kernel.unit_of_work import UnitOfWork
from marketplace.offers.quoting.stay_offers import find_offer
from marketplace.pricing.nights.quote import Reduction, ReductionKind
from marketplace.pricing.nights.selection import Party, StaySelection
from marketplace.pricing.nights.terms import Board

CAUSES = [
    ReasonCode.TRAVELLER_CHANGED_PLANS,
    ReasonCode.TRAVELLER_HEALTH,
    ReasonCode.TRAVELLER_OTHER,
    ReasonCode.HEALTH_PROVEN,
    ReasonCode.OPERATOR_FAULT,
    ReasonCode.FORCE_MAJEURE,
]
CAUSE = click.Choice([cause.value for cause in CAUSES])
ITEM = click.option("--item", type=click.IntRange(1), help="the number of one item of several")


@click.group("bookings")
def bookings() -> None:
    """Cancel, change and swap bookings for guests who call, and receive guests at the door."""


@bookings.command("cancel")
@click.argument("code")
@click.option("--cause", type=CAUSE, required=True)
@ITEM
@APPLY
@AS
def cancel_command(code: str, cause: str, item: int | None, apply: bool, who: str | None) -> None:
    """Cancel the booking CODE, or one item of it; some causes change what is kept.

    See docs/prices.md.
    """

    def run(session: Session, actor: Actor) -> str:
        own, booking = services(), _by_code(session, code)
        if item is not None:
            reason = ReasonCode(cause)
            return _cancel_item(session, booking, item, reason, actor if apply else None)
        quote = transitions.cancellation(
            session, booking=booking, now=own.clock.now(), cause=ReasonCode(cause)
        )
        if apply:
            transitions.cancel(
                session,
                booking_id=booking.id,
                reason=ReasonCode(cause),
                expected_refund_fen=quote.refund_fen,
                actor=actor,
                ids=own.ids,
                now=own.clock.now(),
            )
        return f"kept {exact_yuan(quote.fee_fen)}, back {exact_yuan(quote.refund_fen)}"

    carry_out(run, apply=apply, who=who)


def _cancel_item(
    session: Session, booking: Booking, item: int, reason: ReasonCode, actor: Actor | None
) -> str:
    """Give up one item of a booking; without ``actor`` only say what it would cost."""
    own = services()
    now = own.clock.now()
    quote = item_cancellation.quote_item(
        session, booking_id=booking.id, item=item, cause=reason, now=now
    )
    if actor is not None:
        item_cancellation.cancel_item(
            UnitOfWork(session, now, actor, own.ids),
            CancelItem(booking.id, item, reason, quote.refund_fen),
        )
    return f"kept {exact_yuan(quote.fee_fen)}, back {exact_yuan(quote.refund_fen)}"


@bookings.command("change")
@click.argument("code")
@click.option("--arrive", type=DAY)
@click.option("--depart", type=DAY)
@click.option("--room", help="code of another room type of the same house")
@click.option("--adults", type=ADULTS)
@click.option(
    "--children",
    type=AGES,
    help="full years of all children on the day of arrival, parted by commas; empty for none",
)
@click.option("--board", type=click.Choice([board.value for board in Board]))
@click.option("--beds", type=BEDS, help="extra beds")
@click.option("--cause", type=CAUSE, default=ReasonCode.TRAVELLER_CHANGED_PLANS.value)
@ITEM
@APPLY
@AS
def change_command(
    *, code: str, cause: str, item: int | None, apply: bool, who: str | None, **wish: Any
) -> None:
    """Change the stay of the booking CODE; what costs more is kept until the guest has paid it.

    Of a stay in several kinds of room one item is changed.
    """

    def run(session: Session, actor: Actor) -> str:
        own, booking = services(), _by_code(session, code)
        was, why, now = booking.item(item).selection, ReasonCode(cause), own.clock.now()
        wished = _wish(session, was, wish)
        quote = change_service.quote_change(
            session,
            booking_id=booking.id,
            item=item,
            wish=wished,
            cause=why,
            by_staff=True,
            now=now,
        )
        told = (
            f"{quote.kind}: {exact_yuan(quote.total_before_fen)} before, "
            f"{exact_yuan(quote.total_after_fen)} after, kept {exact_yuan(quote.fee_fen)}, "
            f"to pay {exact_yuan(quote.pay_fen)}, back {exact_yuan(quote.refund_fen)}"
            f"{_causes(quote)}"
        )
        if apply:
            row = change_service.change(
                UnitOfWork(session, now, actor, own.ids),
                change_service.ChangeBooking(
                    booking.id, wished, quote.balance_fen, cause=why, by_staff=True, item=item
                ),
            )
            told += f"; {row.state}"
        return told

    carry_out(run, apply=apply, who=who)


def _causes(quote: ChangeQuote) -> str:
    """Return why money is kept, and which reductions a change loses or earns."""
    kept, share = quote.reckoned.kept, f"{percentage(quote.fee_bp)}%"
    said = [
        f"{words} {exact_yuan(fen)}"
        for words, fen in (
            (f"kept by the policy, {share}:", kept.by_policy_fen),
            (f"kept of what was given up earlier today, {share}:", kept.of_today_fen),
            ("kept because used nights count at list price:", kept.for_used_fen),
        )
        if fen
    ]
    for word, cuts in (("lost", quote.reckoned.lost), ("earned", quote.reckoned.gained)):
        said += [f"{word}: {_reduction(cut)}" for cut in cuts]
    return "".join(f"; {each}" for each in said)


def _reduction(cut: Reduction) -> str:
    if cut.kind is ReductionKind.TIER:
        return f"long stay from {cut.min_nights} nights, {percentage(cut.off_bp)}% off"
    if cut.kind is ReductionKind.MONTH and cut.month is not None:
        return f"price of the month {cut.month:%Y-%m}"
    return f"promotion {cut.code}"


def _wish(session: Session, was: StaySelection, options: dict[str, Any]) -> StaySelection:
    """Return the stay as the options wish it; what they do not name stays as it is."""
    stay = was.stay
    days = was.between(options["arrive"] or stay.check_in, options["depart"] or stay.check_out)
    people = {"adults": options["adults"], "children_ages": options["children"]}
    given: dict[str, Any] = {
        "room_type_id": _room(session, options["room"]) if options["room"] else None,
        "board": Board(options["board"]) if options["board"] else None,
        "extra_beds": options["beds"],
    }
    return replace(days, party=replace(was.party, **_named(people)), **_named(given))


def _named(options: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in options.items() if value is not None}


@bookings.command("swap")
@click.argument("code")
@click.argument("other")
@ITEM
@click.option("--other-item", type=click.IntRange(1), help="the same of the other booking")
@APPLY
@AS
def swap_command(*, code: str, other: str, apply: bool, who: str | None, **items: Any) -> None:
    """Let two bookings of one house change rooms; nobody pays more for it."""

    def run(session: Session, actor: Actor) -> str:
        own = services()
        first, second = _by_code(session, code), _by_code(session, other)
        rooms = SwapRooms(
            RoomOf(first.id, items["item"]),
            RoomOf(second.id, items["other_item"]),
            first.enterprise_id,
        )
        now = own.clock.now()
        sides = room_swap.quote_swap(session, rooms, now=now)
        if apply:
            room_swap.swap(UnitOfWork(session, now=now, actor=actor, ids=own.ids), rooms)
        return "; ".join(
            f"{name}: back {exact_yuan(side.refund_fen)}, "
            f"borne by the house {exact_yuan(side.would_cost_fen)}"
            for name, side in zip((code, other), sides, strict=True)
        )

    carry_out(run, apply=apply, who=who)


@bookings.command("walk-in")
@click.argument("room")
@click.option("--nights", type=NIGHTS, required=True)
@click.option("--rooms", type=ROOMS, default=1, show_default=True)
@click.option("--adults", type=ADULTS, default=2, show_default=True)
@click.option("--children", type=AGES, default="", help=AGES_HELP)
@click.option("--board", type=click.Choice([board.value for board in Board]))
@click.option("--beds", type=BEDS, default=0, show_default=True, help="extra beds")
@click.option("--name", prompt=True, help="who stays; asked for when left out")
@click.option("--phone", prompt=True, default="", help="asked for when left out; may be empty")
@AS
def walk_in_command(*, room: str, name: str, phone: str, who: str | None, **wish: Any) -> None:
    """Receive a guest at the door from tonight on; the house takes the money itself."""

    def run(session: Session, actor: Actor) -> str:
        own = services()
        room_type_id = _room(session, room)
        booking = walk_in(
            session,
            command=WalkIn(
                selection=StaySelection(
                    room_type_id=room_type_id,
                    stay=Stay.of(shanghai_date(own.clock.now()), wish["nights"]),
                    rooms=wish["rooms"],
                    party=Party(wish["adults"], wish["children"]),
                    board=Board(wish["board"]) if wish["board"] else None,
                    extra_beds=wish["beds"],
                ),
                lead_name=name,
                phone=phone,
            ),
            enterprise_id=find_offer(session, room_type_id=room_type_id).enterprise_id,
            actor=actor,
            ids=own.ids,
            now=own.clock.now(),
        )
        return f"{booking.code}: {exact_yuan(booking.total_fen)}, to be paid at the door"

    carry_out(run, apply=True, who=who)


def _by_code(session: Session, code: str) -> Booking:
    booking = session.scalars(
        sa.select(Booking).where(Booking.code == typed.code(code))
    ).one_or_none()
    if booking is None:
        raise NotFound
    return booking


def _room(session: Session, code: str) -> int:
    found = session.scalar(sa.select(RoomType.id).where(RoomType.code == code))
    if found is None:
        raise NotFound
    return found
