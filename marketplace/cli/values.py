"""What is typed behind the options of commands: read as the forms of the site read it."""

from __future__ import annotations

import datetime as dt
from typing import Any

import click

from catalog.bulk.tables.encodings import CHOICES
from marketplace.kernel import typed
from marketplace.kernel.typed import Unit
from marketplace.pricing.nights.terms import OLDEST_CHILD


class Day(click.ParamType[dt.date]):
    """A date."""

    name = "date"

    def convert(
        self, value: Any, param: click.Parameter | None, ctx: click.Context | None
    ) -> dt.date:
        """Return the date; says how to write one where it is none."""
        found = value if isinstance(value, dt.date) else typed.date(value)
        if found is None:
            self.fail(f"{value!r} is no date, write 2027-06-20", param, ctx)
        return found


class Whole(click.ParamType[int]):
    """A whole number from ``low`` to ``high``, with or without what it counts."""

    name = "integer"

    def __init__(self, low: int, high: int = 9_999_999, unit: Unit = Unit.NONE) -> None:
        """Keep the range, both ends included."""
        self.low, self.high, self.unit = low, high, unit

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> int:
        """Return the number; says its range where it is none of it."""
        found = value if isinstance(value, int) else typed.whole(value, self.unit)
        if found is None or not self.low <= found <= self.high:
            self.fail(f"{value!r} is no whole number from {self.low} to {self.high}", param, ctx)
        return found


class Ages(click.ParamType[tuple[int, ...]]):
    """Ages of children in full years on the day of arrival, parted by commas."""

    name = "ages"

    def convert(
        self, value: Any, param: click.Parameter | None, ctx: click.Context | None
    ) -> tuple[int, ...]:
        """Return the ages; nothing typed is no child."""
        if isinstance(value, tuple):
            return value
        parts = [part for part in typed.plain(value).replace("、", ",").split(",") if part.strip()]
        ages = [typed.whole(part, Unit.AGE) for part in parts]
        known = [age for age in ages if age is not None and 0 <= age <= OLDEST_CHILD]
        if len(known) != len(parts):
            self.fail(
                f"{value!r}: write full years from 0 to {OLDEST_CHILD}, parted by commas",
                param,
                ctx,
            )
        return tuple(known)


class Yuan(click.ParamType[int]):
    """A sum of money in yuan, kept as fen."""

    name = "yuan"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> int:
        """Return the sum in fen; says how to write one where it is none."""
        found = value if isinstance(value, int) else typed.fen(value)
        if found is None:
            self.fail(f"{value!r} is no sum in yuan, write 1280 or 1280.50", param, ctx)
        return found


DAY, AGES, YUAN = Day(), Ages(), Yuan()
AGES_HELP = "full years on the day of arrival, parted by commas: 4,9"
NIGHTS = Whole(1, unit=Unit.NIGHTS)
ROOMS = Whole(1, unit=Unit.ROOMS)
ADULTS = Whole(1, unit=Unit.PEOPLE)
BEDS = Whole(0, unit=Unit.BEDS)
ENCODING = click.option(
    "--encoding",
    type=click.Choice(list(CHOICES)),
    help="what a CSV is written in; needed when two readings of it are possible",
)
