"""What is chosen of one house for one stay: rooms of one type or of a few. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace

from marketplace.kernel.errors import DomainError, Invalid
from marketplace.kernel.messages import Message
from marketplace.pricing.nights.selection import StaySelection

MOST_KINDS = 4
"""How many choices of rooms one stay has at most."""


class NotOneStay(DomainError):
    """Rooms of several houses or of other dates are several stays: each is booked by itself."""

    code = "not_one_stay"
    http_status = 422
    message = "一个订单里的几种房要在同一家、同一天到、同一天离开。不一样的请分开订"


@dataclass(frozen=True, slots=True)
class RoomChoice:
    """Rooms of one type with who sleeps in them; they are priced by themselves."""

    selection: StaySelection
    quote_id: str | None = None
    """The price that was given for exactly this, to be honoured."""
    sleepers: str = ""
    """Who sleeps there, in the traveller's words; nothing where they did not say."""


def beside_others(selections: Sequence[StaySelection]) -> list[StaySelection]:
    """Return the choices as they are held: one room alone has no other to lie next to."""
    if sum(each.rooms for each in selections) > 1:
        return list(selections)
    return [replace(each, adjoining=False) for each in selections]


def say_items(refused: DomainError, numbers: Iterable[int], *, of: int) -> None:
    """Let a refusal tell which of the choices it is about, counted from 1, where there are more.

    ``of`` is how many there are.
    """
    if of > 1:
        refused.extra.setdefault("items", list(numbers))


@contextmanager
def about_item(number: int, *, of: int) -> Iterator[None]:
    """Let a refusal from inside tell that it is about this choice, as ``say_items``."""
    try:
        yield
    except DomainError as refused:
        say_items(refused, [number], of=of)
        raise


def require_one_stay(selections: Sequence[StaySelection], listings: Sequence[int] = ()) -> None:
    """Refuse what is not one stay: some choices of rooms, of one listing, for the same nights.

    Raises:
        Invalid: no rooms are chosen, or too many kinds. NotOneStay: other dates or houses; it
            tells which differ from the first.
    """
    if not 1 <= len(selections) <= MOST_KINDS:
        raise Invalid({"items": Message("请选 1 到 %(most)s 种房", most=MOST_KINDS)})
    others = {n for n, each in enumerate(selections, 1) if each.stay != selections[0].stay}
    others |= {n for n, listing in enumerate(listings, 1) if listing != listings[0]}
    if others:
        refused = NotOneStay()
        say_items(refused, sorted(others), of=len(selections))
        raise refused
