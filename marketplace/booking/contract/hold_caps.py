"""How much may be kept on hold and unpaid: counted before another hold is made.

A hold costs nothing, so without these anybody could keep a house empty. Only holds whose promised
time still runs and that nobody has paid are counted: paying one, giving it up or letting it end
frees its share at once. Who keeps nothing on hold is never refused, whatever others keep and
however large the wish, so that whoever pays one stay after the other never meets a cap.

Changes of paid stays that wait for their payment (one a booking) are counted against each other,
so that a few cheap nights do not keep houses empty; a new hold does not mind them. Not counted,
because money or an earlier stay stands behind them: rooms kept for next summer, rooms offered to a
guest who is rehoused (nothing is held for these), and guests at the door, received at once.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from marketplace.booking.contract.buyers import Buyer, PartnerSale, WebBuyer
from marketplace.booking.items import BookingItem
from marketplace.booking.models import Booking, BookingChange
from marketplace.booking.states import ChangeState
from marketplace.inventory.models import Claim
from marketplace.kernel.clock import shanghai_date
from marketplace.kernel.crypto import blind_index
from marketplace.kernel.db import lock_word, table_of
from marketplace.kernel.errors import DomainError
from marketplace.kernel.phone_index import index_of


@dataclass(frozen=True, slots=True)
class Caps:
    """The most that may be on hold at once; room-nights are rooms times nights."""

    holds_phone: int = 3
    holds_address: int = 30
    nights_phone: int = 360
    nights_address: int = 1_800
    nights_partner: int = 1_200
    nights_listing: int = 360
    """Of one listing, by everybody; it stops only who has something on hold already."""
    telephone: str = ""
    """Told with every refusal: whoever is stopped by strangers' holds can call."""


DEFAULT_CAPS = Caps()
A_DAY = dt.timedelta(days=1)


class TooManyHolds(DomainError):
    """This phone or address keeps as many unpaid holds as it may."""

    code = "too_many_holds"
    http_status = 409
    message = "您已有几个还没付款的保留，请先付款或取消其中一个，或打电话给我们"


class HoldCap(TooManyHolds):
    """So many room-nights are on hold unpaid that this would be too many.

    ``extra`` says whose cap it is (``what``), the cap (``limit``) and what is on hold (``held``).
    """

    code = "hold_cap"
    http_status = 429


FULL = {
    "phone": (
        "这个手机号没付款的保留已有%(held)s间夜（间数乘晚数），最多%(limit)s间夜。"
        "请先付款或取消其中一个，或打电话给我们"
    ),
    "address": (
        "从您这个网络没付款的保留已有%(held)s间夜（间数乘晚数），最多%(limit)s间夜。"
        "请先付款，或过半小时再试，或打电话给我们"
    ),
    "partner": (
        "贵平台没确认的保留已有%(held)s间夜（间数乘晚数），最多%(limit)s间夜。"
        "请先确认或取消一部分，或打电话给我们"
    ),
    "listing": (
        "这处住宿没付款的保留已有%(held)s间夜（间数乘晚数），最多%(limit)s间夜。"
        "请先为已有的保留付款，或过半小时再试，或打电话给我们"
    ),
}
"""What is said where a cap is reached."""


@dataclass(frozen=True, slots=True)
class Kept:
    """What is on hold and unpaid."""

    holds: int
    room_nights: int
    fen: int


_BOOKING, _ITEM = table_of(Booking), table_of(BookingItem)
# Written out, not bound: only so does PostgreSQL use the partial indexes of live holds.
_LIVE = (
    _BOOKING.c.state == sa.literal_column("'held'"),
    _BOOKING.c.expires_at > sa.bindparam("now", type_=_BOOKING.c.expires_at.type),
    _BOOKING.c.test == sa.bindparam("test", type_=sa.Boolean),
)
_COLUMNS = {
    "phone": _BOOKING.c.phone_index,
    "address": _BOOKING.c.placed_from,
    "partner": _BOOKING.c.partner_id,
    "listing": _ITEM.c.listing_id,
}
_KEPT = {
    what: sa.select(
        _ITEM.c.booking_id, _ITEM.c.units, _ITEM.c.first_day, _ITEM.c.last_day, _ITEM.c.total_fen
    )
    .join_from(_BOOKING, _ITEM, _ITEM.c.booking_id == _BOOKING.c.id)
    .where(column == sa.bindparam("who"), *_LIVE)
    for what, column in _COLUMNS.items()
}
KEPT_BY_PARTNER = _KEPT["partner"]
"""What a partner, ``who``, keeps on hold; for one statement with more."""
# A hold lives for two hours at most, so its nights begin yesterday at the earliest.
_KEPT["listing"] = _KEPT["listing"].where(_ITEM.c.first_day >= sa.bindparam("since", type_=sa.Date))


def kept(
    session: Session, what: str, who: str | int, *, now: dt.datetime, test: bool = False
) -> Kept:
    """Return what ``who`` (by ``what``: phone, address, partner or listing) keeps on hold."""
    found = {"who": who, "now": now, "test": test, "since": shanghai_date(now) - A_DAY}
    return kept_by(session.connection().execute(_KEPT[what], found).all())


