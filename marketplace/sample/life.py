"""Life in the sample: its stays of last summer, this week and next summer, played to the present.

Played again, a story that is over is left alone, one that goes on goes on, and another week begins
its own. Everything happens in the order of time, so that the logs read as they would have grown.
"""

from __future__ import annotations

import datetime as dt

import sqlalchemy as sa
import structlog

from catalog.bulk.directory_loading import Progress, no_progress
from marketplace.booking.models import Booking
from marketplace.booking.states import LIVE, BookingState
from marketplace.bootstrap import Services
from marketplace.inventory.models import Claim, ClaimKind
from marketplace.kernel import audit, changes
from marketplace.kernel.clock import shanghai_date
from marketplace.kernel.errors import DomainError
from marketplace.sample.courses import Scene, scenes
from marketplace.sample.definitions import read_sample
from marketplace.sample.horizon import add_days
from marketplace.sample.stage import Otherwise, Stage
from marketplace.sample.stories import Story, last_summer, stories, without_crowds

DAYS_BEFORE = 45
"""So many days before today have stock: as far back as a guest of this week can have come."""
SUMMER = ((6, 1), (9, 30))

log = structlog.get_logger(__name__)


def load_life(services: Services, *, progress: Progress = no_progress) -> int:
    """Play the stories to the present; returns how many acts were played.

    The sample must be loaded before. Nothing is sent to anybody.
    """
    play = _Play(Stage(services))
    try:
        played = play.run(progress)
    finally:
        play.stage.database.dispose()
    if played:
        while changes.sequence(services.database):
            pass
        while audit.seal_and_anchor(services.database, services.anchors, clock=services.clock):
            pass
    return played


class _Play:
    """One run over the stories."""

    def __init__(self, stage: Stage) -> None:
        self.stage = stage
        told = [story for story in stories(stage.ends) if story.room in stage.rooms]
        self.states = self._states(told)
        self.stories = [
            story
            for story in without_crowds(told, self.states)
            if (story.fresh if story.booking_id not in self.states else self._goes_on(story))
        ]

    def _states(self, told: list[Story]) -> dict[str, BookingState]:
        ids = [story.booking_id for story in told]
        with self.stage.database.read() as session:
            rows = session.execute(
                sa.select(Booking.id, Booking.state).where(Booking.id.in_(ids))
            ).all()
            blocks = session.scalars(
                sa.select(Claim.holder).where(Claim.kind == ClaimKind.BLOCK, Claim.holder.in_(ids))
            ).all()
        # A block has no states: once made, there is nothing more to tell of it.
        return {row.id: row.state for row in rows} | dict.fromkeys(blocks, BookingState.COMPLETED)

    def _goes_on(self, story: Story) -> bool:
        return self.states[story.booking_id] in LIVE

    def run(self, progress: Progress) -> int:
        """Play every scene whose time has come; returns how many."""
        due = [
            (scene, story)
            for story in self.stories
            for scene in scenes(story)
            if scene.at <= self.stage.ends
        ]
        due.sort(key=lambda pair: pair[0].at)
        if any(scene.needs is None for scene, _story in due):
            self._open_days()
        played = 0
        for number, (scene, story) in enumerate(due, 1):
            played += self._play(story, scene)
            progress(number, len(due))
        return played

    def _open_days(self) -> None:
        """Give the days that are over the stock and the prices that they had."""
        today = shanghai_date(self.stage.ends)
        year = last_summer(today)
        first, last = dt.date(year, *SUMMER[0]), dt.date(year, *SUMMER[1])
        spans = [(first, min(last, today)), (today - dt.timedelta(days=DAYS_BEFORE), today)]
        sample = read_sample()
        with self.stage.database.write() as session:
            for begin, end in spans:
                days = [begin + dt.timedelta(days=offset) for offset in range((end - begin).days)]
                add_days(session, sample=sample, wanted=days, asked={})

    def _play(self, story: Story, scene: Scene) -> bool:
        if self.states.get(story.booking_id) is not scene.needs:
            return False
        self.stage.clock.set(scene.at)
        try:
            scene.act(self.stage, story)
        except (Otherwise, sa.exc.IntegrityError):
            return False  # somebody did something else, or another run was quicker
        except DomainError as error:
            # The rooms are gone, or a rule is another by now: the story stays as it is.
            log.info("sample_scene_left_out", story=story.key, reason=error.code)
            return False
        self.stage.settle()
        with self.stage.database.read() as session:
            state = session.scalar(sa.select(Booking.state).where(Booking.id == story.booking_id))
        if state is not None:
            self.states[story.booking_id] = state
        return True
