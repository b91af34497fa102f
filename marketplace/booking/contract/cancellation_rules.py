"""Cancellation: what is kept and what goes back, by the policy agreed at sale. Pure.

The ``stay`` policy of the price terms: a fee on the total by whole days before arrival, counted in
Asia/Shanghai dates, never more than what was paid.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
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
    least_bp: int = 0
    """The least share that cancelling costs on any day, because of such a change."""
    owed_fen: int = 0
    """What cancelling keeps besides on any day, because of such a change."""

    @property
    def fee_fen(self) -> int:
        """What is kept of all of it."""
        return sum(self.fees)


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
class Sold:
    """What was sold under one cancellation policy; an item of a booking, for example."""

    policy: Mapping[str, Any]
    total_fen: int


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
    check_in: dt.date,
    confirmed_at: dt.datetime | None,
    now: dt.datetime,
    changed: ChangedBefore = NEVER_CHANGED,
) -> CancelQuote:
    """Work out fee and refund for cancelling at ``now``; the fee is capped at what was paid.

    Each of what was ``sold`` costs by its own policy, rounded by itself; the share told is the
    highest of them.
    """
    least_bp, owed_fen = changed.least_bp, changed.owed_fen
    if confirmed_at is not None and now - confirmed_at < UNDO_WITHIN:
        return CancelQuote((), paid_fen, 0, undo=True, least_bp=least_bp, owed_fen=owed_fen)
    days_before = (check_in - shanghai_date(now)).days
    basis = highest_bp(sold, days_before)
    fees = _fees(sold, days_before, changed=changed, paid_fen=paid_fen)
    return CancelQuote(
        fees,
        paid_fen - sum(fees),
        max(basis, least_bp),
        undo=False,
        after_change=least_bp > basis or owed_fen > 0,
        least_bp=least_bp,
        owed_fen=owed_fen,
    )


def highest_bp(sold: Sequence[Sold], days_before: int) -> int:
    """Return the highest of their fees when cancelling so many days before, in basis points."""
    return max(fee_bp(each.policy, days_before) for each in sold)


def no_show_quote(sold: Sequence[Sold], *, paid_fen: int) -> CancelQuote:
    """Work out fee and refund when nobody comes, by each policy's last band, rounded by itself.

    The fee is capped at what was paid.
    """
    fees = _fees(sold, 0, changed=NEVER_CHANGED, paid_fen=paid_fen)
    return CancelQuote(fees, paid_fen - sum(fees), highest_bp(sold, 0), undo=False)


def _fees(
    sold: Sequence[Sold], days_before: int, *, changed: ChangedBefore, paid_fen: int
) -> tuple[int, ...]:
    """Return the fee of each, by its own policy.

    Only a total is known where less was paid, or a change before left something owed: it is split
    over those fees by the largest remainder.
    """
    fees = [
        share_of(each.total_fen, max(fee_bp(each.policy, days_before), changed.least_bp))
        for each in sold
    ]
    kept_fen = min(sum(fees) + changed.owed_fen, paid_fen)
    return tuple(split(kept_fen, fees if any(fees) else [1] * len(fees)))


def bands(
    sold: Sequence[Sold],
    *,
    check_in: dt.date,
    first: dt.date,
    changed: ChangedBefore = NEVER_CHANGED,
) -> list[Band]:
    """Return what cancelling costs as dated rows for showing, the earliest first.

    They cover each day from ``first`` to the day of arrival exactly once, with the fee that
    ``cancel_quote`` asks on that day for a booking that is paid; days that cost the same are one
    row. From the day of arrival on, the last row counts.
    """
    rows: list[Band] = []
    since = min(first, check_in)
    steps = {band["days"] for each in sold for band in each.policy["bands"]}
    ends = [check_in - dt.timedelta(days=days) for days in sorted(steps, reverse=True)]
    paid_fen = sum(each.total_fen for each in sold)
    for until in [*ends, check_in]:
        if until < since:
            continue
        days_before = (check_in - until).days
        share_bp = max(highest_bp(sold, days_before), changed.least_bp)
        fee = sum(_fees(sold, days_before, changed=changed, paid_fen=paid_fen))
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
