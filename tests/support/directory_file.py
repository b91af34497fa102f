"""Directory files for imports: lines that can be used, as CSV or as a workbook."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Iterator, Sequence

import openpyxl

from catalog.bulk.directory_rows import COLUMNS
from catalog.vocabulary import Category

Row = dict[str, str]


def line(number: int, **facts: str) -> Row:
    """Return a line about an entry of its own; ``facts`` stand in for its cells."""
    return {
        "id": f"JL{number:05d}",
        "name_zh": f"第{number}号山庄",
        "name_en": f"Lodge {number}",
        "type": list(Category)[number % len(Category)].value,
        "cluster": ("changbai", "jian", "other_jilin")[number % 3],
        "prefecture": "延边朝鲜族自治州",
        "county": "安图县",
        "adcode": "222426",
        "lat": f"{42 + number % 900 / 1000}",
        "lon": f"{128 + number % 700 / 1000}",
        "coord_basis": "GeoNames settlement centroid of 二道白河",
        "coord_error_km": "8",
        "note_zh": f"林中的第{number}座木屋，{2 + number % 4}A（2019年名单）",
        "note_en": f"Lodge {number} in the forest",
        "source": "made for a test 2026-05-01",
        "certainty": "sourced",
    } | facts


def lines(count: int, *, first: int = 1) -> Iterator[Row]:
    """Yield ``count`` lines."""
    return (line(number) for number in range(first, first + count))


def as_csv(rows: Iterable[Row], *, encoding: str = "utf-8-sig", heads: Sequence[str] = ()) -> bytes:
    """Return the lines as a CSV with ``heads``, or else the columns that every file has."""
    text = io.StringIO(newline="")
    writer = csv.DictWriter(text, heads or COLUMNS, restval="")
    writer.writeheader()
    writer.writerows(rows)
    return text.getvalue().encode(encoding)


def as_xlsx(rows: Iterable[Row], *, heads: Sequence[str] = COLUMNS) -> bytes:
    """Return the lines as a workbook; coordinates are numbers, as people type them."""
    book = openpyxl.Workbook(write_only=True)
    sheet = book.create_sheet("sheet")
    sheet.append(list(heads))
    for row in rows:
        sheet.append(
            [float(row[head]) if head in ("lat", "lon") else row.get(head, "") for head in heads]
        )
    file = io.BytesIO()
    book.save(file)
    return file.getvalue()
