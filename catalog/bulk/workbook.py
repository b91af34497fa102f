"""XLSX workbooks: looked over as an archive first, then read row by row, cells as text."""

from __future__ import annotations

import datetime as dt
import io
import zipfile
from collections.abc import Iterator
from typing import Any

import openpyxl

from catalog.bulk.reasons import FileRefused

MOST_ENTRIES = 500
MOST_UNPACKED = 200 * 1024 * 1024
"""Bytes of all parts together, unpacked: 50,000 lines of long texts stay far below."""
MOST_RATIO = 200
"""A part of more than a megabyte that packs better than this holds nothing but repetition."""
SMALL_PART = 1024 * 1024
HEAD_BYTES = 4096
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


def read_rows(data: bytes, *, most_rows: int, most_columns: int) -> Iterator[tuple[int, list[str]]]:
    """Yield the rows of the first sheet with their numbers, formulas by their last value.

    One row and one column beyond the limits are read, so that the caller sees that there are more.

    Raises:
        FileRefused: it is no workbook. Whatever else a damaged one makes the library raise comes
            through as it is.
    """
    look_over(data)
    book = openpyxl.load_workbook(
        io.BytesIO(data), read_only=True, data_only=True, keep_links=False
    )
    try:
        sheets = book.worksheets
        if not sheets:
            raise FileRefused("not_workbook")
        sheet: Any = sheets[0]
        # What a sheet says of its own size may be wrong, and would cut it short.
        sheet.reset_dimensions()
        rows = sheet.iter_rows(max_row=most_rows + 1, max_col=most_columns + 1, values_only=True)
        for number, row in enumerate(rows, 1):
            yield number, [as_text(cell) for cell in row]
    finally:
        book.close()


def as_text(value: object) -> str:
    """Return a cell as the text that the same cell of a CSV would hold."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "1" if value else "0"
    if isinstance(value, float):
        return str(int(value)) if value.is_integer() and abs(value) < 1e15 else repr(value)  # noqa: PLR2004 - beyond, a float has lost digits
    if isinstance(value, dt.datetime):
        return value.date().isoformat()
    if isinstance(value, dt.date):
        return value.isoformat()
    return str(value)
