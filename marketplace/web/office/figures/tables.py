"""Tables of figures with their charts: what the page, the files and the images are made from."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

from marketplace.web.forms.links import LinkValue
from marketplace.web.i18n import translate
from marketplace.web.rendering.charts import Chart, Series

MOST_BARS = 7
NUMBER = "num"
"""The class of a column of numbers."""


@dataclass(frozen=True, slots=True)
class Linked:
    """A cell that leads somewhere; in a file it is its words."""

    words: str
    url: str

    def __str__(self) -> str:
        """Return the words."""
        return self.words


Cell = str | int | float | Linked | None


@dataclass(frozen=True, slots=True)
class Table:
    """Rows of figures, with the charts that show their shape."""

    name: str
    title: str
    heads: tuple[str | tuple[str, str], ...]
    rows: tuple[tuple[Cell, ...], ...]
    note: str = ""
    """What is counted."""
    charts: tuple[Chart, ...] = ()

    @property
    def only_zeros(self) -> bool:
        """Whether there is no row, or no number in any that is not nought."""
        return all(self._nought(row) for row in self.rows)

    @property
    def telling(self) -> tuple[tuple[Cell, ...], ...]:
        """Return the rows that say something; those of noughts alone are left out."""
        return tuple(row for row in self.rows if not self._nought(row))

    def _nought(self, row: tuple[Cell, ...]) -> bool:
        numbers = [
            cell for head, cell in zip(self.heads, row, strict=True) if not isinstance(head, str)
        ]
        return bool(numbers) and not any(numbers)


@dataclass(frozen=True, slots=True)
class Question:
    """What the office wants to see."""

    today: dt.date
    samples: bool
    first: dt.date
    """The first month, by its first day."""
    months: int
    worst: str = ""
    """A cluster, or ``outside``, whose entries in need of work are listed; empty for all."""
    kept: Mapping[str, LinkValue] = field(default_factory=dict)
    """How all but the last is written in an address."""

    @property
    def year_before(self) -> Question:
        """Return the same question about the same months of the year before."""
        return replace(self, first=self.first.replace(year=self.first.year - 1))


def number(word: str) -> tuple[str, str]:
    """Return the head of a column of numbers."""
    return (word, NUMBER)


def bars(name: str, title: str, pairs: Sequence[tuple[str, float]], unit: str = "") -> Chart:
    """Return a chart with a bar for each (words, number), as far as there is room."""
    shown = pairs[:MOST_BARS]
    return Chart(
        name,
        title,
        "bars",
        tuple(words for words, _ in shown),
        (Series(title, tuple(value for _, value in shown)),),
        unit,
    )


def counted(name: str, title: str, head: str, pairs: Sequence[tuple[str, int]]) -> Table:
    """Return a table of how many enterprises are what, with its chart."""
    return Table(
        name,
        title,
        (head, number(translate("企业"))),
        tuple(pairs),
        charts=(bars(name, title, pairs),),
    )
