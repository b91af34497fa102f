"""Days of many keys read as text: millions of rows without a Python object for each."""

from __future__ import annotations

import datetime as dt
from typing import Any

import numpy as np
import sqlalchemy as sa
from sqlalchemy.orm import Session

from marketplace.offers.matrix.arrays import Ints

EPOCH = dt.date(1970, 1, 1)
DAY_SECONDS = 86_400
_SPAN = 1 << 31
"""The seconds since 1970 stand above this, the value of the day below."""


def packed(keys: sa.Column[int], day: sa.Column[dt.date], value: Any) -> sa.Select[int, int, str]:
    """Select all days of each key with their values, as one text of numbers.

    Millions of rows would cost a second for every hundred thousand; so the database joins the
    days of a key, and NumPy reads them at once. Values are from 0 to less than 2 to the 31st.
    """
    seconds = sa.cast(sa.extract("epoch", day), sa.BigInteger)
    return (
        sa.select(
            keys,
            sa.func.count(),
            sa.func.aggregate_strings(sa.cast(seconds * _SPAN + value, sa.String), ","),
        )
        .where(
            keys.in_(sa.bindparam("keys", expanding=True)),
            day >= sa.bindparam("first"),
            day < sa.bindparam("last"),
        )
        .group_by(keys)
    )


def read_packed(
    session: Session, statement: sa.Select[int, int, str], keys: Ints, first: dt.date, last: dt.date
) -> tuple[Ints, Ints, Ints]:
    """Return days counted from ``first``, places in ``keys`` and values: parallel arrays."""
    rows = (
        session.connection()
        .execute(statement, {"keys": keys.tolist(), "first": first, "last": last})
        .all()
    )
    place_of = {key: place for place, key in enumerate(keys.tolist())}
    places = np.array([place_of[key] for key, _, _ in rows], np.int64)
    counts = np.array([count for _, count, _ in rows], np.int64)
    numbers = np.fromstring(",".join(text for _, _, text in rows), np.int64, sep=",")
    seconds, values = np.divmod(numbers, _SPAN)
    return seconds // DAY_SECONDS - (first - EPOCH).days, np.repeat(places, counts), values
