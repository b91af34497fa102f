"""Changing what somebody holds: only what is new is taken, only what is given up goes back."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Mapping, Sequence

import sqlalchemy as sa
from sqlalchemy.orm import Session

from marketplace.inventory.models import Claim, ClaimKind
from marketplace.inventory.service import (
    Want,
    fill,
    free,
    lock_days,
    sold_out,
    tell_of_units,
)
from marketplace.kernel.db import table_of
from marketplace.kernel.stay import Stay

PoolDays = Counter[tuple[int, dt.date]]
"""Units by pool and day."""
_DAY = dt.timedelta(days=1)


def held_by(session: Session, holders: Sequence[str]) -> list[Want]:
    """Return what live claims of ``holders`` hold, in the order of pool and day."""
    rows = session.execute(
        sa.select(Claim.pool_id, Claim.first_day, Claim.last_day, Claim.units)
        .where(Claim.holder.in_(holders), Claim.released_at.is_(None))
        .order_by(Claim.pool_id, Claim.first_day)
    )
    return [Want(row.pool_id, Stay(row.first_day, row.last_day), row.units) for row in rows]


def joined(wants: Sequence[Want]) -> list[Want]:
    """Return ``wants`` with those put together that follow one another in the same pool."""
    found: list[Want] = []
    for want in sorted(wants, key=lambda want: (want.pool_id, want.stay.check_in)):
        last = found[-1] if found else None
        if last is not None and (last.pool_id, last.units, last.stay.check_out) == (
            want.pool_id,
            want.units,
            want.stay.check_in,
        ):
            stay = Stay(last.stay.check_in, want.stay.check_out)
            found[-1] = Want(want.pool_id, stay, want.units)
        else:
            found.append(want)
    return found


def summed(wants: Sequence[Want]) -> list[Want]:
    """Return ``wants`` with as many units a day, in runs that do not overlap in a pool."""
    return _runs(_count(wants))


def missing(have: Sequence[Want], wants: Sequence[Want]) -> list[Want]:
    """Return what ``wants`` have more than ``have``, as runs of nights."""
    return _runs(_count(wants) - _count(have))


def replaced(have: Sequence[Want], without: Sequence[Want], anew: Sequence[Want]) -> list[Want]:
    """Return what ``have`` is with ``anew`` in place of ``without``, as runs of nights."""
    return _runs(_count(have) - _count(without) + _count(anew))


def reshape(
    session: Session,
    *,
    holder: str,
    wants: Sequence[Want],
    kind: ClaimKind,
    now: dt.datetime,
    also: Sequence[str] = (),
) -> None:
    """Make ``holder`` hold exactly ``wants``, or raise and change nothing that stands committed.

    What the holder has already stays its own, on days that were closed since as well. What other
    holders in ``also`` have becomes the holder's first: they hold nothing afterwards. All days
    concerned are locked first and together, so that two who change places wait for each other.

    Raises:
        SoldOut: a night that is new is missing, closed or has too few free units.
    """
    holders = [holder, *also]
    have = held_by(session, holders)
    wants = joined(wants)
    given_up, added = missing(wants, have), missing(have, wants)
    _claim_anew(session, {holder: wants}, released=holders, kind=kind, now=now)
    touched = [*given_up, *added]
    tell_of_units(session, touched, now)
    if touched:
        lock_days(session, touched)
    for want in given_up:
        free(session, want)
    if lacking := [want.pool_id for want in added if not fill(session, want)]:
        raise sold_out(session, lacking)


def exchange(
    session: Session,
    *,
    wants: Mapping[str, Sequence[Want]],
    kind: ClaimKind,
    now: dt.datetime,
) -> None:
    """Let holders change places: each holds its ``wants`` afterwards, and together what they had.

    No unit goes back on sale in between, so that a closed or full night is no obstacle.

    Raises:
        SoldOut: together they want other days than they have.
    """
    have = held_by(session, list(wants))
    together = joined([want for each in wants.values() for want in each])
    lock_days(session, [*have, *together])
    had, wanted = _count(have), _count(together)
    if had != wanted:
        raise sold_out(session, {pool_id for pool_id, _ in (had - wanted) + (wanted - had)})
    anew = {holder: joined(each) for holder, each in wants.items()}
    _claim_anew(session, anew, released=list(wants), kind=kind, now=now)


def _claim_anew(
    session: Session,
    wants: Mapping[str, Sequence[Want]],
    *,
    released: Sequence[str],
    kind: ClaimKind,
    now: dt.datetime,
) -> None:
    """Release the live claims of ``released`` and write those of ``wants`` by holder instead."""
    session.execute(
        sa.update(Claim)
        .where(Claim.holder.in_(released), Claim.released_at.is_(None))
        .values(released_at=now)
        .execution_options(synchronize_session=False)
    )
    rows = [
        {
            "pool_id": want.pool_id,
            "kind": kind,
            "holder": holder,
            "first_day": want.stay.check_in,
            "last_day": want.stay.check_out,
            "units": want.units,
            "reason": "",
            "made_at": now,
        }
        for holder, each in wants.items()
        for want in each
    ]
    if rows:
        session.execute(sa.insert(table_of(Claim)), rows)


def _count(wants: Sequence[Want]) -> PoolDays:
    found: PoolDays = Counter()
    for want in wants:
        for day in want.stay.days():
            found[want.pool_id, day] += want.units
    return found


def _runs(units: PoolDays) -> list[Want]:
    """Return units by pool and day as runs of nights with the same number of units."""
    single = [
        Want(pool, Stay(day, day + _DAY), number)
        for (pool, day), number in sorted(units.items())
        if number > 0
    ]
    return joined(single)
