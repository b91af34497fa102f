"""Filling a database with the story, and what the record keeps of it."""

from __future__ import annotations

import dataclasses
import re
from dataclasses import dataclass
from pathlib import Path

import sqlalchemy as sa

from app import create_app
from catalog.search.search_service import Words
from marketplace import bootstrap
from marketplace.kernel.clock import SetClock
from marketplace.kernel.db import Database
from marketplace.offers.matrix.matrix_sync import Follower
from marketplace.operations import invariants
from marketplace.settings import Environment, Settings
from tests.golden import record, rows, story
from tests.golden.chance import loaded_dice
from tests.support.app import COMPILED

IDENTIFIER = re.compile(r"\b[0-9a-f]{32}\b")


@dataclass(frozen=True)
class Filled:
    """What came of the story."""

    url: sa.URL
    texts: dict[str, str]
    """The record by file name."""
    faults: dict[str, list[str]]
    """What does not hold of what must hold; nothing, if all is well."""


def fill(url: sa.URL, state_dir: Path) -> Filled:
    """Play the story on a migrated, empty database, with the state in a folder of its own."""
    settings = Settings(
        env=Environment.TEST,
        state_dir=state_dir,
        database_url=url.render_as_string(hide_password=False),
        broker_url="",
        public_url="http://localhost",
    )
    with loaded_dice():
        clock = SetClock(story.BEGINS)
        built = bootstrap.build(settings, clock=clock)
        # Asked at every request, so that what is seen does not hang on how long something took.
        follower = Follower(built.database, clock, poll_seconds=0)
        words = Words(built.index, built.database, poll_seconds=0)
        services = dataclasses.replace(built, follower=follower, words=words)
        app = create_app(services=services)
        app.jinja_env.bytecode_cache = COMPILED
        world = story.fill(services, app, clock)
        report = invariants.check(
            services.database, now=clock.now(), settled=True, anchors=services.anchors
        )
        built.database.dispose()
    faults = {name: found for name, found in report.faults.items() if found}
    texts = record.texts_of(world.diary.kept, facts_at(url))
    names = _names(url)
    return Filled(url, {name: _named(text, names) for name, text in texts.items()}, faults)


def _names(url: sa.URL) -> dict[str, str]:
    database = Database(url)
    try:
        with database.read() as session:
            return rows.names(session.connection())
    finally:
        database.dispose()


def _named(text: str, names: dict[str, str]) -> str:
    """Write what a thing is called for its identifier: one more that is drawn changes nothing."""
    return IDENTIFIER.sub(lambda found: f"<{names.get(found[0], found[0])}>", text)


def facts_at(url: sa.URL) -> dict[str, list[str]]:
    """Return the facts of a database."""
    database = Database(url)
    try:
        with database.read() as session:
            return rows.facts(session.connection())
    finally:
        database.dispose()
