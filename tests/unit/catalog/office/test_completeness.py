"""How complete and how fresh an entry is: the rule that pages, files and the office share."""

from __future__ import annotations

import dataclasses
import datetime as dt

import pytest

from catalog.geography.provinces import PROVINCES, known, of_adcode, province_name
from catalog.office.entries.completeness import (
    FIELD_LABELS,
    FRESHNESS_LABELS,
    Facts,
    Field,
    Freshness,
    dated,
    freshness,
    measure,
    years_after,
)
from catalog.vocabulary import Category, Certainty, Datum

TODAY = dt.date(2027, 6, 1)
WHOLE = Facts(
    category=Category.HOT_SPRING_RESORT,
    planned=False,
    name_en="Spring",
    note_zh="温泉",
    note_en="A spring",
    county="安图县",
    adcode="222426",
    town="二道白河",
    coord_error_km=10.0,
    datum=Datum.WGS84,
    source="某报",
    source_date="2026",
    certainty=Certainty.SOURCED,
    checked_at=dt.datetime(2026, 11, 20, tzinfo=dt.UTC),
    graded=True,
    grades_dated=True,
    rooms=True,
    access=True,
    water=True,
)


@pytest.mark.parametrize(
    ("lost", "field"),
    [
        ({"name_en": ""}, Field.NAME_EN),
        ({"note_zh": ""}, Field.NOTE_ZH),
        ({"note_en": ""}, Field.NOTE_EN),
        ({"county": ""}, Field.COUNTY),
        ({"adcode": ""}, Field.COUNTY),
        ({"town": ""}, Field.TOWN),
        ({"coord_error_km": None}, Field.POSITION),
        ({"coord_error_km": 10.1}, Field.POSITION),
        ({"datum": None}, Field.DATUM),
        ({"datum": Datum.UNKNOWN}, Field.DATUM),
        ({"source": ""}, Field.SOURCE),
        ({"source_date": ""}, Field.SOURCE_DATE),
        ({"certainty": Certainty.APPROXIMATE}, Field.CERTAIN),
        ({"checked_at": None}, Field.VERIFIED),
        ({"grades_dated": False}, Field.GRADE_DATE),
        ({"rooms": False}, Field.ROOMS),
        ({"access": False}, Field.ACCESS),
        ({"water": False}, Field.WATER),
        ({"graded": False, "category": Category.SCENIC_4A}, Field.GRADE),
    ],
)
def test_each_field_is_missed_by_itself(lost: dict[str, object], field: Field) -> None:
    assert measure(WHOLE).percent == 100
    found = measure(dataclasses.replace(WHOLE, **lost))  # type: ignore[arg-type]
    assert found.missing == (field,)
    assert found.percent == (len(found.asked) - 1) * 100 // len(found.asked) < 100


def test_what_does_not_fit_a_kind_is_not_asked_of_it() -> None:
    bare = dataclasses.replace(WHOLE, rooms=False, access=False, water=False, graded=False)
    waterfall = measure(dataclasses.replace(bare, category=Category.SCENIC))
    assert waterfall.percent == 100
    assert {Field.ROOMS, Field.ACCESS, Field.WATER, Field.GRADE} & set(waterfall.asked) == set()
    planned = measure(dataclasses.replace(bare, planned=True))
    assert planned.percent == 100, "a house that is not built yet has no rooms to describe"
    source = measure(dataclasses.replace(bare, category=Category.HOT_SPRING_SOURCE))
    assert source.missing == (Field.WATER,)


@pytest.mark.parametrize(
    ("checked", "source", "day"),
    [
        (None, "", None),
        (None, "2020", dt.date(2020, 1, 1)),
        (None, "2020-05", dt.date(2020, 5, 1)),
        (None, "2020-05-07", dt.date(2020, 5, 7)),
        (None, "2020-13", None),
        (None, "about 2020", None),
        (dt.date(2026, 1, 2), "2020", dt.date(2026, 1, 2)),
        (dt.date(2019, 1, 2), "2020", dt.date(2020, 1, 1)),
    ],
)
def test_the_newer_date_counts_and_a_year_is_as_old_as_it_may_be(
    checked: dt.date | None, source: str, day: dt.date | None
) -> None:
    assert dated(checked, source) == day


@pytest.mark.parametrize(
    ("day", "band"),
    [
        (TODAY, Freshness.YEAR),
        (dt.date(2026, 6, 1), Freshness.YEAR),
        (dt.date(2026, 5, 31), Freshness.THREE_YEARS),
        (dt.date(2024, 6, 1), Freshness.THREE_YEARS),
        (dt.date(2024, 5, 31), Freshness.OLDER),
        (None, Freshness.UNKNOWN),
    ],
)
def test_bands_end_on_the_very_day(day: dt.date | None, band: Freshness) -> None:
    assert freshness(day, today=TODAY) is band


def test_a_leap_day_has_its_year_in_common_years() -> None:
    assert years_after(dt.date(2024, 2, 29), 1) == dt.date(2025, 2, 28)
    assert years_after(dt.date(2024, 2, 29), 4) == dt.date(2028, 2, 29)


def test_every_field_and_band_has_a_name_in_both_languages() -> None:
    names = [*(FIELD_LABELS[field] for field in Field), *(FRESHNESS_LABELS[b] for b in Freshness)]
    assert all(zh and en for zh, en in names)


def test_provinces_by_name_and_by_code() -> None:
    assert len(PROVINCES) == 34
    assert (of_adcode("420100"), of_adcode("310100")) == ("湖北省", "上海市")
    assert (of_adcode("220184"), of_adcode("820000")) == ("吉林省", "澳门特别行政区")
    assert [of_adcode(bad) for bad in ("", "42", "990000", "\uff14\uff120100", "湖北")] == [""] * 5
    assert (known("湖南省"), known("湖南"), known("Hunan")) == ("湖南省", "", "")
    assert (province_name("湖南省", "en"), province_name("湖南省", "zh")) == ("Hunan", "湖南省")
