"""The stories of the sample as they are written: who comes when, and how it goes."""

from __future__ import annotations

import csv
import datetime as dt
from collections import Counter

import pytest

from marketplace.booking.states import Channel
from marketplace.kernel import phones
from marketplace.sample.courses import scenes
from marketplace.sample.definitions import FOLDER, read_sample
from marketplace.sample.stories import last_summer, stories, without_crowds

SATURDAY = dt.datetime(2026, 11, 28, 8, 5, tzinfo=dt.UTC)


def told(now: dt.datetime = SATURDAY) -> list[str]:
    return [story.key for story in stories(now) if story.fresh]


def test_they_are_of_last_summer_this_week_and_the_next_summer() -> None:
    seasons = Counter(key.split("/")[0] for key in told())
    assert set(seasons) == {"summer-2026", "week-2026-11-23", "ahead-2027"}
    assert all(count >= 20 for count in seasons.values())


@pytest.mark.parametrize(
    ("today", "year"),
    [
        (dt.date(2026, 8, 31), 2025),
        (dt.date(2026, 9, 1), 2026),
        (dt.date(2027, 1, 1), 2026),
        (dt.date(2027, 7, 15), 2026),
    ],
)
def test_a_summer_is_the_last_one_when_it_is_over(today: dt.date, year: int) -> None:
    assert last_summer(today) == year


def test_a_summer_begins_to_be_booked_when_all_of_it_is_on_sale() -> None:
    july = dt.datetime(2027, 7, 15, 4, tzinfo=dt.UTC)
    assert not [key for key in told(july) if key.startswith("ahead-2028")]
    october = dt.datetime(2027, 10, 1, 4, tzinfo=dt.UTC)
    assert [key for key in told(october) if key.startswith("ahead-2028")]


def test_nobody_is_found_in_them() -> None:
    found = [story for story in stories(SATURDAY) if story.course != "block"]
    assert len({story.phone for story in found}) == len({story.name for story in found})
    assert all(phones.read(story.phone).kept == story.phone for story in found)
    assert all(story.phone.startswith("1390000") for story in found)


def test_all_kinds_of_courses_and_channels_are_told() -> None:
    with (FOLDER / "stays.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    assert len({row["key"] for row in rows}) == len(rows)
    assert {row["room"] for row in rows} <= {room.code for room in read_sample().rooms}
    assert {row["channel"] for row in rows} == set(Channel)
    assert {row["course"].split()[0] for row in rows} == {
        *(
            "stay",
            "account",
            "block",
            "cancel",
            "early",
            "expire",
            "extend",
            "give_up",
            "held",
            "house",
        ),
        *("late_money", "move", "no_show", "rehoused", "return", "short_money", "stay_on", "undo"),
    }


def test_what_happens_is_in_order_and_a_booking_has_one_id_for_ever() -> None:
    for story in stories(SATURDAY):
        moments = [scene.at for scene in scenes(story)]
        assert moments == sorted(moments)
    first, again = (
        {story.key: story.booking_id for story in stories(SATURDAY + dt.timedelta(days=days))}
        for days in (0, 1)
    )
    assert first == again
    assert len(set(first.values())) == len(first)


def test_who_came_before_this_week_is_not_told_again_a_week_later() -> None:
    first = {story.booking_id for story in stories(SATURDAY) if story.fresh}
    later = stories(SATURDAY + dt.timedelta(days=7))
    begins = [story for story in without_crowds(later, first) if story.booking_id not in first]
    new = [story for story in begins if story.fresh]
    assert new
    assert all(story.check_in >= dt.date(2026, 11, 30) for story in new)
    alone = without_crowds(later, set())
    assert any(story.check_in < dt.date(2026, 11, 30) for story in alone if "/week" in story.key)


@pytest.mark.parametrize("month", range(1, 13))
def test_nobody_comes_on_a_day_that_the_sample_itself_rules_out(month: int) -> None:
    now = dt.datetime(2027, month, 15, 4, tzinfo=dt.UTC)
    rules = read_sample().restrictions(dt.date(2027, 1, 1))
    for story in stories(now):
        rule = rules.get(story.room, {}).get(story.check_in)
        if rule is not None and story.course != "block":
            assert not rule.no_arrival, story.key
            assert story.nights >= (rule.min_nights or 1), story.key
