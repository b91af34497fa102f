"""The stays that the sample tells: who came, when, and how it went.

``stays.csv`` says it without years. ``summer`` is the last summer that is over, ``week`` counts
``arrive`` in days from the Monday of this week, and ``ahead`` is a summer that is on sale as a
whole, ``lead`` counted back from the day of loading; elsewhere ``lead`` is the days before arrival.
"""

from __future__ import annotations

import csv
import datetime as dt
import uuid
import zlib
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from pathlib import Path

from marketplace.booking.states import Channel
from marketplace.kernel.clock import shanghai_date, shanghai_midnight
from marketplace.sample.definitions import FOLDER, SUMMER_ENDS
from marketplace.sample.horizon import HORIZON_DAYS

FIRST_NUMBER = 13_900_000_100
"""The telephone numbers of the sample count from here: a block that is given to nobody."""
OPENS, DAY_MINUTES = dt.timedelta(hours=9), 600
"""Bookings are made between nine in the morning and seven in the evening."""
WEEK = dt.timedelta(days=7)
WEEKS_BACK = 15
"""For so many weeks somebody of an earlier week can still be coming or in the house."""
WEEKS_FULL = 4
"""Where a week as short ago was told, its guests fill the houses when the next one begins."""
AHEAD_ENDS = (9, 30)
"""The last night that a stay of the summer ahead can have."""
JUST_NOW = dt.timedelta(minutes=5)
_NAMES = uuid.UUID("5b6c0d4e-5d0f-4a0e-9a55-8f5f3b9c2d11")


@dataclass(frozen=True, slots=True)
class Story:
    """One stay of the sample."""

    key: str
    """Its season, with the year or the Monday, and its name in the file."""
    room: str
    check_in: dt.date
    nights: int
    rooms: int
    adults: int
    children: tuple[int, ...]
    channel: Channel
    course: str
    """How it goes, for example ``early``."""
    days: int
    """By how many days or nights, where the course asks for it."""
    province: str
    name: str
    phone: str
    placed_at: dt.datetime
    fresh: bool
    """Whether it may begin; else it is only gone on with."""

    @property
    def check_out(self) -> dt.date:
        """The day of departure as it was booked."""
        return self.check_in + dt.timedelta(days=self.nights)

    @property
    def booking_id(self) -> str:
        """The id of its booking: known beforehand, so that it is made once."""
        return id_of(self.key)

    @property
    def minute(self) -> int:
        """A minute of the day that is its own."""
        return zlib.crc32(self.key.encode()) % DAY_MINUTES


def id_of(key: str) -> str:
    """Return the opaque id of something that the sample makes once."""
    return uuid.uuid5(_NAMES, key).hex


def stories(now: dt.datetime, *, folder: Path = FOLDER) -> list[Story]:
    """Return every stay that the sample has begun by ``now``, or can begin."""
    today = shanghai_date(now)
    with (folder / "stays.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    return [
        story
        for number, row in enumerate(rows)
        for story in _SEASONS[row["season"]](row, str(FIRST_NUMBER + number), now, today)
    ]


def without_crowds(told: Collection[Story], known: Collection[str]) -> list[Story]:
    """Leave out who would have come before this week, where an earlier week filled the houses.

    ``known`` are the ids of the bookings that are there.
    """
    mondays = {story.key.split("/")[0] for story in told if story.booking_id in known}
    return [story for story in told if story.booking_id in known or not _crowds(story, mondays)]


def _crowds(story: Story, told: Collection[str]) -> bool:
    season = story.key.split("/")[0]
    if not season.startswith("week-"):
        return False
    monday = dt.date.fromisoformat(season.removeprefix("week-"))
    return story.check_in < monday and any(
        f"week-{monday - WEEK * count}" in told for count in range(1, WEEKS_FULL + 1)
    )


def last_summer(today: dt.date) -> int:
    """Return the year of the last summer that is over."""
    return today.year - ((today.month, today.day) <= SUMMER_ENDS)


def _summer(row: dict[str, str], phone: str, _now: dt.datetime, today: dt.date) -> Iterator[Story]:
    year = last_summer(today)
    check_in = dt.date.fromisoformat(f"{year}-{row['arrive']}")
    yield _story(row, phone, f"summer-{year}", check_in, check_in)


def _week(row: dict[str, str], phone: str, _now: dt.datetime, today: dt.date) -> Iterator[Story]:
    this = today - dt.timedelta(days=today.weekday())
    for back in range(WEEKS_BACK):
        monday = this - WEEK * back
        check_in = monday + dt.timedelta(days=int(row["arrive"]))
        yield _story(row, phone, f"week-{monday}", check_in, check_in, fresh=back == 0)


def _ahead(row: dict[str, str], phone: str, now: dt.datetime, today: dt.date) -> Iterator[Story]:
    for year in (today.year, today.year + 1):
        check_in = dt.date.fromisoformat(f"{year}-{row['arrive']}")
        on_sale = dt.date(year, *AHEAD_ENDS) < today + dt.timedelta(days=HORIZON_DAYS)
        fresh = on_sale and check_in > today + WEEK
        placed_at = now - JUST_NOW if row["lead"] == "0" else None
        yield _story(row, phone, f"ahead-{year}", check_in, today, placed_at=placed_at, fresh=fresh)


_SEASONS = {"summer": _summer, "week": _week, "ahead": _ahead}


def _story(
    row: dict[str, str],
    phone: str,
    season: str,
    check_in: dt.date,
    counted_from: dt.date,
    *,
    placed_at: dt.datetime | None = None,
    fresh: bool = True,
) -> Story:
    key = f"{season}/{row['key']}"
    course, _, days = row["course"].partition(" ")
    minutes = dt.timedelta(minutes=zlib.crc32(key.encode()) % DAY_MINUTES)
    day = shanghai_midnight(counted_from - dt.timedelta(days=int(row["lead"])))
    return Story(
        key=key,
        room=row["room"],
        check_in=check_in,
        nights=int(row["nights"]),
        rooms=int(row["rooms"]),
        adults=int(row["adults"]),
        children=tuple(int(age) for age in row["children"].split()),
        channel=Channel(row["channel"]),
        course=course,
        days=int(days or 0),
        province=row["province"],
        name=row["name"],
        phone=phone,
        placed_at=placed_at or day + OPENS + minutes,
        fresh=fresh,
    )
