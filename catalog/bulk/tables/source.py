"""A table as a stream of lines by column, whatever it was written in: the one reader of files."""

from __future__ import annotations

import csv
import io
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import islice
from typing import NamedTuple

from openpyxl.utils import get_column_letter

from catalog.bulk.directory_rows import COLUMNS, OPTIONAL, TOLD
from catalog.bulk.reasons import MOST_BYTES, FileRefused, RowError
from catalog.bulk.tables.cells import ERRORS, CellFault, Content, clean
from catalog.bulk.tables.encodings import AMBIGUOUS, XLSX, encoding_of
from catalog.bulk.tables.workbook import look_over, read_rows, sheets
from marketplace.kernel.text import unkeepable
from marketplace.kernel.typed import narrow

MOST_LINES = 50_000
MOST_COLUMNS = 100
LONGEST_CELL = 20_000
"""Symbols; no column of the directory comes near."""
MOST_TITLES = 20
"""Rows in which the head is looked for: a title and its like may stand above."""
SEPARATORS = ",;\t"


@dataclass(frozen=True, slots=True)
class Head:
    """The columns of one kind of file."""

    required: Sequence[str]
    known: frozenset[str]
    aliases: Mapping[str, str] = field(default_factory=dict)
    """Other names that a column may bear."""


DIRECTORY = Head(COLUMNS, frozenset({*COLUMNS, *OPTIONAL, *TOLD}))


class Line(NamedTuple):
    """One line of a table."""

    number: int
    """Its line or row in the file."""
    cells: dict[str, str]
    """By column."""
    fault: RowError | None
    """Why it cannot be used, whatever its cells are about."""


Rows = Iterator[tuple[int, Sequence[Content]]]


def check(data: bytes, said: str = "") -> str:
    """Return what the file is written in, ``xlsx`` for a workbook, after a first look.

    ``said`` is the encoding that a person has named. ``AMBIGUOUS`` asks for that.

    Raises:
        FileRefused: it is too big, empty, no table, in another writing, or an unsafe workbook.
    """
    if len(data) > MOST_BYTES:
        raise FileRefused("too_big")
    encoding = encoding_of(data, said)
    if encoding == XLSX:
        look_over(data)
    return encoding


def certain_encoding(data: bytes, said: str = "") -> str:
    """Return the encoding as ``check`` does, where nobody can be asked.

    Raises:
        FileRefused: whatever ``check`` raises, and for a file that may be read in two ways.
    """
    encoding = check(data, said)
    if encoding == AMBIGUOUS:
        raise FileRefused("ambiguous")
    return encoding


def read(data: bytes, encoding: str, *, head: Head = DIRECTORY) -> Iterator[Line]:
    """Yield the lines that hold anything, one after the other.

    Raises:
        FileRefused: the columns are not those of the ``head``, or it cannot be read to its end.
    """
    number = found = 0
    try:
        rows, line, names = _table(data, encoding, head)
        heads = _heads(names, head, line)
        for number, cells in rows:
            if number <= line:
                continue
            texts = [clean(cell) if isinstance(cell, str) else "" for cell in cells]
            if not any(texts) and not any(isinstance(cell, CellFault) for cell in cells):
                continue
            found += 1
            _check_count(found)
            yield Line(number, _by_column(heads, texts), _fault(number, heads, cells, texts))
    except FileRefused:
        raise
    except csv.Error as error:
        raise FileRefused("quotes", line=number + 1) from error
    except Exception as error:
        # A damaged file can make the libraries raise nearly anything.
        raise FileRefused("broken", line=number + 1) from error
    if not found:
        raise FileRefused("no_lines")


def _check_count(found: int) -> None:
    if found > MOST_LINES:
        raise FileRefused("too_many_lines", most=MOST_LINES)


