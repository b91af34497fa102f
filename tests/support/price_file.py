"""Price files for tests: rows as text, and everything that a tariff can say."""

from __future__ import annotations

import csv
import datetime as dt
import io
from collections.abc import Sequence
from dataclasses import replace

from hypothesis import strategies as st

from catalog.bulk.tables import source
from marketplace.booking.contract.cancellation_rules import PRESETS
from marketplace.pricing.files.checking import Fault
from marketplace.pricing.files.columns import HEAD
from marketplace.pricing.files.reading import Scope, Wanted, read_rules
from marketplace.pricing.nights.restrictions import DayRule
from marketplace.pricing.nights.terms import Board, BoardPrice, FeeBand, Season, Terms
from tests.unit.pricing import tariffs

ROOM = "R1"
TODAY = dt.date(2027, 3, 1)


def csv_of(text: str, *, encoding: str = "utf-8") -> bytes:
    """A CSV as it is written in a test, indented for the eye."""
    return "\n".join(line.strip() for line in text.strip().splitlines()).encode(encoding)


def read(
    data: bytes | str, *, today: dt.date = TODAY, scope: Scope | None = None
) -> tuple[list[Wanted], list[Fault]]:
    """What a file wants of rooms R1 and R2, and its faults."""
    content = csv_of(data) if isinstance(data, str) else data
    lines = source.read(content, source.check(content), head=HEAD)
    return read_rules(
        lines, scope=scope or Scope(["R1", "R2"], ["X1"]), policies=PRESETS, today=today
    )


def only(data: bytes | str, *, today: dt.date = TODAY) -> Wanted:
    """What a file without faults wants of the one room type in it."""
    wanted, faults = read(data, today=today)
    assert [str(fault) for fault in faults] == []
    (one,) = wanted
    return one


def gb18030_table(rows: Sequence[Sequence[str]]) -> bytes:
    """A table as an older spreadsheet of the country saves it."""
    text = io.StringIO(newline="")
    csv.writer(text).writerows(rows)
    return text.getvalue().encode("gb18030")


@st.composite
def full_terms(draw: st.DrawFn) -> Terms:
    """Terms with everything in them that a file can say, in any order."""
    base = draw(tariffs.terms())
    weekdays = st.frozensets(st.integers(0, 6), min_size=1)
    seasons = draw(
        st.lists(
            st.builds(
                lambda first, days, fen, weekdays: Season(
                    first, first + dt.timedelta(days), fen, weekdays
                ),
                st.dates(dt.date(2027, 1, 1), dt.date(2028, 1, 1)),
                st.integers(0, 200),
                st.integers(tariffs.LOWEST_FEN, 90_000),
                weekdays,
            ),
            max_size=4,
            unique_by=lambda each: (each.first, each.last, each.weekdays),
        )
    )
    bands = draw(st.sampled_from([(), (FeeBand(30, 0), FeeBand(7, 1_250), FeeBand(0, 8_025))]))
    lead = draw(st.integers(0, 10))
    boards = (
        BoardPrice(Board.HALF_BOARD, draw(st.integers(0, 9_999)), draw(st.integers(0, 9_999))),
    )
    return replace(
        base,
        seasons=tuple(seasons),
        included_board=draw(st.sampled_from([Board.ROOM_ONLY, Board.FULL_BOARD])),
        boards=draw(st.sampled_from([base.boards, boards, (*boards, *base.boards)])),
        extra_bed_fen=5_050,
        most_extra_beds=draw(st.integers(1, 4)),
        promotions=tuple(
            replace(
                each,
                name_en=draw(st.sampled_from(["", "Early, and “kind”"])),
                booked_last=draw(st.none() | st.just(dt.date(2027, 5, 1))),
                max_lead_days=draw(st.none() | st.integers(160, 300)),
            )
            for each in base.promotions
        ),
        lead_days=lead,
        window_days=draw(st.none() | st.integers(lead, 400)),
        arrival_weekdays=draw(weekdays),
        policy="package" if draw(st.booleans()) and not bands else "stay",
        fee_bands=bands,
    )


def day_maps(values: st.SearchStrategy[object]) -> st.SearchStrategy[dict[dt.date, object]]:
    """Values on any dates ahead, some of them in a row."""
    days = st.integers(0, 40).map(lambda offset: TODAY + dt.timedelta(offset))
    return st.dictionaries(days, values, max_size=40)


def day_rules() -> st.SearchStrategy[DayRule]:
    """Restrictions that ask anything."""
    return st.builds(
        DayRule,
        min_nights=st.none() | st.integers(1, 5),
        max_nights=st.none() | st.integers(5, 120),
        min_nights_arrival=st.none() | st.integers(1, 5),
        max_nights_arrival=st.none() | st.integers(5, 120),
        no_arrival=st.booleans(),
        no_departure=st.booleans(),
    ).filter(lambda rule: rule != DayRule())
