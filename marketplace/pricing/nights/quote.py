"""The price of a stay, line by line. Pure: the same input gives the same price anywhere.

How a price is made, in this order (``docs/prices.md`` has worked examples):

1. the list price of each night for all rooms, and what the people change in it;
2. named months at the month's price where that is lower, all other nights less the longest tier
   that the stay reaches, rounded once, half up;
3. the best promotion, off what is then left for the rooms;
4. extra beds and meals, undiscounted.
"""

from __future__ import annotations

import datetime as dt
import enum
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import groupby

from marketplace.kernel.errors import DomainError, Invalid
from marketplace.kernel.messages import Message
from marketplace.kernel.money import BASIS_POINTS, share_of, split
from marketplace.kernel.stay import Stay
from marketplace.pricing.nights.selection import COUPLE, Party, StaySelection
from marketplace.pricing.nights.terms import (
    Board,
    MonthPrice,
    Occupancy,
    Promotion,
    Terms,
    Tier,
    promoted,
    reached,
)

DAYS_A_MONTH = 30
"""What “a month” means wherever a monthly price is shown beside a total."""


class NoPrice(DomainError):
    """Some night of the stay has no price, so it is not on sale."""

    code = "not_bookable"
    http_status = 422
    message = "这些日期还没有开放预订，请选近一点的日期，或打电话给我们"


@dataclass(frozen=True, slots=True)
class Ask:
    """What is to be priced: who stays, in how many rooms, with which meals and beds."""

    stay: Stay
    booked_on: dt.date
    """The day of booking in Asia/Shanghai: promotions look at it."""
    rooms: int = 1
    party: Party = COUPLE
    board: Board | None = None
    """``None`` for the meals that the room's price includes."""
    extra_beds: int = 0

    @classmethod
    def of(cls, chosen: StaySelection, *, booked_on: dt.date) -> Ask:
        """Return what is to be priced of what somebody chose."""
        rooms, party = chosen.rooms, chosen.party
        return cls(chosen.stay, booked_on, rooms, party, chosen.board, chosen.extra_beds)


class ExtraKind(enum.StrEnum):
    """What is paid besides the rooms' list price, or spared."""

    ADULT = "extra_adult"
    CHILD = "child"
    SINGLE = "single_use"
    BED = "extra_bed"
    BOARD_ADULT = "board_adult"
    BOARD_CHILD = "board_child"


class ReductionKind(enum.StrEnum):
    """Why less than the list price is paid."""

    MONTH = "month"
    TIER = "tier"
    PROMOTION = "promotion"
    AGREED = "agreed"
    """By agreement, or before reasons were kept."""


@dataclass(frozen=True, slots=True)
class Line:
    """The nights of one month that share a list price, for all rooms."""

    first_day: dt.date
    nights: int
    list_fen: int
    """List price of one room for one of these nights."""
    amount_fen: int
    """The line's sum for all rooms, before any discount."""
    last_day: dt.date | None = field(default=None, compare=False)
    """The last of these nights; not kept of quotes made before it was told."""
    weekdays: tuple[int, ...] = field(default=(), compare=False)
    """The days of the week they fall on, Monday 1 to Sunday 7, likewise."""


@dataclass(frozen=True, slots=True)
class Extra:
    """``count`` people, rooms or beds at ``unit_fen`` a night; what is spared is negative."""

    kind: ExtraKind
    count: int
    nights: int
    unit_fen: int
    amount_fen: int
    age: int | None = None
    """Of a child: its age in years."""
    board: Board | None = None


@dataclass(frozen=True, slots=True)
class Reduction:
    """``off_fen`` less than the list price, and why."""

    kind: ReductionKind
    off_fen: int
    off_bp: int = 0
    min_nights: int = 0
    """Of a tier: the nights it begins with. Of a month: those of the stay in it."""
    month: dt.date | None = None
    month_fen: int = 0
    """Of a month: what one room costs for all of it."""
    code: str = ""
    name_zh: str = ""
    name_en: str = ""


@dataclass(frozen=True, slots=True)
class Night:
    """One night of all rooms: list price and the share of the agreed total, in fen."""

    day: dt.date
    rate_fen: int
    """List price of one room by the calendar, before anything else."""
    list_fen: int
    sold_fen: int


