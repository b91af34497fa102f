"""Two versions of a case's facts side by side. Pure."""

from __future__ import annotations

import enum
from collections.abc import Sequence
from dataclasses import dataclass

from catalog.office.cases.case_facts import FactLine


class Change(enum.StrEnum):
    """What became of one fact."""

    ADDED = "added"
    REMOVED = "removed"
    CHANGED = "changed"
    EVIDENCE = "evidence"
    UNCHANGED = "unchanged"


@dataclass(frozen=True, slots=True)
class Compared:
    """One fact in both versions; one of them is empty when it was added or removed."""

    change: Change
    before: FactLine | None
    after: FactLine | None

    @property
    def line(self) -> FactLine:
        """The fact as it shall be, or as it was when it goes."""
        found = self.after or self.before
        assert found is not None  # noqa: S101 - one of the two is always there
        return found


def compare(before: Sequence[FactLine], after: Sequence[FactLine]) -> list[Compared]:
    """Return every fact of either version once, in the order of the form.

    A removed fact stands behind the one that it followed. A fact whose value stays while its
    source, date or document changed is ``EVIDENCE``: nothing new is claimed, but it has to be read.
    """
    old = {line.name: line for line in before}
    rows = [_compared(old.get(line.name), line) for line in after]
    kept = {line.name for line in after}
    for index, line in enumerate(before):
        if line.name not in kept:
            rows.insert(_place(rows, before[:index]), Compared(Change.REMOVED, line, None))
    return rows


def _compared(before: FactLine | None, after: FactLine) -> Compared:
    if before is None:
        return Compared(Change.ADDED, None, after)
    if _value(before) != _value(after):
        return Compared(Change.CHANGED, before, after)
    same = _evidence(before) == _evidence(after)
    return Compared(Change.UNCHANGED if same else Change.EVIDENCE, before, after)


def _value(line: FactLine) -> tuple[object, ...]:
    return line.zh, line.en, line.photo_id


def _evidence(line: FactLine) -> tuple[object, ...]:
    return line.source, line.source_date, line.document_id


def _place(rows: Sequence[Compared], earlier: Sequence[FactLine]) -> int:
    """Return where in ``rows`` a fact belongs that followed ``earlier``."""
    names = {line.name for line in earlier}
    behind = [place for place, row in enumerate(rows) if row.line.name in names]
    return behind[-1] + 1 if behind else 0


def different(rows: Sequence[Compared]) -> list[Compared]:
    """Return the rows in which something changed."""
    return [row for row in rows if row.change is not Change.UNCHANGED]
