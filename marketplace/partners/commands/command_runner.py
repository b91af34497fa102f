"""One way to whatever a partner may ask for: the wish, whose booking it is, the service, the fact.

Every surface comes through here. It decodes a request to a command, names the wish, and lends its
voice for what came of it; it opens the transaction and commits it.
"""

from __future__ import annotations

from functools import partial
from typing import Any, cast

from sqlalchemy.orm import Session

from marketplace.booking.lifecycle import transitions
from marketplace.booking.models import Booking
from marketplace.kernel import wishes
from marketplace.kernel.errors import NotFound
from marketplace.kernel.unit_of_work import UnitOfWork
from marketplace.kernel.wishes import Answer, Voice, Wish
from marketplace.partners import queries, stay_quotes
from marketplace.partners.commands import cancellations, holds, rehousing_answers
from marketplace.partners.commands.caller import Caller
from marketplace.partners.commands.conditions import Conditions
from marketplace.partners.commands.stay_commands import (
    AnswerRehousing,
    BookingCommand,
    Cancel,
    Command,
    Confirm,
    Extend,
    Hold,
    Outcome,
    QuoteCancellation,
    QuoteRooms,
    QuoteStay,
)


def run(
    work: UnitOfWork,
    *,
    caller: Caller,
    command: Command[Outcome],
    wish: Wish | None,
    voice: Voice[Outcome],
    conditions: Conditions,
) -> Answer:
    """Decide what is asked for, once a wish, and return what the surface says of it.

    The wish is written first, in the transaction of its effect, and its answer last: a second one
    waits for the first, for a bounded time, and gets the same bytes. Without a wish, which only
    what changes nothing may be, it is simply decided.

    Raises:
        InProgress, KeyReused: of the wish. DomainError: a refusal that the voice does not keep;
            nothing is left of it when the transaction is rolled back.
    """
    effect = partial(decide, work, caller=caller, command=command, conditions=conditions)
    return wishes.once(
        work.session, wish, effect=effect, voice=voice, now=work.now, booking_of=_booking_of
    )


def _booking_of(outcome: object) -> str | None:
    return outcome.booking.id if isinstance(outcome, queries.Sale) else None


def decide(
    work: UnitOfWork, *, caller: Caller, command: Command[Outcome], conditions: Conditions
) -> Outcome:
    """Do what is asked for, and return what came of it; the trail names ``work.actor``.

    Raises:
        NotFound: the booking is another partner's, or of the other environment.
        DomainError: what the service of the command refuses with.
    """
    return cast(Outcome, _decided(work, caller, command, conditions))


def _decided(
    work: UnitOfWork, caller: Caller, command: Command[Any], conditions: Conditions
) -> object:
    match command:
        case QuoteStay():
            return stay_quotes.quote_stay(work, caller=caller, selection=command.selection)
        case QuoteRooms():
            return stay_quotes.quote_rooms(work, caller=caller, selections=command.selections)
        case Hold():
            booking = holds.hold(work, caller, command, conditions)
            return queries.describe(work.session, booking)
        case BookingCommand():
            booking = _own(work.session, caller, command.booking_id)
            return _of_booking(work, caller, booking, command)
    raise TypeError(type(command).__name__)


def _of_booking(
    work: UnitOfWork, caller: Caller, booking: Booking, command: BookingCommand[Any]
) -> object:
    match command:
        case QuoteCancellation():
            return cancellations.quote(work, booking, command)
        case Extend():
            holds.extend(work, booking)
        case Confirm():
            holds.confirm(work, caller, booking, command)
        case Cancel():
            cancellations.cancel(work, booking, command)
        case AnswerRehousing():
            rehousing_answers.answer(work, booking, command)
        case _:
            raise TypeError(type(command).__name__)
    return queries.describe(work.session, booking)


def _own(session: Session, caller: Caller, booking_id: str) -> Booking:
    """Return the caller's booking with its row locked; anybody else's raises ``NotFound``."""
    booking = transitions.locked(session, booking_id)
    if booking.partner_id != caller.partner_id or booking.test != caller.test:
        raise NotFound
    return booking
