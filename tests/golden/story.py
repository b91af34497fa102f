"""The story that the golden record is of: everything that can happen to a booking, played once.

The beginning is the sample with a choice of its guests. On the last Saturday of November 2026 new
people come: travellers by the pages, platforms by the API, hosts and the office in their consoles,
the desk by its commands. It ends five weeks later with something open of every kind.
"""

from __future__ import annotations

import datetime as dt
from collections import Counter

import pytest
from flask import Flask

from catalog.bulk.directory_loading import DATA, import_directory
from catalog.geography.reference_loading import load_reference
from marketplace.bootstrap import Services
from marketplace.kernel.clock import SetClock
from marketplace.sample import life, load_life, load_sample
from marketplace.sample.stories import Story, stories
from marketplace.staff.roles import Role
from marketplace.staff.service import NewUser, add_user
from tests.golden import guests, houses, platforms
from tests.golden.guests import Crowd
from tests.golden.platforms import Trade
from tests.golden.walk import Walk
from tests.golden.world import CLERK, World
from tests.support.staff import PASSWORD, SECRET

BEGINS = dt.datetime(2026, 11, 28, 1, 5, tzinfo=dt.UTC)
"""Five past nine in the morning, in Shanghai."""
OF_A_COURSE = 3
"""So many guests of the sample are taken of each season and course."""
HOST, HOST_HOUSE = "front", "SMP01"
STAFF = (
    (CLERK, Role.OFFICE, None),
    ("chief", Role.OFFICE, None),
    (HOST, Role.OPERATOR, HOST_HOUSE),
    (houses.STOPPED_HOST, Role.OPERATOR, houses.STOPPED),
    ("asker", Role.APPLICANT, None),
)


def fill(services: Services, app: Flask, clock: SetClock) -> World:
    """Play the story on an empty database, from the beginning to its end."""
    clock.set(BEGINS)
    load_reference(services.database)
    import_directory(services.database, DATA / "directory-places.csv", clock=clock)
    load_sample(services.database, clock=clock)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(life, "stories", _some)
        load_life(services)
    world = World(app, services, clock)
    world.settle()
    _staff(world)
    crowd, trade = _play(world)
    world.settle()
    Walk(world, crowd, trade).everywhere()
    world.settle()
    return world


def _some(now: dt.datetime) -> list[Story]:
    """Return the first of each season and course, so that none is missing and it stays short."""
    seen: Counter[tuple[str, str]] = Counter()
    chosen = []
    for story in stories(now):
        kind = (story.key.split("/")[0], story.course)
        seen[kind] += 1
        if seen[kind] <= OF_A_COURSE:
            chosen.append(story)
    return chosen


def _play(world: World) -> tuple[Crowd, Trade]:
    crowd = guests.first_day(world)
    trade = platforms.first_day(world)
    houses.first_day(world, HOST, crowd, trade)
    world.days_pass(1)
    guests.second_day(world, crowd)
    platforms.second_day(world, trade)
    houses.second_day(world, HOST, crowd)
    houses.third_day(world, HOST, crowd)
    houses.stop(world, crowd, trade)
    world.clock.advance(days=28)
    world.days_pass(3)
    guests.last_day(world, crowd)
    platforms.last_day(world, trade)
    houses.last_day(world, HOST, trade)
    return crowd, trade


def _staff(world: World) -> None:
    """Make the accounts; everybody but the applicant has a second factor."""
    houses_by_code = houses.enterprise_ids(world)
    for login, role, code in STAFF:
        with world.services.database.write() as session:
            add_user(
                session,
                NewUser(
                    login=login,
                    password=PASSWORD,
                    role=role,
                    enterprise_id=houses_by_code[code] if code else None,
                ),
                now=world.clock.now(),
            ).totp_secret = None if role is Role.APPLICANT else SECRET