@dataclass(frozen=True, slots=True)
class Quote:
    """An itemised price: lines and extras make the list price, less the reductions the total."""

    stay: Stay
    rooms: int
    lines: tuple[Line, ...]
    extras: tuple[Extra, ...]
    reductions: tuple[Reduction, ...]
    nights: tuple[Night, ...]
    """They sum to the list price and to the total exactly."""
    list_fen: int
    total_fen: int
    board: Board = Board.ROOM_ONLY
    """The meals included in it."""

    @property
    def discount_fen(self) -> int:
        """How much less than the list price is paid, in fen."""
        return self.list_fen - self.total_fen

    @property
    def tier(self) -> Tier | None:
        """The long-stay discount that was given."""
        for cut in self.reductions:
            if cut.kind is ReductionKind.TIER:
                return Tier(cut.min_nights, cut.off_bp)
        return None

    @property
    def month_fen(self) -> int:
        """The total as a price for 30 nights, rounded half up to a whole fen."""
        return (2 * self.total_fen * DAYS_A_MONTH + self.stay.nights) // (2 * self.stay.nights)

    @property
    def night_fen(self) -> int:
        """The total as an average night, rounded half up to a whole fen."""
        return (2 * self.total_fen + self.stay.nights) // (2 * self.stay.nights)


def quote(
    *, ask: Ask, rates: Mapping[dt.date, int], terms: Terms, whole: Stay | None = None
) -> Quote:
    """Price what is asked; ``rates`` gives each night's list price in fen a room.

    ``whole`` is the stay that discounts are reckoned by, where only the rest of it is priced: a
    guest who changes something on the way keeps the discount of the whole stay.

    Raises:
        NoPrice: a night has no rate. Invalid: meals or beds that cannot be had here.
    """
    _check_extras(ask, terms)
    try:
        nightly = [(day, rates[day]) for day in ask.stay.days()]
    except KeyError as error:
        raise NoPrice from error
    people = people_extras(terms.occupancy, ask)
    a_night = sum(extra.count * extra.unit_fen for extra in people)
    listed = [fen * ask.rooms + a_night for _, fen in nightly]
    if min(listed) <= 0:
        raise NoPrice  # a single guest is spared more than the night costs
    sold, reductions = _agreed(ask, terms, nightly, a_night=a_night, whole=whole or ask.stay)
    besides = _undiscounted(ask, terms)
    added = sum(extra.count * extra.unit_fen for extra in besides)
    nights = tuple(
        Night(day, rate, whole + added, part + added)
        for (day, rate), whole, part in zip(nightly, listed, sold, strict=True)
    )
    return Quote(
        stay=ask.stay,
        rooms=ask.rooms,
        lines=_lines(nightly, ask.rooms),
        extras=(*people, *besides),
        reductions=reductions,
        nights=nights,
        list_fen=sum(night.list_fen for night in nights),
        total_fen=sum(night.sold_fen for night in nights),
        board=ask.board or terms.included_board,
    )


def agreed(quote: Quote, total_fen: int) -> Quote:
    """Return a quote whose total is ``total_fen`` by agreement, be it less or more."""
    if total_fen == quote.total_fen:
        return quote
    sold = split(total_fen, [night.sold_fen for night in quote.nights])
    cut = Reduction(ReductionKind.AGREED, quote.total_fen - total_fen)
    return replace(
        quote,
        nights=tuple(
            replace(night, sold_fen=fen) for night, fen in zip(quote.nights, sold, strict=True)
        ),
        reductions=(*quote.reductions, cut),
        total_fen=total_fen,
    )


def people_extras(occupancy: Occupancy, ask: Ask) -> tuple[Extra, ...]:
    """Return what the people change in the rooms' list price.

    Adults take the places first that the price includes, then the children who would pay most.
    """
    nights = ask.stay.nights
    places = occupancy.included * ask.rooms
    found = []
    if (more := ask.party.adults - places) > 0 and occupancy.extra_adult_fen:
        found.append(_extra(ExtraKind.ADULT, more, nights, occupancy.extra_adult_fen))
    ages = sorted(ask.party.children_ages, key=lambda age: (-occupancy.of_child(age), age))
    found += [
        _extra(ExtraKind.CHILD, 1, nights, fen, age=age)
        for age in ages[max(0, places - ask.party.adults) :]
        if (fen := occupancy.of_child(age))
    ]
    alone = min(ask.rooms, 2 * ask.rooms - ask.party.adults - len(ages))
    if alone > 0 and occupancy.single_off_fen:
        found.append(_extra(ExtraKind.SINGLE, alone, nights, -occupancy.single_off_fen))
    return tuple(found)


def _extra(
    kind: ExtraKind,
    count: int,
    nights: int,
    unit_fen: int,
    *,
    age: int | None = None,
    board: Board | None = None,
) -> Extra:
    return Extra(kind, count, nights, unit_fen, count * nights * unit_fen, age, board)


