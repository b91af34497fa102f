"""A change of a stay, and what it costs by the terms it was sold under. Pure.

Only nights still to come are priced again: what they cost after the change less what they cost
before it is the difference. So an extension taken back on the same day gives back exactly its sum.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from marketplace.booking.contract import cancellation_rules
from marketplace.booking.states import FREE_CAUSES, ChangeKind, ReasonCode
from marketplace.kernel.money import share_of
from marketplace.kernel.stay import Stay
from marketplace.pricing.nights.quote import Ask, Quote, Reduction, ReductionKind, quote
from marketplace.pricing.nights.selection import StaySelection
from marketplace.pricing.nights.terms import Terms

MOVE_UNTIL_DAYS = 7
"""A traveller may move a stay to other dates until so many days before arrival."""


def kind_of(was: StaySelection, wish: StaySelection) -> ChangeKind | None:
    """Return what kind of change it is; ``None`` when nothing changes."""
    if wish == was:
        return None
    if wish.room_type_id != was.room_type_id:
        return ChangeKind.ROOM
    if wish.stay.check_in != was.stay.check_in:
        return ChangeKind.MOVE
    if wish.stay.check_out > was.stay.check_out:
        return ChangeKind.EXTEND
    return ChangeKind.SHORTEN if wish.stay.check_out < was.stay.check_out else ChangeKind.PARTY


@dataclass(frozen=True, slots=True)
class NightSold:
    """A night of the booking as it was sold, for all rooms, in fen."""

    day: dt.date
    rate_fen: int
    list_fen: int
    sold_fen: int


@dataclass(frozen=True, slots=True)
class Tariffed:
    """What prices a stay: terms, and the list price of one room for each night, in fen."""

    terms: Terms
    rates: Mapping[dt.date, int]


@dataclass(frozen=True, slots=True)
class Cuts:
    """How a stay was cut short before."""

    given_up_fen: int = 0
    """What was given up today, in Shanghai."""
    kept_fen: int = 0
    """What was kept of it."""
    listed_until: dt.date = dt.date.min
    """Nights before it were charged at list price on an earlier day."""


NO_CUTS = Cuts()


@dataclass(frozen=True, slots=True)
class Keeping:
    """What is kept when nights are given up."""

    fee_bp: int = 0
    """The share of what is given up, in basis points."""
    at_list: bool = False
    """Also what used nights cost less than their list price: a guest who leaves early by their own
    wish loses the long-stay discount (Fashi 2025 No. 4, articles 18 to 20)."""
    discount: bool = False
    """The guest keeps the discount of the stay that was booked for the nights still to come: the
    stay is cut short for a cause that is not theirs."""


@dataclass(frozen=True, slots=True)
class Kept:
    """What is kept of what is given up, by its causes, in fen."""

    by_policy_fen: int = 0
    """The policy's share of what this change gives up."""
    of_today_fen: int = 0
    """The rest of the policy's share of what was given up earlier today: one day counts as one."""
    for_used_fen: int = 0
    """What used nights cost less than their list price."""

    @property
    def fen(self) -> int:
        """All of it."""
        return self.by_policy_fen + self.of_today_fen + self.for_used_fen


NOTHING_KEPT = Kept()


@dataclass(frozen=True, slots=True)
class Reckoned:
    """What a change costs."""

    rest: Quote | None
    """The price of the nights still to come; ``None`` when there are none."""
    whole: Quote
    """The whole stay as it will be, for showing."""
    rest_fen: int
    """What the nights still to come are sold for after the change."""
    difference_fen: int
    """The same, less what they were sold for before."""
    kept: Kept
    """What is kept for what is given up; never more than that."""
    lost: tuple[Reduction, ...] = ()
    """Reductions that the nights to come had before the change and have no more."""
    gained: tuple[Reduction, ...] = ()
    """Reductions that they have since the change."""

    @property
    def fee_fen(self) -> int:
        """What is kept in all, in fen."""
        return self.kept.fen

    @property
    def pay_fen(self) -> int:
        """What is still to be paid, in fen."""
        return max(0, self.difference_fen)

    @property
    def refund_fen(self) -> int:
        """What goes back, in fen."""
        return max(0, -self.difference_fen) - self.fee_fen


def rest_from(wish: StaySelection, first: dt.date) -> Stay | None:
    """Return the nights of a stay from ``first`` on, ``None`` when there are none."""
    begin = max(wish.stay.check_in, first)
    return Stay(begin, wish.stay.check_out) if begin < wish.stay.check_out else None


@dataclass(frozen=True, slots=True)
class SoldStay:
    """A booking's stay as it was sold."""

    was: StaySelection
    booked_on: dt.date
    """The day of booking in Asia/Shanghai."""
    nights: Sequence[NightSold]
    tariffed: Tariffed
    """What it was priced by."""


