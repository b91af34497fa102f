"""Two versions of a case's facts side by side."""

from __future__ import annotations

import dataclasses

from catalog.office.cases.case_facts import FactLine
from catalog.office.cases.comparison import Change, compare, different


def line(name: str, value: str = "1", **more: object) -> FactLine:
    return dataclasses.replace(FactLine(name, name, value, value), **more)


def told(before: list[FactLine], after: list[FactLine]) -> list[tuple[str, str]]:
    return [(row.line.name, row.change.value) for row in compare(before, after)]


def test_each_fact_stands_once_with_what_became_of_it() -> None:
    before = [line("a"), line("b"), line("c"), line("d")]
    after = [
        line("a"),
        line("b", "2"),
        line("d", source="新的公告", source_date="2027-05-01"),
        line("e"),
    ]
    assert told(before, after) == [
        ("a", "unchanged"),
        ("b", "changed"),
        ("c", "removed"),
        ("d", "evidence"),
        ("e", "added"),
    ]
    assert [row.change for row in different(compare(before, after))] == [
        Change.CHANGED,
        Change.REMOVED,
        Change.EVIDENCE,
        Change.ADDED,
    ]


def test_removed_facts_stay_in_their_places_and_in_their_order() -> None:
    before = [line("a"), line("b"), line("c"), line("d")]
    assert told(before, [line("d")]) == [
        ("a", "removed"),
        ("b", "removed"),
        ("c", "removed"),
        ("d", "unchanged"),
    ]
    assert [name for name, _ in told(before, [line("d"), line("a")])] == ["d", "a", "b", "c"]


def test_something_new_is_added_whole_and_nothing_is_nothing() -> None:
    assert told([], [line("a"), line("b")]) == [("a", "added"), ("b", "added")]
    assert told([], []) == []


def test_a_document_a_photograph_or_an_english_name_makes_a_difference() -> None:
    assert told([line("a")], [line("a", document_id=3)]) == [("a", "evidence")]
    assert told([line("a")], [line("a", photo_id=3)]) == [("a", "changed")]
    assert told([line("a")], [line("a", en="One")]) == [("a", "changed")]