def _check_extras(ask: Ask, terms: Terms) -> None:
    faults: dict[str, str] = {}
    if ask.board not in (None, terms.included_board, *(each.board for each in terms.boards)):
        faults["board"] = "这里没有这种餐食，请另选"
    if not 0 <= ask.extra_beds <= terms.most_extra_beds * ask.rooms:
        most = terms.most_extra_beds * ask.rooms
        faults["extra_beds"] = Message("这里最多可以加 %(most_beds)s 张床", most_beds=most)
    if faults:
        raise Invalid(faults)


def _undiscounted(ask: Ask, terms: Terms) -> list[Extra]:
    """Return beds and meals: what they cost does not fall with the length of the stay."""
    nights = ask.stay.nights
    found = []
    if ask.extra_beds and terms.extra_bed_fen:
        found.append(_extra(ExtraKind.BED, ask.extra_beds, nights, terms.extra_bed_fen))
    for price in terms.boards:
        if price.board is ask.board:
            for kind, count, fen in (
                (ExtraKind.BOARD_ADULT, ask.party.adults, price.adult_fen),
                (ExtraKind.BOARD_CHILD, len(ask.party.children_ages), price.child_fen),
            ):
                if count and fen:
                    found.append(_extra(kind, count, nights, fen, board=price.board))
    return found


def _agreed(
    ask: Ask,
    terms: Terms,
    nightly: Sequence[tuple[dt.date, int]],
    *,
    a_night: int,
    whole: Stay,
) -> tuple[list[int], tuple[Reduction, ...]]:
    """Return what each night of all rooms is sold for, without extra beds and meals, and why."""
    listed = [fen * ask.rooms + a_night for _, fen in nightly]
    tier = reached(terms.tiers, whole.nights)
    kept = BASIS_POINTS - tier.off_bp if tier else BASIS_POINTS
    sold = [0] * len(listed)
    reductions = []
    rest = set(range(len(listed)))
    for month in sorted(terms.months, key=lambda each: each.month):
        if whole.nights < month.min_nights:
            continue
        inside = [place for place in rest if nightly[place][0].replace(day=1) == month.month]
        priced = [month.of_night(nightly[place][0]) * ask.rooms + a_night for place in inside]
        before = sum(listed[place] for place in inside)
        if inside and sum(priced) * BASIS_POINTS < before * kept:
            for place, fen in zip(inside, priced, strict=True):
                sold[place] = fen
            rest.difference_update(inside)
            reductions.append(_of_month(month, len(inside), before - sum(priced)))
    places = sorted(rest)
    weights = [listed[place] for place in places]
    before = sum(weights)
    total = share_of(before, kept)
    for place, fen in zip(places, split(total, weights), strict=True):
        sold[place] = fen
    if tier and before:
        off_fen = before - total
        reductions.append(Reduction(ReductionKind.TIER, off_fen, tier.off_bp, tier.min_nights))
    promotion = promoted(
        terms.promotions, booked_on=ask.booked_on, arrive=whole.check_in, nights=whole.nights
    )
    if promotion is not None:
        before = sum(sold)
        after = share_of(before, BASIS_POINTS - promotion.off_bp)
        sold = split(after, sold)
        reductions.append(_of_promotion(promotion, before - after))
    return sold, tuple(reductions)


def _of_month(month: MonthPrice, nights: int, off_fen: int) -> Reduction:
    return Reduction(
        ReductionKind.MONTH,
        off_fen,
        min_nights=nights,
        month=month.month,
        month_fen=month.month_fen,
    )


def _of_promotion(promotion: Promotion, off_fen: int) -> Reduction:
    return Reduction(
        ReductionKind.PROMOTION,
        off_fen,
        promotion.off_bp,
        code=promotion.code,
        name_zh=promotion.name_zh,
        name_en=promotion.name_en,
    )


def _lines(nightly: Sequence[tuple[dt.date, int]], rooms: int) -> tuple[Line, ...]:
    """Group the nights by month and price: a 90-night stay stays readable on a phone."""
    ordered = sorted(nightly, key=lambda night: (night[0].replace(day=1), night[1], night[0]))
    lines = []
    for (_, fen), group in groupby(ordered, key=lambda night: (night[0].replace(day=1), night[1])):
        days = [day for day, _ in group]
        weekdays = tuple(sorted({day.isoweekday() for day in days}))
        lines.append(Line(days[0], len(days), fen, fen * len(days) * rooms, days[-1], weekdays))
    return tuple(sorted(lines, key=lambda line: line.first_day))
