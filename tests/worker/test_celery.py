"""A real Celery worker on a real broker: nudges arrive, what a killed worker lost is swept."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
import sqlalchemy as sa

from marketplace import bootstrap
from marketplace.booking.effects import TellOfBooking
from marketplace.booking.lifecycle.transitions import locked, tell
from marketplace.bootstrap import Services
from marketplace.kernel.clock import SystemClock
from marketplace.kernel.db import Database
from marketplace.kernel.outbox import OutboxRow
from marketplace.settings import Environment, Settings
from marketplace.worker import SWEEPS, connect_broker, make_celery
from tests.support.booking import make_desk
from tests.support.waiting import until

ROOT = Path(__file__).resolve().parents[2]
CELERY = Path(sys.executable).parent / "celery"


@pytest.fixture
def services(database: Database, tmp_path: Path) -> Iterator[Services]:
    settings = Settings(
        env=Environment.TEST,
        state_dir=tmp_path / "state",
        database_url=database.url.render_as_string(hide_password=False),
        broker_url=os.environ.get("TEST_BROKER_URL", ""),
    )
    built = bootstrap.build(settings, clock=SystemClock())
    connect_broker(built)
    yield built
    built.database.dispose()


@contextmanager
def worker(services: Services) -> Iterator[subprocess.Popen[bytes]]:
    """Run a worker as the supervisor does."""
    own = services.settings
    process = subprocess.Popen(
        [
            *(str(CELERY), "--quiet", "--app", "marketplace.worker:celery_app", "worker"),
            *("--pool", "solo", "--without-gossip", "--without-mingle", "--without-heartbeat"),
        ],
        cwd=ROOT,
        env=os.environ
        | {
            "SNOWBIRD_ENV": "test",
            "SNOWBIRD_STATE_DIR": str(own.state_dir),
            "SNOWBIRD_DATABASE_URL": own.database_url,
            "SNOWBIRD_BROKER_URL": own.broker_url,
            "PYTHONWARNINGS": "ignore",
        },
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        yield process
    finally:
        process.kill()
        process.wait(timeout=10)


def owed(services: Services) -> int:
    with services.database.read() as session:
        query = sa.select(sa.func.count()).where(
            OutboxRow.done_at.is_(None), OutboxRow.topic == TellOfBooking.topic
        )
        return session.scalar(query) or 0


def owe_a_notice(services: Services) -> None:
    """Owe the notice of a booking, in a session that nudges the worker after its commit."""
    desk = make_desk(services.database)
    desk.clock.set(services.clock.now())
    booking_id = desk.hold()
    with services.database.write() as session:
        tell(session, locked(session, booking_id), "confirmed", services.clock.now())


@pytest.mark.xdist_group("process")
def test_a_nudge_is_delivered_and_a_killed_worker_loses_nothing(services: Services) -> None:
    with worker(services):
        owe_a_notice(services)
        until(lambda: owed(services) == 0, within=40)
    with worker(services) as dying:
        dying.send_signal(signal.SIGKILL)
        dying.wait(timeout=10)
    owe_a_notice(services)
    assert owed(services) == 1
    # The message may be lost with the broker; the scheduler's sweep finds the row all the same.
    with worker(services):
        make_celery(services.settings).send_task("sweep", kwargs={"name": "outbox"})
        until(lambda: owed(services) == 0, within=40)


class TestSettings:
    def test_a_task_is_acknowledged_only_when_done(self) -> None:
        conf = make_celery(Settings()).conf
        assert conf.task_acks_late
        assert conf.task_reject_on_worker_lost
        assert conf.worker_prefetch_multiplier == 1
        assert conf.accept_content == ["json"]

    def test_redis_gives_an_unfinished_task_to_another_within_two_minutes(self) -> None:
        conf = make_celery(Settings(broker_url="redis://127.0.0.1:6379/9")).conf
        assert conf.broker_transport_options["visibility_timeout"] <= 120
        assert conf.task_time_limit * 2 <= 120

    def test_everything_owed_is_swept_at_least_every_thirty_seconds(self) -> None:
        assert {name for name, (_, seconds) in SWEEPS.items() if seconds <= 30} >= {
            "outbox",
            "holds",
            "payments",
            "changes",
            "audit",
        }


def test_a_worker_knows_every_table_that_its_rows_refer_to() -> None:
    """In a process of its own: here, other tests have imported all models long before."""
    program = (
        "import marketplace.worker\n"
        "from marketplace.kernel.db import Base\n"
        "for mapper in Base.registry.mappers: mapper._sorted_tables\n"
    )
    found = subprocess.run(
        [sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert found.returncode == 0, found.stderr[-500:]
