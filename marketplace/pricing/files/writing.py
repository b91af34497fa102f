"""From what is set to the rows of a price file: reading them again sets exactly the same. Pure."""

from __future__ import annotations

import csv
import datetime as dt
import io
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import TypeVar

import openpyxl

from catalog.bulk.tables.cells import guard
from marketplace.kernel.money import plain_yuan
from marketplace.pricing.files.building import ordered
from marketplace.pricing.files.cells import percent, weekdays
from marketplace.pricing.files.columns import COLUMNS, Kind
from marketplace.pricing.nights.restrictions import DayRule
from marketplace.pricing.nights.terms import EVERY_WEEKDAY, Board, Promotion, Season, Terms

Row = dict[str, str]
"""Cells by column, ``rule`` among them; columns without a text are left out."""
_Value = TypeVar("_Value")
NUMBERS = frozenset(
    {
        "nights", "most_nights", "arrival_nights", "arrival_most_nights", "no_arrival",
        "no_departure", "price", "child_price", "percent", "count", "age", "days", "lead",
        "most_lead",
    }
)  # fmt: skip
"""Columns that a workbook holds as numbers."""


def rows_of_terms(terms: Terms) -> Iterator[Row]:
    """Yield the rows of a tariff; there is always the one of the people included."""
    terms = ordered(terms)
    for season in terms.seasons:
        yield _row(Kind.SEASON, **_span(season), price=plain_yuan(season.list_fen))
    for tier in terms.tiers:
        yield _row(Kind.TIER, nights=str(tier.min_nights), percent=percent(tier.off_bp))
    for month in terms.months:
        yield _row(
            Kind.MONTH,
            month=f"{month.month:%Y-%m}",
            price=plain_yuan(month.month_fen),
            nights=str(month.min_nights),
        )
    yield from _rows_of_people(terms)
    for promotion in terms.promotions:
        yield _row_of_promotion(promotion)
    yield from _rows_of_booking(terms)


def _row(kind: Kind, **cells: str) -> Row:
    return {"rule": kind.value, **{column: text for column, text in cells.items() if text}}


def _span(season: Season) -> Row:
    return {
        "first": season.first.isoformat(),
        "last": season.last.isoformat(),
        "weekdays": weekdays(season.weekdays),
    }


def _rows_of_people(terms: Terms) -> Iterator[Row]:
    people = terms.occupancy
    yield _row(Kind.INCLUDED, count=str(people.included))
    if people.extra_adult_fen:
        yield _row(Kind.EXTRA_ADULT, price=plain_yuan(people.extra_adult_fen))
    for band in people.children:
        yield _row(Kind.CHILD, age=str(band.to_age), price=plain_yuan(band.night_fen))
    if people.single_off_fen:
        yield _row(Kind.SINGLE_USE, price=plain_yuan(people.single_off_fen))
    if terms.most_extra_beds:
        beds = str(terms.most_extra_beds)
        yield _row(Kind.EXTRA_BED, price=plain_yuan(terms.extra_bed_fen or 0), count=beds)
    if terms.included_board is not Board.ROOM_ONLY:
        yield _row(Kind.INCLUDED_BOARD, board=terms.included_board.value)
    for board in terms.boards:
        yield _row(
            Kind.BOARD,
            board=board.board.value,
            price=plain_yuan(board.adult_fen),
            child_price=plain_yuan(board.child_fen),
        )


def _row_of_promotion(promotion: Promotion) -> Row:
    def date(day: dt.date | None) -> str:
        return day.isoformat() if day else ""

    return _row(
        Kind.PROMOTION,
        code=promotion.code,
        name_zh=promotion.name_zh,
        name_en=promotion.name_en,
        percent=percent(promotion.off_bp),
        first=date(promotion.arrive_first),
        last=date(promotion.arrive_last),
        booked_first=date(promotion.booked_first),
        booked_last=date(promotion.booked_last),
        nights=str(promotion.min_nights),
        lead=str(promotion.min_lead_days),
        most_lead="" if promotion.max_lead_days is None else str(promotion.max_lead_days),
    )


