"""Which room of a listing dates and people lead to, and how many of each take everybody."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from catalog.views import RoomTypeView
from marketplace.kernel.stay import Stay
from marketplace.offers.matrix.matrix import Matrix
from marketplace.offers.quoting.stay_offers import MOST_ROOMS
from marketplace.pricing.nights.selection import Party


@dataclass(frozen=True, slots=True)
class RoomQuestion:
    """What is asked of the rooms of a listing; dates and a certain room may be left open."""

    room_type_id: int | None
    stay: Stay | None
    rooms: int
    party: Party


@dataclass(frozen=True, slots=True)
class Several:
    """So many rooms of one type as take everybody."""

    room: RoomTypeView
    count: int
    total_fen: int | None
    """What they cost together; ``None`` without dates, or where so many are not free."""


@dataclass(frozen=True, slots=True)
class RoomChoice:
    """The room that is looked at, and what there is beside it."""

    room: RoomTypeView
    fits: bool
    """Whether the people fit into the rooms asked for, of this type."""
    others: Sequence[RoomTypeView]
    """Other rooms that take the people, those that are free for less first."""
    totals_fen: Mapping[int, int]
    """What the free rooms cost for the dates asked for, by room type."""
    several: Sequence[Several]
    """Where the people do not fit: how many rooms of each type they need, that one first."""

    @property
    def taking(self) -> frozenset[int]:
        """The room types that take the people, by id."""
        own = [self.room] if self.fits else []
        return frozenset(room.id for room in (*self.others, *own))


def choose(rooms: Sequence[RoomTypeView], question: RoomQuestion, *, matrix: Matrix) -> RoomChoice:
    """Look at the room that is named, else at the cheapest that is free and takes the people.

    ``rooms`` are those of one listing that are sold, at least one.
    """
    totals = {
        room: fen
        for room, fen in _totals(question, question.rooms, matrix).items()
        if any(room == one.id for one in rooms)
    }
    taking = [room for room in rooms if _takes(room, question)]
    taking.sort(key=lambda room: (room.id not in totals, totals.get(room.id, 0)))
    named = next((room for room in rooms if room.id == question.room_type_id), None)
    chosen = named or (taking or list(rooms))[0]
    fits = chosen in taking
    return RoomChoice(
        room=chosen,
        fits=fits,
        others=[room for room in taking if room is not chosen],
        totals_fen=totals,
        several=[] if fits else _several(chosen, rooms, question, matrix),
    )


def _totals(question: RoomQuestion, count: int, matrix: Matrix) -> dict[int, int]:
    """Return what ``count`` rooms of each type cost together, where so many are free."""
    if question.stay is None:
        return {}
    found = matrix.find(stay=question.stay, rooms=count, party=question.party)
    return dict(zip(found.room_type_ids.tolist(), found.totals_fen.tolist(), strict=True))


def _several(
    chosen: RoomTypeView, rooms: Sequence[RoomTypeView], question: RoomQuestion, matrix: Matrix
) -> list[Several]:
    """Return how many rooms of each type take everybody: more rooms than were asked for."""
    found = [
        Several(room, count, _totals(question, count, matrix).get(room.id))
        for room in rooms
        if (count := _needed(room, question.party)) > question.rooms
    ]
    far = 10**15
    return sorted(found, key=lambda one: (one.room is not chosen, one.total_fen or far))


def _takes(room: RoomTypeView, question: RoomQuestion) -> bool:
    party, rooms = question.party, question.rooms
    return party.adults <= room.max_adults * rooms and party.guests <= room.max_guests * rooms


def _needed(room: RoomTypeView, party: Party) -> int:
    needed = max(-(-party.adults // room.max_adults), -(-party.guests // room.max_guests))
    return needed if needed <= MOST_ROOMS else 0
