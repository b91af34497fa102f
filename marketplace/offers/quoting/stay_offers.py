"""A quote over stock and price: may this party stay these nights here, and for how much?"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass, fields
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from catalog import season
from catalog.directory.room_names import NAME_COLUMNS, NAMES, RoomNames
from catalog.models import Enterprise, Listing, RoomType
from catalog.sale import House, Wares, refuse, sale_stop
from catalog.service import HOUSE_COLUMNS
from catalog.states import ListingStatus
from catalog.vocabulary import ListingKind
from marketplace.inventory.models import StockPool
from marketplace.kernel.db import table_of
from marketplace.kernel.errors import Invalid, NotFound
from marketplace.kernel.messages import Message
from marketplace.kernel.stay import LONGEST_NIGHTS, WRONG_NIGHTS, Stay
from marketplace.pricing import queries as prices
from marketplace.pricing.nights.quote import Ask, Quote, quote
from marketplace.pricing.nights.restrictions import Refusal, Restricted, Rule, refusals
from marketplace.pricing.nights.terms import OLDEST_CHILD, Terms
from marketplace.pricing.queries import Plan

MOST_ROOMS = 9
CHILD_WHEN_UNSAID = 10
"""The age counted with while only the number of children is known; every child takes a place."""
HAS_PASSED = "到达日期已经过去，请选今天或以后的日期"
OUT_OF_SEASON = (
    "这里每年%(opens_month)s月%(opens_day)s日到%(closes_month)s月%(closes_day)s日开放，"
    "您选的日子有的不在里面，请换日期"
)


@dataclass(frozen=True, slots=True)
class Offer:
    """One room type with what is needed to sell it."""

    room_type_id: int
    listing_id: int
    enterprise_id: int
    pool_id: int
    kind: ListingKind
    status: ListingStatus
    min_nights: int
    max_nights: int
    max_adults: int
    max_guests: int
    opens: str
    """First day of the season as MM-DD; empty where it is open all year."""
    closes: str
    names: RoomNames
    house: House
    """What the row of its enterprise says of its sales."""

    def require_sale(self, today: dt.date) -> None:
        """Refuse what may not be sold today.

        Raises:
            NotBookable, ListingClosed: by the rule of ``catalog.sale``.
        """
        refuse(sale_stop(self.house, self.wares, today=today))

    @property
    def wares(self) -> Wares:
        """What is asked of its listing before it is sold."""
        return Wares(self.kind, self.status)


_ROOM, _LISTING, _POOL = table_of(RoomType), table_of(Listing), table_of(StockPool)
_ENTERPRISE = table_of(Enterprise)
_OFFER = (
    sa.select(
        _ROOM.c.id.label("room_type_id"),
        _ROOM.c.listing_id,
        _LISTING.c.enterprise_id,
        _POOL.c.id.label("pool_id"),
        _LISTING.c.kind,
        _LISTING.c.status,
        _LISTING.c.min_nights,
        _LISTING.c.max_nights,
        _ROOM.c.max_adults,
        _ROOM.c.max_guests,
        _LISTING.c.opens,
        _LISTING.c.closes,
        *(*NAME_COLUMNS, *HOUSE_COLUMNS),
    )
    .join(_LISTING, _LISTING.c.id == _ROOM.c.listing_id)
    .join(_ENTERPRISE, _ENTERPRISE.c.id == _LISTING.c.enterprise_id)
    .join(_POOL, _POOL.c.room_type_id == _ROOM.c.id)
    .where(_ROOM.c.id.in_(sa.bindparam("rooms", expanding=True)))
    # Enterprises are locked in the order of their ids.
    .order_by(_ENTERPRISE.c.id, _ROOM.c.id)
)
_LOCK_OFFER = _OFFER.with_for_update(read=True, of=_ENTERPRISE)
_OWN = [field.name for field in fields(Offer)][:-2]
"""What is the offer's own, in the order of the columns, before names and house."""


def find_offer(session: Session, *, room_type_id: int) -> Offer:
    """Return what is sold as ``room_type_id``.

    Raises:
        NotFound: there is no such room type, or nothing was ever put on sale for it.
    """
    return find_offers(session, room_type_ids=[room_type_id])[0]


def find_offers(
    session: Session, *, room_type_ids: Sequence[int], lock: bool = False
) -> list[Offer]:
    """Return what is sold as each of these room types, in their order: one query.

    With ``lock`` their enterprises stay as they are until the transaction ends: shared, so that
    sales run side by side, while a suspension waits for those under way and stops every later one.

    Raises:
        NotFound: as ``find_offer``, of any of them; of several ``extra`` has their numbers.
    """
    asked = {"rooms": list(set(room_type_ids))}
    rows = session.connection().execute(_LOCK_OFFER if lock else _OFFER, asked)
    found = {row[0]: _offer(row) for row in rows}
    if missing := [n for n, room in enumerate(room_type_ids, 1) if room not in found]:
        raise NotFound(extra={"items": missing} if len(room_type_ids) > 1 else None)
    return [found[room] for room in room_type_ids]


