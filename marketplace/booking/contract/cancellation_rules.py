"""Cancellation: what is kept and what goes back, by the policy agreed at sale. Pure.

The ``stay`` policy of the price terms: a fee on the total by whole days before arrival, counted in
Asia/Shanghai dates, never more than what was paid.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from marketplace.booking.states import Channel
from marketplace.kernel.clock import shanghai_date, shanghai_midnight
from marketplace.kernel.money import share_of, split
from marketplace.pricing.nights.terms import Terms

UNDO_WITHIN = dt.timedelta(minutes=30)
"""After paying, a booking can be undone in full for this long."""
HOLD_SHOWN = dt.timedelta(minutes=30)
"""How long a hold is promised, and how much one extension adds."""
RELEASE_GRACE = dt.timedelta(minutes=10)
"""How much later than promised the stock of a hold on our pages goes back, so that a payment under
way can land."""
MOST_EXTENSIONS = 3
LONGEST_HOLD = dt.timedelta(hours=2)
NO_SHOW_AFTER = dt.timedelta(hours=24)
"""How long after the end of the arrival day a guest who never came becomes a no-show."""
ANSWER_WITHIN = dt.timedelta(hours=24)
"""How long an offer of another place waits for its answer before the office calls."""
ANSWER_LEAST = dt.timedelta(hours=2)

PRESETS: dict[str, dict[str, Any]] = {
    "stay": {
        "name": "stay",
        "version": 1,
        "bands": [
            {"days": 30, "fee_bp": 0},
            {"days": 15, "fee_bp": 2000},
            {"days": 7, "fee_bp": 4000},
            {"days": 1, "fee_bp": 6000},
            {"days": 0, "fee_bp": 8000},
        ],
    },
    "package": {
        "name": "package",
        "version": 1,
        "bands": [
            {"days": 8, "fee_bp": 0},
            {"days": 4, "fee_bp": 5000},
            {"days": 1, "fee_bp": 6000},
            {"days": 0, "fee_bp": 8000},
        ],
    },
    "rail": {
        "name": "rail",
        "version": 1,
        "bands": [
            {"days": 15, "fee_bp": 0},
            {"days": 2, "fee_bp": 500},
            {"days": 1, "fee_bp": 1000},
            {"days": 0, "fee_bp": 2000},
        ],
    },
}
"""``days``: inclusive lower bound of whole days before arrival; the last band is a no-show's.

``package`` has the bands of the model domestic tour contract, ``rail`` those of train tickets.
"""
STAY_POLICY = PRESETS["stay"]
OWN_POLICY = "own"


def policy_of(terms: Terms) -> dict[str, Any]:
    """Return the cancellation policy that a tariff sells under, to be kept with the booking."""
    if not terms.fee_bands:
        return PRESETS.get(terms.policy, STAY_POLICY)
    bands = [{"days": band.days, "fee_bp": band.fee_bp} for band in terms.fee_bands]
    return {"name": OWN_POLICY, "version": 1, "bands": bands}


@dataclass(frozen=True, slots=True)
class ChangedBefore:
    """What changes of the guest's own make of a later cancellation.

    Whoever moves a stay away or cuts it short and then cancels pays as who cancels at once.
    """

    least_bp: int = 0
    """The share that cancelling would have cost when the stay was moved away from near dates."""
    owed_fen: int = 0
    """What cancelling would have kept of nights given up, beyond what was kept of them."""


NEVER_CHANGED = ChangedBefore()


@dataclass(frozen=True, slots=True)
class CancelQuote:
    """What cancelling now would keep and give back, in fen."""

    fees: tuple[int, ...]
    """What is kept of each of what was sold, in its order; empty where nothing is kept."""
    refund_fen: int
    fee_bp: int
    undo: bool
    """Within the 30 minutes after paying: nothing is kept."""
    suspended: bool = False
    """The enterprise was suspended: nothing is kept, whatever the policy says."""
    excused: bool = False
    """For a cause that is not the traveller's: nothing is kept."""
    after_change: bool = False
    """The stay was moved or cut short before, and the terms of that day count."""
    changed: tuple[ChangedBefore, ...] = ()
    """What such changes make of cancelling each of what was sold on any day, in its order; empty
    where nothing is kept."""

    @property
    def fee_fen(self) -> int:
        """What is kept of all of it."""
        return sum(self.fees)


@dataclass(frozen=True, slots=True)
class Sold:
    """What was sold under one cancellation policy; an item of a booking, for example."""

    policy: Mapping[str, Any]
    total_fen: int
    first_day: dt.date
    """Its own first day, from which its terms count."""
    changed: ChangedBefore = NEVER_CHANGED

    def share_bp(self, today: dt.date) -> int:
        """Return the share that cancelling it on a day costs, in basis points."""
        return max(self.policy_bp(today), self.changed.least_bp)

    def policy_bp(self, today: dt.date) -> int:
        """Return the same as if it had never been changed."""
        return fee_bp(self.policy, (self.first_day - today).days)

    def kept_fen(self, today: dt.date) -> int:
        """Return what cancelling it on a day keeps, rounded by itself; at most its price."""
        fee = share_of(self.total_fen, self.share_bp(today)) + self.changed.owed_fen
        return min(fee, self.total_fen)


