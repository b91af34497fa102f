"""What people type, and what is made of it."""

from __future__ import annotations

import datetime as dt

import pytest
from hypothesis import given
from hypothesis import strategies as st
from werkzeug.datastructures import MultiDict

from marketplace.web.forms.reader import FormReader
from marketplace.web.forms.stay_form import read_stay
from marketplace.web.traveller.search.question import FACETS, read_search

TODAY = dt.date(2027, 6, 1)


def wide(text: str) -> str:
    """Return ``text`` in the full-width forms that Chinese keyboards type."""
    return "".join(chr(ord(symbol) + 0xFEE0) for symbol in text)


@pytest.mark.parametrize("typed", ["2027-07-01", "2027/7/1", "2027年7月1日", wide("2027-07-01")])
def test_a_date_may_be_typed_in_several_ways(typed: str) -> None:
    form = FormReader({"arrive": typed})
    assert form.date("arrive") == dt.date(2027, 7, 1)
    assert form.faults == {}


@pytest.mark.parametrize("typed", ["明天", "2027-13-01", "2027-02-30", "99999999", "1-2-3-4"])
def test_what_is_no_date_is_named(typed: str) -> None:
    form = FormReader({"arrive": typed})
    assert form.date("arrive") is None
    assert set(form.faults) == {"arrive"}


@pytest.mark.parametrize(
    ("args", "nights"),
    [
        ({"nights": "60"}, 60),
        ({"nights": "any"}, None),
        ({"nights": "other", "nights_other": "45"}, 45),
        ({"nights": "45"}, 45),
        ({}, 30),
    ],
)
def test_nights_are_a_choice_or_a_number(args: dict[str, str], nights: int | None) -> None:
    form = read_stay(FormReader(args), today=TODAY)
    assert (form.length, form.errors) == (nights, {})


@pytest.mark.parametrize(
    ("args", "field"),
    [
        ({"nights": "other", "nights_other": "121"}, "nights_other"),
        ({"nights": "other"}, "nights_other"),
        ({"nights": "long"}, "nights_other"),
        ({"arrive": "2027-05-31"}, "arrive"),
        ({"arrive": "2037-05-31"}, "arrive"),
        ({"adults": "0"}, "adults"),
        ({"adults": "two"}, "adults"),
        ({"children": "11"}, "children"),
        ({"rooms": "10"}, "rooms"),
    ],
)
def test_a_wrong_value_is_named_and_kept(args: dict[str, str], field: str) -> None:
    form = read_stay(FormReader(args), today=TODAY)
    assert set(form.errors) == {field}
    for name, typed in args.items():
        assert typed in (getattr(form, name), form.nights_other)


@given(
    st.dictionaries(
        st.sampled_from(
            [
                *FACETS,
                "q",
                "when",
                "arrive",
                "nights",
                "nights_other",
                "month_from",
                "month_to",
                "adults",
                "children",
                "rooms",
                "near",
                "from",
                "sort",
                "page",
            ]
        ),
        st.text(max_size=80),
    )
)
def test_nothing_typed_breaks_the_search_form(args: dict[str, str]) -> None:
    form = read_search(FormReader(args), today=TODAY)
    query = form.query()
    assert query.page >= 1
    again = read_search(FormReader(MultiDict(form.args())), today=TODAY).query()
    assert (again.filters, again.dates, again.words) == (query.filters, query.dates, query.words)