def _offer(row: Any) -> Offer:
    own, more = dict(zip(_OWN, row, strict=False)), row[len(_OWN) :]
    return Offer(**own, names=RoomNames(*more[:NAMES]), house=House(*more[NAMES:]))


def make_stay(arrive: dt.date, nights: int, *, today: dt.date) -> Stay:
    """Return the stay asked for.

    Raises:
        Invalid: it begins in the past, or has no nights or too many.
    """
    faults: dict[str, str] = {}
    if arrive < today:
        faults["arrive"] = HAS_PASSED
    if not 1 <= nights <= LONGEST_NIGHTS:
        faults["nights"] = WRONG_NIGHTS
    if faults:
        raise Invalid(faults)
    return Stay.of(arrive, nights)


def require_ahead(stay: Stay, *, today: dt.date) -> None:
    """Refuse a stay that begins in the past: it may have been chosen on an earlier day.

    Raises:
        Invalid.
    """
    if stay.check_in < today:
        raise Invalid({"arrive": HAS_PASSED})


@dataclass(frozen=True, slots=True)
class Priced:
    """The price of a stay with what it was made of."""

    ask: Ask
    quote: Quote
    plan: Plan

    @property
    def terms(self) -> Terms:
        """The terms it was made by."""
        return self.plan.terms


def check_rules(offer: Offer, ask: Ask) -> None:
    """Refuse what the listing's own rules do not allow, naming the rule.

    Raises:
        Invalid: too few or too many rooms or people.
        Restricted: too few or too many nights, or a night outside the season.
    """
    check_party(offer, ask)
    if broken := listing_refusals(offer, ask.stay):
        raise Restricted(broken)


def check_party(offer: Offer, ask: Ask) -> None:
    """Refuse too few or too many rooms or people; raises ``Invalid``."""
    if faults := _party_faults(offer, ask):
        raise Invalid(faults)


def listing_refusals(offer: Offer, stay: Stay) -> list[Refusal]:
    """Return the listing's own rules that a stay breaks: nights and season."""
    found = []
    if stay.nights < offer.min_nights:
        message = Message("这里最少住 %(min_nights_limit)s 晚", min_nights_limit=offer.min_nights)
        found.append(Refusal(Rule.MIN_NIGHTS, "nights", message, offer.min_nights))
    if stay.nights > offer.max_nights:
        message = Message("这里最多住 %(max_nights_limit)s 晚", max_nights_limit=offer.max_nights)
        found.append(Refusal(Rule.MAX_NIGHTS, "nights", message, offer.max_nights))
    if not all(season.is_open(offer.opens, offer.closes, night) for night in stay.days()):
        found.append(Refusal(Rule.SEASON, "arrive", _out_of_season(offer)))
    return found


def _out_of_season(offer: Offer) -> Message:
    opens, closes = season.number_of(offer.opens), season.number_of(offer.closes)
    return Message(
        OUT_OF_SEASON,
        opens_month=opens // 100,
        opens_day=opens % 100,
        closes_month=closes // 100,
        closes_day=closes % 100,
    )


def _party_faults(offer: Offer, ask: Ask) -> dict[str, str]:
    if not 1 <= ask.rooms <= MOST_ROOMS:
        return {"rooms": Message("一次可以订 1 到 %(max_rooms)s 间", max_rooms=MOST_ROOMS)}
    faults: dict[str, str] = {}
    if not 1 <= ask.party.adults <= offer.max_adults * ask.rooms:
        said = "每间最多住 %(max_adults)s 位大人，请加房间或减人"
        faults["adults"] = Message(said, max_adults=offer.max_adults)
    elif ask.party.guests > offer.max_guests * ask.rooms:
        said = "每间最多住 %(max_guests)s 人，请加房间或减人"
        faults["adults"] = Message(said, max_guests=offer.max_guests)
    if any(not 0 <= age <= OLDEST_CHILD for age in ask.party.children_ages):
        said = "孩子的年龄请写 0 到 %(oldest_child)s 之间的整数"
        faults["children"] = Message(said, oldest_child=OLDEST_CHILD)
    return faults


def price(
    session: Session,
    *,
    room_type_id: int,
    ask: Ask,
    bound: bool = True,
    given: Quote | None = None,
) -> Priced:
    """Return the itemised price of a stay.

    A price that was ``given`` before is kept. Without ``bound`` the restrictions are left aside,
    as for a guest who was moved here and did not choose it.

    Raises:
        NoPrice: a night is not on sale. Restricted: a rule of the operator's refuses the stay.
        Invalid: meals or beds that cannot be had.
    """
    plan = prices.plan(session, room_type_id=room_type_id, stay=ask.stay)
    return price_by(plan, ask, bound=bound, given=given)


def price_by(plan: Plan, ask: Ask, *, bound: bool = True, given: Quote | None = None) -> Priced:
    """Return the itemised price of a stay by a plan that was read; refuses as ``price`` does."""
    if bound:
        broken = refusals(stay=ask.stay, booked_on=ask.booked_on, terms=plan.terms, days=plan.rules)
        if broken:
            raise Restricted(broken)
    made = given or quote(ask=ask, rates=plan.rates, terms=plan.terms)
    return Priced(ask, made, plan)