@dataclass(frozen=True, slots=True)
class Band:
    """One row of the cancellation terms: what cancelling on any of these days costs."""

    since: dt.date
    until: dt.date
    """The last of its days."""
    fee_bp: int
    fee_fen: int


def fee_bp(policy: Mapping[str, Any], days_before: int) -> int:
    """Return the fee in basis points when cancelling ``days_before`` days before arrival."""
    for band in policy["bands"]:
        if days_before >= band["days"]:
            return int(band["fee_bp"])
    return int(policy["bands"][-1]["fee_bp"])


def cancel_quote(
    *,
    sold: Sequence[Sold],
    paid_fen: int,
    confirmed_at: dt.datetime | None,
    now: dt.datetime,
) -> CancelQuote:
    """Work out fee and refund for cancelling at ``now``; the fee is capped at what was paid.

    Each of what was ``sold`` costs by its own policy, counted from its own first day, and what was
    changed before; the share told is the highest of them.
    """
    changed = tuple(each.changed for each in sold)
    if confirmed_at is not None and now - confirmed_at < UNDO_WITHIN:
        return CancelQuote((), paid_fen, 0, undo=True, changed=changed)
    today = shanghai_date(now)
    fees = _fees(sold, today, paid_fen=paid_fen)
    return CancelQuote(
        fees,
        paid_fen - sum(fees),
        highest_bp(sold, today),
        undo=False,
        after_change=any(
            each.changed.least_bp > each.policy_bp(today) or each.changed.owed_fen for each in sold
        ),
        changed=changed,
    )


def highest_bp(sold: Sequence[Sold], today: dt.date) -> int:
    """Return the highest share that cancelling one of them on a day costs, in basis points."""
    return max(each.share_bp(today) for each in sold)


def no_show_quote(sold: Sequence[Sold], *, paid_fen: int, today: dt.date) -> CancelQuote:
    """Work out fee and refund when nobody comes, by each policy's last band, rounded by itself.

    What was to begin later still counts as cancelled on that day. No change before counts: whoever
    changed has come this far. The fee is capped at what was paid.
    """
    plain = [replace(each, changed=NEVER_CHANGED) for each in sold]
    fees = _fees(plain, today, paid_fen=paid_fen)
    return CancelQuote(fees, paid_fen - sum(fees), highest_bp(plain, today), undo=False)


def _fees(sold: Sequence[Sold], today: dt.date, *, paid_fen: int) -> tuple[int, ...]:
    """Return the fee of each; where less was paid, that is split over them by largest remainder."""
    fees = tuple(each.kept_fen(today) for each in sold)
    if sum(fees) <= paid_fen:
        return fees
    return tuple(split(paid_fen, fees))


def bands(sold: Sequence[Sold], *, first: dt.date) -> list[Band]:
    """Return what cancelling costs as dated rows for showing, the earliest first.

    They cover each day from ``first`` to the last of their first days exactly once, with the fee
    that ``cancel_quote`` asks on that day for a booking that is paid; days that cost the same are
    one row. From the last row's day on, that row counts.
    """
    rows: list[Band] = []
    last = max(each.first_day for each in sold)
    since = min(first, last)
    ends = {
        each.first_day - dt.timedelta(days=band["days"])
        for each in sold
        for band in each.policy["bands"]
    }
    paid_fen = sum(each.total_fen for each in sold)
    for until in sorted({*ends, *(each.first_day for each in sold)}):
        if until < since:
            continue
        share_bp, fee = highest_bp(sold, until), sum(_fees(sold, until, paid_fen=paid_fen))
        if rows and (rows[-1].fee_bp, rows[-1].fee_fen) == (share_bp, fee):
            since = rows.pop().since
        rows.append(Band(since, until, share_bp, fee))
        since = until + dt.timedelta(days=1)
    return rows


def answer_by(*, offered_at: dt.datetime, check_in: dt.date) -> dt.datetime:
    """Return by when an offer of another place is to be answered.

    Within a day, at the latest by noon of the day before arrival, and never in less than two hours.
    """
    noon_before = shanghai_midnight(check_in - dt.timedelta(days=1)) + dt.timedelta(hours=12)
    return max(min(offered_at + ANSWER_WITHIN, noon_before), offered_at + ANSWER_LEAST)


def is_no_show(check_in: dt.date, now: dt.datetime) -> bool:
    """Tell whether a guest due on ``check_in`` has failed to come by 24 hours after that day."""
    return now >= expected_until(check_in)


def expected_until(check_in: dt.date) -> dt.datetime:
    """Return until when the rooms of a guest due on ``check_in`` are kept for them."""
    return shanghai_midnight(check_in + dt.timedelta(days=1)) + NO_SHOW_AFTER


def release_at(expires_at: dt.datetime, channel: Channel) -> dt.datetime:
    """Return from when the stock of a hold may go back.

    Only where the traveller pays us can a payment be under way; on account none can come.
    """
    return expires_at + RELEASE_GRACE if channel.pays_us else expires_at


def extended(
    *, placed_at: dt.datetime, expires_at: dt.datetime, extensions: int
) -> dt.datetime | None:
    """Return the new end of a hold extended once more, or ``None`` when it may not be."""
    latest = placed_at + LONGEST_HOLD
    if extensions >= MOST_EXTENSIONS or expires_at >= latest:
        return None
    return min(expires_at + HOLD_SHOWN, latest)
