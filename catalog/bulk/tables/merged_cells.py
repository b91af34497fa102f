"""Merged cells: what the one at the corner shows, all rows of the range show. Pure."""

from __future__ import annotations

from collections.abc import Iterable

from openpyxl.utils.cell import range_boundaries

from catalog.bulk.tables.cells import CellFault, Content


class Merges:
    """The merged ranges of a sheet, met row by row from its first one."""

    def __init__(self, ranges: Iterable[str]) -> None:
        """Keep the ranges, each written like ``B2:B5``."""
        self._corners: dict[tuple[int, int], tuple[int, bool, str]] = {}
        """By row and column of the corner: its last row, whether it is wide, its name."""
        for name in ranges:
            left, top, right, bottom = range_boundaries(name)
            self._corners[top, left] = (bottom, right > left, name.partition(":")[0])
        self._columns = {column for _row, column in self._corners}
        self._carried: dict[int, tuple[int, Content]] = {}

    def filled(self, number: int, row: list[Content]) -> list[Content]:
        """Return the row with what merged cells show in it.

        Of a range over several columns nobody can tell which of them is meant: that is a fault.
        """
        for column in self._columns:
            place = column - 1
            if place >= len(row):
                continue
            corner = self._corners.get((number, column))
            if corner is not None and row[place]:
                bottom, wide, name = corner
                if wide:
                    row[place] = CellFault("cell_merged", name)
                self._carried[column] = (bottom, row[place])
            elif column in self._carried and number <= self._carried[column][0]:
                row[place] = row[place] or self._carried[column][1]
        return row
