"""Charts: valid SVG that holds the numbers, with room for its words and nothing that runs."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from xml.etree import ElementTree as ET

import pytest
from flask import Flask, g

from marketplace.web.rendering.charts import WIDTH, Chart, Series, svg, ticks, width_of

SVG = "{http://www.w3.org/2000/svg}"
BARS = Chart(
    "clusters",
    "各集聚区的企业 <&>",
    "bars",
    ("珲春", "长白山", "省内其他 & <b>"),
    (Series("企业", (14, 40, 0)),),
)


@pytest.fixture(autouse=True)
def chinese() -> Iterator[None]:
    with Flask("charts").app_context():
        g.lang = "zh"
        yield


def drawn(chart: Chart) -> ET.Element:
    """The chart as an SVG reader takes it."""
    root = ET.fromstring(svg(chart))  # noqa: S314 - our own text
    assert root.tag == f"{SVG}svg"
    assert {str(one.tag).removeprefix(SVG) for one in root.iter()} <= {
        "svg",
        "title",
        "rect",
        "text",
        "path",
    }
    return root


def words(root: ET.Element) -> list[str]:
    return [one.text or "" for one in root.iter(f"{SVG}text")]


def widths(root: ET.Element) -> list[float]:
    return [float(one.attrib["width"]) for one in root.iter(f"{SVG}rect")][1:]


def test_bars_are_as_long_as_their_numbers_and_say_them() -> None:
    root = drawn(BARS)
    assert words(root) == ["珲春", "14", "长白山", "40", "省内其他 & <b>", "0"]
    first, second, third = widths(root)
    assert first / second == pytest.approx(14 / 40, abs=0.001)
    assert third == 0
    assert svg(BARS) == svg(BARS)


def test_nothing_stands_outside_the_picture() -> None:
    long = Chart("x", "x", "bars", ("前郭尔罗斯蒙古族自治县" * 2,), (Series("x", (123_456.5,)),))
    for chart in (BARS, long):
        for one in drawn(chart).iter(f"{SVG}text"):
            x, wide = float(one.attrib["x"]), width_of(one.text or "")
            left = x - wide if one.attrib["text-anchor"] == "end" else x
            assert left >= 0
            assert left + wide <= WIDTH


def test_a_share_is_seen_against_all() -> None:
    shares = Chart("x", "x", "bars", ("a",), (Series("x", (50,)),), "%")
    whole = Chart("x", "x", "bars", ("a",), (Series("x", (100,)),), "%")
    assert widths(drawn(shares))[0] == pytest.approx(widths(drawn(whole))[0] / 2, rel=0.05)
    assert "50%" in words(drawn(shares))
    months = Chart("x", "x", "columns", ("2027-06",), (Series("x", (1,)),), "%")
    assert "100%" in words(drawn(months))


def test_columns_name_months_and_years_and_leave_gaps() -> None:
    chart = Chart(
        "m", "m", "columns", ("2027-11", "2027-12", "2028-01"), (Series("m", (3, None, 1_200)),)
    )
    root = drawn(chart)
    assert [word for word in words(root) if word.startswith("20")] == ["2027", "2028"]
    assert {"11", "12", "1", "3", "1,200"} <= set(words(root))
    assert len(widths(root)) == 2


def test_parts_fill_their_bar_in_shades_that_differ_without_colour() -> None:
    chart = Chart(
        "f",
        "f",
        "shares",
        ("甲", "乙"),
        (
            Series("新", (10, 0)),
            Series("中", (20, 5)),
            Series("旧", (30, 5)),
            Series("无", (0, 30)),
        ),
    )
    root = drawn(chart)
    assert {"新", "中", "旧", "无", "10", "20", "30", "甲", "乙"} <= set(words(root))
    fills = [one.attrib["fill"] for one in root.iter(f"{SVG}rect")][1:5]
    greys = [sum(int(fill[at : at + 2], 16) for at in (1, 3, 5)) / 3 for fill in fills]
    assert all(after - before > 30 for before, after in itertools.pairwise(greys))


def test_in_words() -> None:
    assert "长白山" in BARS.alt
    assert "40" in BARS.alt
    nothing = Chart("n", "没有的", "bars", ("甲",), (Series("n", (None,)),))
    assert nothing.empty
    assert "还没有数字" in nothing.alt
    drawn(nothing)
    drawn(Chart("n", "n", "columns", ("2027-06",), (Series("n", (None,)),)))


@pytest.mark.parametrize(
    ("most", "last"), [(0, 1), (1, 1), (2, 2), (7, 8), (120, 150), (0.4, 0.4), (99_000, 100_000)]
)
def test_axes_have_few_round_numbers_and_reach_the_largest(most: float, last: float) -> None:
    scale = ticks(most)
    assert scale[0] == 0
    assert len(scale) <= 6
    assert scale[-1] == pytest.approx(last)
