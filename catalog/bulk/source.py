"""A table as a stream of lines by column, whatever it was written in: a directory file, mostly."""

from __future__ import annotations

import csv
import io
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from catalog.bulk.cells import clean
from catalog.bulk.encodings import XLSX, encoding_of
from catalog.bulk.reasons import FileRefused
from catalog.bulk.workbook import look_over, read_rows
from catalog.rows import COLUMNS, OPTIONAL, TOLD

MOST_BYTES = 10 * 1024 * 1024
MOST_LINES = 50_000
MOST_COLUMNS = 100
LONGEST_CELL = 20_000
"""Symbols; no column of the directory comes near."""


@dataclass(frozen=True, slots=True)
class Head:
    """The columns of one kind of file."""

    required: Sequence[str]
    known: frozenset[str]
    aliases: Mapping[str, str] = field(default_factory=dict)
    """Other names that a column may bear."""


DIRECTORY = Head(COLUMNS, frozenset({*COLUMNS, *OPTIONAL, *TOLD}))

Line = tuple[int, dict[str, str], bool]
"""Line or row number, cells by column, and whether the line has more cells than the head."""


def check(data: bytes) -> str:
    """Return what the file is written in, ``xlsx`` for a workbook, after a first look.

    Raises:
        FileRefused: it is too big, empty, no table, in another writing, or an unsafe workbook.
    """
    if len(data) > MOST_BYTES:
        raise FileRefused("too_big")
    encoding = encoding_of(data)
    if encoding == XLSX:
        look_over(data)
    return encoding


def read(data: bytes, encoding: str, *, head: Head = DIRECTORY) -> Iterator[Line]:
    """Yield the lines that hold anything, one after the other.

    Raises:
        FileRefused: the columns are not those of the ``head``, or it cannot be read to its end.
    """
    number = found = 0
    try:
        rows = _rows(data, encoding)
        number, cells = next(rows, (1, []))
        heads = _heads(cells, head)
        for number, cells in rows:
            texts = [clean(cell) for cell in cells]
            if not any(texts):
                continue
            found += 1
            _check_count(found)
            yield number, _by_column(heads, texts), any(texts[len(heads) :])
    except FileRefused:
        raise
    except Exception as error:
        # A damaged file can make the libraries raise nearly anything.
        raise FileRefused("broken", line=number + 1) from error
    if not found:
        raise FileRefused("no_lines")


def _check_count(found: int) -> None:
    if found > MOST_LINES:
        raise FileRefused("too_many_lines", most=MOST_LINES)


def _rows(data: bytes, encoding: str) -> Iterator[tuple[int, Sequence[str]]]:
    if encoding == XLSX:
        yield from read_rows(data, most_rows=2 * MOST_LINES, most_columns=MOST_COLUMNS)
        return
    with io.TextIOWrapper(io.BytesIO(data), encoding=encoding, newline="") as text:
        reader = csv.reader(text)
        for row in reader:
            yield reader.line_num, row


def _heads(cells: Sequence[str], head: Head) -> list[str]:
    """Return the names of the columns, an empty one for a column without a name."""
    heads = [head.aliases.get(name, name) for name in map(clean, cells)]
    while heads and not heads[-1]:
        heads.pop()
    if len(heads) > MOST_COLUMNS:
        raise FileRefused("too_many_columns", most=MOST_COLUMNS)
    named = Counter(name for name in heads if name)
    for reason, columns in (
        ("missing_columns", [name for name in head.required if name not in named]),
        ("double_columns", [name for name, times in named.items() if times > 1]),
        ("unknown_columns", [name for name in named if name not in head.known]),
    ):
        if columns:
            raise FileRefused(reason, columns=", ".join(columns))
    return heads


def _by_column(heads: Sequence[str], texts: Sequence[str]) -> dict[str, str]:
    cells = [*texts[: len(heads)], *[""] * (len(heads) - len(texts))]
    return {head: cell[:LONGEST_CELL] for head, cell in zip(heads, cells, strict=True) if head}