def reckon(
    sold: SoldStay,
    wish: StaySelection,
    after: Tariffed,
    *,
    first: dt.date,
    keeping: Keeping,
    taken_back: bool = False,
    cuts: Cuts = NO_CUTS,
) -> Reckoned:
    """Return what a change costs; ``after`` prices the stay that is wished for.

    ``first`` is the first night that is still to come. What ``keeping`` names is kept of what is
    given up, and never more than that.

    ``cuts`` are those made before: several on one day are reckoned as one, as far as what is given
    up last can bear it, and used nights are charged once.

    Raises:
        NoPrice: a night that is new has no price. Invalid: meals or beds that cannot be had.
    """
    was, booked_on, nights = sold.was, sold.booked_on, sold.nights
    old = _price(was, sold.tariffed, booked_on=booked_on, first=first)
    whole = was.stay if keeping.discount else wish.stay
    new = _price(wish, after, booked_on=booked_on, first=first, whole=whole)
    sold_to_come = sum(night.sold_fen for night in nights if night.day >= first)
    rest_fen = _rest_fen(
        sold_to_come,
        old.total_fen if old else 0,
        new.total_fen if new else 0,
        exactly=taken_back,
        same_room=wish.room_type_id == was.room_type_id,
    )
    difference = rest_fen - sold_to_come
    used_since = (night for night in nights if cuts.listed_until <= night.day < first)
    below_list = sum(night.list_fen - night.sold_fen for night in used_since)
    kept = _kept(max(0, -difference), keeping, cuts, used_fen=below_list if keeping.at_list else 0)
    used = {night.day: night.rate_fen for night in nights if night.day < first}
    ask = Ask.of(wish, booked_on=booked_on)
    shown = quote(ask=ask, rates={**after.rates, **used}, terms=after.terms, whole=whole)
    return Reckoned(
        new,
        shown,
        rest_fen,
        difference,
        kept,
        lost=_only_in(old, new, whole),
        gained=_only_in(new, old, was.stay),
    )


def _kept(given_up: int, keeping: Keeping, cuts: Cuts, *, used_fen: int) -> Kept:
    """Return what is kept of ``given_up``: what is due for all cuts of the day, less what was kept.

    What was kept before went for used nights first. Never more is kept than is given up.
    """
    due = share_of(given_up + cuts.given_up_fen, keeping.fee_bp)
    fee = min(max(0, due + used_fen - cuts.kept_fen), given_up)
    policy = min(max(0, due - max(0, cuts.kept_fen - used_fen)), fee)
    own = min(share_of(given_up, keeping.fee_bp), policy)
    return Kept(own, policy - own, fee - policy)


def _only_in(price: Quote | None, other: Quote | None, whole: Stay) -> tuple[Reduction, ...]:
    """Return the reductions that ``price`` has and ``other``, of the stay ``whole``, does not earn.

    One that is missing because none of its nights are left was not lost.
    """
    if price is None or other is None:
        return ()
    known = {(cut.kind, cut.month, cut.code, cut.off_bp) for cut in other.reductions}
    months = {day.replace(day=1) for day in other.stay.days()}
    return tuple(
        cut
        for cut in price.reductions
        if (cut.kind, cut.month, cut.code, cut.off_bp) not in known
        and (cut.kind is not ReductionKind.TIER or whole.nights < cut.min_nights)
        and (cut.kind is not ReductionKind.MONTH or cut.month in months)
    )


def _rest_fen(sold_fen: int, old_fen: int, new_fen: int, *, exactly: bool, same_room: bool) -> int:
    """Return what the nights to come are sold for after a change, sold for ``sold_fen`` before it.

    ``old_fen`` and ``new_fen`` are the engine's prices before and after. Whoever pays less than
    the engine's by agreement, after a swap or a rehousing, gets no more back than their share.
    """
    plain = max(0, sold_fen + new_fen - old_fen)
    if exactly or new_fen >= old_fen or sold_fen >= old_fen:
        return plain
    if not same_room:
        return max(plain, min(sold_fen, new_fen))
    return max(plain, (2 * sold_fen * new_fen + old_fen) // (2 * old_fen))


def _price(
    wish: StaySelection,
    tariffed: Tariffed,
    *,
    booked_on: dt.date,
    first: dt.date,
    whole: Stay | None = None,
) -> Quote | None:
    rest = rest_from(wish, first)
    if rest is None:
        return None
    ask = Ask.of(replace(wish, stay=rest), booked_on=booked_on)
    return quote(ask=ask, rates=tariffed.rates, terms=tariffed.terms, whole=whole or wish.stay)


def fee_bp_of(
    *,
    was: StaySelection,
    wish: StaySelection,
    policy: Mapping[str, Any],
    cause: ReasonCode,
    taken_back: bool,
    today: dt.date,
    first: dt.date,
) -> int:
    """Return what share of what is given up is kept, in basis points.

    The policy agreed at sale counts whole days until the first night given up: for a stay cut
    short that is the new day of departure. Nothing is kept for a cause that is not the traveller's,
    nor when a change of the same day is ``taken_back``, nor for staying longer: a night more that
    earns a discount for all of them gives nothing up.
    """
    kind = kind_of(was, wish)
    if cause in FREE_CAUSES or taken_back or kind is ChangeKind.EXTEND:
        return 0
    given_up = wish.stay.check_out if kind is ChangeKind.SHORTEN else max(first, was.stay.check_in)
    return cancellation_rules.fee_bp(policy, (given_up - today).days)