def kept_by(rows: Sequence[Any]) -> Kept:
    """Return what rows like those of ``KEPT_BY_PARTNER`` come to."""
    nights = sum(row.units * (row.last_day - row.first_day).days for row in rows)
    return Kept(len({row.booking_id for row in rows}), nights, sum(row.total_fen for row in rows))


def check(
    session: Session,
    buyer: Buyer,
    wanted: Mapping[int, int],
    *,
    caps: Caps,
    now: dt.datetime,
    own: Kept | None = None,
) -> None:
    """Refuse a hold beyond a cap; ``wanted`` are room-nights by listing.

    ``own`` is what a partner keeps on hold, where it was read with its row locked. The words of
    phone and address, and of listings in the order of their ids, stay locked until the transaction
    ends. Who stands at the door is received at once and never refused.

    Raises:
        TooManyHolds, HoldCap.
    """
    if isinstance(buyer, WebBuyer):
        _check_web(session, buyer, wanted, caps=caps, now=now)
    elif isinstance(buyer, PartnerSale):
        own = own or kept(session, "partner", buyer.partner_id, now=now, test=buyer.test)
        _check_partner(session, own, wanted, caps=caps, test=buyer.test, now=now)


def _check_web(
    session: Session, buyer: WebBuyer, wanted: Mapping[int, int], *, caps: Caps, now: dt.datetime
) -> None:
    """Refuse a hold beyond a cap of the phone, the address or a listing.

    The words of phone and address stay locked until the transaction ends, so that two holds of one
    person are counted one after another.
    """
    of = {"phone": index_of(buyer.phone), "address": blind_index("address", buyer.address)}
    lock_word(session, *of.values())
    found = {what: kept(session, what, who, now=now) for what, who in of.items()}
    if not any(own.holds for own in found.values()):
        return
    most = {"phone": caps.holds_phone, "address": caps.holds_address}
    for what, own in found.items():
        if own.holds >= most[what]:
            raise TooManyHolds(extra={"what": what, "limit": most[what], **_call(caps)})
    room_nights = sum(wanted.values())
    _require(caps, "phone", found["phone"], room_nights, caps.nights_phone)
    _require(caps, "address", found["address"], room_nights, caps.nights_address)
    _check_listings(session, caps, wanted, now)


def check_change(
    session: Session, *, caps: Caps, booking: Booking, room_nights: int, now: dt.datetime
) -> None:
    """Refuse a change that keeps ``room_nights`` unpaid beyond the cap of the booking's phone.

    Beside the phone's holds the changes count that wait on its other bookings. The caller holds the
    booking's lock and no rooms yet.

    Raises:
        HoldCap.
    """
    if booking.phone_index is None or not room_nights:
        return
    lock_word(session, booking.phone_index)
    holds = kept(session, "phone", booking.phone_index, now=now)
    rows = session.execute(
        sa.select(BookingChange.id, Claim.units, Claim.first_day, Claim.last_day)
        .join(Claim, Claim.holder == BookingChange.id)
        .join(Booking, Booking.id == BookingChange.booking_id)
        .where(
            Booking.phone_index == booking.phone_index,
            Booking.id != booking.id,
            BookingChange.state == ChangeState.HELD,
            BookingChange.expires_at > now,
            Claim.released_at.is_(None),
        )
    ).all()
    waiting = sum(row.units * (row.last_day - row.first_day).days for row in rows)
    found = Kept(
        holds.holds + len({row.id for row in rows}), holds.room_nights + waiting, holds.fen
    )
    _require(caps, "phone", found, room_nights, caps.nights_phone)


def _check_partner(
    session: Session,
    own: Kept,
    wanted: Mapping[int, int],
    *,
    caps: Caps,
    test: bool,
    now: dt.datetime,
) -> None:
    """Refuse a hold beyond the cap of the partner, which keeps ``own`` on hold, or of a listing.

    The caller holds the partner's row. Test bookings take no rooms: they are counted by themselves,
    and no listing minds them.
    """
    if not own.holds:
        return
    _require(caps, "partner", own, sum(wanted.values()), caps.nights_partner)
    if not test:
        _check_listings(session, caps, wanted, now)


def _check_listings(
    session: Session, caps: Caps, wanted: Mapping[int, int], now: dt.datetime
) -> None:
    """Refuse who already keeps something on hold and would fill a listing's cap.

    The word comes after those of phone and address, and only for them: the first hold of everybody
    else goes past it, so that one listing's sales still run side by side.
    """
    for listing_id, room_nights in sorted(wanted.items()):
        lock_word(session, f"held:listing:{listing_id}")
        found = kept(session, "listing", listing_id, now=now)
        _require(caps, "listing", found, room_nights, caps.nights_listing)


def _require(caps: Caps, what: str, found: Kept, more: int, limit: int) -> None:
    if found.holds and found.room_nights + more > limit:
        extra = {"what": what, "limit": limit, "held": found.room_nights, **_call(caps)}
        raise HoldCap(FULL[what], extra=extra, held=found.room_nights, limit=limit)


def _call(caps: Caps) -> dict[str, object]:
    return {"telephone": caps.telephone} if caps.telephone else {}
