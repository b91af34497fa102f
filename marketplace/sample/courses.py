"""How the stays of the sample go: which act comes when, and in which state of the booking."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass

from marketplace.booking.contract.cancellation_rules import HOLD_SHOWN, RELEASE_GRACE
from marketplace.booking.lifecycle.return_rights import KEPT_DAYS, LONG_NIGHTS
from marketplace.booking.states import BookingState, Channel
from marketplace.kernel.clock import shanghai_midnight
from marketplace.sample import acts, stopped_house
from marketplace.sample.acts import Act
from marketplace.sample.stories import Story

PAYS_AFTER = dt.timedelta(minutes=4)
REGRETS_AFTER = dt.timedelta(minutes=12)
NIGHT = dt.timedelta(minutes=20)
"""After midnight the days that passed are reckoned."""
MORNING = dt.timedelta(hours=9, minutes=30)
ARRIVES = dt.timedelta(hours=14)
ARRIVAL_SPREAD = 3
"""Guests arrive between two and a little after five: a third of their own minute after two."""
STOPS_BEFORE = 4
ANSWERS_WITHIN = dt.timedelta(hours=2)
PAYS_ACCOUNT_AFTER = dt.timedelta(days=10)
KEEPS_FOR_NEXT_YEAR = 12
"""After so many days a guest takes the room that is kept."""


@dataclass(frozen=True, slots=True)
class Scene:
    """An act at its moment, played if the booking is in the state ``needs`` then."""

    at: dt.datetime
    needs: BookingState | None
    """``None``: there is no booking yet."""
    act: Act


def scenes(story: Story) -> list[Scene]:
    """Return what happens in a story, in order."""
    return sorted(_scenes(story), key=lambda scene: scene.at)


def _scenes(story: Story) -> Iterator[Scene]:
    if story.course == "block":
        yield Scene(story.placed_at, None, acts.block)
        return
    if story.channel is Channel.WALK_IN:
        yield Scene(_arrival(story), None, acts.receive_at_the_door)
    else:
        yield Scene(story.placed_at, None, acts.hold)
        yield from _holding(story)
    yield from _before_arrival(story)
    yield from _stay(story)


def _holding(story: Story) -> Iterator[Scene]:
    held, begun = BookingState.HELD, story.placed_at
    if story.course == "held":
        return
    if story.course == "give_up":
        yield Scene(begun + REGRETS_AFTER, held, acts.cancel)
    elif story.course == "late_money":
        yield Scene(begun + REGRETS_AFTER, held, acts.pay_and_give_up)
    elif story.course in {"expire", "short_money"}:
        if story.course == "short_money":
            yield Scene(begun + PAYS_AFTER, held, acts.pay_too_little)
        yield Scene(begun + HOLD_SHOWN + RELEASE_GRACE, held, acts.expire)
    else:
        yield Scene(begun + PAYS_AFTER, held, acts.pay)


def _before_arrival(story: Story) -> Iterator[Scene]:
    confirmed, begun = BookingState.CONFIRMED, story.placed_at
    if story.course == "undo":
        yield Scene(begun + REGRETS_AFTER, confirmed, acts.cancel)
    elif story.course == "cancel":
        yield Scene(begun + dt.timedelta(days=story.days), confirmed, acts.cancel)
    elif story.course == "house":
        yield Scene(begun + dt.timedelta(days=story.days), confirmed, acts.cancel_by_house)
    elif story.course == "rehoused":
        # The house of its room stops before it comes, and opens again in the evening.
        stops = shanghai_midnight(story.check_in - dt.timedelta(days=STOPS_BEFORE)) + MORNING
        for after, act in enumerate(
            (stopped_house.close, stopped_house.offer, stopped_house.accept, stopped_house.reopen)
        ):
            yield Scene(stops + after * ANSWERS_WITHIN, confirmed, act)
    elif story.course in {"move", "extend"}:
        act = acts.move if story.course == "move" else acts.stay_longer
        yield Scene(begun + dt.timedelta(days=1), confirmed, act)


def _stay(story: Story) -> Iterator[Scene]:
    in_stay, end = BookingState.IN_STAY, story.check_out
    shift = dt.timedelta(days=story.days)
    if story.course == "early":
        yield Scene(shanghai_midnight(end - shift) + MORNING, in_stay, acts.leave_early)
        end -= shift
    elif story.course == "stay_on":
        yield Scene(shanghai_midnight(end) - shift + MORNING, in_stay, acts.stay_longer)
    if story.course in {"stay_on", "extend", "move"}:
        end += shift
    if story.course == "no_show":
        missed = shanghai_midnight(story.check_in + dt.timedelta(days=2)) + NIGHT
        yield Scene(missed, BookingState.CONFIRMED, acts.advance)
    elif story.channel is not Channel.WALK_IN:
        yield Scene(_arrival(story), BookingState.CONFIRMED, acts.arrive)
    over = shanghai_midnight(end + dt.timedelta(days=1)) + NIGHT
    yield Scene(over, in_stay, acts.advance)
    if story.course == "account":
        yield Scene(over + PAYS_ACCOUNT_AFTER, BookingState.COMPLETED, acts.settle_account)
    if story.channel is Channel.WEB and story.nights >= LONG_NIGHTS:
        yield from _next_summer(story, over)


def _next_summer(story: Story, over: dt.datetime) -> Iterator[Scene]:
    completed = BookingState.COMPLETED
    if story.course == "return":
        taken = over + dt.timedelta(days=KEEPS_FOR_NEXT_YEAR) + MORNING
        yield Scene(taken, completed, acts.take_next_summer)
    lapsed = over + dt.timedelta(days=KEPT_DAYS + 1)
    yield Scene(lapsed, completed, acts.forget_next_summer)


def _arrival(story: Story) -> dt.datetime:
    day = story.check_in + dt.timedelta(days=story.days if story.course == "move" else 0)
    return shanghai_midnight(day) + ARRIVES + dt.timedelta(minutes=story.minute // ARRIVAL_SPREAD)