def _table(data: bytes, encoding: str, head: Head) -> tuple[Rows, int, list[str]]:
    """Return the rows of the table in a file, and the line and the names of its head.

    Of several sheets, or several signs that may part the cells, the one is taken with which most
    columns are known. Two sheets with tables are refused: one of them would be lost.
    """
    named = sheets(data) if encoding == XLSX else {}
    ways: list[int | str] = [*named] if named else [*SEPARATORS]
    best: tuple[int, int, list[str], int | str] = (-1, 1, [], ways[0])
    tables = [way for way in named if len(named) > 1 and _holds_table(data, way, head)]
    if len(tables) > 1:
        raise FileRefused("several_tables", sheets="、".join(named[way] for way in tables))
    for way in tables or ways:
        for line, names in _beginning(_rows(data, encoding, way)):
            known = len(head.known & set(_named(names, head)))
            if known > best[0] or (known == best[0] == 0 and not any(best[2])):
                best = (known, line, names, way)
    _known, line, names, way = best
    return _rows(data, encoding, way), line, names


def _holds_table(data: bytes, sheet: int, head: Head) -> bool:
    """Tell whether a sheet has a head with all columns that must be, and something below it."""
    found = False
    for _number, names in _beginning(_rows(data, XLSX, sheet)):
        if found and any(names):
            return True
        found = found or set(head.required) <= set(_named(names, head))
    return False


def _beginning(rows: Rows) -> Iterator[tuple[int, list[str]]]:
    """Yield the first rows as far as they can be read; the rest is told when all is read."""
    try:
        for number, cells in islice(rows, MOST_TITLES):
            yield number, [clean(cell) if isinstance(cell, str) else "" for cell in cells]
    except (csv.Error, UnicodeError):
        return


def _rows(data: bytes, encoding: str, way: int | str) -> Rows:
    if isinstance(way, int):
        yield from read_rows(data, sheet=way, most_rows=2 * MOST_LINES, most_columns=MOST_COLUMNS)
        return
    with io.TextIOWrapper(io.BytesIO(data), encoding=encoding, newline="") as text:
        # Strict: a quotation mark that nothing closes would swallow all lines after it.
        reader = csv.reader(text, delimiter=way, strict=True)
        for row in reader:
            yield reader.line_num, row


def _named(names: Sequence[str], head: Head) -> list[str]:
    """Return the columns by their own names, however wide or large those are written."""
    plain = [narrow(name).lower() for name in names]
    return [head.aliases.get(name, name) for name in plain]


def _heads(names: list[str], head: Head, line: int) -> list[str]:
    """Return the names of the columns, an empty one for a column without a name."""
    heads = _named(names, head)
    while heads and not heads[-1]:
        heads.pop()
    if len(heads) > MOST_COLUMNS:
        raise FileRefused("too_many_columns", most=MOST_COLUMNS)
    named = Counter(name for name in heads if name)
    missing = [name for name in head.required if name not in named]
    if missing:
        shown = " | ".join(name for name in names if name)
        raise FileRefused("missing_columns", columns=", ".join(missing), line=line, head=shown)
    for reason, columns in (
        ("double_columns", [name for name, times in named.items() if times > 1]),
        ("unknown_columns", [name for name in named if name not in head.known]),
    ):
        if columns:
            raise FileRefused(reason, columns=", ".join(columns))
    return heads


def _by_column(heads: Sequence[str], texts: Sequence[str]) -> dict[str, str]:
    cells = [*texts[: len(heads)], *[""] * (len(heads) - len(texts))]
    return {head: cell[:LONGEST_CELL] for head, cell in zip(heads, cells, strict=True) if head}


def _fault(
    number: int, heads: Sequence[str], cells: Sequence[Content], texts: Sequence[str]
) -> RowError | None:
    """Return the first thing about a line that no column could use."""
    if any(texts[len(heads) :]):
        return RowError("too_many_cells")
    for place, (name, cell, text) in enumerate(zip(heads, cells, texts, strict=False), 1):
        if not name:
            continue
        if isinstance(cell, CellFault):
            return RowError(cell.code, cell=cell.cell, value=cell.value)
        if ERRORS.fullmatch(text):
            where = f"{get_column_letter(place)}{number}"
            return RowError("cell_error", cell=where, value=text)
        if unkeepable(text):
            return RowError("unkeepable", column=name)
    return None
