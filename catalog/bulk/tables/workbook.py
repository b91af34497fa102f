"""XLSX workbooks: looked over as an archive first, then read row by row, cells as they show."""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Iterator, Sequence
from contextlib import closing
from typing import Any

import openpyxl

from catalog.bulk.reasons import FileRefused
from catalog.bulk.tables.cell_values import Shape, shape_of, text_of_date, text_of_number, unescaped
from catalog.bulk.tables.cells import CellFault, Content
from catalog.bulk.tables.merged_cells import Merges

MOST_ENTRIES = 500
MOST_UNPACKED = 200 * 1024 * 1024
"""Bytes of all parts together, unpacked: 50,000 lines of long texts stay far below."""
MOST_RATIO = 200
"""A part of more than a megabyte that packs better than this holds nothing but repetition."""
SMALL_PART = 1024 * 1024
HEAD_BYTES = 4096
MOST_SHEETS = 10
LONGEST_TAG = 200
FORMULA = re.compile(rb"<(?:\w+:)?f[\s>/]")
MERGED = re.compile(rb'<(?:\w+:)?mergeCell\s+ref="([A-Z]{1,3}[0-9]{1,7}:[A-Z]{1,3}[0-9]{1,7})"')
ACTIVE = ("xl/externallinks/", "xl/macrosheets/", "xl/activex/", "xl/embeddings/")


def look_over(data: bytes) -> None:
    """Check a workbook before anything of it is unpacked.

    The sizes are those that the archive declares; Python reads no more of a part than that.

    Raises:
        FileRefused: it is no workbook, would unpack into far more than it should, or holds macros
            or links to other files.
    """
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            _check_parts(archive)
    except (zipfile.BadZipFile, NotImplementedError, OSError, EOFError, RuntimeError) as error:
        raise FileRefused("not_workbook") from error


def _check_parts(archive: zipfile.ZipFile) -> None:
    parts = archive.infolist()
    names = {part.filename.lower() for part in parts}
    if len(parts) > MOST_ENTRIES or sum(part.file_size for part in parts) > MOST_UNPACKED:
        raise FileRefused("bomb")
    if any(_swells(part) for part in parts):
        raise FileRefused("bomb")
    if len(names) != len(parts) or not {"[content_types].xml", "xl/workbook.xml"} <= names:
        raise FileRefused("not_workbook")
    if any(name.startswith(ACTIVE) or name.endswith("vbaproject.bin") for name in names):
        raise FileRefused("active_content")
    for part in parts:
        if not part.filename.lower().endswith((".xml", ".rels")):
            continue
        with archive.open(part) as file:
            head = file.read(HEAD_BYTES)
        # No spreadsheet program writes these; they let a few bytes stand for gigabytes.
        if b"<!DOCTYPE" in head or b"<!ENTITY" in head:
            raise FileRefused("bomb")


def _swells(part: zipfile.ZipInfo) -> bool:
    return part.file_size > SMALL_PART and part.file_size > MOST_RATIO * max(1, part.compress_size)


def sheets(data: bytes) -> dict[int, str]:
    """Return the sheets that whoever opens the workbook sees: their places, and their names.

    Raises:
        FileRefused: it is no workbook, or all its sheets are hidden.
    """
    look_over(data)
    with closing(_open(data)) as book:
        seen = {
            place: sheet.title
            for place, sheet in enumerate(book.worksheets)
            if sheet.sheet_state == "visible"
        }
    if not seen:
        raise FileRefused("not_workbook")
    if len(seen) > MOST_SHEETS:
        raise FileRefused("too_many_sheets", most=MOST_SHEETS)
    return seen


def _open(data: bytes, *, formulas: bool = False) -> Any:
    return openpyxl.load_workbook(
        io.BytesIO(data), read_only=True, data_only=not formulas, keep_links=False
    )


def read_rows(
    data: bytes, *, sheet: int, most_rows: int, most_columns: int
) -> Iterator[tuple[int, list[Content]]]:
    """Yield the rows of a sheet with their numbers: what each cell shows, or why it shows nothing.

    One row and one column beyond the limits are read, so that the caller sees that there are more.
    Whatever a damaged workbook makes the library raise comes through as it is.
    """
    limits = {"max_row": most_rows + 1, "max_col": most_columns + 1}
    with closing(_open(data)) as book:
        table = book.worksheets[sheet]
        has_formulas, merges = _scan(data, table._worksheet_path)  # noqa: SLF001 - named nowhere else
        cells = _Cells(book, Merges(merges))
        # What a sheet says of its own size may be wrong, and would cut it short.
        table.reset_dimensions()
        rows = table.iter_rows(**limits)
        if not has_formulas:
            for number, row in enumerate(rows, 1):
                yield number, cells.read(number, row)
            return
        with closing(_open(data, formulas=True)) as other:
            written = other.worksheets[sheet]
            written.reset_dimensions()
            pairs = zip(rows, written.iter_rows(**limits), strict=True)
            for number, (row, formulas) in enumerate(pairs, 1):
                yield number, cells.read(number, row, formulas)


def _scan(data: bytes, path: str) -> tuple[bool, set[str]]:
    """Return whether there are formulas in a sheet, and its merged ranges."""
    merges: set[str] = set()
    formulas, rest = False, b""
    with zipfile.ZipFile(io.BytesIO(data)) as archive, archive.open(path) as file:
        while part := file.read(SMALL_PART):
            text = rest + part
            formulas = formulas or FORMULA.search(text) is not None
            merges.update(found.decode() for found in MERGED.findall(text))
            rest = text[-LONGEST_TAG:]
    return formulas, merges


class _Cells:
    """Reads the cells of one sheet."""

    def __init__(self, book: Any, merges: Merges) -> None:
        self._book = book
        self._merges = merges
        self._shapes: dict[int, Shape] = {}

    def read(
        self, number: int, row: Sequence[Any], formulas: Sequence[Any] | None = None
    ) -> list[Content]:
        """Return what the cells of a row show."""
        found = [self._content(cell) if cell.value is not None else "" for cell in row]
        for place, cell in enumerate(formulas or ()):
            # A formula that gives an empty text has one stored, of the kind "str".
            if cell.data_type == "f" and row[place].value is None and row[place].data_type != "str":
                found[place] = CellFault("cell_formula", cell.coordinate)
        return self._merges.filled(number, found)

    def _content(self, cell: Any) -> Content:
        value = cell.value
        if cell.data_type == "e":
            return CellFault("cell_error", cell.coordinate, str(value))
        if isinstance(value, bool):
            return "1" if value else "0"
        if isinstance(value, int | float):
            try:
                return text_of_number(value, self._shape(cell), epoch=self._book.epoch)
            except (OverflowError, ValueError):
                return CellFault("cell_digits", cell.coordinate)
        return unescaped(value) if isinstance(value, str) else text_of_date(value)

    def _shape(self, cell: Any) -> Shape:
        number = cell.style_array.numFmtId
        if number not in self._shapes:
            self._shapes[number] = shape_of(cell.number_format, number)
        return self._shapes[number]
