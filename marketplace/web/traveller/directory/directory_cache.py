"""The open directory as one process knows it: read once, and again as soon as anything changed.

At every request one query over counters tells whether what is kept still stands. A suspension
raises the version of its enterprise in its own transaction, so no process gives away for a moment
longer what was taken out. What raises no version is seen within a minute.
"""

from __future__ import annotations

import datetime as dt
import enum
import threading
import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

from flask import current_app
from pypinyin import lazy_pinyin
from sqlalchemy.orm import Session

from catalog.office.entries.completeness import Field, Freshness, years_after
from catalog.office.entries.records import Record, State, records, state
from catalog.office.statistics import lacking
from marketplace.kernel.clock import shanghai_midnight
from marketplace.web.context import today

MOST_SECONDS = 60.0
WHOLE, THREE_QUARTERS, HALF = 100, 75, 50
BEGINNING = dt.datetime(2026, 1, 1, tzinfo=dt.UTC)
"""When an empty directory last changed."""


class Order(enum.StrEnum):
    """The orders in which the directory can be read; by code when none is chosen."""

    NAME = "name"
    COMPLETE = "complete"
    FRESH = "fresh"


@dataclass(frozen=True)
class Directory:
    """Every listed real entry, by code, and what follows from them all."""

    entries: tuple[Record, ...]
    state: State
    day: dt.date

    @cached_property
    def by_code(self) -> dict[str, Record]:
        """The entries by code."""
        return {one.code: one for one in self.entries}

    @cached_property
    def changed_at(self) -> dt.datetime:
        """When what is said of the entries last changed, to the second.

        That is a change of an entry, or the day on which one grew into an older band.
        """
        bands = [
            years_after(one.known_for, years) + dt.timedelta(days=1)
            for one in self.entries
            if one.known_for is not None
            for years in (1, 3)
        ]
        moments = [shanghai_midnight(day) for day in bands if day <= self.day]
        newest = max([*moments, self.state.changed_at or BEGINNING])
        return newest.replace(microsecond=0)

    @cached_property
    def lacking(self) -> dict[Field, tuple[int, int]]:
        """How many entries lack each field, and how many should have it."""
        return lacking(self.entries)

    @cached_property
    def ages(self) -> dict[Freshness, int]:
        """How many entries are in each band of age."""
        found = Counter(one.fresh for one in self.entries)
        return {band: found[band] for band in Freshness}

    @cached_property
    def parts(self) -> dict[str, int]:
        """How many entries are how complete, in four steps."""
        steps = (("100", WHOLE), ("75-99", THREE_QUARTERS), ("50-74", HALF), ("0-49", 0))
        found = Counter(
            next(name for name, least in steps if one.complete.percent >= least)
            for one in self.entries
        )
        return {name: found[name] for name, _ in steps}

    @property
    def mean_percent(self) -> int | None:
        """Mean completeness in whole per cent; ``None`` without entries."""
        total = sum(one.complete.percent for one in self.entries)
        return total // len(self.entries) if self.entries else None

    def ordered(self, order: Order, *, english: bool) -> dict[str, int]:
        """Return the place of each code in an order: the most complete and the newest first."""
        if order is Order.NAME:
            names = self._spelled_en if english else self._spelled_zh
            found = sorted(self.by_code, key=lambda code: (names[code], code))
        elif order is Order.COMPLETE:
            found = [one.code for one in sorted(self.entries, key=_least_complete_last)]
        else:
            found = [one.code for one in sorted(self.entries, key=_oldest_last)]
        return {code: place for place, code in enumerate(found)}

    @cached_property
    def _spelled_zh(self) -> dict[str, str]:
        """How the names sound: the order in which Chinese readers look for them."""
        return {one.code: " ".join(lazy_pinyin(one.name_zh)).lower() for one in self.entries}

    @cached_property
    def _spelled_en(self) -> dict[str, str]:
        return {one.code: one.name_en.lower() or self._spelled_zh[one.code] for one in self.entries}


def _least_complete_last(one: Record) -> tuple[int, str]:
    return (-one.complete.percent, one.code)


def _oldest_last(one: Record) -> tuple[int, str]:
    return (-one.known_for.toordinal() if one.known_for else 1, one.code)


class _Kept:
    """What one process keeps, made by one of its threads at a time."""

    def __init__(self) -> None:
        self.lock = threading.Lock()
        self.asked_at = 0.0
        self.standing: tuple[dt.date, State] | None = None
        self.found: Directory | None = None

    def fits(self, standing: tuple[dt.date, State], asked_at: float) -> bool:
        """Whether it says the same, or was read after this request had begun to ask."""
        fresh = asked_at - self.asked_at < MOST_SECONDS
        return fresh and (self.standing == standing or self.asked_at > asked_at)


def directory(session: Session) -> Directory:
    """Return the open directory: what is kept while it stands, else read anew in five queries."""
    kept: _Kept = current_app.extensions.setdefault("known_directory", _Kept())
    asked_at = time.monotonic()
    # What it stands at is read before the entries are: they can only be newer than it says.
    standing = (today(), state(session))
    with kept.lock:
        if kept.found is None or not kept.fits(standing, asked_at):
            day, stands = standing
            kept.found = Directory(tuple(records(session, today=day)), stands, day)
            kept.standing, kept.asked_at = standing, asked_at
        return kept.found


def sliced(
    found: Sequence[tuple[int, str]], place: dict[str, int], *, number: int, size: int
) -> list[int]:
    """Return the ids of one page of ``found`` (id and code) in an order of codes."""
    order = sorted(found, key=lambda pair: place.get(pair[1], len(place)))
    return [key for key, _ in order[(number - 1) * size : number * size]]
