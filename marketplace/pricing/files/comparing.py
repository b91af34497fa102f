"""What a price file would change, rule by rule. Pure."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from marketplace.pricing.files.building import ordered
from marketplace.pricing.files.columns import COLUMNS, SHAPES, Kind
from marketplace.pricing.files.reading import Wanted
from marketplace.pricing.files.writing import Row, rows_of_terms
from marketplace.pricing.nights.restrictions import DayRule
from marketplace.pricing.nights.terms import NOTHING_SET, Terms, list_price


@dataclass(frozen=True, slots=True)
class State:
    """What is set for a room type from today on."""

    terms: Terms = NOTHING_SET
    nights: Mapping[dt.date, int] = field(default_factory=dict)
    """Prices set by hand, in fen."""
    rules: Mapping[dt.date, DayRule] = field(default_factory=dict)
    """Restrictions of those dates that have any."""
    has_tariff: bool = True


@dataclass(frozen=True, slots=True)
class Change:
    """What a file changes for one room type."""

    room: str
    new: tuple[str, ...] = ()
    changed: tuple[tuple[str, str], ...] = ()
    """How the rule is and how it would be."""
    gone: tuple[str, ...] = ()
    unchanged: int = 0
    """Rules of the tariff that stay as they are."""
    nights: int = 0
    """Nights that get another price set by hand."""
    freed: int = 0
    """Nights given back to the seasons."""
    dates: int = 0
    """Dates that get other restrictions."""
    by_hand: int = 0
    """Nights in a season of the file that keep the price somebody set by hand."""

    @property
    def nothing(self) -> bool:
        """Whether all stays as it is."""
        tariff = self.new or self.changed or self.gone
        return not (tariff or self.nights or self.freed or self.dates)


@dataclass(frozen=True, slots=True)
class Difference:
    """Rules of a tariff that another version has, has otherwise, and has not."""

    new: tuple[Row, ...] = ()
    changed: tuple[tuple[Row, Row], ...] = ()
    """How the rule is and how it would be."""
    gone: tuple[Row, ...] = ()
    unchanged: int = 0

    @property
    def any(self) -> bool:
        """Whether there is one."""
        return bool(self.new or self.changed or self.gone)


def compare(before: State, wanted: Wanted) -> Change:
    """Return what ``wanted`` changes of ``before``."""
    tariff = Difference() if wanted.terms is None else differing(before, wanted.terms)
    kept = before.nights.keys() - {day for day, fen in wanted.nights.items() if fen is None}
    kept |= {day for day, fen in wanted.nights.items() if fen is not None}
    seasons = wanted.terms.seasons if wanted.terms else ()
    return Change(
        room=wanted.room,
        new=tuple(map(said, tariff.new)),
        changed=tuple((said(old), said(new)) for old, new in tariff.changed),
        gone=tuple(map(said, tariff.gone)),
        unchanged=tariff.unchanged,
        nights=len(nights_to_set(before, wanted)),
        freed=len(nights_to_free(before, wanted)),
        dates=len(rules_to_set(before, wanted)),
        by_hand=sum(list_price(seasons, day) is not None for day in kept),
    )


def differing(before: State, terms: Terms) -> Difference:
    """Return which rules of a tariff ``terms`` change of ``before``."""
    old = _by_key(before.terms) if before.has_tariff else {}
    new = _by_key(terms)
    both = old.keys() & new.keys()
    return Difference(
        new=tuple(new[key] for key in new if key not in old),
        changed=tuple((old[key], new[key]) for key in new if key in both and old[key] != new[key]),
        gone=tuple(old[key] for key in old if key not in new),
        unchanged=sum(old[key] == new[key] for key in both),
    )


def _by_key(terms: Terms) -> dict[tuple[str, ...], Row]:
    found = {}
    for row in rows_of_terms(terms):
        names = SHAPES[Kind(row["rule"])].key
        found[(row["rule"], *(row.get(name, "") for name in names))] = row
    return found


def said(row: Row) -> str:
    """Return a rule as one line: ``tier nights=30 percent=15``."""
    cells = [f"{name}={row[name]}" for name in COLUMNS if row.get(name) and name != "rule"]
    return " ".join([row["rule"], *cells])


def tariff_to_set(before: State, wanted: Wanted) -> Terms | None:
    """Return the tariff to put, ``None`` where it is the one that counts."""
    if wanted.terms is None:
        return None
    same = before.has_tariff and ordered(before.terms) == ordered(wanted.terms)
    return None if same else wanted.terms


def nights_to_set(before: State, wanted: Wanted) -> dict[dt.date, int]:
    """Return the prices that are not set by hand already, in fen."""
    return {
        day: fen
        for day, fen in wanted.nights.items()
        if fen is not None and before.nights.get(day) != fen
    }


def nights_to_free(before: State, wanted: Wanted) -> list[dt.date]:
    """Return the nights to be given back to the seasons."""
    return [day for day, fen in wanted.nights.items() if fen is None and day in before.nights]


def rules_to_set(before: State, wanted: Wanted) -> dict[dt.date, DayRule]:
    """Return the restrictions that are others than those set."""
    return {
        day: rule for day, rule in wanted.rules.items() if before.rules.get(day, DayRule()) != rule
    }


def changed(changes: Iterable[Change]) -> int:
    """Return for how many room types anything changes."""
    return sum(not change.nothing for change in changes)
