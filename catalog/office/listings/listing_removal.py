"""Taking room types out of a listing, which other parts of the product may hang on.

The directory knows nothing of stock. Whoever keeps something for room types registers how to tell
that one is still needed, and how to let go of the rest; see ``marketplace.bootstrap``.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

import sqlalchemy as sa
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from catalog.models import RoomType
from catalog.office.models import Photo
from marketplace.kernel.errors import DomainError

NEEDED: list[Callable[[Session, Sequence[int]], set[int]]] = []
"""Each returns which of some room types cannot go."""
RELEASES: list[Callable[[Session, Sequence[int]], None]] = []
"""Each deletes what it keeps for room types that are about to go."""


class StillSold(DomainError):
    """A room type that was taken out of the document has rooms or bookings."""

    code = "still_sold"
    http_status = 409
    message = "“%(name)s”还有房量、价格或订单，不能去掉。请先在房态里把房量改成 0；有过订单的请保留"


def register(
    needed: Callable[[Session, Sequence[int]], set[int]],
    release: Callable[[Session, Sequence[int]], None],
) -> None:
    """Ask ``needed`` and ``release`` whenever room types go; a second time changes nothing."""
    if needed not in NEEDED:
        NEEDED.append(needed)
    if release not in RELEASES:
        RELEASES.append(release)


def refuse_needed(session: Session, rooms: Sequence[RoomType]) -> None:
    """Raise ``StillSold`` when one of ``rooms`` cannot go."""
    ids = [room.id for room in rooms]
    held = {room_id for ask in NEEDED for room_id in ask(session, ids)} if ids else set()
    for room in rooms:
        if room.id in held:
            raise StillSold(name=room.name_zh)


def remove(session: Session, rooms: Sequence[RoomType]) -> None:
    """Delete room types with all that is kept for them.

    Raises:
        StillSold: one of them is still needed, by whomever.
    """
    refuse_needed(session, rooms)
    for room in rooms:
        try:
            with session.begin_nested():
                for release in RELEASES:
                    release(session, [room.id])
                # What was photographed of it stays with the house.
                session.execute(
                    sa.update(Photo).where(Photo.room_type_id == room.id).values(room_type_id=None)
                )
                session.delete(room)
                session.flush()
        except IntegrityError as error:
            raise StillSold(name=room.name_zh) from error
