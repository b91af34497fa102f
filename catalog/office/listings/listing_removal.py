"""Taking what a listing sells out of it, which other parts of the product may hang on.

The directory knows nothing of stock. Whoever keeps something for room types, times or classes
registers how to tell that one is still needed, and how to let go of the rest; see
``marketplace.bootstrap``.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from types import MappingProxyType
from typing import TypeAlias

import sqlalchemy as sa
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from catalog.models import BerthClass, RoomType, TimeSlot
from catalog.office.models import Photo
from catalog.vocabulary import ListingKind
from marketplace.kernel.errors import DomainError

Part: TypeAlias = RoomType | TimeSlot | BerthClass
"""One thing that a listing sells, of the kind of the listing."""
Needed: TypeAlias = Callable[[Session, ListingKind, Sequence[int]], set[int]]
Release: TypeAlias = Callable[[Session, ListingKind, Sequence[int]], None]

NEEDED: list[Needed] = []
"""Each returns which of some parts of a kind of listing cannot go."""
RELEASES: list[Release] = []
"""Each deletes what it keeps for parts that are about to go."""

PLACES_LEFT = "“%(name)s”还有名额或订单，不能去掉。请先把名额改成 0；有过订单的请保留"
STILL_SOLD: Mapping[ListingKind, str] = MappingProxyType(
    {
        ListingKind.STAY: (
            "“%(name)s”还有房量、价格或订单，不能去掉。请先在房态里把房量改成 0；有过订单的请保留"
        ),
        ListingKind.ACTIVITY: PLACES_LEFT,
        ListingKind.RAIL: PLACES_LEFT,
    }
)


class StillSold(DomainError):
    """A part that was taken out of the document has units, prices or bookings."""

    code = "still_sold"
    http_status = 409

    def __init__(self, kind: ListingKind, part: Part) -> None:
        """Name the part in the words of its kind."""
        super().__init__(STILL_SOLD[kind], name=part.name_zh)


def register(needed: Needed, release: Release) -> None:
    """Ask ``needed`` and ``release`` whenever parts go; a second time changes nothing."""
    if needed not in NEEDED:
        NEEDED.append(needed)
    if release not in RELEASES:
        RELEASES.append(release)


def refuse_needed(session: Session, kind: ListingKind, parts: Sequence[Part]) -> None:
    """Raise ``StillSold`` when one of ``parts`` of a listing of this kind cannot go."""
    ids = [part.id for part in parts]
    held = {part_id for ask in NEEDED for part_id in ask(session, kind, ids)} if ids else set()
    for part in parts:
        if part.id in held:
            raise StillSold(kind, part)


def remove(session: Session, kind: ListingKind, parts: Sequence[Part]) -> None:
    """Delete parts of a listing of this kind with all that is kept for them.

    Raises:
        StillSold: one of them is still needed, by whomever.
    """
    refuse_needed(session, kind, parts)
    for part in parts:
        try:
            with session.begin_nested():
                for release in RELEASES:
                    release(session, kind, [part.id])
                if isinstance(part, RoomType):
                    _leave_photos(session, part)
                session.delete(part)
                session.flush()
        except IntegrityError as error:
            raise StillSold(kind, part) from error


def _leave_photos(session: Session, room: RoomType) -> None:
    """Leave what was photographed of a room with the house."""
    session.execute(sa.update(Photo).where(Photo.room_type_id == room.id).values(room_type_id=None))
