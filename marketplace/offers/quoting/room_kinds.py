"""Which other kinds of room of a house are free for the same nights, and what each costs."""

from __future__ import annotations

from collections.abc import Collection

from sqlalchemy.orm import Session

from catalog.views import ListingPage, RoomTypeView
from marketplace.offers.matrix.matrix import Matrix
from marketplace.offers.search.search_service import quote_many
from marketplace.pricing.nights.quote import Ask


def free_kinds(
    session: Session, page: ListingPage, ask: Ask, *, taken: Collection[int], matrix: Matrix
) -> list[tuple[RoomTypeView, int]]:
    """Return the room types of ``page`` that can be had as asked, each with its total in fen.

    Those ``taken`` are left out. Totals are of all rooms asked for. The quote decides by the
    database's word; this looks where a search looks.
    """
    free = matrix.find(stay=ask.stay, rooms=ask.rooms, party=ask.party)
    found = set(free.room_type_ids.tolist())
    kinds = [room for room in page.room_types if room.id in found and room.id not in taken]
    quotes = quote_many(session, room_type_ids=[room.id for room in kinds], ask=ask)
    return [(room, quotes[room.id].total_fen) for room in kinds if room.id in quotes]
