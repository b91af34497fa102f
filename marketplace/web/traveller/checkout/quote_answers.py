"""What a quote page finds out: the answer to every room that is asked for, or which is refused."""

from __future__ import annotations

from dataclasses import dataclass, replace

from catalog.queries import listing_page
from marketplace.kernel.errors import Invalid
from marketplace.offers.quoting import stay_answer
from marketplace.offers.quoting.stay_answer import StayAnswer
from marketplace.web.context import services, today
from marketplace.web.traveller.checkout.quote_wish import RoomsWish, require_each_once


@dataclass(frozen=True, slots=True)
class Found:
    """What was found out about every room that is asked for."""

    wanted: RoomsWish
    answers: tuple[StayAnswer, ...]

    @property
    def asked(self) -> StayAnswer:
        """The answer to the room that the page is about."""
        return self.answers[self.wanted.at]

    @property
    def priced(self) -> bool:
        """Whether all of it can be had."""
        return all(answer.priced is not None for answer in self.answers)

    @property
    def total_fen(self) -> int:
        """The total of all rooms that have a price."""
        return sum(answer.priced.quote.total_fen for answer in self.answers if answer.priced)

    def settled(self) -> Found:
        """Return the same with meals and beds left out of the rooms that cannot have them."""
        rooms = tuple(
            replace(room, choice=replace(room.choice, board=None, extra_beds=0))
            if answer.faults
            else room
            for room, answer in zip(self.wanted.rooms, self.answers, strict=True)
        )
        return replace(self, wanted=replace(self.wanted, rooms=rooms))

    def open_at(self) -> int | None:
        """Return the first other room about which there is something to ask, or why it is none."""
        rooms = enumerate(zip(self.wanted.rooms, self.answers, strict=True))
        for place, (wish, answer) in rooms:
            amiss = answer.may_choose and bool(answer.faults or wish.choice.errors)
            unsaid = answer.priced is None or wish.choice.ages is None
            if place != self.wanted.at and (unsaid or amiss):
                return place
        return None


class RoomRefused(Exception):
    """A room cannot be had as its own fields ask for it."""

    def __init__(self, place: int, fault: Invalid) -> None:
        """Say which of the rooms, and what is wrong with it."""
        super().__init__(place)
        self.place, self.fault = place, fault


def work_out(wanted: RoomsWish) -> Found:
    """Return what each room costs, or why not.

    Raises:
        NotFound: a room is none of this listing. RoomRefused: fields of a room say what cannot be.
    """
    matrix = services().follower.current()
    answers: dict[int, StayAnswer] = {}
    # The room that the page is about comes first: what is wrong with it is told here.
    places = sorted(range(len(wanted.rooms)), key=lambda place: place != wanted.at)
    with services().database.read() as session:
        page = listing_page(session, wanted.asked.listing_id)
        for place in places:
            try:
                require_each_once(wanted.rooms)
                selection = wanted.rooms[place].selection(page, today=today())
                answers[place] = stay_answer.answer(
                    session, page=page, selection=selection, matrix=matrix, today=today()
                )
            except Invalid as invalid:
                raise RoomRefused(place, invalid) from invalid
    return Found(wanted, tuple(answers[place] for place in range(len(wanted.rooms))))