def _rows_of_booking(terms: Terms) -> Iterator[Row]:
    booking = _row(
        Kind.BOOKING,
        lead=str(terms.lead_days) if terms.lead_days else "",
        most_lead="" if terms.window_days is None else str(terms.window_days),
        weekdays=weekdays(terms.arrival_weekdays),
    )
    if len(booking) > 1:
        yield booking
    if not terms.fee_bands:
        yield _row(Kind.CANCELLATION, policy=terms.policy)
    for band in terms.fee_bands:
        yield _row(Kind.CANCELLATION, days=str(band.days), percent=percent(band.fee_bp))


def rows_of_nights(nights: Mapping[dt.date, int]) -> Iterator[Row]:
    """Yield the rows of prices set by hand, in fen: as few as runs and weekdays allow."""
    for season in _spans(nights):
        yield _row(Kind.NIGHT, **_span(season[0]), price=plain_yuan(season[1]))


def rows_of_rules(rules: Mapping[dt.date, DayRule]) -> Iterator[Row]:
    """Yield the rows of restrictions."""
    for span, rule in _spans(rules):
        yield _row(
            Kind.RESTRICTION,
            **_span(span),
            nights=str(rule.min_nights or ""),
            most_nights=str(rule.max_nights or ""),
            arrival_nights=str(rule.min_nights_arrival or ""),
            arrival_most_nights=str(rule.max_nights_arrival or ""),
            no_arrival="1" if rule.no_arrival else "",
            no_departure="1" if rule.no_departure else "",
        )


def _spans(days: Mapping[dt.date, _Value]) -> Iterator[tuple[Season, _Value]]:
    """Yield runs of dates with the weekdays on which each value stands in them.

    A run ends where a weekday gets another value than it had, or none any more.
    """
    run: dict[dt.date, _Value | None] = {}
    by_weekday: dict[int, _Value | None] = {}
    day = min(days, default=dt.date.max)
    while day <= max(days, default=dt.date.min):
        value = days.get(day)
        if by_weekday.setdefault(day.weekday(), value) != value:
            yield from _parts(run)
            run, by_weekday = {}, {day.weekday(): value}
        run[day] = value
        day += dt.timedelta(days=1)
    yield from _parts(run)


def _parts(run: Mapping[dt.date, _Value | None]) -> Iterator[tuple[Season, _Value]]:
    mine: list[tuple[_Value, list[dt.date]]] = []
    for day, value in run.items():
        for other, among in mine:
            if other == value:
                among.append(day)
                break
        else:
            if value is not None:
                mine.append((value, [day]))
    for value, among in mine:
        first, last = among[0], among[-1]
        whole = len(among) == (last - first).days + 1
        names = EVERY_WEEKDAY if whole else frozenset(day.weekday() for day in among)
        yield Season(first, last, 0, names), value


def _table(rows: Sequence[Mapping[str, str]]) -> Iterator[list[str]]:
    """Yield the head, without columns that nothing stands in, and each row."""
    used = {column for row in rows for column, text in row.items() if text} | {"rule", "room"}
    heads = [column for column in COLUMNS if column in used]
    yield heads
    for row in rows:
        yield [guard(row.get(column, "")) for column in heads]


def as_csv(rows: Sequence[Mapping[str, str]]) -> bytes:
    """Return rows as a CSV that spreadsheets open rightly: UTF-8 with its mark."""
    text = io.StringIO(newline="")
    text.write("\ufeff")
    csv.writer(text).writerows(_table(rows))
    return text.getvalue().encode()


def as_xlsx(rows: Sequence[Mapping[str, str]]) -> bytes:
    """Return rows as a workbook of one sheet, numbers as numbers."""
    book = openpyxl.Workbook(write_only=True)
    sheet = book.create_sheet("prices")
    sheet.freeze_panes = "C2"
    table = _table(rows)
    heads = next(table)
    sheet.append(heads)
    for cells in table:
        sheet.append(list(_typed(heads, cells)))
    file = io.BytesIO()
    book.save(file)
    return file.getvalue()


def _typed(heads: Iterable[str], cells: Iterable[str]) -> Iterator[str | int | float]:
    for column, text in zip(heads, cells, strict=True):
        if column not in NUMBERS or not text or text.endswith("%"):
            yield text
        else:
            # A workbook has no decimals; with two of them a float is read back as it was written.
            yield int(text) if text.isdigit() else float(text)
