"""How far a stay can be made longer or shorter, tried as the change itself decides."""

from __future__ import annotations

import datetime as dt

from sqlalchemy.orm import Session

from marketplace.booking.changes import change_options, change_service
from marketplace.booking.changes.change_options import Changeable
from marketplace.kernel.errors import DomainError
from marketplace.pricing.nights.restrictions import Refusal, Restricted, Rule

TRIES = 12
"""How many numbers of nights are tried before it is said that none will do."""


def most_more_nights(session: Session, *, stay: Changeable, now: dt.datetime) -> int:
    """Return the most nights that the stay can be made longer by; 0 where there are none."""
    booked = stay.booked.stay.nights
    free = change_options.free_nights_after(session, booking_id=stay.booking.id, item=stay.item)
    more = min(free, stay.booking.listing.card.max_nights - booked)
    for _ in range(TRIES):
        if more <= 0:
            break
        end = stay.booked.stay.check_out + dt.timedelta(days=more)
        refused = _refusal(session, stay, end, now)
        if refused is None:
            return more
        limits = [each.limit for each in _refusals(refused) if each.rule is Rule.MAX_NIGHTS]
        more = min([more - 1, *(limit - booked for limit in limits)])
    return 0


def fewest_nights(
    session: Session, *, stay: Changeable, refused: Restricted, now: dt.datetime
) -> int:
    """Return the fewest nights that the stay can be cut to; 0 where that is no cut at all.

    ``refused`` is why it could not be cut to as few as were asked for.
    """
    limits = [each.limit for each in refused.refusals if each.rule is Rule.MIN_NIGHTS]
    first = max([(stay.earliest_end - stay.booked.stay.check_in).days, *limits])
    for nights in range(first, min(first + TRIES, stay.booked.stay.nights)):
        if (
            _refusal(session, stay, stay.booked.stay.check_in + dt.timedelta(days=nights), now)
            is None
        ):
            return nights
    return 0


def _refusals(error: DomainError) -> tuple[Refusal, ...]:
    return error.refusals if isinstance(error, Restricted) else ()


def _refusal(
    session: Session, stay: Changeable, check_out: dt.date, now: dt.datetime
) -> DomainError | None:
    """Return why the stay cannot end on another day; ``None`` when it can."""
    try:
        wish = stay.booked.between(stay.booked.stay.check_in, check_out)
        change_service.quote_change(
            session, booking_id=stay.booking.id, item=stay.item, wish=wish, now=now
        )
    except DomainError as error:
        return error
    return None
