"""What a stay may be instead: cheaper in parts, or of other nights where a rule refuses it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from sqlalchemy.orm import Session

from marketplace.inventory.queries import least_free
from marketplace.kernel.stay import LONGEST_NIGHTS, Stay
from marketplace.offers.quoting.stay_offers import Offer, Priced, check_rules
from marketplace.pricing import queries as prices
from marketplace.pricing.nights.quote import Ask, quote
from marketplace.pricing.nights.restrictions import Refusal, Restricted, Rule, refusals
from marketplace.pricing.nights.splitting import Split, cheaper_split
from marketplace.pricing.nights.terms import EVERY_WEEKDAY
from marketplace.pricing.queries import Plan


def cheaper_in_parts(offer: Offer, priced: Priced) -> Split | None:
    """Return the parts that cost less apart and that could be booked, ``None`` if there are none.

    The nights are those of a stay that was priced, so that all of them are in season.
    """
    permitted = _permitted(priced.ask, priced.plan)

    def allowed(part: Stay) -> bool:
        return offer.min_nights <= part.nights <= offer.max_nights and permitted(part)

    plan = priced.plan
    return cheaper_split(ask=priced.ask, rates=plan.rates, terms=plan.terms, allowed=allowed)


def every_refusal(session: Session, *, offer: Offer, ask: Ask, first: Restricted) -> Restricted:
    """Return ``first`` with all other rules that the stay breaks, so that none is told later.

    Of two limits of one kind the closer one is told.
    """
    plan = prices.plan(session, room_type_id=offer.room_type_id, stay=ask.stay)
    more = refusals(stay=ask.stay, booked_on=ask.booked_on, terms=plan.terms, days=plan.rules)
    closest: dict[Rule, Refusal] = {}
    for refusal in (*first.refusals, *more):
        known = closest.get(refusal.rule)
        if known is None or _closer(refusal, known):
            closest[refusal.rule] = refusal
    return Restricted(list(closest.values()))


def _closer(refusal: Refusal, known: Refusal) -> bool:
    if refusal.rule is Rule.MAX_NIGHTS:
        return refusal.limit < known.limit
    return refusal.limit > known.limit


def other_length(session: Session, *, offer: Offer, ask: Ask) -> Priced | None:
    """Return the stay from the same day whose number of nights is nearest to what was asked.

    Every rule permits it, all its nights have a price and the rooms are free; of two that are
    equally near it is the shorter. ``None`` where no number of nights will do, or where those that
    do are taken. Three queries.

    Raises:
        Invalid: the party does not fit, or there are no such meals or beds.
    """
    arrive, wished = ask.stay.check_in, ask.stay.nights
    widest = Stay.of(arrive, LONGEST_NIGHTS)
    plan = prices.plan(session, room_type_id=offer.room_type_id, stay=widest)
    permitted = _permitted(ask, plan)
    lengths = range(offer.min_nights, min(offer.max_nights, LONGEST_NIGHTS) + 1)
    for nights in sorted(lengths, key=lambda count: (abs(count - wished), count)):
        stay = Stay.of(arrive, nights)
        other = replace(ask, stay=stay)
        if all(day in plan.rates for day in stay.days()) and _passes(offer, other, permitted):
            free = least_free(session, pool_ids=[offer.pool_id], stay=stay)[offer.pool_id]
            if free < ask.rooms:
                return None
            return Priced(other, quote(ask=other, rates=plan.rates, terms=plan.terms), plan)
    return None


def _permitted(ask: Ask, plan: Plan) -> Callable[[Stay], bool]:
    """Return whether the tariff and its restrictions permit a stay that is booked as ``ask`` is."""
    terms = plan.terms
    if not plan.rules and terms == replace(terms, **_UNBOUND):
        return lambda stay: True  # a long stay has thousands of parts to ask about

    def permitted(stay: Stay) -> bool:
        return not refusals(stay=stay, booked_on=ask.booked_on, terms=plan.terms, days=plan.rules)

    return permitted


_UNBOUND: dict[str, Any] = {
    "lead_days": 0,
    "window_days": None,
    "arrival_weekdays": EVERY_WEEKDAY,
}
"""What a tariff says that asks nothing of the day of arrival."""


def _passes(offer: Offer, ask: Ask, permitted: Callable[[Stay], bool]) -> bool:
    try:
        check_rules(offer, ask)
    except Restricted:
        return False
    return permitted(ask.stay)
